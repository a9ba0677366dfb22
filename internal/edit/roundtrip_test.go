package edit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/golden"
)

// A scalar is one value of a file, and where it is written.
type scalar struct {
	path  []string
	node  *document.Node
	value any
}

// scalars lists what a document writes itself.
func scalars(n *document.Node, v any, path []string) (all []scalar) {
	if n == nil || n.Form == document.Alias {
		return nil
	}
	if n.Scalar() {
		return []scalar{{path, n, v}}
	}
	for i, item := range n.Items {
		token := strconv.Itoa(i)
		if item.Key != nil {
			if token = item.Key.Text; item.Merge || item.Key.Form == document.Alias {
				continue
			}
		}
		below, _ := document.ValueAt(v, []string{token})
		all = append(all, scalars(item.Value, below, append(path[:len(path):len(path)], token))...)
	}
	return all
}

// others are values that a scalar is set to.
var others = []any{"plain", "two words", "it's \"quoted\"", "# no comment", "12", "yes", "", "ends: ", "[x]", "two\nlines\n", json.Number("3"), true, nil}

// setOne sets a scalar, and holds that only its bytes change. It gives what refused it.
func setOne(t *testing.T, name string, src []byte, doc int, s scalar, to any) error {
	t.Helper()
	got, err := edit.Apply(name, src, []edit.Change{{Path: s.path, Document: doc, Value: to}}, document.Limits{})
	if err != nil {
		return err
	}
	before := bytes.TrimPrefix(src, []byte("\ufeff"))
	after := bytes.TrimPrefix(got, []byte("\ufeff"))
	tail := len(before) - s.node.End
	if text, ok := to.(string); ok && strings.Contains(text, "\n") || s.node.Empty() { // a comment may then stand before the end of it
		return nil
	}
	if !bytes.HasPrefix(after, before[:s.node.Start]) || tail > len(after) || !bytes.HasSuffix(after, before[s.node.End:]) {
		t.Errorf("%s: set %s to %v changes more than that:\n%s\nfrom\n%s", name, document.Pointer(s.path), to, got, src)
	}
	return nil
}

// setAll sets scalars of a file one by one, each to another value.
func setAll(t *testing.T, name string, src []byte, most int) (set int, refused []string) {
	t.Helper()
	docs, found := document.Parse(src, document.Limits{})
	if len(found) > 0 {
		return 0, nil
	}
	for doc, d := range docs {
		all := scalars(d.Syntax(), d.Value, nil)
		for i, s := range all {
			if len(all) > most && i%(len(all)/most+1) != 0 {
				continue
			}
			to := others[(len(src)+i)%len(others)]
			if err := setOne(t, name, src, doc, s, to); err != nil {
				refused = append(refused, fmt.Sprintf("%s %s to %v: %v", name, document.Pointer(s.path), to, err))
				continue
			}
			set++
		}
	}
	return set, refused
}

// In all that the public suite of YAML holds, each scalar can be set, but for those with an anchor that aliases use.
func TestSetInSuite(t *testing.T) {
	data, err := os.ReadFile(golden.Fetched(t, "TAMER_YAML_SUITE", "tools/suites/fetch"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ ID, YAML string }
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, c := range cases {
		set, refused := setAll(t, c.ID+".yaml", []byte(c.YAML), 1<<20)
		total += set
		for _, why := range refused {
			if !strings.Contains(why, "which aliases use") && c.ID != "Y2GN" && c.ID != "W4TN" { // which the parsers misread
				t.Errorf("%s in\n%s", why, c.YAML)
			}
		}
	}
	t.Logf("%d scalars set", total)
}

// In files of the aqua registry scalars can be set; not all of them in each file, which would take minutes.
func TestSetInRegistry(t *testing.T) {
	tree, _ := golden.Aqua(t)
	if tree == nil {
		t.Skip("without the aqua registry")
	}
	total := 0
	names := golden.AquaFiles(t, tree)
	for _, name := range names {
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			t.Fatal(err)
		}
		set, refused := setAll(t, name, src, 1)
		for _, why := range refused {
			t.Error(why)
		}
		total += set
	}
	t.Logf("%d files, %d scalars set", len(names), total)
}

