package infer

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// A Layout is where configuration seems to lie: patterns as the policy has them, and why.
type Layout struct {
	Configs, Shared, Schemas []string
	Why                      []string // a sentence for each
	Ignored                  []string // directories of which it cannot be told what they are
}

// mostSampled is how many files of a directory are read to see what is alike.
const mostSampled = 120

// FindLayout looks where configuration lies in a tree. What is hidden, and what packages have brought, is left out. The error is that of
// reading the tree.
func FindLayout(tree fs.FS) (Layout, error) {
	files, err := candidates(tree)
	if err != nil {
		return Layout{}, err
	}
	l := &surveyor{tree: tree}
	rest := l.schemas(files)
	byTop := map[string][]string{}
	for _, name := range rest {
		if top, _, below := strings.Cut(name, "/"); below {
			byTop[top] = append(byTop[top], name)
		}
	}
	if l.customersAtTop(byTop) {
		return l.out, nil
	}
	for _, top := range sortedKeys(byTop) {
		l.directory(top, byTop[top])
	}
	return l.out, nil
}

// candidates are the paths of YAML and JSON files.
func candidates(tree fs.FS) ([]string, error) {
	var files []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch base := d.Name(); {
		case name == ".":
		case d.IsDir() && (strings.HasPrefix(base, ".") || slices.Contains([]string{"node_modules", "vendor", "templates", "consumers"}, base)):
			return fs.SkipDir
		case d.Type().IsRegular() && !strings.HasPrefix(base, ".") && slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(base)):
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return files, nil
}

type surveyor struct {
	tree fs.FS
	out  Layout
}

func (l *surveyor) say(format string, args ...any) {
	l.out.Why = append(l.out.Why, fmt.Sprintf(format, args...))
}

// schemas takes the schemas out of the files.
func (l *surveyor) schemas(files []string) (rest []string) {
	seen := map[string]int{}
	for _, name := range files {
		dir, base := path.Split(name)
		ext := path.Ext(base)
		switch {
		case strings.HasSuffix(base, ".schema"+ext):
			seen[dir+"{type}.schema"+ext]++
		case strings.Contains(path.Base(path.Clean(dir)), "schema") && l.isSchema(name):
			seen[dir+"{type}"+ext]++
		default:
			rest = append(rest, name)
		}
	}
	for _, pattern := range sortedKeys(seen) {
		l.out.Schemas = append(l.out.Schemas, pattern)
		l.say("%s: schemas, by their names (%d)", pattern, seen[pattern])
	}
	return rest
}

// isSchema tells whether a file says what JSON Schemas do.
func (l *surveyor) isSchema(name string) bool {
	return slices.ContainsFunc(l.keys(name), func(key string) bool { return slices.Contains([]string{"$schema", "$ref", "properties", "$defs"}, key) })
}

// customersAtTop finds a repository whose directories are the customers.
func (l *surveyor) customersAtTop(byTop map[string][]string) bool {
	dirs := map[string]int{}
	flat := 0
	for _, files := range byTop {
		stems := map[string]bool{}
		for _, name := range files {
			if strings.Count(name, "/") == 1 {
				stems[stem(name)] = true
			}
		}
		if len(stems) > 0 {
			flat++
		}
		for s := range stems {
			dirs[s]++
		}
	}
	shared := 0
	for _, n := range dirs {
		if n >= 3 && n*2 >= flat {
			shared++
		}
	}
	if shared == 0 {
		return false
	}
	for _, ext := range extensions(byTop) {
		l.out.Configs = append(l.out.Configs, "{customer}/{type}"+ext)
		l.say("{customer}/{type}%s: the same names of files stand in %d directories", ext, flat)
	}
	return true
}

func extensions(byTop map[string][]string) []string {
	seen := map[string]bool{}
	for _, files := range byTop {
		for _, name := range files {
			seen[path.Ext(name)] = true
		}
	}
	return sortedKeys(seen)
}

func stem(name string) string {
	base := path.Base(name)
	return strings.TrimSuffix(base, path.Ext(base))
}

