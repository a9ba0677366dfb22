package schema

import (
	"errors"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
)

// A Node is one schema as it is applied: references resolved, the forms of all drafts in the words of 2020-12, keywords that
// its draft ignores left out. Nodes may refer to each other in circles. A nil Node accepts everything, a nil list or number
// says nothing.
type Node struct {
	File, Pointer string         // where it is written
	Raw           map[string]any // what is written there; nil for true and false
	Bool          *bool          // for the schemas true and false

	Refs                []*Node // $ref, $dynamicRef, $recursiveRef
	Unclear             string  // why the node accepts less or more than its fields say; mostly empty
	Types               []string
	Enum                []any // const too, as one value
	Const               []any
	Not                 *Node
	AllOf, AnyOf, OneOf []*Node
	If, Then, Else      *Node

	Minimum, Maximum, Above, Below, MultipleOf *big.Rat // Above and Below exclude the bound itself

	MinLength, MaxLength *int
	Pattern              *Pattern
	Format               string // only where it asserts

	MinItems, MaxItems       *int
	Unique                   bool
	Prefix                   []*Node
	Rest                     *Node // items, or additionalItems beside a list of items
	Contains                 *Node
	MinContains, MaxContains *int // beside Contains; MinContains is never nil there
	ContainsEvaluates        bool
	UnevaluatedItems         *Node

	MinProperties, MaxProperties *int
	Required                     []string
	Properties                   map[string]*Node
	Patterns                     []PatternNode
	Additional                   *Node
	Names                        *Node
	NeedsNames                   map[string][]string // dependentRequired
	NeedsSchemas                 map[string]*Node    // dependentSchemas
	UnevaluatedProperties        *Node

	compiled *jsonschema.Schema
	engine   *engine
}

// A PatternNode is one of patternProperties.
type PatternNode struct {
	Pattern *Pattern
	Node    *Node
}

// Accepts judges a value as Validate does, formats that only annotate left out. An error says why there is no verdict. It must
// not be called for two nodes of one tree at once.
func (n *Node) Accepts(v any) (bool, error) {
	err := n.engine.validate(n.compiled, v)
	var ve *jsonschema.ValidationError
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &ve):
		return false, nil
	}
	return false, err
}

// Compiled tells whether the node comes from a file, so that Accepts may be asked.
func (n *Node) Compiled() bool { return n.compiled != nil }

// Tree gives the schema as nodes of their own, which are not safe for concurrent use.
func (s *Schema) Tree() (*Node, error) {
	e, err := s.engines.take() // and never put back
	if err != nil {
		return nil, err
	}
	t := &tree{schema: s, engine: e, nodes: map[*jsonschema.Schema]*Node{}, anchors: map[string]int{}}
	t.countAnchors(e.plain, map[*jsonschema.Schema]bool{})
	return t.node(e.plain), nil
}

// Contents are the values of the files that the schema is made of, in the order of Files.
func (s *Schema) Contents() []any {
	out := make([]any, len(s.files))
	for i, name := range s.files {
		out[i] = s.raw[address(name)]
	}
	return out
}

type tree struct {
	schema  *Schema
	engine  *engine
	nodes   map[*jsonschema.Schema]*Node
	anchors map[string]int // how often a dynamic anchor is declared; "" is $recursiveAnchor
}

func (t *tree) countAnchors(s *jsonschema.Schema, seen map[*jsonschema.Schema]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	if s.DynamicAnchor != "" {
		t.anchors[s.DynamicAnchor]++
	}
	if s.RecursiveAnchor {
		t.anchors[""]++
	}
	for below := range subschemas(s) {
		t.countAnchors(below, seen)
	}
}

func (t *tree) node(s *jsonschema.Schema) *Node {
	if s == nil {
		return nil
	}
	if n, ok := t.nodes[s]; ok {
		return n
	}
	n := &Node{Bool: s.Always, compiled: s, engine: t.engine}
	t.nodes[s] = n
	t.place(n, s.Location)
	t.anything(n, s)
	t.scalars(n, s)
	t.items(n, s)
	t.properties(n, s)
	return n
}

func (t *tree) list(of []*jsonschema.Schema) []*Node {
	var out []*Node
	for _, s := range of {
		out = append(out, t.node(s))
	}
	return out
}

func (t *tree) named(of map[string]*jsonschema.Schema) map[string]*Node {
	if of == nil {
		return nil
	}
	out := make(map[string]*Node, len(of))
	for name, s := range of {
		out[name] = t.node(s)
	}
	return out
}

// either makes a node of what the library holds as a schema, or true or false.
func (t *tree) either(v any) *Node {
	switch v := v.(type) {
	case *jsonschema.Schema:
		return t.node(v)
	case bool:
		return constant(v)
	}
	return nil
}

func constant(b bool) *Node {
	return &Node{Bool: &b}
}

func (t *tree) place(n *Node, location string) {
	addr, fragment, _ := strings.Cut(location, "#")
	n.File, _ = pathOf(addr)
	tokens := locationTokens(fragment)
	value := t.schema.raw[addr]
	for i, token := range tokens {
		if source, ok := t.schema.names[token]; ok && (i > 0 && tokens[i-1] == "patternProperties" || token == ownAdditional) {
			token = source
			tokens[i] = source
		}
		value = childOf(value, token)
	}
	n.Pointer = document.Pointer(tokens)
	n.Raw = asObject(value)
}

