package schema

import (
	"math/big"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// newQuick gives the quick form of an engine's schema; nil where it has a keyword that only the library judges. Formats assert
// in it; where that may make valid what is not, as below a not, there is a second form, in which those that only annotate do not.
func newQuick(e *engine) *quick {
	root := e.plain
	if e.strict != nil {
		root = e.strict
	}
	q := quickForm(root, true)
	if q != nil && inspect(e.plain).inverts {
		if q.second = quickForm(e.plain, false); q.second == nil {
			return nil
		}
	}
	return q
}

func quickForm(root *jsonschema.Schema, asserts bool) *quick {
	c := quickCompiler{asserts: asserts, done: map[*jsonschema.Schema]*quick{}}
	q := c.node(root)
	if c.unable {
		return nil
	}
	return q
}

type quickCompiler struct {
	asserts bool // formats that only annotate, too
	done    map[*jsonschema.Schema]*quick
	unable  bool
}

// node gives the quick form of a schema; nil of none.
func (c *quickCompiler) node(s *jsonschema.Schema) *quick {
	if s == nil {
		return nil
	}
	if q, ok := c.done[s]; ok {
		return q
	}
	q := &quick{}
	c.done[s] = q
	*q = quick{
		never: s.Always != nil && !*s.Always, enum: s.Enum, constant: s.Constant,
		refs: c.nodes(s.Ref), all: c.nodes(s.AllOf...), anyOf: c.nodes(s.AnyOf...), oneOf: c.nodes(s.OneOf...),
		not: c.node(s.Not), when: c.node(s.If), then: c.node(s.Then), other: c.node(s.Else),
		minLength: s.MinLength, maxLength: s.MaxLength, pattern: s.Pattern, multiple: s.MultipleOf,
		minItems: s.MinItems, maxItems: s.MaxItems, unique: s.UniqueItems, prefix: c.nodes(s.PrefixItems...), rest: c.node(s.Items2020),
		contains: c.node(s.Contains), minContains: s.MinContains, maxContains: s.MaxContains,
		minProperties: s.MinProperties, maxProperties: s.MaxProperties, required: s.Required, names: c.node(s.PropertyNames),
	}
	if s.Always != nil {
		return q // the library looks at nothing else
	}
	if s.RecursiveRef != nil || s.DynamicRef != nil || s.UnevaluatedProperties != nil || s.UnevaluatedItems != nil || s.RegexProperties ||
		s.ContentEncoding != "" || s.ContentMediaType != "" || s.ContentSchema != nil {
		c.unable = true
	}
	c.extensions(q, s)
	c.format(q, s)
	c.types(q, s)
	c.numbers(q, s)
	c.list(q, s)
	c.mapping(q, s)
	return q
}

func (c *quickCompiler) nodes(list ...*jsonschema.Schema) []*quick {
	var out []*quick
	for _, s := range list {
		if q := c.node(s); q != nil {
			out = append(out, q)
		}
	}
	return out
}

func (c *quickCompiler) extensions(q *quick, s *jsonschema.Schema) {
	for _, x := range s.Extensions {
		x, ok := x.(*extended)
		if !ok || x.pattern != nil || x.properties != nil {
			c.unable = true
			return
		}
		q.noFraction, q.never = x.integer, x.nothing
	}
}

// format has every format that is known assert: see newQuick.
func (c *quickCompiler) format(q *quick, s *jsonschema.Schema) {
	if s.Format == "" || !c.asserts && annotatesFormat(s) {
		return
	}
	ours, ok := formats[s.Format]
	if !ok {
		ours = jsonschema.Formats[s.Format]
	}
	q.format = ours
}

func (c *quickCompiler) types(q *quick, s *jsonschema.Schema) {
	for _, name := range s.Types {
		if shapes[name] == 0 {
			c.unable = true
		}
		q.types |= shapes[name]
	}
}

func (c *quickCompiler) numbers(q *quick, s *jsonschema.Schema) {
	add := func(r *big.Rat, signs [2]int) {
		if r == nil {
			return
		}
		b := quickBound{rat: r, signs: signs}
		if r.IsInt() && r.Num().IsInt64() {
			b.small, b.exact = r.Num().Int64(), true
		}
		q.bounds = append(q.bounds, b)
	}
	add(s.Minimum, [2]int{0, 1})
	add(s.ExclusiveMinimum, [2]int{1, 1})
	add(s.Maximum, [2]int{-1, 0})
	add(s.ExclusiveMaximum, [2]int{-1, -1})
}

// list reads items and additionalItems as they were before 2020-12.
func (c *quickCompiler) list(q *quick, s *jsonschema.Schema) {
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		q.rest = c.node(items)
	case []*jsonschema.Schema:
		q.prefix = c.nodes(items...)
		switch more := s.AdditionalItems.(type) {
		case *jsonschema.Schema:
			q.rest = c.node(more)
		case bool:
			if !more {
				q.rest = &quick{never: true}
			}
		}
	}
	if s.MinContains == -1 && s.MaxContains == -1 {
		q.contains = nil
	}
}

func (c *quickCompiler) mapping(q *quick, s *jsonschema.Schema) {
	if len(s.Properties) > 0 {
		q.properties = make(map[string]*quick, len(s.Properties))
	}
	for name, below := range s.Properties {
		q.properties[name] = c.node(below)
	}
	for pattern, below := range s.PatternProperties {
		q.patterns = append(q.patterns, quickPattern{pattern, c.node(below)})
	}
	switch more := s.AdditionalProperties.(type) {
	case bool:
		q.closed = !more
	case *jsonschema.Schema:
		q.additional = c.node(more)
	}
	for name, v := range s.Dependencies {
		switch v := v.(type) {
		case *jsonschema.Schema:
			q.dependent = append(q.dependent, dependency{name: name, below: c.node(v)})
		case []string:
			q.dependent = append(q.dependent, dependency{name: name, required: v})
		}
	}
	for name, v := range s.DependentRequired {
		q.dependent = append(q.dependent, dependency{name: name, required: v})
	}
	for name, below := range s.DependentSchemas {
		q.dependent = append(q.dependent, dependency{name: name, below: c.node(below)})
	}
}