// directory finds what lies below a directory of the root.
func (l *surveyor) directory(top string, files []string) {
	flat := !slices.ContainsFunc(files, func(name string) bool { return strings.Count(name, "/") > 1 })
	byStem, byDir := l.alike(files)
	for _, ext := range extensions(map[string][]string{top: files}) {
		switch {
		case flat && len(files) >= 3 && byDir >= alike:
			l.out.Configs = append(l.out.Configs, "{type}/{customer}"+ext)
			l.say("{type}/{customer}%s: the %d files of %s hold the same keys, so each is a customer's", ext, len(files), top)
		case flat:
			l.out.Shared = append(l.out.Shared, top+"/{type}"+ext)
			l.say("%s/{type}%s: the files of %s hold different keys, and belong to no customer", top, ext, top)
		case byStem >= byDir:
			pattern := top + "/" + between(files) + "/{type}" + ext
			l.out.Configs = append(l.out.Configs, pattern)
			l.say("%s: files of one name hold the same keys, in %d directories", pattern, directories(files))
		default:
			pattern := top + "/{type}/{customer}" + ext
			if deep(files) {
				pattern = top + "/{type}/{customer...}" + ext
			}
			l.out.Configs = append(l.out.Configs, pattern)
			l.say("%s: files of one directory hold the same keys, and each is a customer's", pattern)
		}
	}
	l.out.Configs, l.out.Shared = unique(l.out.Configs), unique(l.out.Shared)
}

// alike is the part of the keys of two files, from 0 to 1, from which on they are of one type.
const alike = 0.5

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

func deep(files []string) bool {
	return slices.ContainsFunc(files, func(name string) bool { return strings.Count(name, "/") > 2 })
}

func directories(files []string) int {
	seen := map[string]bool{}
	for _, name := range files {
		seen[path.Dir(name)] = true
	}
	return len(seen)
}

// between is how the directories between the one at the top and the files are written: one of them is the customer, or, where
// several differ, all of them.
func between(files []string) string {
	var first []string
	varies := map[int]bool{}
	for _, name := range files {
		parts := strings.Split(name, "/")
		parts = parts[1 : len(parts)-1]
		if first == nil {
			first = slices.Clone(parts)
		}
		if len(parts) != len(first) {
			return "{customer...}"
		}
		for i := range parts {
			varies[i] = varies[i] || parts[i] != first[i]
		}
	}
	at := -1
	for i := range first {
		if varies[i] {
			if at >= 0 {
				return "{customer...}"
			}
			at = i
		}
	}
	first[max(at, 0)] = "{customer}"
	return strings.Join(first, "/")
}

// alike tells how alike the keys of files are: of those with the same name, and of those in the same directory.
func (l *surveyor) alike(files []string) (byStem, byDir float64) {
	step := len(files)/mostSampled + 1
	var read []sample
	for i := 0; i < len(files); i += step {
		if keys := l.keys(files[i]); keys != nil {
			read = append(read, sample{stem(files[i]), path.Dir(files[i]), keys})
		}
	}
	var stems, dirs []float64
	for i, a := range read {
		for _, b := range read[i+1:] {
			switch {
			case a.stem == b.stem && a.dir != b.dir:
				stems = append(stems, overlap(a.keys, b.keys))
			case a.dir == b.dir && a.stem != b.stem:
				dirs = append(dirs, overlap(a.keys, b.keys))
			}
		}
	}
	return mean(stems), mean(dirs)
}

type sample struct {
	stem, dir string
	keys      []string
}

// keys are those of a file's first document, sorted; nil where it has none.
func (l *surveyor) keys(name string) []string {
	src, err := fs.ReadFile(l.tree, name)
	if err != nil {
		return nil
	}
	docs, found := document.Parse(src, document.Limits{})
	if len(found) > 0 {
		return nil
	}
	m, _ := docs[0].Value.(map[string]any)
	return sortedKeys(m)
}

// overlap is how many of the keys of either are those of both.
func overlap(a, b []string) float64 {
	both := 0
	for _, key := range a {
		if slices.Contains(b, key) {
			both++
		}
	}
	if len(a)+len(b) == both {
		return 0
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

func mean(all []float64) float64 {
	sum := 0.0
	for _, f := range all {
		sum += f
	}
	return sum / float64(max(len(all), 1))
}
