package mutation

import (
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

var showMisses = flag.Int("misses", 0, "print up to so many misses of each kind")

// What the judge must reach, as a share of all mutations.
const (
	wantLine   = 0.98
	wantColumn = 0.95
	wantSingle = 0.95
)

const (
	perKind = 45     // mutations of each kind that are wanted from each collection
	tries   = 15_000 // draws after which a collection is taken to hold no more
	atLeast = 40     // mutations of each kind over all collections
)

type kind struct {
	name     string
	make     maker
	keywords []string // the one keyword that a mutation must violate; empty: any, or none that can be read
	syntax   bool     // the YAML library itself must refuse it
}

var kinds = []kind{
	{"type change", typeChange, []string{"type"}, false},
	{"missing property", missing, []string{"required"}, false},
	{"unknown property", unknown, []string{"additionalProperties"}, false},
	{"misspelt key", misspelt, nil, false},
	{"enum", enum, []string{"enum"}, false},
	{"pattern", pattern, []string{"pattern"}, false},
	{"length", length, []string{"minLength", "maxLength", "minItems", "maxItems"}, false},
	{"range", outOfRange, []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}, false},
	{nestedAlternative, nested, nil, false},
	{"duplicate key", duplicate, nil, true},
	{"tab", tab, nil, true},
	{"indent too deep", tooDeep, nil, true},
	{"indent too shallow", tooShallow, nil, true},
	{`unclosed "`, unclosedQuote(`"`, yaml.DoubleQuotedStyle), nil, true},
	{"unclosed '", unclosedQuote("'", yaml.SingleQuotedStyle), nil, true},
	{"unclosed [", unclosedBracket("["), nil, true},
	{"unclosed {", unclosedBracket("{"), nil, true},
}

// nestedAlternative is the one kind that spoils what stands below oneOf or anyOf; the others of its sort leave that alone.
const nestedAlternative = "nested alternative"

// A score counts what was named exactly.
type score struct{ n, line, column, single int }

func (s *score) add(o score) {
	s.n += o.n
	s.line += o.line
	s.column += o.column
	s.single += o.single
}

func (s score) row(name string) string {
	share := func(n int) float64 { return 100 * float64(n) / float64(max(s.n, 1)) }
	return fmt.Sprintf("%-20s %6d %9.1f %9.1f %9.1f", name, s.n, share(s.line), share(s.column), share(s.single))
}

// A mutation of a valid file is named at its place, by one finding.
func TestPlaces(t *testing.T) {
	collections := load(t)
	var all score
	table := []string{fmt.Sprintf("%-20s %6s %9s %9s %9s", "kind", "n", "line %", "column %", "one %")}
	for _, k := range kinds {
		var s score
		misses := *showMisses
		for _, c := range collections {
			for _, d := range draw(t, c, k) {
				one := d.judge()
				s.add(one)
				if misses > 0 && one != (score{1, 1, 1, 1}) {
					misses--
					t.Log(d)
				}
			}
		}
		if s.n < atLeast {
			t.Errorf("%s: only %d mutations; at least %d are wanted", k.name, s.n, atLeast)
		}
		table = append(table, s.row(k.name))
		all.add(s)
	}
	t.Log("\n" + strings.Join(append(table, all.row("all")), "\n"))
	for _, c := range []struct {
		what string
		got  int
		want float64
	}{{"line", all.line, wantLine}, {"column", all.column, wantColumn}, {"one finding", all.single, wantSingle}} {
		if share := float64(c.got) / float64(all.n); share < c.want {
			t.Errorf("%s: %.1f %%; at least %.0f %% is wanted. -misses 5 shows some", c.what, 100*share, 100*c.want)
		}
	}
}

// A drawn mutation, with where it comes from.
type drawn struct {
	kind kind
	file *file
	mutation
	crlf bool // it is judged with the line ends of Windows, which move no place
}

// draw makes mutations that are really invalid, the same in every run.
func draw(t *testing.T, c collection, k kind) []drawn {
	seed := fnv.New64a()
	seed.Write([]byte(c.name + k.name))
	r := rand.New(rand.NewPCG(3, seed.Sum64()))
	seen := map[string]bool{}
	var out []drawn
	for range tries {
		if len(out) == perKind {
			break
		}
		f := c.files[r.IntN(len(c.files))]
		if !f.open(t) {
			continue
		}
		s := f.sites[r.IntN(len(f.sites))]
		if k.name != nestedAlternative && !k.syntax && (s.alternative || s.parent != nil && s.parent.alternative) {
			continue
		}
		m, ok := k.make(f, s, r)
		if !ok || seen[f.name+m.text] || !k.fits(f, m) {
			continue
		}
		seen[f.name+m.text] = true
		out = append(out, drawn{k, f, m, len(out)%4 == 3})
	}
	return out
}

// fits tells whether a mutation has the fault that its kind is about, and no other.
func (k kind) fits(f *file, m mutation) bool {
	var root yaml.Node
	var plain any // decoding into plain values refuses keys that are there twice
	refused := yaml.Unmarshal([]byte(m.text), &root) != nil || root.Decode(&plain) != nil
	if refused || k.syntax || len(root.Content) == 0 {
		return refused && k.syntax
	}
	var ve *jsonschema.ValidationError
	if !errors.As(f.judge.peer.Validate(value(root.Content[0])), &ve) {
		return false
	}
	if k.keywords == nil {
		return true
	}
	for len(ve.Causes) == 1 {
		ve = ve.Causes[0]
	}
	return len(ve.Causes) == 0 && slices.Contains(k.keywords, path.Base(ve.KeywordLocation))
}

// judge holds what we say of the mutation against what is true.
func (d drawn) judge() score {
	s := score{n: 1}
	found := d.found()
	if len(found) == 1 {
		s.single = 1
	}
	if len(found) == 0 {
		return s
	}
	for _, at := range d.at {
		p := place(d.text, at)
		if p.Line == found[0].At.Start.Line {
			s.line = 1
		}
		if p == found[0].At.Start {
			s.column = 1
		}
	}
	return s
}

func (d drawn) found() []finding.Finding {
	text := d.text
	if d.crlf {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	docs, found := document.Parse([]byte(text), document.Limits{})
	for _, doc := range docs {
		found = append(found, d.file.judge.ours.Validate(doc)...)
	}
	finding.Sort(found)
	return found
}

func place(text string, at int) finding.Place {
	lines, before, _ := cutAt(text, at)
	return finding.Place{Line: strings.Count(lines, "\n") + 1, Column: utf8.RuneCountInString(before) + 1}
}

// String shows a miss: what is true, what was said, and the text around.
func (d drawn) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s (CR LF: %t), true:", d.kind.name, d.file.name, d.crlf)
	first := place(d.text, d.at[0])
	for _, at := range d.at {
		p := place(d.text, at)
		fmt.Fprintf(&b, " %d:%d", p.Line, p.Column)
	}
	b.WriteByte('\n')
	low, high := first.Line, first.Line
	for _, f := range d.found() {
		fmt.Fprintf(&b, "  said %d:%d %s: %s\n", f.At.Start.Line, f.At.Start.Column, f.Rule, f.Message)
		low, high = min(low, f.At.Start.Line), max(high, f.At.Start.Line)
	}
	lines := strings.Split(d.text, "\n")
	for i := max(low-3, 1); i <= min(high+3, len(lines), low+25); i++ {
		fmt.Fprintf(&b, "  %4d| %s\n", i, strings.ReplaceAll(lines[i-1], "\t", "→"))
	}
	return b.String()
}
