package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A subject is the file whose values are explained.
type subject struct {
	named string // as the person did
	shown string // from the root of the configuration repository
	dir   string // the nearest directory above it that is there
	src   []byte // nil: there is no such file now
	docs  []*document.Document
	guide guide

	clone *mirror.Clone // nil: it is in no repository
	path  string        // from the top of the clone
	below string        // what paths from the top begin with that lie below the root of the configuration repository
	head  forge.Commit  // empty before the first commit
}

// openSubject finds out what a file is, and reads it. The caller closes the subject.
func openSubject(ctx context.Context, name string) (s *subject, err error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	s = &subject{named: name, shown: filepath.ToSlash(name), dir: filepath.Dir(full)}
	for {
		if info, err := os.Stat(s.dir); err == nil && info.IsDir() || s.dir == filepath.Dir(s.dir) {
			break
		}
		s.dir = filepath.Dir(s.dir)
	}
	rest, err := filepath.Rel(s.dir, full)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(s.dir); err == nil { // git knows directories by their real names
		s.dir, full = real, filepath.Join(real, rest)
	}
	if err := s.read(full); err != nil {
		return nil, err
	}
	if s.clone, err = mirror.Local(ctx, s.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := s.place(ctx, full); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *subject) close() {
	if s.clone != nil {
		s.clone.Close()
	}
}

// read reads what is there now.
func (s *subject) read(full string) error {
	info, err := os.Lstat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link; name the file that it leads to", s.named)
	case info.IsDir():
		return fmt.Errorf("%s is a directory; name a file", s.named)
	}
	if s.src, err = readDiffed(full); err != nil {
		return err
	}
	docs, found := document.Parse(s.src, document.Limits{})
	if len(found) > 0 {
		at := found[0].At.Start
		return fmt.Errorf("%s cannot be read: line %d, column %d: %s; tamer check shows all that is wrong", s.named, at.Line, at.Column, found[0].Message)
	}
	s.docs = docs
	return nil
}

// place finds the file's place in the clone and in the layout, and so its schema.
func (s *subject) place(ctx context.Context, full string) error {
	root := rootOf(s.clone, s.dir)
	if s.clone != nil {
		path, err := filepath.Rel(s.clone.Top(), full)
		if err != nil || !filepath.IsLocal(path) {
			return fmt.Errorf("%s lies outside of the repository %s", s.named, s.clone.Top())
		}
		s.path = filepath.ToSlash(path)
		if rel, err := filepath.Rel(s.clone.Top(), root); err == nil && rel != "." {
			s.below = filepath.ToSlash(rel) + "/"
		}
		s.head, err = s.clone.Resolve(ctx, "HEAD")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	} else if _, err := os.Lstat(filepath.Join(root, policy.Path)); err != nil {
		return nil // a plain file
	}
	path, err := filepath.Rel(root, full)
	if err != nil {
		return err
	}
	s.shown = filepath.ToSlash(path)
	tree := os.DirFS(root)
	p, found, err := policy.Read(tree)
	if err != nil {
		return err
	}
	if p == nil {
		return fmt.Errorf("%s cannot be read, so the layout is not known: %s; tamer check shows where", policy.Path, found[0].Message)
	}
	s.guide = guideIn(tree, p, s.shown)
	return nil
}

// A guide is what a schema says of the values of a file.
type guide struct {
	schema *schema.Schema // nil: none
	blind  bool           // there is a schema that cannot be read
}

func guideIn(tree fs.FS, p *policy.Policy, path string) guide {
	file := p.Layout.Read(path)
	if file.Kind != policy.Config && file.Kind != policy.Shared {
		return guide{}
	}
	schemas := catalog.New(tree, p)
	at := schemas.SchemaPath(file.Type)
	if at == "" {
		return guide{}
	}
	compiled, _ := schemas.Schema(at)
	return guide{compiled, compiled == nil}
}

// about is what the schema says of a value; where it cannot be read, nothing is shown that it may call secret.
func (g guide) about(doc *document.Document, tokens []string) diff.Note {
	switch {
	case g.blind:
		return diff.Note{Secret: true}
	case g.schema == nil:
		return diff.Note{}
	}
	return diff.About(g.schema, doc, tokens)
}

// documentWith gives the first document that has the value.
func (s *subject) documentWith(tokens []string) (int, bool) {
	i := slices.IndexFunc(s.docs, func(doc *document.Document) bool { return has(doc, tokens) })
	return max(i, 0), i >= 0
}

// nowhere is the error for a value that never was, with the name that was likely meant.
func (s *subject) nowhere(tokens []string) error {
	if s.src == nil {
		return fmt.Errorf("there is no %s%s", s.named, s.otherFile())
	}
	at := 0
	doc := s.docs[0]
	for at < len(tokens) && has(doc, tokens[:at+1]) {
		at++
	}
	around := doc.Value
	if at > 0 {
		around = doc.At(tokens[:at]).Value
	}
	where := "in " + s.named
	if at > 0 {
		where = "at " + printable(document.Pointer(tokens[:at]))
	}
	return fmt.Errorf("there is no %q %s%s", tokens[at], where, instead(around, tokens[:at], tokens[at]))
}

// maxKeysNamed bounds the keys that are named where none resembles what was asked for.
const maxKeysNamed = 8

// instead says what there is.
func instead(around any, path []string, token string) string {
	meant := func(name string) string {
		return "; did you mean " + printable(document.Pointer(append(slices.Clone(path), name))) + "?"
	}
	switch around := around.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(around))
		if name, ok := near.Name(token, keys); ok {
			return meant(name)
		}
		if len(keys) == 0 {
			return ": the mapping there is empty"
		}
		more := ""
		if len(keys) > maxKeysNamed {
			more = fmt.Sprintf(" and %d more", len(keys)-maxKeysNamed)
		}
		return "; there is " + printable(strings.Join(keys[:min(len(keys), maxKeysNamed)], ", ")) + more
	case []any:
		for i, item := range around {
			if m, ok := item.(map[string]any); ok && slices.ContainsFunc([]string{"id", "name", "key"}, func(key string) bool { return m[key] == token }) {
				return meant(fmt.Sprint(i))
			}
		}
		if len(around) == 0 {
			return ": the list there is empty"
		}
		return fmt.Sprintf("; the list there has items 0 to %d", len(around)-1)
	}
	return ": the value there holds no others"
}

// otherFile names a file beside that was likely meant.
func (s *subject) otherFile() string {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return ""
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if name, ok := near.Name(filepath.Base(s.named), names); ok {
		return "; did you mean " + printable(filepath.ToSlash(filepath.Join(filepath.Dir(s.named), name))) + "?"
	}
	return ""
}
