// Package schema compiles JSON Schemas, judges documents by them, and says what is wrong in words. It is the only home
// of the JSON Schema library.
package schema

import (
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// A Set compiles the schemas of one tree of files, each once. It is safe for concurrent use.
type Set struct {
	files fs.FS
	list  func() ([]string, error)
	shelf *Shelf // nil: nothing is kept
	named string // the standard of files that name none; see Assuming
	mu    sync.Mutex
	done  map[string]*outcome

	indexed sync.Once
	ids     map[string]string // address by $id → path
}

type outcome struct {
	once   sync.Once
	schema *Schema
	found  []finding.Finding
}

// NewSet makes a Set over files. A $ref reads other files of the same tree, and never anything else: it names them by a
// relative path, or by the $id that a file beside the schema declares.
func NewSet(files fs.FS) *Set {
	return &Set{files: files, done: map[string]*outcome{}}
}

// NewListedSet is NewSet for a tree whose schema files list gives: a $ref may name each by its $id. list is called once at
// most, and only for a $ref that leads to no file by its path. shelf, if not nil, gives what was compiled for other trees.
func NewListedSet(files fs.FS, list func() ([]string, error), shelf *Shelf) *Set {
	s := NewSet(files)
	s.list, s.shelf = list, shelf
	return s
}

// A Schema judges documents. It is safe for concurrent use.
type Schema struct {
	quick     *quick // nil: there is none
	engines   engines
	inverts   bool              // see look
	raw       map[string]any    // by the address that the library gives a file: its whole content
	annotates map[string]bool   // by address: a draft where formats are annotations
	names     map[string]string // see rewriter
	files     []string
	direct    bool
	digest    string
	keywords  map[string]*Keywords // by the library's location
	ordered   []*Keywords
	kinds     Kind
	doubts    []finding.Finding
	kept      sync.Map // see Keep
}

// Files are the files that the schema was made of: its own first, then those that it refers to.
func (s *Schema) Files() []string { return s.files }

// Direct tells whether each of the files was found at the path that a reference names. Else what an $id says, or that a file is not
// there, has decided which ones they are.
func (s *Schema) Direct() bool { return s.direct }

// Digest names the contents and paths of all the files that the schema was made of: 64 hexadecimal digits.
func (s *Schema) Digest() string { return s.digest }

// Doubts are warnings about a schema that can be used: what it says is hardly what was meant.
func (s *Schema) Doubts() []finding.Finding { return s.doubts }

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
	if compiled := s.shelf.take(s.files, path); compiled != nil {
		return compiled, nil
	}
	l := newLoader(s, path)
	l.lookAhead()
	first, err := newEngine(address(path), l.load)
	if err != nil || len(l.found) > 0 {
		return nil, l.faults(path, err)
	}
	out := &Schema{raw: l.raw, annotates: map[string]bool{}, names: l.names, files: l.order, inverts: inspect(first.plain).inverts}
	for addr, value := range l.raw {
		out.annotates[addr] = annotatesIn(value)
	}
	out.annotate(l, first)
	out.quick = newQuick(first)
	out.digest = l.digest()
	finding.Sort(l.doubts)
	l.doubts = slices.CompactFunc(l.doubts, func(a, b finding.Finding) bool { return finding.Compare(a, b) == 0 })
	out.doubts = slices.Clone(l.doubts[:min(len(l.doubts), maxFaults)])
	out.direct = !l.indirect
	again := l.again()
	out.engines.more = func() (*engine, error) { return newEngine(address(path), again) }
	out.engines.put(first)
	if !l.unsure && l.seen[0].path == path {
		s.shelf.put(l.seen, l.weight, out)
	}
	return out, nil
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

// escapeLocation writes a token as the library writes it in its locations.
func escapeLocation(token string) string {
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
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
