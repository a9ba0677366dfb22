package worktree

import "time"

// At sets the tree's clock.
func (t *Tree) At(now time.Time) { t.now = func() time.Time { return now } }

// Reencode reads what is known of a directory and writes it again.
func Reencode(b []byte) []byte { return decode(b).encode() }