func childOf(v any, token string) any {
	if list, ok := v.([]any); ok {
		if i := index(token, len(list)); i >= 0 {
			return list[i]
		}
		return nil
	}
	return asObject(v)[token]
}

func (t *tree) anything(n *Node, s *jsonschema.Schema) {
	if s.Ref != nil {
		n.Refs = append(n.Refs, t.node(s.Ref))
	}
	if r := s.RecursiveRef; r != nil {
		n.Refs = append(n.Refs, t.node(r))
		if r.RecursiveAnchor && t.anchors[""] > 1 {
			n.Unclear = "$recursiveRef leads to one of several $recursiveAnchor"
		}
	}
	if r := s.DynamicRef; r != nil {
		n.Refs = append(n.Refs, t.node(r))
		if r.DynamicAnchor != "" && t.anchors[r.DynamicAnchor] > 1 {
			n.Unclear = "$dynamicRef leads to one of several $dynamicAnchor"
		}
	}
	if n.Unclear != "" {
		n.Refs = nil
	}
	n.Types = s.Types
	if n.Enum = s.Enum; len(n.Enum) == 0 {
		n.Enum = nil
		if x := extendedOf(s); x != nil && x.nothing {
			n.Enum = []any{}
		}
	}
	if len(s.Constant) > 0 {
		n.Const = s.Constant[:1]
	}
	n.Not, n.AllOf, n.AnyOf, n.OneOf = t.node(s.Not), t.list(s.AllOf), t.list(s.AnyOf), t.list(s.OneOf)
	n.If, n.Then, n.Else = t.node(s.If), t.node(s.Then), t.node(s.Else)
}

func given(i int) *int {
	if i < 0 {
		return nil
	}
	return &i
}

func (t *tree) scalars(n *Node, s *jsonschema.Schema) {
	n.Minimum, n.Maximum, n.MultipleOf = s.Minimum, s.Maximum, s.MultipleOf
	n.Above, n.Below = s.ExclusiveMinimum, s.ExclusiveMaximum
	n.MinLength, n.MaxLength = given(s.MinLength), given(s.MaxLength)
	if s.Format != "" && !annotatesFormat(s) && knownFormat(s.Format) {
		n.Format = s.Format
	}
	if source, ok := n.Raw["pattern"].(string); ok && (s.Pattern != nil || s.Extensions["tamer"] != nil) {
		n.Pattern, _ = NewPattern(source)
	}
}

func (t *tree) items(n *Node, s *jsonschema.Schema) {
	n.MinItems, n.MaxItems, n.Unique = given(s.MinItems), given(s.MaxItems), s.UniqueItems
	n.Prefix, n.Rest = t.list(s.PrefixItems), t.node(s.Items2020)
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		n.Rest = t.node(items)
	case []*jsonschema.Schema:
		n.Prefix, n.Rest = t.list(items), t.either(s.AdditionalItems)
	}
	if s.Contains != nil {
		n.Contains = t.node(s.Contains)
		n.MinContains, n.MaxContains = new(max(s.MinContains, 0)), given(s.MaxContains)
		n.ContainsEvaluates = s.ContainsEval
	}
	n.UnevaluatedItems = t.node(s.UnevaluatedItems)
}

func (t *tree) properties(n *Node, s *jsonschema.Schema) {
	n.MinProperties, n.MaxProperties, n.Required = given(s.MinProperties), given(s.MaxProperties), s.Required
	n.Properties, n.Names = t.named(s.Properties), t.node(s.PropertyNames)
	n.Additional, n.UnevaluatedProperties = t.either(s.AdditionalProperties), t.node(s.UnevaluatedProperties)
	if x, ok := s.Extensions["tamer"].(*extended); ok && x.properties != nil {
		t.slowProperties(n, x)
	} else {
		byName := map[string]*Node{}
		for re, below := range s.PatternProperties {
			byName[t.schema.names[re.String()]] = t.node(below)
		}
		for _, source := range slices.Sorted(maps.Keys(byName)) {
			if p, err := NewPattern(source); err == nil {
				n.Patterns = append(n.Patterns, PatternNode{p, byName[source]})
			}
		}
	}
	n.NeedsNames, n.NeedsSchemas = maps.Clone(s.DependentRequired), t.named(s.DependentSchemas)
	for name, needed := range s.Dependencies {
		switch needed := needed.(type) {
		case []string:
			if n.NeedsNames == nil {
				n.NeedsNames = map[string][]string{}
			}
			n.NeedsNames[name] = slices.Concat(n.NeedsNames[name], needed)
		case *jsonschema.Schema:
			if n.NeedsSchemas == nil {
				n.NeedsSchemas = map[string]*Node{}
			}
			if n.NeedsSchemas[name] != nil {
				n.AllOf = append(slices.Clip(n.AllOf), &Node{NeedsSchemas: map[string]*Node{name: t.node(needed)}})
				continue
			}
			n.NeedsSchemas[name] = t.node(needed)
		}
	}
}

func (t *tree) slowProperties(n *Node, x *extended) {
	for _, p := range x.properties {
		n.Patterns = append(n.Patterns, PatternNode{&Pattern{p.pattern}, t.node(p.schema)})
	}
	switch {
	case x.closed:
		n.Additional = constant(false)
	case x.open:
		n.Additional = constant(true)
	case x.additional != nil:
		n.Additional = t.node(x.additional)
	}
}
