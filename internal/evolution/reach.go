package evolution

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"

	"github.com/tamerhq/tamer/internal/schema"
)

// kinds are kinds of values, one bit each. A whole number is of another kind than a fraction.
type kinds uint

const (
	aNull kinds = 1 << iota
	aBoolean
	aWhole
	aFraction
	aText
	aList
	aMapping
	anyKind = aMapping<<1 - 1
)

var kindNames = []struct {
	name string
	is   kinds
}{{"null", aNull}, {"a boolean", aBoolean}, {"a number", aWhole | aFraction}, {"a number", aWhole}, {"a fraction", aFraction}, {"a text", aText},
	{"a list", aList}, {"a mapping", aMapping}}

// words name kinds: "a text or a list".
func (k kinds) words() string {
	text := ""
	for _, n := range kindNames {
		if k&n.is != n.is || n.is == 0 {
			continue
		}
		if k &^= n.is; text != "" {
			text += " or "
		}
		text += n.name
	}
	return text
}

// A reach is what a schema says of the values that a path selects.
type reach struct {
	kinds     kinds        // that may stand there; none: nothing may
	described bool         // the schema names the place
	always    bool         // a value stands there wherever what holds it does
	at        *schema.Node // where it is described
}

var unsaid = reach{kinds: anyKind}

// both is what two schemas say that hold together, either what one of two says.
func both(a, b reach) reach {
	r := reach{a.kinds & b.kinds, a.described || b.described, a.always || b.always, a.at}
	if b.described && !a.described {
		r.at = b.at
	}
	return r
}

func either(a, b reach) reach {
	r := reach{a.kinds | b.kinds, a.described || b.described, a.always && b.always, a.at}
	if r.at == nil {
		r.at = b.at
	}
	return r
}

// maxLooks bounds the schemas that one look for a path goes through: alternatives of alternatives may be many.
const maxLooks = 20_000

// A lookout looks for a path in a schema. Where it would take too much, the schema counts as saying nothing.
type lookout struct{ left int }

func reached(n *schema.Node, tokens []string) reach {
	l := lookout{maxLooks}
	return l.look(n, tokens, 0)
}

const maxDepth = 100

func (l *lookout) look(n *schema.Node, tokens []string, depth int) reach {
	if l.left--; n == nil || l.left < 0 || depth > maxDepth {
		return reach{kinds: anyKind, always: len(tokens) == 0}
	}
	if n.Bool != nil {
		if *n.Bool {
			return reach{kinds: anyKind, always: len(tokens) == 0}
		}
		return reach{}
	}
	r := l.own(n, tokens, depth)
	for _, s := range slices.Concat(n.Refs, n.AllOf) {
		r = both(r, l.look(s, tokens, depth+1))
	}
	for _, list := range [][]*schema.Node{n.AnyOf, n.OneOf} {
		r = both(r, l.oneOf(list, tokens, depth))
	}
	if n.If != nil && (n.Then != nil || n.Else != nil) {
		r = both(r, l.oneOf([]*schema.Node{n.Then, n.Else}, tokens, depth))
	}
	return r
}

func (l *lookout) oneOf(list []*schema.Node, tokens []string, depth int) reach {
	if len(list) == 0 {
		return unsaid
	}
	r := l.look(list[0], tokens, depth+1)
	for _, s := range list[1:] {
		r = either(r, l.look(s, tokens, depth+1))
	}
	return r
}

// own is what the keywords beside one another say, without what they refer to.
func (l *lookout) own(n *schema.Node, tokens []string, depth int) reach {
	if len(tokens) == 0 {
		return reach{kindsOf(n), true, true, n}
	}
	below := l.below(n, tokens[0])
	r := reach{kinds: below.open, always: below.required && len(tokens) == 1}
	for i, s := range below.list {
		one := l.look(s, tokens[1:], depth+1)
		one.always = one.always && below.required
		if len(tokens) == 1 && below.named && !one.described {
			one.described, one.at = true, s
		}
		switch {
		case i == 0:
			r = one
		case below.together:
			r = both(r, one)
		default:
			r = either(r, one)
		}
	}
	return r
}

// A step is what stands below a schema by one token of a path.
type step struct {
	list     []*schema.Node
	together bool  // all of the list hold for one value; else each for values of its own
	required bool  // it is there wherever the mapping is
	named    bool  // the schema says something of just this name, or of every one
	open     kinds // what may stand there where the list is empty, as nothing is said of it
}

func (l *lookout) below(n *schema.Node, token string) step {
	k := kindsOf(n)
	if k&(aMapping|aList) == 0 {
		return step{}
	}
	if token == "*" {
		s := step{required: true}
		for _, p := range n.Properties {
			s.list = append(s.list, p)
		}
		for _, p := range n.Patterns {
			s.list = append(s.list, p.Node)
		}
		s.list = append(append(s.list, n.Prefix...), n.Rest, n.Additional)
		s.list = slices.DeleteFunc(s.list, func(n *schema.Node) bool { return n == nil })
		if s.named = len(s.list) > 0; !s.named {
			s.open = anyKind
		}
		return s
	}
	i, err := strconv.Atoi(token)
	if k&aMapping == 0 && err != nil {
		return step{}
	}
	if err == nil && (len(n.Prefix) > 0 || n.Rest != nil) {
		if i >= 0 && i < len(n.Prefix) {
			return step{list: n.Prefix[i : i+1], named: true}
		}
		return step{list: []*schema.Node{n.Rest}, named: n.Rest != nil && n.Rest.Bool == nil}
	}
	s := step{together: true, required: slices.Contains(n.Required, token)}
	if p := n.Properties[token]; p != nil {
		s.list = append(s.list, p)
	}
	for _, p := range n.Patterns {
		if ok, _ := p.Pattern.Match(token); ok {
			s.list = append(s.list, p.Node)
		}
	}
	s.named = len(s.list) > 0
	switch {
	case s.named:
	case n.Additional != nil:
		s.list, s.named = append(s.list, n.Additional), n.Additional.Bool == nil
	default:
		s.open = anyKind
	}
	return s
}

// kindsOf gives the kinds that a schema's own type, enum and const leave.
func kindsOf(n *schema.Node) kinds {
	k := anyKind
	if n.Types != nil {
		k = 0
		for _, t := range n.Types {
			k |= map[string]kinds{"null": aNull, "boolean": aBoolean, "integer": aWhole, "number": aWhole | aFraction, "string": aText, "array": aList, "object": aMapping}[t]
		}
	}
	for _, values := range [][]any{n.Enum, n.Const} {
		if values == nil {
			continue
		}
		var some kinds
		for _, v := range values {
			some |= kindOf(v)
		}
		k &= some
	}
	return k
}

func kindOf(v any) kinds {
	switch v := v.(type) {
	case nil:
		return aNull
	case bool:
		return aBoolean
	case string:
		return aText
	case []any:
		return aList
	case map[string]any:
		return aMapping
	case json.Number:
		if r, ok := new(big.Rat).SetString(string(v)); ok && !r.IsInt() {
			return aFraction
		}
	}
	return aWhole
}
