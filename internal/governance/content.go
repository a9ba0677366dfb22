package governance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/tamerhq/tamer/internal/diff"
)

// content is a digest of what the change does to the files.
func (t *touching) content(paths []string) (string, error) {
	sum := sha256.New()
	for _, path := range paths {
		f, err := t.read(path)
		if err != nil {
			return "", err
		}
		b, err := json.Marshal(f.effect())
		if err != nil {
			return "", fmt.Errorf("digest of %s: %w", path, err)
		}
		fmt.Fprintf(sum, "%d %s %d %s\n", len(path), path, len(b), b)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// effect is what a change does to a file: what was there before does not show in it, so that it stays the same when the base moves
// elsewhere in the file.
func (f file) effect() any {
	if f.unread() || !f.old.there || !f.new.there {
		return []any{f.new.there, f.new.text, f.new.docs}
	}
	var all []any
	for _, ch := range f.changes() {
		all = append(all, []any{ch.Op, ch.Document, ch.Path, ch.FromDocument, ch.From, ch.New})
	}
	return all
}

func (f file) changes() []diff.Change {
	return diff.Compare(diff.Side{Documents: f.old.docs}, diff.Side{Documents: f.new.docs})
}