// In files of customers of all 20 types, as the generator writes them, scalars can be set; and the one style is the same again, and
// means the same.
func TestCorpus(t *testing.T) {
	dir, _ := golden.Corpus(t, 12, 7, 0)
	if dir == "" {
		t.Skip("without the generator")
	}
	names, err := filepath.Glob(filepath.Join(dir, "customers", "*", "*.yaml"))
	if err != nil || len(names) != 240 {
		t.Fatalf("%d files: %v", len(names), err)
	}
	total, styled := 0, 0
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		set, refused := setAll(t, name, src, 4)
		for _, why := range refused {
			t.Error(why)
		}
		total += set
		out, why, unread := formatTwice(t, name, src)
		if why != nil || unread {
			t.Errorf("%s: %v", name, why)
		}
		if !bytes.Equal(out, src) {
			styled++
		}
	}
	t.Logf("%d files, %d scalars set, %d files in another style", len(names), total, styled)
}

// Whatever is asked of whatever document: it is refused, or it is done and nothing else. Apply proves that by the part that changes;
// here the whole file is read.
func TestRandomEdits(t *testing.T) {
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 7))
		src := randomText(r)
		docs, found := document.Parse([]byte(src), document.Limits{})
		if len(found) > 0 {
			t.Fatalf("seed %d: %v in\n%s", seed, found, src)
		}
		value := docs[0].Value
		paths := pathsOf(value, nil)
		c := randomChange(r, paths)
		got, err := edit.Apply("x.yaml", []byte(src), []edit.Change{c}, document.Limits{})
		if err != nil {
			if strings.Contains(err.Error(), "asked") || strings.Contains(err.Error(), "no longer") || strings.Contains(err.Error(), "no such place") {
				t.Errorf("seed %d: %+v: %v in\n%s", seed, c, err, src)
			}
			continue
		}
		after, found := document.Parse(got, document.Limits{})
		if len(found) > 0 {
			t.Fatalf("seed %d: %v in\n%s", seed, found, got)
		}
		want, err := edit.Value(value, c)
		if err != nil || len(after) != 1 || !diff.Equal(after[0].Value, want) {
			t.Errorf("seed %d: %+v gives\n%s\nfrom\n%s", seed, c, got, src)
		}
		first, last := ownLines(docs[0], c, src)
		if lost := lostComments(src, string(got), first, last); lost != "" {
			t.Errorf("seed %d: %+v loses %s:\n%s\nfrom\n%s", seed, c, lost, got, src)
		}
	}
}

// ownLines gives the lines, from 1, whose comments may go with what a change takes away: those of the value and of
// comments right above it. A Move takes its comments along.
func ownLines(d *document.Document, c edit.Change, src string) (first, last int) {
	n, start := d.Syntax(), 0
	for _, token := range c.Path {
		i := slices.IndexFunc(n.Items, func(item document.Item) bool { return item.Key != nil && item.Key.Text == token })
		if i < 0 && len(n.Items) > 0 && n.Items[0].Key == nil {
			if at, err := strconv.Atoi(token); err == nil && at < len(n.Items) {
				i = at
			}
		}
		if i < 0 || c.Op == edit.Move {
			return 0, 0
		}
		n, start = n.Items[i].Value, n.Items[i].Start
	}
	if c.Op == edit.Set {
		start = n.Start
	}
	first, last = d.PlaceOf(start).Line, d.PlaceOf(n.End).Line
	switch {
	case c.Op == edit.Set && n.Scalar():
		return 0, 0
	case c.Op == edit.Set && (n.Form == document.FlowMapping || n.Form == document.FlowList):
		return first, last - 1
	}
	lines := strings.Split(src, "\n")
	for first > 1 && strings.HasPrefix(strings.TrimSpace(lines[first-2]), "#") {
		first--
	}
	return first, last
}

// written are the comments of randomText.
var written = regexp.MustCompile(`# ([ac][0-9]+\.|top)`)

// lostComments gives the first comment of a text, outside of some lines, that another one has not.
func lostComments(before, after string, first, last int) string {
	for i, line := range strings.Split(before, "\n") {
		if comment := written.FindString(line); !strings.Contains(after, comment) && (i+1 < first || i+1 > last) {
			return comment
		}
	}
	return ""
}

func pathsOf(v any, at []string) [][]string {
	var all [][]string
	add := func(token string, below any) {
		path := append(at[:len(at):len(at)], token)
		all = append(append(all, path), pathsOf(below, path)...)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range []string{"a", "b", "c", "d", "e e", "p", "q"} {
			if below, ok := v[key]; ok {
				add(key, below)
			}
		}
	case []any:
		for i, below := range v {
			add(strconv.Itoa(i), below)
		}
	}
	return all
}

