package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Keywords of a rewritten schema, which the engine's extension understands. What a user writes under these names is dropped.
const (
	ownPrefix     = "x-tamer-"            // of those that users write
	ownPattern    = "x-tamer::pattern"    // a pattern that needs backtracking
	ownProperties = "x-tamer::properties" // patternProperties with such patterns: name in the rewritten schema → pattern
	ownAdditional = "x-tamer::additional" // the additionalProperties beside them
	ownInteger    = "x-tamer::integer"    // draft 4: a number with a fraction or an exponent is no integer
	ownStep       = "x-tamer::step"       // it counts as a step of work
	ownNothing    = "x-tamer::nothing"    // an enum without a value, which the library takes for none
)

// A rewriter makes of a schema one that the library understands as the standard means it. It changes no value that it is given.
type rewriter struct {
	draft4  bool
	old     bool // a draft up to 7
	dressed bool // see ownDressed
	census  *census
	names   map[string]string // what it wrote in place of a pattern → the pattern
	bad     func(tokens []string, pattern string, err error)
	own     func(tokens []string) // told of each object with keywords of tamer
	nothing func(tokens []string) // told of each enum without a value
	size    int                   // of all patterns of the schema so far, in bytes, about
}

// Keywords whose value holds schemas by name, and those whose value is data.
var (
	schemasByName = []string{"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"}
	dataKeywords  = []string{"dependentRequired", "enum", "const", "default", "examples", "x-tamer-ref", "x-tamer-rules", "x-tamer-live", "x-tamer-renamed-values"}
)

// The keywords that make a schema count as a step of work: references, and in drafts up to 7, where nothing may stand beside one,
// those that may apply several schemas to one value. Without either no validation takes long.
var (
	steps    = []string{"$ref", "$recursiveRef", "$dynamicRef"}
	oldSteps = []string{"allOf", "anyOf", "oneOf", "not", "if", "dependencies", "patternProperties", "contains"}
)

func (r *rewriter) schema(v any, at []string) any {
	switch v := v.(type) {
	case map[string]any:
		return r.object(v, at)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = r.schema(item, append(at[:len(at):len(at)], fmt.Sprint(i)))
		}
		return out
	}
	return v
}

func (r *rewriter) object(m map[string]any, at []string) any {
	out := make(map[string]any, len(m))
	tamers := false
	for key, v := range m {
		tamers = tamers || strings.HasPrefix(key, ownPrefix)
		below := append(at[:len(at):len(at)], key)
		switch named, isMap := v.(map[string]any); {
		case strings.HasPrefix(key, "x-tamer::"):
		case r.old && key == "contentSchema": // means nothing before 2019-09, but the library would judge what a text holds by it
		case isMap && slices.Contains(schemasByName, key):
			schemas := make(map[string]any, len(named))
			for name, s := range named {
				schemas[name] = r.schema(s, append(below, name))
			}
			out[key] = schemas
		case slices.Contains(dataKeywords, key):
			out[key] = v
		default:
			out[key] = r.schema(v, below)
		}
	}
	if tamers {
		r.own(at)
	}
	r.pattern(out, at)
	r.properties(out, at)
	if ref, ok := out["$ref"].(string); ok {
		if pointer, ok := r.census.pointerOf(ref); ok {
			out["$ref"] = pointer
		}
	}
	if r.dressed {
		out[ownDressed] = true
	}
	if list, ok := out["enum"].([]any); ok && len(list) == 0 && standardPlace(at) {
		out[ownNothing] = true
		r.nothing(append(at[:len(at):len(at)], "enum"))
	}
	if r.draft4 && wantsInteger(out["type"]) {
		out[ownInteger] = true
	}
	counted := steps
	if r.old {
		counted = oldSteps
	}
	if slices.ContainsFunc(counted, func(keyword string) bool { return has(out, keyword) }) {
		out[ownStep] = true
	}
	return out
}

func wantsInteger(v any) bool {
	if s, ok := v.(string); ok {
		return s == "integer"
	}
	list := asList(v)
	return slices.Contains(list, any("integer")) && !slices.Contains(list, any("number"))
}

// compile gives a pattern, unless it is too much together with those before it.
func (r *rewriter) compile(source string) (*pattern, error) {
	if r.size > maxPatterns {
		return nil, errPatterns
	}
	p, err := compilePattern(source)
	if err != nil {
		return nil, err
	}
	if r.size += p.size; r.size > maxPatterns {
		return nil, errPatterns
	}
	return p, nil
}

func (r *rewriter) pattern(m map[string]any, at []string) {
	source, ok := m["pattern"].(string)
	if !ok {
		return
	}
	p, err := r.compile(source)
	switch {
	case err != nil:
		r.bad(append(at[:len(at):len(at)], "pattern"), source, err)
	case p.linear != nil:
		m["pattern"] = p.linear.String()
	default:
		delete(m, "pattern")
		m[ownPattern] = source
	}
}

// properties writes patternProperties in RE2's words. Where one of them needs backtracking, a name that matches nothing takes its
// place, and the extension does the work of patternProperties and additionalProperties.
func (r *rewriter) properties(m map[string]any, at []string) {
	named, ok := m["patternProperties"].(map[string]any)
	if !ok {
		return
	}
	renamed, slow := map[string]any{}, map[string]any{}
	needs := false
	for _, source := range slices.Sorted(maps.Keys(named)) {
		p, err := r.compile(source)
		if err != nil {
			r.bad(append(at[:len(at):len(at)], "patternProperties", source), source, err)
			return
		}
		name := ""
		if p.linear != nil {
			name = p.linear.String()
		} else {
			name, needs = fmt.Sprintf(`[^\x00-\x{10FFFF}]{%d}`, len(slow)+1), true
		}
		for renamed[name] != nil { // two patterns of the same meaning
			name += "(?:)"
		}
		r.names[name] = source
		renamed[name] = named[source]
		slow[name] = source
	}
	m["patternProperties"] = renamed
	if !needs {
		return
	}
	m[ownProperties] = slow
	if additional, ok := m["additionalProperties"]; ok {
		delete(m, "additionalProperties")
		m[ownAdditional] = additional
		r.names[ownAdditional] = "additionalProperties"
	}
}

