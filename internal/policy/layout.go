package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// A Kind says what a file is to tamer.
type Kind int

const (
	Other  Kind = iota // covered by no pattern
	Config             // of one customer and one type
	Shared             // of one type and no customer
	Schema             // of one type
)

// A File is a path as the layout reads it.
type File struct {
	Path     string
	Kind     Kind
	Customer string // of a Config; several segments where the layout says {customer...}
	Type     string
	// Mode is the type of the file, as far as Find has seen it: 0 for a regular file. A link or submodule has its bits.
	Mode fs.FileMode
}

// A Layout reads paths. The zero Layout covers nothing; Parse gives the default one.
type Layout struct {
	patterns []pattern
}

// A pattern is one line of the layout, compiled.
type pattern struct {
	kind     Kind
	text     string
	segments []string
	match    *regexp.Regexp
	prefix   string // literal text before the first placeholder, for a quick no
	suffix   string // after the last
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// compilePattern reads one line of the layout, such as "customers/{customer}/{type}.yaml". The error says what to write.
func compilePattern(kind Kind, text string) (pattern, error) {
	p := pattern{kind: kind, text: text, segments: strings.Split(text, "/")}
	if !fs.ValidPath(text) || text == "." {
		return p, fmt.Errorf("%q is no path in the repository: write it without a leading slash, empty segments, \".\" and \"..\"", text)
	}
	var b strings.Builder
	b.WriteString("^")
	seen := map[string]bool{}
	rest := text
	for rest != "" {
		at := placeholder.FindStringIndex(rest)
		if at == nil {
			break
		}
		name := rest[at[0]:at[1]]
		b.WriteString(regexp.QuoteMeta(rest[:at[0]]))
		rest = rest[at[1]:]
		group, many := strings.CutSuffix(strings.Trim(name, "{}"), "...")
		if group != "customer" && group != "type" {
			return p, fmt.Errorf("%q has the unknown placeholder %s; there are {customer}, {customer...}, {type} and {type...}", text, name)
		}
		if seen[group] {
			return p, fmt.Errorf("%q has {%s} twice; write it once", text, group)
		}
		seen[group] = true
		if many {
			fmt.Fprintf(&b, "(?P<%s>[^/]+(?:/[^/]+)*)", group)
		} else {
			fmt.Fprintf(&b, "(?P<%s>[^/]+)", group)
		}
	}
	b.WriteString(regexp.QuoteMeta(rest) + "$")
	if strings.ContainsAny(placeholder.ReplaceAllString(text, ""), "{}") {
		return p, fmt.Errorf("%q has a brace without its pair; a placeholder is {customer} or {type}", text)
	}
	if !seen["type"] {
		return p, fmt.Errorf("%q has no {type}; write it where the name of the type stands", text)
	}
	if seen["customer"] != (kind == Config) {
		if kind == Config {
			return p, fmt.Errorf("%q has no {customer}; write it where the name of the customer stands, or put the line under shared", text)
		}
		return p, fmt.Errorf("%q has {customer}, which only lines under configs can have", text)
	}
	p.match = regexp.MustCompile(b.String())
	p.prefix = text[:strings.Index(text, "{")]
	p.suffix = text[strings.LastIndex(text, "}")+1:]
	return p, nil
}

// read tells what the path is by this pattern.
func (p *pattern) read(name string) (File, bool) {
	if !strings.HasPrefix(name, p.prefix) || !strings.HasSuffix(name, p.suffix) {
		return File{}, false
	}
	m := p.match.FindStringSubmatch(name)
	if m == nil {
		return File{}, false
	}
	f := File{Path: name, Kind: p.kind}
	for i, group := range p.match.SubexpNames() {
		switch group {
		case "customer":
			f.Customer = m[i]
		case "type":
			f.Type = m[i]
		}
	}
	return f, true
}

// Read tells what a path is. Of several patterns the first that covers it counts: schemas, then shared, then configs, each
// in the order of the policy.
func (l Layout) Read(name string) File {
	for i := range l.patterns {
		if f, ok := l.patterns[i].read(name); ok {
			return f
		}
	}
	return File{Path: name}
}

// SchemaPaths are the paths at which the schema of a type may stand, the first one that exists counts.
func (l Layout) SchemaPaths(typ string) []string {
	var paths []string
	for _, p := range l.patterns {
		if p.kind == Schema {
			paths = append(paths, strings.NewReplacer("{type}", typ, "{type...}", typ).Replace(p.text))
		}
	}
	return paths
}

// Near tells whether a path that no pattern covers looks as if it were meant for one: below the directory that a pattern
// begins with, or but for its extension. It gives the path or pattern that was likely meant.
func (l Layout) Near(name string) (meant string, ok bool) {
	ext := path.Ext(name)
	if ext != ".yaml" && ext != ".yml" && ext != ".json" {
		return "", false
	}
	for _, other := range []string{".yaml", ".json"} {
		if as := strings.TrimSuffix(name, ext) + other; other != ext && l.Read(as).Kind != Other {
			return as, true
		}
	}
	for _, p := range l.patterns {
		if p.above(name) {
			return p.text, true
		}
	}
	return "", false
}

// Below tells whether a path lies in a directory that only holds configuration.
func (l Layout) Below(name string) bool {
	return slices.ContainsFunc(l.patterns, func(p pattern) bool { return p.above(name) })
}

func (p pattern) above(name string) bool {
	return p.kind != Schema && p.prefix != "" && strings.HasPrefix(name, p.prefix)
}

// A Query bounds a search. Empty fields match everything.
type Query struct {
	Kind           Kind
	Customer, Type string
}

// Find calls yield for every file of the tree that the query asks for, in no particular order, reading only the directories
// that can hold one. It stops when yield gives false.
func (l Layout) Find(tree fs.FS, q Query, yield func(File) bool) error {
	for i := range l.patterns {
		p := &l.patterns[i]
		if p.kind != q.Kind {
			continue
		}
		w := walker{tree: tree, pattern: p, layout: l, query: q, yield: yield}
		if err := w.walk(".", w.bound()); err != nil || w.stopped {
			return err
		}
	}
	return nil
}

type walker struct {
	tree    fs.FS
	pattern *pattern
	layout  Layout
	query   Query
	yield   func(File) bool
	stopped bool
}

// bound puts the values that are asked for in the place of their placeholders, and gives the segments that remain.
func (w *walker) bound() []string {
	text := w.pattern.text
	for group, value := range map[string]string{"customer": w.query.Customer, "type": w.query.Type} {
		if value != "" {
			text = strings.NewReplacer("{"+group+"}", escapeBraces(value), "{"+group+"...}", escapeBraces(value)).Replace(text)
		}
	}
	return strings.Split(text, "/")
}

// A name that itself holds a brace is marked, so that it is not taken for a placeholder.
func escapeBraces(s string) string { return strings.NewReplacer("{", "\x00", "}", "\x01").Replace(s) }
func unescape(s string) string     { return strings.NewReplacer("\x00", "{", "\x01", "}").Replace(s) }

func (w *walker) walk(dir string, segments []string) error {
	if w.stopped {
		return nil
	}
	if len(segments) == 0 {
		return nil
	}
	head, rest := segments[0], segments[1:]
	if !strings.Contains(head, "{") {
		return w.step(path.Join(dir, unescape(head)), rest)
	}
	entries, err := fs.ReadDir(w.tree, dir)
	if err != nil {
		return ignoreAbsent(err)
	}
	many := strings.Contains(head, "...}")
	like := segmentRegexp(head)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if many && e.IsDir() {
			if err := w.walk(name, segments); err != nil {
				return err
			}
		}
		if !like.MatchString(e.Name()) || e.IsDir() != (len(rest) > 0) {
			continue
		}
		if len(rest) == 0 {
			w.offer(name, e.Type())
		} else if err := w.walk(name, rest); err != nil {
			return err
		}
		if w.stopped {
			return nil
		}
	}
	return nil
}

