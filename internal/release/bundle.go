package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/sink"
)

// A Bundle is all configs of one customer at one commit, or all shared ones; see schemas/bundle.schema.json.
type Bundle struct {
	Customer *string           `json:"customer"` // nil for the shared configs
	Configs  map[string]Config `json:"configs"`  // by type
}

// A Config is one file: what it says, and its bytes, so that a plain file can be put back without git.
type Config struct {
	Path   string `json:"path"`
	SHA256 Digest `json:"sha256"`
	Text   string `json:"text,omitempty"`  // the file as committed, where that is UTF-8
	Bytes  []byte `json:"bytes,omitempty"` // where it is not
	// Value is what the file says; for a file of several documents Documents holds them, and Value is nil.
	Value     json.RawMessage   `json:"value,omitempty"`
	Documents []json.RawMessage `json:"documents,omitempty"`
}

// Source gives the file as committed.
func (c Config) Source() []byte {
	if c.Bytes != nil {
		return c.Bytes
	}
	return []byte(c.Text)
}

// Files gives the bundle's files, sorted by path, as a layout reads them.
func (b Bundle) Files() []policy.File {
	var files []policy.File
	for typ, c := range b.Configs {
		f := policy.File{Path: c.Path, Kind: policy.Shared, Type: typ}
		if b.Customer != nil {
			f.Kind, f.Customer = policy.Config, *b.Customer
		}
		files = append(files, f)
	}
	slices.SortFunc(files, func(x, y policy.File) int { return strings.Compare(x.Path, y.Path) })
	return files
}

// Plain gives the bundle's plain files.
func (b Bundle) Plain() Plain {
	p := Plain{}
	for _, f := range b.Files() {
		c := b.Configs[f.Type]
		p[Key(f)] = File{SHA256: c.SHA256, Body: c.Source()}
	}
	return p
}

// ErrUnfit says that files cannot be stored as one bundle. Its text is for people.
var ErrUnfit = errors.New("cannot be stored")

// CheckSize refuses what is larger than a store takes as one object; its error wraps ErrUnfit.
func CheckSize(bytes int) error {
	if sink.CheckSize(int64(bytes)) != nil {
		return fmt.Errorf("with what aliases stand for, its configs are more than %d bytes: %w", sink.MaxObject, ErrUnfit)
	}
	return nil
}

// Pack makes the bundle of one unit's files, of which read gives the bytes. The error wraps ErrUnfit where the files are at fault.
func Pack(unit string, files []policy.File, read func(path string) ([]byte, error), limits document.Limits) (Bundle, error) {
	b, room := Bundle{Configs: map[string]Config{}}, sink.MaxObject
	if unit != Shared {
		b.Customer = &unit
	}
	for _, f := range files {
		if other, twice := b.Configs[f.Type]; twice {
			return b, fmt.Errorf("%s and %s hold the same type: %w", other.Path, f.Path, ErrUnfit)
		}
		if f.Mode != 0 {
			return b, fmt.Errorf("%s is no regular file: %w", f.Path, ErrUnfit)
		}
		src, err := read(f.Path)
		if err != nil {
			return b, err
		}
		if b.Configs[f.Type], err = pack(f.Path, src, limits, &room); err != nil {
			return b, err
		}
	}
	return b, nil
}

// pack makes a part of a bundle that has so much room left, in bytes.
func pack(path string, src []byte, limits document.Limits, room *int) (Config, error) {
	c := Config{Path: path, SHA256: DigestOf(src)}
	if utf8.Valid(src) {
		c.Text = string(src)
	} else {
		c.Bytes = src
	}
	docs, found := document.Parse(src, limits)
	if len(found) > 0 || len(docs) == 0 {
		return c, fmt.Errorf("%s cannot be read: %w", path, ErrUnfit)
	}
	*room -= len(src)
	for _, doc := range docs {
		if *room -= sizeOf(doc.Value, *room); *room < 0 {
			return c, CheckSize(sink.MaxObject - *room)
		}
		value, err := Encode(doc.Value)
		if err != nil {
			return c, fmt.Errorf("encode %s: %w", path, err)
		}
		c.Documents = append(c.Documents, value)
	}
	if len(docs) == 1 {
		c.Value, c.Documents = c.Documents[0], nil
	}
	return c, nil
}
