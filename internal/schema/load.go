package schema

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// A loader gives the compiler files of the tree, and nothing from anywhere else.
type loader struct {
	set    *Set
	order  []string
	docs   map[string]*document.Document // by path
	paths  map[string]string             // address, also by $id → path
	raw    map[string]any
	names  map[string]string   // see rewriter
	served map[string][]byte   // by address
	sums   map[string][32]byte // of contents, by path
	found  []finding.Finding
	doubts []finding.Finding // see Schema.Doubts
	lost   string            // the address that leads nowhere

	ahead    map[string]readFile // what lookAhead has read, by path
	root     string              // path of the schema itself
	seen     []sight             // the paths that were looked at, in this order
	looked   int                 // how often
	indirect bool                // an address was looked for elsewhere than at its path
	unsure   bool                // what was seen is not all that the schema rests on
	leading  int                 // see maxLeading
	weight   int                 // bytes that it takes in memory, about
	patterns int                 // those of all patterns
	full     bool                // its patterns are too large, and that was said
}

// A readFile is a schema file that could be read.
type readFile struct {
	doc *document.Document
	sum [32]byte
}

func newLoader(s *Set, root string) *loader {
	return &loader{set: s, root: root, ahead: map[string]readFile{}, docs: map[string]*document.Document{}, paths: map[string]string{}, raw: map[string]any{},
		names: map[string]string{}, served: map[string][]byte{}, sums: map[string][32]byte{}}
}

var (
	errOutside  = errors.New("outside of this repository")
	errStandard = errors.New("not a standard that tamer knows")
)

// again gives the files that load has given before. It does not hold on to the tree.
func (l *loader) again() func(addr string) ([]byte, error) {
	served := l.served
	return func(addr string) ([]byte, error) {
		b, ok := served[addr]
		if !ok {
			return nil, fmt.Errorf("%q is %w", addr, errOutside)
		}
		return b, nil
	}
}

func (l *loader) load(addr string) ([]byte, error) {
	if b, ok := l.served[addr]; ok {
		return b, nil
	}
	name, err := l.pathFor(addr)
	if err != nil {
		if b, ok := l.standard(addr); ok {
			return b, nil
		}
		return nil, err
	}
	doc, known := l.docs[name]
	if !known {
		if doc, err = l.read(name); err != nil {
			return nil, err
		}
	}
	l.paths[addr] = name
	l.remember(addr, name, doc.Value)
	b, err := l.rewritten(name, doc.Value)
	if err != nil {
		return nil, err
	}
	if !known {
		if f := wrongStandard(doc); f != nil {
			f.File = name
			l.found = append(l.found, *f)
			return nil, errStandard
		}
	}
	l.served[addr] = b
	return b, nil
}

func (l *loader) read(name string) (*document.Document, error) {
	p, known := l.ahead[name]
	if !known {
		var found []finding.Finding
		var err error
		if p, found, err = l.parse(name); err != nil {
			return nil, err
		}
		for _, f := range found {
			f.File = name
			l.found = append(l.found, f)
		}
		if p.doc == nil {
			return nil, fmt.Errorf("read %s: not readable", name)
		}
	}
	l.order = append(l.order, name)
	l.docs[name], l.sums[name] = p.doc, p.sum
	return p.doc, nil
}

// parse reads a file; its doc is nil where that has findings.
func (l *loader) parse(name string) (readFile, []finding.Finding, error) {
	src, err := fs.ReadFile(l.set.files, name)
	if err != nil {
		return readFile{}, nil, fmt.Errorf("read %s: %w", name, err)
	}
	docs, found := document.ParseFile(name, src, document.Limits{})
	if len(docs) == 0 || len(found) > 0 {
		return readFile{}, found, nil
	}
	l.set.assume(docs[0])
	return readFile{docs[0], sha256.Sum256(src)}, nil, nil
}