// step goes to a path whose name is known.
func (w *walker) step(name string, rest []string) error {
	if len(rest) > 0 {
		return w.walk(name, rest)
	}
	info, err := fs.Lstat(w.tree, name)
	if err != nil {
		return ignoreAbsent(err)
	}
	if !info.IsDir() {
		w.offer(name, info.Mode().Type())
	}
	return nil
}

// ignoreAbsent takes a directory that is not there, or is a file, for an empty one.
func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	return err
}

// offer yields a file that the layout reads as what is asked for: another pattern may have covered it first.
func (w *walker) offer(name string, mode fs.FileMode) {
	f := w.layout.Read(name)
	q := w.query
	if f.Kind != q.Kind || q.Customer != "" && f.Customer != q.Customer || q.Type != "" && f.Type != q.Type {
		return
	}
	if by, ok := w.pattern.read(name); !ok || by != f {
		return
	}
	f.Mode = mode
	if !w.yield(f) {
		w.stopped = true
	}
}

func segmentRegexp(segment string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("^")
	for segment != "" {
		at := placeholder.FindStringIndex(segment)
		if at == nil {
			break
		}
		b.WriteString(regexp.QuoteMeta(unescape(segment[:at[0]])) + ".+")
		segment = segment[at[1]:]
	}
	b.WriteString(regexp.QuoteMeta(unescape(segment)) + "$")
	return regexp.MustCompile(b.String())
}

// ManySegmentTypes tells whether {type...} is in use, so that two files may mean the same customer and type together.
func (l Layout) ManySegmentTypes() bool {
	return slices.ContainsFunc(l.patterns, func(p pattern) bool { return strings.Contains(p.text, "{type...}") })
}
