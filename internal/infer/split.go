package infer

import (
	"slices"
	"strings"
)

// A tagged counts the mappings in which a property has one value, and the properties that these have.
type tagged struct {
	n     int
	props map[string]int
}

// A branch is the mappings in which the tag has one of some values.
type branch struct {
	values []string
	shape  *shape
}

const (
	mostTags    = 6    // properties of one place that are thought of as tags
	mostNoticed = 5000 // mappings of one place that are looked at for it
)

// notice counts which properties come with which values of others.
func (s *shape) notice(m map[string]any) {
	if s.maps > mostNoticed || len(m) > 64 {
		return
	}
	if s.tags == nil {
		s.tags = map[string]map[string]*tagged{}
	}
	for name, v := range m {
		text, isText := v.(string)
		values, known := s.tags[name]
		switch {
		case !isText || len(text) > 40 || strings.ContainsAny(text, " \n") || known && values == nil:
			s.tags[name] = nil // no tag
			continue
		case !known && len(s.tags) >= mostTags*4:
			continue
		case !known:
			values = map[string]*tagged{}
			s.tags[name] = values
		}
		one := values[text]
		if one == nil {
			if len(values) == mostChoices {
				s.tags[name] = nil
				continue
			}
			one = &tagged{props: map[string]int{}}
			values[text] = one
		}
		one.n++
		for other := range m {
			one.props[other]++
		}
	}
}

// decide finds the property, if any, whose value tells which others there are.
func (s *shape) decide() (tag string, groups [][]string) {
	best := 0
	for _, name := range sortedKeys(s.tags) {
		values := s.tags[name]
		if len(values) < 2 || s.props[name] == nil || s.props[name].texts != s.maps ||
			slices.Contains(identifying, name) || s.props[name].text.choices() == nil {
			continue
		}
		if told := s.told(values); told > best {
			best, tag = told, name
		}
	}
	if tag == "" {
		return "", nil
	}
	where := map[string]int{}
	for _, value := range sortedKeys(s.tags[tag]) {
		always := s.tags[tag][value].always()
		at, known := where[always]
		if !known {
			at = len(groups)
			where[always] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], value)
	}
	if len(groups) < 2 {
		return "", nil
	}
	return tag, groups
}

// told counts the properties that some values of a tag always have beside them, and others never.
func (s *shape) told(values map[string]*tagged) (n int) {
	for _, name := range s.names {
		always, never := false, false
		for _, one := range values {
			always = always || one.n >= fewestSeen && one.props[name] == one.n
			never = never || one.n >= fewestSeen && one.props[name] == 0
		}
		if always && never {
			n++
		}
	}
	return n
}

// always names the properties that are always there.
func (t *tagged) always() string {
	var all []string
	for name, n := range t.props {
		if n == t.n {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\x00")
}

// decisions finds the tags of all places, by their paths.
func (s *shape) decisions(all map[string]*shape) {
	if s == nil {
		return
	}
	if tag, groups := s.decide(); tag != "" && !s.open() {
		with := bareShape(s.path, nil)
		with.tag = tag
		for _, values := range groups {
			with.branches = append(with.branches, branch{values: values})
		}
		all[s.path] = with
	}
	for _, name := range s.names {
		s.props[name].decisions(all)
	}
	s.item.decisions(all)
}

// branchOf gives the shape of the mappings that have the tag's value.
func (s *shape) branchOf(m map[string]any) *shape {
	value, _ := m[s.tag].(string)
	for _, b := range s.branches {
		if slices.Contains(b.values, value) {
			return b.shape
		}
	}
	// A value that came after those that were counted: it goes to the last branch, as a value of its own.
	last := &s.branches[len(s.branches)-1]
	last.values = append(last.values, value)
	return last.shape
}
