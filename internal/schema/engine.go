package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// An engine is a schema compiled twice. It judges one document at a time: its extension counts the work.
type engine struct {
	plain  *jsonschema.Schema // formats assert where their draft says so
	strict *jsonschema.Schema // formats assert always; nil where that is no difference
	work   *work
	bound  bool                                  // it has references, which are counted
	chain  int                                   // see longestChain
	marks  map[Kind]map[*jsonschema.Schema]*mark // see marksOf
}

// engines keeps the engines of one schema that are idle: at most as many as there were judgements at once. It is no sync.Pool,
// which every second garbage collection empties: compiling a schema costs as much as judging a hundred files.
type engines struct {
	more func() (*engine, error)
	mu   sync.Mutex
	idle []*engine
}

// take gives an engine that nobody else uses until it is put back.
func (p *engines) take() (*engine, error) {
	p.mu.Lock()
	n := len(p.idle)
	if n == 0 {
		p.mu.Unlock()
		return p.more()
	}
	defer p.mu.Unlock()
	e := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return e, nil
}

func (p *engines) put(e *engine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) < 2*runtime.GOMAXPROCS(0) { // a schema may be kept for as long as the process lasts
		p.idle = append(p.idle, e)
	}
}

// newEngine compiles the schema at an address; load gives the rewritten files.
func newEngine(at string, load func(addr string) ([]byte, error)) (*engine, error) {
	e := &engine{work: &work{}}
	compile := func(assert bool) (*jsonschema.Schema, error) {
		c := jsonschema.NewCompiler()
		c.Draft = jsonschema.Draft2020
		c.AssertFormat = assert
		c.LoadURL = func(addr string) (io.ReadCloser, error) {
			b, err := load(addr)
			return io.NopCloser(bytes.NewReader(b)), err
		}
		maps.Copy(c.Formats, formats)
		c.RegisterExtension("tamer", nil, extension{e.work})
		compiled, err := compileSafely(c, at)
		if err == nil {
			undress(compiled)
			e.chain, err = longestChain(compiled)
		}
		return compiled, err
	}
	var err error
	if e.plain, err = compile(false); err != nil {
		return nil, err
	}
	seen := inspect(e.plain)
	if e.bound = seen.steps; seen.annotates {
		e.strict, err = compile(true)
	}
	return e, err
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

// Bounds on the references that one validation follows. Without one, a schema of two alternatives that both refer to itself costs
// 2 to the power of the document's depth. Deep down one step costs the library a thousand times more than at the top, so time
// is bounded too: by a thousand times of what valid documents take. So is, apart, the time of patterns that backtrack.
const (
	stepsPerValue = 200
	freeSteps     = 20_000
	timePerValue  = 20 * time.Microsecond
	freeTime      = 2 * time.Second
)

// slowPattern says that a file has no verdict because its texts are not compared with a pattern in useful time.
type slowPattern struct{ source string }

func (s slowPattern) Error() string {
	return fmt.Sprintf("it takes too long to compare its texts with the pattern %s, which backtracks", quote(s.source))
}

// validate gives the library's error, or that of a validation that was given up.
func (e *engine) validate(s *jsonschema.Schema, v any) error {
	return e.within(1, v, func() error { return s.Validate(v) })
}

// within runs do with a bound on its work that depends on the size of a value, and turns what it panics with into an error.
func (e *engine) within(times int, v any, do func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case tooMuchWork:
			err = fmt.Errorf("its references lead from one to the other too often")
		case tooSlow:
			err = slowPattern{p.pattern}
		default:
			err = fmt.Errorf("%v", p)
		}
	}()
	n, depth := measure(v)
	if calls := depth * e.chain; calls > maxCalls {
		return fmt.Errorf("its values are nested %d deep, and for each of them up to %d references and parts lead from one to the next", depth, e.chain)
	}
	e.work.left = times * (freeSteps + stepsPerValue*n)
	e.work.matching = time.Duration(times) * (freeTime + timePerValue*time.Duration(n))
	e.work.until = time.Now().Add(time.Duration(times) * (freeTime + timePerValue*time.Duration(n)))
	if !e.bound {
		e.work.left, e.work.until = math.MaxInt, e.work.until.Add(time.Hour)
	}
	return do()
}

// measure gives how many values there are in v, and how deep they are nested: 1 for a text.
func measure(v any) (n, depth int) {
	n = 1
	add := func(item any) {
		more, below := measure(item)
		n, depth = n+more, max(depth, below)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			add(item)
		}
	case []any:
		for _, item := range v {
			add(item)
		}
	}
	return n, depth + 1
}

// A look tells what a compiled schema holds.
type look struct {
	annotates bool // a format that only annotates in its draft
	inverts   bool // such a format below not, oneOf, if, or contains: asserting it may make valid what is not
	steps     bool // references
	seen      map[seenSchema]bool
}

type seenSchema struct {
	schema  *jsonschema.Schema
	inverts bool
}

func inspect(root *jsonschema.Schema) *look {
	l := &look{seen: map[seenSchema]bool{}}
	l.schema(root, false)
	return l
}

