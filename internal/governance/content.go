package governance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"

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

// sameAssertions tells whether both versions of a schema say the same to a validator.
func (f file) sameAssertions() bool {
	return f.old.there == f.new.there && diff.Equal(stripAll(f.old.docs), stripAll(f.new.docs))
}

func stripAll(docs []any) any {
	stripped := make([]any, len(docs))
	for i, d := range docs {
		stripped[i] = strip(d)
	}
	return stripped
}

// annotations are the keywords of which no verdict on a file depends. Source: JSON Schema Validation (2020-12), section 9;
// Core, section 8.3; and those of tamer that only tell.
var annotations = []string{"title", "description", "default", "examples", "deprecated", "readOnly", "$comment",
	"x-tamer-message", "x-tamer-owners", "x-tamer-unit"}

// Where the values below a keyword are schemas by name, a name may look like a keyword, and is none.
var schemasByName = map[string]bool{"properties": true, "patternProperties": true, "$defs": true, "definitions": true, "dependentSchemas": true, "dependencies": true}

// Where the values below a keyword are plain values, they are left alone.
var plainValues = map[string]bool{"enum": true, "const": true}

// strip gives a schema without its annotations.
func strip(schema any) any {
	switch s := schema.(type) {
	case []any: // such as allOf
		all := make([]any, len(s))
		for i, item := range s {
			all[i] = strip(item)
		}
		return all
	case map[string]any:
		out := maps.Clone(s)
		for _, name := range annotations {
			delete(out, name)
		}
		for keyword, v := range out {
			named, isMap := v.(map[string]any)
			switch {
			case plainValues[keyword]:
			case schemasByName[keyword] && isMap:
				byName := make(map[string]any, len(named))
				for name, sub := range named {
					byName[name] = strip(sub)
				}
				out[keyword] = byName
			default:
				out[keyword] = strip(v)
			}
		}
		return out
	}
	return schema
}
