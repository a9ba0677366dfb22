package schema

import (
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
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

// pathFor finds the file that an address means: by its path in the tree, by its path relative to a file whose $id is known,
// or by its $id.
func (l *loader) pathFor(addr string) (string, error) {
	if name, ok := l.known(addr); ok {
		return name, nil
	}
	name, inTree := pathOf(addr)
	if len(l.order) > 0 {
		if name, ok := l.declared(addr); ok {
			return name, nil
		}
	}
	if inTree && len(l.order) == 0 {
		return name, nil // the schema itself, to say why it cannot be read
	}
	l.lost = addr
	if inTree {
		return "", fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return "", fmt.Errorf("%q is %w", addr, errOutside)
}

// known finds a file by its path, or by what the files that were read declare.
func (l *loader) known(addr string) (string, bool) {
	if name, inTree := pathOf(addr); inTree && l.exists(name) {
		return name, true
	}
	l.indirect = l.indirect || addr != address(l.root)
	if name, ok := l.paths[addr]; ok {
		return name, true
	}
	for _, base := range slices.Sorted(maps.Keys(l.paths)) {
		if name, ok := beside(base, l.paths[base], addr); ok && l.exists(name) {
			return name, true
		}
	}
	return "", false
}

// declared finds a file by the $id that it declares, wherever it stands.
func (l *loader) declared(addr string) (string, bool) {
	l.unsure = true
	name, ok := l.set.byID(path.Dir(l.root))[addr]
	return name, ok
}

// maxLooked bounds how often paths are looked at ahead, and for how many it is remembered what was there.
const maxLooked = 20_000

// exists tells whether a $ref may read a file: a link is not followed.
func (l *loader) exists(name string) bool {
	l.looked++
	if object, sure := objectAt(l.set.files, name); sure {
		if l.unsure = l.unsure || l.looked > maxLooked; !l.unsure {
			l.seen = append(l.seen, sight{name, object})
		}
		return object != ""
	}
	l.unsure = true
	info, err := fs.Lstat(l.set.files, name)
	return err == nil && info.Mode().IsRegular()
}

// beside gives the path that addr would have if the directories of addresses were those of the tree.
func beside(base, file, addr string) (string, bool) {
	b, err := url.Parse(base)
	a, err2 := url.Parse(addr)
	if err != nil || err2 != nil || b.Scheme == scheme || a.Scheme != b.Scheme || a.Host != b.Host || a.Path == "" {
		return "", false
	}
	rel, err := filepath.Rel(path.Dir(b.Path), a.Path)
	if err != nil {
		return "", false
	}
	name := path.Join(path.Dir(file), filepath.ToSlash(rel))
	return name, fs.ValidPath(name)
}

// maxIndexed bounds how many files are read for their $id.
const maxIndexed = 1000

// byID reads the files that may declare an $id: those beside the schema, and those that the tree lists as schemas.
func (s *Set) byID(dir string) map[string]string {
	s.indexed.Do(func() {
		s.ids = map[string]string{}
		var names []string
		if s.list != nil {
			names, _ = s.list()
		}
		entries, _ := fs.ReadDir(s.files, dir)
		for _, e := range entries {
			switch ext := path.Ext(e.Name()); {
			case !e.Type().IsRegular(): // a link may lead out of the repository, and to what never ends
			case ext == ".json" || ext == ".yaml" || ext == ".yml":
				names = append(names, path.Join(dir, e.Name()))
			}
		}
		for _, name := range names[:min(len(names), maxIndexed)] {
			src, err := fs.ReadFile(s.files, name)
			if err != nil {
				continue
			}
			docs, found := document.Parse(src, document.Limits{})
			if len(docs) == 0 || len(found) > 0 {
				continue
			}
			if id, ok := idOf(address(name), docs[0].Value); ok && s.ids[id] == "" {
				s.ids[id] = name
			}
		}
	})
	return s.ids
}