func (l *look) schema(s *jsonschema.Schema, inverts bool) {
	if s == nil || l.seen[seenSchema{s, inverts}] {
		return
	}
	l.seen[seenSchema{s, inverts}] = true
	if s.Format != "" && annotatesFormat(s) && knownFormat(s.Format) {
		l.annotates = true
		l.inverts = l.inverts || inverts
	}
	l.steps = l.steps || s.Ref != nil || s.RecursiveRef != nil || s.DynamicRef != nil
	for below, turned := range subschemas(s) {
		l.schema(below, inverts || turned)
	}
}

func annotatesFormat(s *jsonschema.Schema) bool {
	return s.Draft != jsonschema.Draft4 && s.Draft != jsonschema.Draft6 && s.Draft != jsonschema.Draft7
}

// subschemas gives the schemas right below s; true for those whose failing may let a value pass.
func subschemas(s *jsonschema.Schema) map[*jsonschema.Schema]bool {
	all := map[*jsonschema.Schema]bool{}
	add := func(turned bool, list ...*jsonschema.Schema) {
		for _, b := range list {
			all[b] = all[b] || turned
		}
	}
	anything := func(v any) {
		switch v := v.(type) {
		case *jsonschema.Schema:
			add(false, v)
		case []*jsonschema.Schema:
			add(false, v...)
		}
	}
	add(true, s.Not, s.If, s.Contains)
	add(true, s.OneOf...)
	add(false, s.Ref, s.RecursiveRef, s.DynamicRef, s.Then, s.Else, s.PropertyNames, s.UnevaluatedProperties, s.UnevaluatedItems, s.Items2020)
	add(false, s.AllOf...)
	add(false, s.AnyOf...)
	add(false, s.PrefixItems...)
	for _, v := range []any{s.Items, s.AdditionalItems, s.AdditionalProperties} {
		anything(v)
	}
	for _, v := range s.Dependencies {
		anything(v)
	}
	for _, b := range s.Properties {
		add(false, b)
	}
	for _, b := range s.PatternProperties {
		add(false, b)
	}
	for _, b := range s.DependentSchemas {
		add(false, b)
	}
	for _, x := range s.Extensions {
		if x, ok := x.(*extended); ok {
			add(false, x.additional)
		}
	}
	delete(all, nil)
	return all
}

// maxLeading bounds how many parts of all files of a schema hold references. The library compiles what a reference leads to within
// what refers to it, so that is how deep its calls may be: a fifth of the stack at which Go ends the process.
const maxLeading = 100_000

// rewritten is the JSON of a schema file as the library gets it.
func (l *loader) rewritten(path string, value any) ([]byte, error) {
	m := asObject(value)
	if m != nil && m["$schema"] == nil {
		m = maps.Clone(m) // the library asserts formats where no standard is named
		m["$schema"] = standard2020
		value = m
	}
	c := takeCensus(value)
	given := c.dressing(m)
	if err := l.small(path, c, given); err != nil {
		return nil, err
	}
	r := rewriter{draft4: isDraft4(value), old: !annotatesIn(value), dressed: given == dressed, census: c, names: l.names, size: l.patterns,
		bad: func(tokens []string, pattern string, err error) {
			if full := errors.Is(err, errPatterns); full && l.full {
				return // once is enough
			} else if full {
				l.full = true
			}
			l.found = append(l.found, l.badPattern(path, tokens, pattern, err))
		}, own: func(tokens []string) { l.found = append(l.found, l.wrongKeywords(path, tokens)...) },
		nothing: func(tokens []string) { l.doubts = append(l.doubts, l.nothingListed(path, tokens)) }}
	value = r.schema(value, nil)
	if r.dressed {
		asObject(value)["$schema"] = standard2019
	}
	b, err := json.Marshal(value)
	l.weight += bytesPerByte*len(b) + 2*(r.size-l.patterns) // patterns are compiled for the quick way and for the engine
	l.patterns = r.size
	if err == nil && l.patterns > maxPatterns {
		err = errPatterns // the library would compile them
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return b, nil
}

// small gives an error, and the finding, for a file that would take too long to compile.
func (l *loader) small(path string, c *census, given dressing) error {
	if l.leading += c.leading; l.leading > maxLeading {
		f := finding.Finding{Rule: "schema-invalid", Level: finding.Failure, File: l.root, At: finding.Span{Start: finding.Place{Line: 1, Column: 1}},
			Message: fmt.Sprintf("this schema, with all files that it refers to, has more than %d parts with references in them", maxLeading),
			Fix:     "leave out what is not used, or make several schemas of it"}
		l.found = append(l.found, f)
		return fmt.Errorf("read %s: %s", path, f.Message)
	}
	at, f, too := c.tooLarge(given)
	if !too {
		return nil
	}
	f.File, f.Pointer, f.At = path, document.Pointer(at), l.docs[path].Find(at).Value
	l.found = append(l.found, f)
	return fmt.Errorf("read %s: %s", path, f.Message)
}
