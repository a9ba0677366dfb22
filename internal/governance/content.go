package governance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/tamerhq/tamer/internal/diff"
)

// content gives a digest of what the change does to each of the files, and one of them all.
func (t *touching) content(paths []string) (each map[string]string, all string, err error) {
	each = map[string]string{}
	sum := sha256.New()
	for _, path := range paths {
		f, err := t.read(path)
		if err != nil {
			return nil, "", err
		}
		b, err := json.Marshal(f.effect())
		if err != nil {
			return nil, "", fmt.Errorf("digest of %s: %w", path, err)
		}
		one := sha256.Sum256(b)
		each[path] = hex.EncodeToString(one[:])
		fmt.Fprintf(sum, "%d %s %s\n", len(path), path, each[path])
	}
	return each, hex.EncodeToString(sum.Sum(nil)), nil
}

// effect is what a change does to a file: what was there before shows in it only where it is changed, so that it stays the same when
// the base moves elsewhere in the file.
func (f file) effect() any {
	if f.unread() || !f.old.there || !f.new.there {
		return []any{f.new.there, f.new.text, f.new.docs}
	}
	var all []any
	for _, ch := range f.changes() {
		all = append(all, []any{ch.Op, ch.Document, ch.Path, ch.FromDocument, ch.From, ch.Old, ch.New})
	}
	return all
}

func (f file) changes() []diff.Change {
	return diff.Compare(diff.Side{Documents: f.old.docs}, diff.Side{Documents: f.new.docs})
}
