package schema

import (
	"maps"
	"slices"
	"strings"
)

// lookAhead finds the files that a schema is made of before it is compiled, always in the same order. What an address means may
// depend on the $id of a file to which another reference leads, and the library follows references in any order: the same
// schema could be used one time, and not the next.
func (l *loader) lookAhead() {
	open := []string{address(l.root)}
	seen := map[string]bool{open[0]: true}
	if !l.exists(l.root) {
		return
	}
	for progress := true; progress; {
		progress = false
		for _, find := range []func(addr string) (string, bool){l.known, l.declared} {
			var left []string
			for _, addr := range open {
				if l.looked > maxLooked {
					return // what is left is found, or not, when the schema is compiled
				}
				name, ok := find(addr)
				if !ok {
					left = append(left, addr)
					continue
				}
				progress = true
				l.paths[addr] = name
				l.eachAddress(addr, name, func(to string) {
					if !seen[to] {
						seen[to] = true
						left = append(left, to)
					}
				})
			}
			if open = left; progress || len(open) == 0 {
				break
			}
		}
	}
}

// eachAddress calls visit for the addresses that the file at an address refers to, in the same order every time. What cannot be read
// is left to be found when the schema is compiled.
func (l *loader) eachAddress(addr, name string, visit func(to string)) {
	p, known := l.ahead[name]
	if !known {
		if p, _, _ = l.parse(name); p.doc == nil {
			return
		}
		l.ahead[name] = p
	}
	if id, ok := idOf(addr, p.doc.Value); ok && l.paths[id] == "" {
		l.paths[id] = name
	}
	referred(p.doc.Value, addr, visit)
}

// referred visits the addresses of the references below a schema whose base address is given.
func referred(v any, base string, visit func(to string)) {
	switch v := v.(type) {
	case map[string]any:
		if id, ok := idOf(base, v); ok {
			base = id
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if slices.Contains(dataKeywords, key) {
				continue
			}
			if ref, ok := v[key].(string); ok && slices.Contains(steps, key) && !strings.HasPrefix(ref, "#") {
				visit(addressOf(base, ref))
			}
			if named, ok := v[key].(map[string]any); ok && slices.Contains(schemasByName, key) {
				for _, name := range slices.Sorted(maps.Keys(named)) {
					referred(named[name], base, visit)
				}
				continue
			}
			referred(v[key], base, visit)
		}
	case []any:
		for _, item := range v {
			referred(item, base, visit)
		}
	}
}
