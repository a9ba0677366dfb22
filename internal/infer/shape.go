// Package infer drafts what nobody has written yet: where configuration lies in a repository, and the schemas of its types, from all
// the files that are there. A draft accepts every value that it was made of.
package infer

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// A shape is what all the values at one place have in common.
type shape struct {
	path                                                   string // a JSON Pointer in which * stands for every item or property
	n                                                      int
	nulls, booleans, integers, numbers, texts, maps, lists int
	min, max                                               float64
	text                                                   textual
	names                                                  []string // of properties, as they were met
	props                                                  map[string]*shape
	value                                                  *shape // what all properties have in common
	keys                                                   textual
	item                                                   *shape
	least                                                  int // items
	sets, several                                          bool
	unique                                                 map[string]bool // properties of items that differ within each list
	tags                                                   map[string]map[string]*tagged
	branches                                               []branch // by a tag; nil until it is decided
	tag                                                    string
	plan                                                   map[string]*shape // the tags of all places, by their paths
}

func newShape(path string, plan map[string]*shape) *shape {
	s := bareShape(path, plan)
	if p := plan[path]; p != nil {
		s.tag = p.tag
		for _, b := range p.branches {
			s.branches = append(s.branches, branch{slices.Clone(b.values), bareShape(path, plan)})
		}
	}
	return s
}

// bareShape is a shape without branches.
func bareShape(path string, plan map[string]*shape) *shape {
	return &shape{path: path, plan: plan, props: map[string]*shape{}, least: math.MaxInt, sets: true, min: math.Inf(1), max: math.Inf(-1)}
}

// pointer escapes a name for a JSON Pointer.
func pointer(name string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// add widens the shape by a value.
func (s *shape) add(v any) {
	s.n++
	switch v := v.(type) {
	case nil:
		s.nulls++
	case bool:
		s.booleans++
	case json.Number:
		s.number(v)
	case string:
		s.texts++
		s.text.add(v)
	case map[string]any:
		s.mapping(v)
	case []any:
		s.list(v)
	}
}

func (s *shape) number(v json.Number) {
	if strings.ContainsAny(string(v), ".eE") {
		s.numbers++
	} else {
		s.integers++
	}
	if f, err := v.Float64(); err == nil {
		s.min, s.max = min(s.min, f), max(s.max, f)
	}
}

func (s *shape) mapping(m map[string]any) {
	s.maps++
	if s.branches != nil {
		s.branchOf(m).add(m)
		return
	}
	if s.value == nil {
		s.value = newShape(s.path+"/*", s.plan)
	}
	for _, name := range sortedKeys(m) {
		p := s.props[name]
		if p == nil {
			p = newShape(s.path+pointer(name), s.plan)
			s.props[name], s.names = p, append(s.names, name)
		}
		p.add(m[name])
		s.keys.add(name)
		if len(s.names) >= fewestNames {
			s.value.add(m[name])
		}
	}
	s.notice(m)
}

func (s *shape) list(v []any) {
	s.lists++
	if s.item == nil {
		s.item = newShape(s.path+"/*", s.plan)
	}
	s.least = min(s.least, len(v))
	s.several = s.several || len(v) > 1
	seen := map[any]bool{}
	for _, item := range v {
		s.item.add(item)
		switch item.(type) {
		case map[string]any, []any:
			s.sets = false
			continue
		}
		s.sets = s.sets && !seen[item]
		seen[item] = true
	}
	s.differ(v)
}

// identifying are names of properties that identify what holds them, the likeliest first.
var identifying = []string{"id", "key", "code", "slug", "name"}

// differ notices which properties differ from item to item.
func (s *shape) differ(v []any) {
	if s.unique == nil {
		s.unique = map[string]bool{}
		for _, name := range identifying {
			s.unique[name] = true
		}
	}
	for _, name := range identifying {
		if !s.unique[name] {
			continue
		}
		seen := map[any]bool{}
		for _, item := range v {
			m, _ := item.(map[string]any)
			id, there := m[name]
			switch id.(type) {
			case string, json.Number:
			default:
				there = false
			}
			if !there || seen[id] {
				s.unique[name] = false
				break
			}
			seen[id] = true
		}
	}
}

// key is the property that identifies the items of a list; "" where none does.
func (s *shape) key() string {
	if s.item == nil || !s.several || s.item.maps != s.item.n {
		return ""
	}
	for _, name := range identifying {
		if s.unique[name] {
			return name
		}
	}
	return ""
}

const (
	// fewestNames is how many different names make a mapping look like one whose keys are data.
	fewestNames = 8
	// fewestSeen is how many values a guess about all values needs.
	fewestSeen = 8
)

// open tells whether the keys are data, such as names of labels, and not names of properties: there are many, none stands in most
// of the mappings, and the values are all of one simple kind.
func (s *shape) open() bool {
	if len(s.names) < fewestNames || s.maps < fewestSeen || s.value == nil {
		return false
	}
	v, total := s.value, 0
	for _, name := range s.names {
		if p := s.props[name]; p.n*3 > s.maps {
			return false
		}
		total += s.props[name].n
	}
	kinds := 0
	for _, n := range []int{v.booleans, v.integers + v.numbers, v.texts, v.maps, v.lists} {
		if n > 0 {
			kinds++
		}
	}
	return kinds == 1 && v.maps == 0 && total < s.maps*len(s.names)/3
}
