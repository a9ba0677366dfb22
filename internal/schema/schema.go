// Package schema compiles JSON Schemas, judges documents by them, and says what is wrong in words. It is the only home
// of the JSON Schema library.
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// A Set compiles the schemas of one tree of files, each once. It is safe for concurrent use.
type Set struct {
	files fs.FS
	mu    sync.Mutex
	done  map[string]*outcome
}

type outcome struct {
	once   sync.Once
	schema *Schema
	found  []finding.Finding
}

// NewSet makes a Set over files. A $ref reads other files of the same tree, and never anything else.
func NewSet(files fs.FS) *Set {
	return &Set{files: files, done: map[string]*outcome{}}
}

// A Schema judges documents. It is safe for concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	raw      map[string]any // by the address that the library gives a file: its whole content
	files    []string
}

// Files are the files that the schema was made of: its own first, then those that it refers to.
func (s *Schema) Files() []string { return s.files }

// Compile gives the schema in the file at path. Where it cannot be used, the Schema is nil and the findings say why.
// A draft 4 to 2020-12 is chosen by $schema; without one it is 2020-12.
func (s *Set) Compile(path string) (*Schema, []finding.Finding) {
	s.mu.Lock()
	o, ok := s.done[path]
	if !ok {
		o = &outcome{}
		s.done[path] = o
	}
	s.mu.Unlock()
	o.once.Do(func() { o.schema, o.found = s.compile(path) })
	return o.schema, o.found
}

func (s *Set) compile(path string) (*Schema, []finding.Finding) {
	l := &loader{files: s.files, docs: map[string]*document.Document{}, raw: map[string]any{}}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.LoadURL = l.load
	compiled, err := compileSafely(c, address(path))
	if len(l.found) > 0 {
		return nil, l.found
	}
	if err != nil {
		return nil, []finding.Finding{l.explain(path, err)}
	}
	return &Schema{compiled: compiled, raw: l.raw, files: l.order}, nil
}

// compileSafely turns a panic of the library, which assumes that the metaschema has caught everything, into an error.
func compileSafely(c *jsonschema.Compiler, at string) (compiled *jsonschema.Schema, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return c.Compile(at)
}

// scheme marks addresses of files in the tree.
const scheme = "tamer"

func address(path string) string {
	return (&url.URL{Scheme: scheme, Path: "/" + path}).String()
}

func pathOf(addr string) (string, bool) {
	u, err := url.Parse(addr)
	if err != nil || u.Scheme != scheme || u.Host != "" {
		return "", false
	}
	path := strings.TrimPrefix(u.Path, "/")
	return path, fs.ValidPath(path)
}

// A loader gives the compiler files of the tree, and nothing from anywhere else.
type loader struct {
	files fs.FS
	order []string
	docs  map[string]*document.Document // by path
	raw   map[string]any
	found []finding.Finding
}

var errOutside = errors.New("outside of this repository")

func (l *loader) load(addr string) (io.ReadCloser, error) {
	path, ok := pathOf(addr)
	if !ok {
		return nil, fmt.Errorf("%q is %w", addr, errOutside)
	}
	src, err := fs.ReadFile(l.files, path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	docs, found := document.Parse(src, document.Limits{})
	for _, f := range found {
		f.File = path
		l.found = append(l.found, f)
	}
	if len(found) > 0 {
		return nil, fmt.Errorf("read %s: not readable", path)
	}
	l.order = append(l.order, path)
	l.docs[path] = docs[0]
	l.remember(addr, docs[0].Value)
	b, err := json.Marshal(docs[0].Value)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// remember keeps the content under the address of the file and under its $id, by which the library calls it.
func (l *loader) remember(addr string, value any) {
	l.raw[addr] = value
	m, _ := value.(map[string]any)
	for _, key := range []string{"$id", "id"} {
		id, _ := m[key].(string)
		base, err := url.Parse(addr)
		if ref, err2 := url.Parse(id); id != "" && err == nil && err2 == nil {
			abs := base.ResolveReference(ref)
			abs.Fragment = ""
			l.raw[strings.TrimSuffix(abs.String(), "#")] = value
		}
	}
}

// explain says why a schema cannot be used, at the place in its file.
func (l *loader) explain(path string, err error) finding.Finding {
	f := finding.Finding{Rule: "schema-invalid", Level: finding.Failure, File: path, At: finding.Span{Start: finding.Place{Line: 1, Column: 1}},
		Fix: "mend the schema: no configuration of this type can be judged before"}
	var se *jsonschema.SchemaError
	if errors.As(err, &se) {
		err = se.Err
	}
	var ve *jsonschema.ValidationError
	switch {
	case errors.As(err, &ve):
		l.explainInvalid(&f, ve)
	case errors.Is(err, fs.ErrNotExist) && len(l.order) == 0:
		f.Message, f.Fix = "there is no such schema file", "add it, or change the layout in .tamer.yaml"
	case errors.Is(err, fs.ErrNotExist):
		f.Message, f.Fix = "a $ref leads to a file that is not there: "+plain(err), "correct the $ref, or add the file"
	case errors.Is(err, errOutside):
		f.Message, f.Fix = "a $ref or $schema leads outside: "+plain(err), "copy that schema into the repository and refer to it by a relative path"
	default:
		f.Message = "this schema cannot be used: " + plain(err)
	}
	return f
}

func (l *loader) explainInvalid(f *finding.Finding, ve *jsonschema.ValidationError) {
	leaf := ve
	for len(leaf.Causes) > 0 {
		leaf = leaf.Causes[0]
	}
	// The metaschema's library does not say which file it judged: it is the one that was loaded last.
	if len(l.order) > 0 {
		f.File = l.order[len(l.order)-1]
	}
	tokens := locationTokens(leaf.InstanceLocation)
	f.Pointer = document.Pointer(tokens)
	if doc := l.docs[f.File]; doc != nil {
		f.At = doc.Find(tokens).Value
	}
	f.Message = fmt.Sprintf("%s is not valid in a JSON Schema: %s", pointerName(tokens), leaf.Message)
}

func pointerName(tokens []string) string {
	if len(tokens) == 0 {
		return "this file"
	}
	return fmt.Sprintf("%q", tokens[len(tokens)-1])
}

// plain is the text of an error without the library's name and our addresses.
func plain(err error) string {
	return strings.NewReplacer("jsonschema: ", "", scheme+":///", "").Replace(err.Error())
}

// locationTokens splits a location of the library, which is a JSON Pointer whose tokens are escaped once more as in a URL.
func locationTokens(location string) []string {
	tokens := document.Tokens(location)
	for i, t := range tokens {
		if u, err := url.PathUnescape(t); err == nil {
			tokens[i] = u
		}
	}
	return tokens
}
