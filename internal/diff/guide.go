package diff

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
)

// A Note is what a schema says of one value, as far as it matters to a difference.
type Note struct {
	Key         string // for a list: the property that identifies its items
	Unique      bool   // for a list: it is a set
	Secret      bool   // the value must not be shown
	Title       string
	Description string
	Unit        string
	Deprecated  string // since when and what to write instead, for people; empty: it is not
	Owners      []string
}

// and gives what two schemas say together: the first where both say something, and secret where one of them does.
func (n Note) and(o Note) Note {
	first := func(a *string, b string) {
		if *a == "" {
			*a = b
		}
	}
	first(&n.Key, o.Key)
	first(&n.Title, o.Title)
	first(&n.Description, o.Description)
	first(&n.Unit, o.Unit)
	first(&n.Deprecated, o.Deprecated)
	n.Unique, n.Secret = n.Unique || o.Unique, n.Secret || o.Secret
	n.Owners = union(n.Owners, o.Owners)
	return n
}

// A Guide gives what the schema says of the value that the tokens of a JSON Pointer lead to in one document.
type Guide func(tokens []string) Note

// Secret stands for a value that must not be shown.
type Secret struct{}

// String is what people see in its place.
func (Secret) String() string { return "(secret)" }

// MarshalJSON writes it as a text.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(strconv.Quote(s.String())), nil }

func (c *comparer) guide(side int, s *step) Guide {
	guides := c.sides[side].Guides
	if s == nil || len(guides) == 0 {
		return nil
	}
	if n := s.document(); n < len(guides) {
		return guides[n]
	}
	return nil
}

func (c *comparer) noteOf(side int, s *step) Note {
	g := c.guide(side, s)
	if g == nil {
		return Note{}
	}
	return g(s.tokens())
}

// annotate adds to a change what the schemas of both sides say, and hides what is secret.
func (c *comparer) annotate(ch *Change, at spot) {
	for side, s := range []*step{at.new, at.old} { // the new schema speaks first
		side = 1 - side
		g := c.guide(side, s)
		if g == nil {
			continue
		}
		around := c.aroundOf(side, s, g)
		ch.Note = ch.Note.and(g(s.tokens()))
		ch.Note.Secret = ch.Note.Secret || around.Secret
		ch.Owners = union(ch.Owners, around.Owners)
	}
	if ch.Op == Move {
		return
	}
	if g := c.guide(0, at.old); g != nil && ch.Op != Add {
		ch.Old = hide(ch.Old, g, at.old.tokens())
	}
	if g := c.guide(1, at.new); g != nil && ch.Op != Remove {
		ch.New = hide(ch.New, g, at.new.tokens())
	}
	if ch.Effect == Filled {
		for side := range c.sides {
			to := cmp.Or(at.new, at.old)
			if g := c.guide(side, to); g != nil {
				ch.Default = hide(ch.Default, g, to.tokens())
			}
		}
	}
	if !ch.Note.Secret {
		return
	}
	if ch.Op != Add {
		ch.Old = Secret{}
	}
	if ch.Op != Remove {
		ch.New = Secret{}
	}
	if ch.Effect == Filled {
		ch.Default = Secret{}
	}
}

// aroundOf is what counts for a value and comes from all that is around it, itself included: that it is secret, and its owners.
func (c *comparer) aroundOf(side int, s *step, g Guide) Note {
	if s == nil {
		return Note{}
	}
	known, ok := c.around[side][s]
	if !ok {
		own, above := g(s.tokens()), c.aroundOf(side, s.up, g)
		known = Note{Secret: own.Secret || above.Secret, Owners: union(above.Owners, own.Owners)}
		c.around[side][s] = known
	}
	return known
}

// hide gives a value with Secret in the place of all that is secret within.
func hide(v any, g Guide, tokens []string) any {
	if g(tokens).Secret {
		return Secret{}
	}
	tokens = slices.Clip(tokens)
	switch v := v.(type) {
	case map[string]any:
		shown := make(map[string]any, len(v))
		for key, below := range v {
			shown[key] = hide(below, g, append(tokens, key))
		}
		return shown
	case []any:
		shown := make([]any, len(v))
		for i, below := range v {
			shown[i] = hide(below, g, append(tokens, strconv.Itoa(i)))
		}
		return shown
	}
	return v
}

// union gives all texts of both lists, sorted, each once.
func union(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// marshal writes JSON with <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