// An extension does what the library cannot.
type extension struct{ work *work }

// work bounds what one validation may cost. It belongs to one compiled schema, which judges one document at a time.
type work struct {
	left     int
	until    time.Time
	matching time.Duration // left for patterns that backtrack
}

// match compares a text with a pattern, within what is left for those that backtrack.
func (x *extended) match(p *pattern, s string) bool {
	if p.linear != nil {
		return p.match(s)
	}
	began := time.Now()
	ok := p.match(s)
	if x.work.matching -= time.Since(began); x.work.matching < 0 {
		panic(tooSlow{p.source})
	}
	return ok
}

// tooMuchWork is what a validation panics with that would not end in useful time.
type tooMuchWork struct{}

type extended struct {
	work       *work
	step       bool
	integer    bool
	nothing    bool // no value is right
	pattern    *pattern
	properties []extendedProperty
	named      map[string]any // properties
	additional *jsonschema.Schema
	closed     bool // no additional properties
	open       bool // any additional properties
	dressed    bool // see ownDressed
	prefix     []*jsonschema.Schema
}

type extendedProperty struct {
	name    string // in the rewritten schema
	pattern *pattern
	schema  *jsonschema.Schema
}

// Compile reads the keywords of the rewriter; nil where there are none.
func (e extension) Compile(ctx jsonschema.CompilerContext, m map[string]any) (jsonschema.ExtSchema, error) {
	x := &extended{work: e.work}
	_, x.step = m[ownStep]
	_, x.integer = m[ownInteger]
	_, x.nothing = m[ownNothing]
	if source, ok := m[ownPattern].(string); ok {
		p, err := compilePattern(source)
		if err != nil {
			return nil, err
		}
		x.pattern = p
	}
	if err := x.compileProperties(ctx, m); err != nil {
		return nil, err
	}
	if err := x.compilePrefix(ctx, m); err != nil || x.idle() && !x.dressed {
		return nil, err
	}
	return x, nil
}

func (x *extended) compileProperties(ctx jsonschema.CompilerContext, m map[string]any) error {
	patterns := asObject(m[ownProperties])
	for _, name := range slices.Sorted(maps.Keys(patterns)) {
		source, _ := patterns[name].(string)
		p, err := compilePattern(source)
		if err != nil {
			return err
		}
		s, err := ctx.Compile("patternProperties/"+escapeLocation(name), false)
		if err != nil {
			return err
		}
		x.properties = append(x.properties, extendedProperty{name, p, s})
	}
	if x.properties == nil {
		return nil
	}
	x.named = asObject(m["properties"])
	switch additional := m[ownAdditional].(type) {
	case bool:
		x.closed, x.open = !additional, additional
	case map[string]any:
		s, err := ctx.Compile(escapeLocation(ownAdditional), false)
		if err != nil {
			return err
		}
		x.additional = s
	}
	return nil
}

// Validate is called for every value that the schema is applied to.
func (x *extended) Validate(ctx jsonschema.ValidationContext, v any) error {
	if x.step {
		if x.work.left--; x.work.left < 0 || x.work.left%16 == 0 && time.Now().After(x.work.until) {
			panic(tooMuchWork{})
		}
	}
	if x.nothing {
		return ctx.Error("enum", "no value is listed")
	}
	switch v := v.(type) {
	case string:
		if x.pattern != nil && !x.match(x.pattern, v) {
			return ctx.Error("pattern", "does not match pattern %s", x.pattern.source)
		}
	case map[string]any:
		return x.validateObject(ctx, v)
	default:
		if n, ok := v.(json.Number); ok && x.integer && strings.ContainsAny(n.String(), ".eE") {
			return ctx.Error("type", "expected integer, but got number")
		}
	}
	return nil
}

func (x *extended) validateObject(ctx jsonschema.ValidationContext, m map[string]any) error {
	var errs []error
	if x.properties == nil {
		return nil
	}
	unknown := false
	for name, v := range m {
		_, matched := x.named[name]
		for _, p := range x.properties {
			if !x.match(p.pattern, name) {
				continue
			}
			matched = true
			ctx.EvaluatedProp(name)
			// The library itself has judged those that RE2 can match.
			if p.pattern.linear == nil {
				if err := ctx.Validate(p.schema, "patternProperties/"+escapeLocation(p.name), v, escapeLocation(name)); err != nil {
					errs = append(errs, err)
				}
			}
		}
		if matched {
			continue
		}
		switch {
		case x.closed:
			unknown = true
		case x.additional != nil:
			if err := ctx.Validate(x.additional, ownAdditional, v, escapeLocation(name)); err != nil {
				errs = append(errs, err)
			}
			ctx.EvaluatedProp(name)
		case x.open:
			ctx.EvaluatedProp(name)
		}
	}
	if unknown {
		errs = append(errs, ctx.Error(ownAdditional, "additionalProperties not allowed"))
	}
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return jsonschema.ValidationError{}.Group(ctx.Error("", "several"), errs...)
}
