package policy

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/near"
)

// A Kind says what a file is to tamer.
type Kind int

const (
	Other    Kind = iota // covered by no pattern
	Config               // of one customer and one type
	Shared               // of one type and no customer
	Schema               // of one type
	Consumer             // what one service reads
)

// A File is a path as the layout reads it.
type File struct {
	Path     string
	Kind     Kind
	Customer string // of a Config; several segments where the layout says {customer...}
	Type     string
	Consumer string // the name of the service, of a Consumer
	// Mode is the type of the file, as far as Find has seen it: 0 for a regular file. A link or submodule has its bits.
	Mode fs.FileMode
	// Object is git's name of the content, where Find was told it by the tree; else empty.
	Object string
}

// A Layout reads paths. The zero Layout covers nothing; Parse gives the default one.
type Layout struct {
	patterns []pattern
}

// A pattern is one line of the layout, compiled.
type pattern struct {
	kind   Kind
	text   string
	match  *regexp.Regexp
	prefix string // literal text before the first placeholder, for a quick no
	suffix string // after the last
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// compilePattern reads one line of the layout, such as "customers/{customer}/{type}.yaml". The error says what to write.
func compilePattern(kind Kind, text string) (pattern, error) {
	p := pattern{kind: kind, text: text}
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
		if kind == Consumer && (group != "consumer" || many) {
			return p, fmt.Errorf("%q has the unknown placeholder %s; there is {consumer}", text, name)
		}
		if kind != Consumer && group != "customer" && group != "type" {
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
	if kind == Consumer && !seen["consumer"] {
		return p, fmt.Errorf("%q has no {consumer}; write it where the name of the service stands", text)
	}
	if kind != Consumer && !seen["type"] {
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
		case "consumer":
			f.Consumer = m[i]
		}
	}
	return f, true
}

// String is the layout's patterns, a line for each: two layouts with the same text read every path alike.
func (l Layout) String() string {
	var b strings.Builder
	for _, p := range l.patterns {
		fmt.Fprintf(&b, "%d %s\n", p.kind, p.text)
	}
	return b.String()
}

// Read tells what a path is. Of several patterns the first that covers it counts: schemas, then shared, then configs, then consumers,
// each in the order of the policy.
func (l Layout) Read(name string) File {
	f, _ := l.read(name)
	return f
}

// read is Read that gives the pattern besides; nil for Other.
func (l Layout) read(name string) (File, *pattern) {
	for i := range l.patterns {
		if f, ok := l.patterns[i].read(name); ok {
			return f, &l.patterns[i]
		}
	}
	return File{Path: name}, nil
}

// SchemaPaths are the paths at which the schema of a type may stand, the first one that exists counts. A path that Read takes
// for something else, such as the schema of another type, is none of them. There may be no such path at all.
func (l Layout) SchemaPaths(typ string) []string {
	var paths []string
	for _, p := range l.patterns {
		if p.kind != Schema {
			continue
		}
		name := strings.NewReplacer("{type}", typ, "{type...}", typ).Replace(p.text)
		if f := l.Read(name); f.Kind == Schema && f.Type == typ {
			paths = append(paths, name)
		}
	}
	return paths
}

// ConfigPaths are the paths at which the config of a customer and a type may stand, the first one is where a new one is put.
func (l Layout) ConfigPaths(customer, typ string) []string {
	var paths []string
	for _, p := range l.patterns {
		if p.kind != Config {
			continue
		}
		name := strings.NewReplacer("{customer}", customer, "{customer...}", customer, "{type}", typ, "{type...}", typ).Replace(p.text)
		if f := l.Read(name); fs.ValidPath(name) && f.Kind == Config && f.Customer == customer && f.Type == typ {
			paths = append(paths, name)
		}
	}
	return paths
}

// Retyped gives the path at which the same pattern has the same for another type; "" where another pattern covers that, and where
// none covers the file.
func (l Layout) Retyped(file File, typ string) string {
	_, p := l.read(file.Path)
	if p == nil {
		return ""
	}
	name := strings.NewReplacer("{customer}", file.Customer, "{customer...}", file.Customer, "{type}", typ, "{type...}", typ).Replace(p.text)
	if f := l.Read(name); !fs.ValidPath(name) || f.Kind != file.Kind || f.Customer != file.Customer || f.Type != typ {
		return ""
	}
	return name
}

// endings are those of files that may be meant for configuration.
var endings = []string{".yaml", ".yml", ".json"}

// Near tells whether a path that no pattern covers looks as if it were meant for one: it would be covered with another ending, or with
// the directories that the pattern begins with in their right spelling, or it lies below these. It gives the pattern, "" for none, and
// the path that was likely meant, as the layout reads it; of that nothing is known where it lies too deep.
func (l Layout) Near(name string) (meant File, text string) {
	ext := path.Ext(name)
	if !slices.Contains(endings, strings.ToLower(ext)) {
		return File{}, ""
	}
	for _, rewritten := range []bool{false, true} {
		for i := range l.patterns {
			p := &l.patterns[i]
			ending := path.Ext(p.suffix)
			if Rewritten(name, ending) != rewritten {
				continue
			}
			if as, ok := p.respelled(strings.TrimSuffix(name, ext) + ending); ok {
				if f, by := l.read(as); by != nil {
					return f, by.text
				}
			}
		}
	}
	for _, p := range l.patterns {
		if as, ok := p.respelled(name); ok && p.above(as) {
			return File{}, p.text
		}
	}
	return File{}, ""
}

// Rewritten tells whether a file must be written anew to stand under another name: JSON is YAML too, and not the other way round.
func Rewritten(name, as string) bool {
	return strings.HasSuffix(as, ".json") && !strings.EqualFold(path.Ext(name), ".json")
}

// respelled gives a path with the directories that the pattern begins with in their right spelling; false where they are others.
func (p *pattern) respelled(name string) (string, bool) {
	above, _ := path.Split(p.prefix)
	if strings.HasPrefix(name, above) {
		return name, true
	}
	rest := name
	for dir := range strings.SplitSeq(strings.TrimSuffix(above, "/"), "/") {
		is, below, ok := strings.Cut(rest, "/")
		if !ok || !near.Slip(is, dir) {
			return "", false
		}
		rest = below
	}
	return above + rest, true
}

// Within tells whether a path lies in a directory that only holds configuration, or is such a directory's own, or one above.
func (l Layout) Within(name string) bool {
	return slices.ContainsFunc(l.patterns, func(p pattern) bool { return p.above(name) || strings.HasPrefix(p.prefix, name+"/") })
}

func (p pattern) above(name string) bool {
	return p.kind != Schema && p.kind != Consumer && p.prefix != "" && strings.HasPrefix(name, p.prefix)
}

// ManySegmentTypes tells whether {type...} is in use, so that two files may mean the same customer and type together.
func (l Layout) ManySegmentTypes() bool {
	return slices.ContainsFunc(l.patterns, func(p pattern) bool { return strings.Contains(p.text, "{type...}") })
}
