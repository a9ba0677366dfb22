package infer

import (
	"cmp"
	"slices"
	"strings"
)

// A Reference says that the values at a place are among those at another one.
type Reference struct {
	From  string `json:"from"`  // a path in the type that it was found in
	To    string `json:"to"`    // type
	Path  string `json:"path"`  // in that type
	Scope string `json:"scope"` // customer, or shared
	Seen  int    `json:"seen"`  // values that refer
}

// An identity is the values that identify the items of a list.
type identity struct {
	typ, path, list string
	shared          bool
	of              map[string]map[string]bool // by customer
	total           int
}

// A place holds texts that may refer.
type place struct {
	typ, path string
	of        map[string]map[string]bool // by customer
	few       bool                       // they are a choice among few
	total     int
}

// identities names the lists whose items are identified, by the path of what identifies them.
func (s *shape) identities(all map[string]bool) {
	if s == nil {
		return
	}
	if key := s.key(); key != "" {
		all[s.item.path+pointer(key)] = true
	}
	s.below(func(below *shape) { below.identities(all) })
}

// names gives the places of texts that may be names of something, and whether they are a choice among few.
func (s *shape) mayRefer(all map[string]bool) {
	if s == nil {
		return
	}
	if k := s.text.kind(); s.texts > 0 && s.texts+s.nulls == s.n && (k == nil || k.name1) {
		all[s.path] = s.text.choices() != nil
	}
	s.below(func(below *shape) { below.mayRefer(all) })
}

func (s *shape) below(visit func(*shape)) {
	for _, name := range s.names {
		visit(s.props[name])
	}
	if s.open() {
		visit(s.value)
	}
	for _, b := range s.branches {
		for _, name := range b.shape.names {
			visit(b.shape.props[name])
		}
	}
	if s.item != nil {
		visit(s.item)
	}
}

// texts calls visit for the texts at wanted places of a value, by their paths.
func texts[V any](v any, path string, wanted map[string]V, visit func(path, text string)) {
	switch v := v.(type) {
	case string:
		if _, ok := wanted[path]; ok && v != "" && len(v) <= longest {
			visit(path, v)
		}
	case map[string]any:
		for name, below := range v {
			texts(below, path+pointer(name), wanted, visit)
		}
	case []any:
		for _, below := range v {
			texts(below, path+"/*", wanted, visit)
		}
	}
}

// referTo finds what a place refers to: of the lists that hold all its values, the one with its name, or the one with fewest items.
func (p *place) referTo(lists []*identity) *Reference {
	var best *identity
	for _, one := range lists {
		if one.typ == p.typ && one.path == p.path || !one.holds(p) {
			continue
		}
		if !p.named(one) && (p.few || p.total < 2*fewestSeen) {
			continue // too little to go by
		}
		if best == nil || cmp.Or(boolOrder(p.named(best), p.named(one)), best.total-one.total) > 0 {
			best = one
		}
	}
	if best == nil {
		return nil
	}
	r := &Reference{From: p.path, To: best.typ, Path: best.path, Scope: "customer", Seen: p.total}
	if best.shared {
		r.Scope = "shared"
	}
	return r
}

// boolOrder is positive where only b is true.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return 1
	}
	return -1
}

func (i *identity) holds(p *place) bool {
	for customer, values := range p.of {
		known := i.of[customer]
		if i.shared {
			known = i.of[""]
		}
		for value := range values {
			if !known[value] {
				return false
			}
		}
	}
	return p.total > 0
}

// named tells whether the place is called like the list, or its type.
func (p *place) named(i *identity) bool {
	parts := strings.Split(strings.TrimSuffix(p.path, "/*"), "/")
	own := singular(parts[len(parts)-1])
	for _, name := range []string{i.typ, i.list} {
		if name = singular(name); name == own || strings.HasSuffix(own, "_"+name) || strings.HasSuffix(own, "-"+name) || own == name+"_id" || own == name+"-id" {
			return true
		}
	}
	return false
}

func singular(name string) string {
	name = strings.ToLower(name)
	if s, ok := strings.CutSuffix(name, "ies"); ok {
		return s + "y"
	}
	return strings.TrimSuffix(name, "s")
}

// listOf is the name of the list whose items a path identifies.
func listOf(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range slices.Backward(parts) {
		if part == "*" && i > 0 {
			return parts[i-1]
		}
	}
	return ""
}