func randomChange(r *rand.Rand, paths [][]string) edit.Change {
	values := append([]any{map[string]any{"a": json.Number("1"), "new": []any{"x", map[string]any{"p": "q"}}}, []any{"x", "y", "z"}, map[string]any{}, []any{}}, others...)
	pick := func() []string {
		if len(paths) == 0 {
			return []string{"a"}
		}
		return paths[r.IntN(len(paths))]
	}
	switch path := pick(); r.IntN(5) {
	case 0:
		return edit.Change{Op: edit.Unset, Path: path}
	case 1:
		return edit.Change{Path: path, Value: values[r.IntN(len(values))]}
	case 2:
		return edit.Change{Path: append(path[:len(path)-1:len(path)-1], "new"), Value: values[r.IntN(len(values))]}
	case 3:
		return edit.Change{Path: append(path[:len(path):len(path)], "-"), Value: values[r.IntN(len(values))]}
	default:
		to := pick()
		return edit.Change{Op: edit.Move, From: path, Path: append(to[:r.IntN(len(to)):len(to)-1], []string{"new", "-"}[r.IntN(2)])}
	}
}

// randomText writes a random document in a random style, with comments that are each the only one of their kind.
func randomText(r *rand.Rand) string {
	w := &writer{r: r, step: 2 + 2*r.IntN(2)}
	if r.IntN(3) == 0 {
		w.b.WriteString([]string{"# top\n\n", "# top\n---\n"}[r.IntN(2)])
	}
	w.mapping(0, 3, "")
	return w.b.String()
}

type writer struct {
	b        strings.Builder
	r        *rand.Rand
	step     int
	comments int
}

func (w *writer) comment() string {
	if w.r.IntN(3) > 0 {
		return ""
	}
	w.comments++
	return fmt.Sprintf(" # c%d.", w.comments)
}

func (w *writer) line(indent int, text string) {
	fmt.Fprintf(&w.b, "%s%s\n", strings.Repeat(" ", indent), text)
}

func (w *writer) above(indent int) {
	switch w.r.IntN(8) {
	case 0:
		w.b.WriteByte('\n')
	case 1:
		w.comments++
		w.line(indent, fmt.Sprintf("# a%d.", w.comments))
	}
}

// mapping writes pairs; the first one behind prefix, if that is a dash.
func (w *writer) mapping(indent, depth int, prefix string) {
	for i, key := range []string{"a", "'b'", "c", `"d"`, "e e"}[:1+w.r.IntN(4)] {
		if i > 0 || prefix == "" {
			w.above(indent)
			prefix = strings.Repeat(" ", indent)
		}
		w.b.WriteString(prefix)
		w.value(indent, depth, key+":", false)
	}
}

func (w *writer) list(indent, depth int) {
	for range 1 + w.r.IntN(3) {
		w.above(indent)
		w.b.WriteString(strings.Repeat(" ", indent))
		w.value(indent, depth, "-", true)
	}
}

func (w *writer) value(indent, depth int, lead string, dash bool) {
	kind := w.r.IntN(12)
	if depth == 0 {
		kind = w.r.IntN(7)
	}
	pad := strings.Repeat(" ", indent+w.step)
	switch {
	case kind == 0:
		fmt.Fprintf(&w.b, "%s |-%s\n%sx\n\n%s  # y\n", lead, w.comment(), pad, pad)
	case kind == 1:
		fmt.Fprintf(&w.b, "%s {p: 1, q: [x, 'y']}%s\n", lead, w.comment())
	case kind == 2 && w.r.IntN(2) == 0:
		fmt.Fprintf(&w.b, "%s [%s\n%s1,%s\n%s{r: s}%s\n%s]\n", lead, w.comment(), pad, w.comment(), pad, w.comment(), pad)
	case kind == 2:
		fmt.Fprintf(&w.b, "%s { p: 1,%s\n", lead, w.comment())
		w.above(indent + w.step)
		fmt.Fprintf(&w.b, "%sq: 2, a: [x],%s\n", pad, w.comment())
		w.above(indent + w.step)
		fmt.Fprintf(&w.b, "%sb: 3%s }%s\n", pad, []string{"", ","}[w.r.IntN(2)], w.comment())
	case kind == 3:
		fmt.Fprintf(&w.b, "%s%s\n", lead, w.comment())
	case kind < 7:
		fmt.Fprintf(&w.b, "%s %s%s\n", lead, []string{"x", "12", "'y'", `"z # z"`, "{}", "[]", "p\n" + pad + "q", "~"}[w.r.IntN(8)], w.comment())
	case dash && kind < 9:
		w.mapping(indent+2, depth-1, "- ")
	case kind < 10:
		fmt.Fprintf(&w.b, "%s%s\n", lead, w.comment())
		w.mapping(indent+w.step, depth-1, "")
	default:
		fmt.Fprintf(&w.b, "%s%s\n", lead, w.comment())
		w.list(indent+w.step*(w.r.IntN(2))+map[bool]int{true: w.step}[dash], depth-1)
	}
}