// digest sums up the files that were read.
func (l *loader) digest() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(l.sums)) {
		fmt.Fprintf(h, "%q %x\n", name, l.sums[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// remember keeps the content under the address of the file and under its $id, by which the library calls it. The first file of an
// address has it.
func (l *loader) remember(addr, name string, value any) {
	l.raw[addr] = value
	if id, ok := idOf(addr, value); ok && cmp.Or(l.paths[id], name) == name { // else it is taken
		l.raw[id] = value
		l.paths[id] = name
	}
}

// idOf is the address that a schema file declares as its own.
func idOf(addr string, value any) (string, bool) {
	m := asObject(value)
	for _, key := range []string{"$id", "id"} {
		id, _ := m[key].(string)
		base, err := url.Parse(addr)
		if ref, err2 := url.Parse(id); id != "" && err == nil && err2 == nil {
			return addressOf(base.String(), ref.String()), true
		}
	}
	return "", false
}

// standards are the values of $schema that are known, without http or https and without an empty fragment.
var standards = map[string]bool{
	"json-schema.org/schema": true, "json-schema.org/draft/2020-12/schema": true, "json-schema.org/draft/2019-09/schema": true,
	"json-schema.org/draft-07/schema": true, "json-schema.org/draft-06/schema": true, "json-schema.org/draft-04/schema": true,
}

func standardOf(value any) (name string, given, known bool) {
	v, given := asObject(value)["$schema"]
	if !given {
		return "", false, true
	}
	name, _ = v.(string)
	bare := strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://")
	bare = strings.TrimSuffix(strings.TrimSuffix(bare, "#/"), "#")
	return bare, true, standards[bare] && bare != name
}

func isDraft4(value any) bool {
	name, _, _ := standardOf(value)
	return name == "json-schema.org/draft-04/schema"
}

// annotatesIn tells whether the draft of a schema file takes formats for annotations: 2019-09 and later.
func annotatesIn(value any) bool {
	name, _, _ := standardOf(value)
	return !strings.HasPrefix(name, "json-schema.org/draft-0")
}

func wrongStandard(doc *document.Document) *finding.Finding {
	if _, _, known := standardOf(doc.Value); known {
		return nil
	}
	return &finding.Finding{Rule: "schema-invalid", Level: finding.Failure, At: doc.Find([]string{"$schema"}).Value, Pointer: "/$schema",
		Message: fmt.Sprintf(`"$schema" names a standard that tamer does not know: %s`, show(asObject(doc.Value)["$schema"])),
		Fix:     `write "https://json-schema.org/draft/2020-12/schema", or one of the drafts 2019-09, draft-07, draft-06 and draft-04 of json-schema.org`}
}

// faults gives what is wrong with the schema in the file name: what the library stumbled over first, which is not always the same,
// and every file that it is made of that cannot be read.
func (l *loader) faults(name string, err error) []finding.Finding {
	var found []finding.Finding
	if len(l.found) == 0 {
		found = l.explain(name, err)
	}
	l.loadRest(address(name))
	found = append(found, l.found...)
	finding.Sort(found)
	return slices.CompactFunc(found, func(a, b finding.Finding) bool { return finding.Compare(a, b) == 0 })
}

// loadRest loads all that the file at an address refers to, as far as it can be read.
func (l *loader) loadRest(addr string) {
	seen := map[string]bool{addr: true}
	for queue := []string{addr}; len(queue) > 0; queue = queue[1:] {
		name, err := l.pathFor(queue[0])
		if err != nil {
			continue
		}
		doc := l.docs[name]
		if doc == nil {
			if doc, err = l.read(name); err != nil {
				continue
			}
		}
		l.paths[queue[0]] = name
		l.remember(queue[0], name, doc.Value)
		eachRef(doc.Value, func(ref string) {
			if to := addressOf(queue[0], ref); !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		})
	}
}

// eachRef calls visit for every $ref, and what is like one, below v.
func eachRef(v any, visit func(ref string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if ref, ok := v[key].(string); ok && strings.HasSuffix(strings.ToLower(key), "ref") {
				visit(ref)
			}
			eachRef(v[key], visit)
		}
	case []any:
		for _, item := range v {
			eachRef(item, visit)
		}
	}
}

// explain says why a schema cannot be used, at the place in its file.
func (l *loader) explain(name string, err error) []finding.Finding {
	f := finding.Finding{Rule: "schema-invalid", Level: finding.Failure, File: name, At: finding.Span{Start: finding.Place{Line: 1, Column: 1}},
		Fix: "mend the schema: no configuration of this type can be judged before"}
	var se *jsonschema.SchemaError
	if errors.As(err, &se) {
		err = se.Err
	}
	var (
		ve   *jsonschema.ValidationError
		loop jsonschema.InfiniteLoopError
		long tooLong
	)
	switch {
	case errors.As(err, &ve):
		return l.explainInvalid(ve)
	case errors.As(err, &long):
		l.explainLong(&f, long)
	case errors.Is(err, fs.ErrNotExist) && len(l.order) == 0:
		f.Message, f.Fix = "there is no such schema file", "add it, or change the layout in .tamer.yaml"
	case errors.Is(err, fs.ErrNotExist):
		name, _ := pathOf(l.lost)
		f.Message, f.Fix = "a $ref leads to a file that is not there: "+name, "correct the $ref, or add the file"
		l.placeOfRef(&f, addressOf, l.lost)
	case errors.Is(err, errOutside):
		f.Message, f.Fix = fmt.Sprintf("a $ref leads outside of this repository: %q", l.lost), "copy that schema into the repository and refer to it by a relative path"
		l.placeOfRef(&f, addressOf, l.lost)
	case errors.As(err, &loop):
		l.explainLoop(&f, string(loop))
	default:
		l.loadRest(address(name))
		if found := l.dangling(); len(found) > 0 {
			return found
		}
		f.Message = "this schema cannot be used: " + plain(err)
		l.explainLost(&f, err)
	}
	return []finding.Finding{f}
}

// addressOf is the address that a reference in a file means, without its fragment.
func addressOf(base, ref string) string {
	b, err := url.Parse(base)
	r, err2 := url.Parse(ref)
	if err != nil || err2 != nil {
		return ""
	}
	u := b.ResolveReference(r)
	u.Fragment = ""
	return strings.TrimSuffix(u.String(), "#")
}

func (l *loader) badPattern(file string, tokens []string, pattern string, err error) finding.Finding {
	f := finding.Finding{Rule: "schema-invalid", Level: finding.Failure, File: file, Pointer: document.Pointer(tokens),
		Message: fmt.Sprintf("%s is no regular expression: %v", quote(pattern), err),
		Fix:     "correct the expression; it follows the rules of JavaScript (ECMA-262)"}
	if errors.Is(err, errPatterns) {
		f.Message, f.Fix = fmt.Sprintf("%v, with %s", err, quote(pattern)), "write fewer patterns, or smaller numbers of repetitions in them"
	}
	spot := l.docs[file].Find(tokens)
	f.At = spot.Value
	if n := len(tokens); n > 1 && tokens[n-2] == "patternProperties" {
		f.At = spot.Key
	}
	return f
}

// nothingListed is about an enum without a value.
func (l *loader) nothingListed(file string, tokens []string) finding.Finding {
	return finding.Finding{Rule: "schema-invalid", Level: finding.Warning, File: file, Pointer: document.Pointer(tokens), At: l.docs[file].Find(tokens).Value,
		Message: `"enum" lists no value, so none is accepted here`,
		Fix:     `list the values that may be written, or leave "enum" out where any may be; a property that must not be there has the schema false`}
}
