package document

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/golden"
)

// What each value is written as: its form by a sign, and its text.
func TestSyntax(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a mapping", "a: 1 # x\nb : two\n", `{a=1, b=two}`},
		{"quotes", "'a': \"1 \\\" 2\"\n\"b\": 'it''s'\n", `{'a'="1 \" 2", "b"='it''s'}`},
		{"nothing", "a:\nb:\n- \n-\nc: # x\n", `{a=, b=[, ], c=}`},
		{"over lines", "a: one\n  two\n\n  three # x\nb: \"x\n  y\"\n", `{a=one/  two//  three, b="x/  y"}`},
		{"blocks", "a: |\n  x\n\n  y\n\n# c\nb: >-\n  z\nc: |+\n  k\n\nd: 1\n", `{a=|/  x//  y, b=>-/  z, c=|+/  k/, d=1}`},
		{"a block with an indentation of its own", "a:\n- |2\n    x\n   y\n # c\n", `{a=[|2/    x/   y]}`},
		{"a block at the end, without an end of line", "a: |\n  x", `{a=|/  x}`},
		{"in brackets", "a: [1, {b: 2, c}, [], d: 3, ]\ne: {}\n", `{a=[1, {b=2, c=}, [], {d=3}], e={}}`},
		{"over lines in brackets", "{\n  \"a\": 1, # x\n  \"b\": [\n  2]\n}\n", `{"a"=1, "b"=[2]}`},
		{"anchors and tags", "a: &x !!str 1\nb: &y\n  c: *x\n<<: *y\n", `{a=&x !!str 1, b=&y/  {c=*x}, <<=*y}`},
		{"the tag ! and one in brackets", "a: ! 12\nb: [!!str x, !<tag:yaml.org,2002:str> y]\n", `{a=! 12, b=[!!str x, !<tag:yaml.org,2002:str> y]}`},
		{"question marks", "? a\n: 1\n? b\n? 'c'\n: - d\n", `{a=1, b=, 'c'=[d]}`},
		{"lists in lists", "- - 1\n  - 2\n-\n  # x\n  - 3\n", `[[1, 2], [3]]`},
		{"a text by itself", "--- one\n", `one`},
		{"windows", "a: 1\r\nb: |\r\n  x\r\n  y\r\nc:\r\n", `{a=1, b=|//  x//  y, c=}`},
		{"characters", "größe: 五 # x\né: [ü, \"ä\"]\n", `{größe=五, é=[ü, "ä"]}`},
	} {
		docs, found := Parse([]byte(c.in), Limits{})
		if len(found) > 0 || len(docs) != 1 {
			t.Errorf("%s: %d documents, findings %v", c.name, len(docs), found)
			continue
		}
		if got := written(docs[0], docs[0].Syntax()); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

// written shows a node with what the file writes for its scalars.
func written(d *Document, n *Node) string {
	src := string(d.Text())
	show := func(from, to int) string {
		return strings.NewReplacer("\r", "/", "\n", "/").Replace(src[from:to])
	}
	if n.Scalar() || n.Form == Alias {
		return show(n.Start, n.End)
	}
	var all []string
	for _, item := range n.Items {
		one := written(d, item.Value)
		if item.Key != nil {
			one = written(d, item.Key) + "=" + one
		}
		all = append(all, one)
	}
	marks := "[]"
	if n.Form == BlockMapping || n.Form == FlowMapping {
		marks = "{}"
	}
	return show(n.Start, n.Content) + marks[:1] + strings.Join(all, ", ") + marks[1:]
}

// In all that the public suite of YAML holds values begin where the parser says, and end where such a value can.
func TestSyntaxOfSuite(t *testing.T) {
	data, err := os.ReadFile(golden.Fetched(t, "TAMER_YAML_SUITE", "tools/suites/fetch"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []suiteCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		docs, found := Parse([]byte(c.YAML), Limits{})
		if len(found) > 0 {
			continue
		}
		for _, d := range docs {
			if n := d.Syntax(); n != nil {
				if why := misread(d, d.root, n); why != "" {
					t.Errorf("%s: %s in\n%s", c.ID, why, c.YAML)
				}
			}
		}
	}
}

// misread says how a node contradicts the parser's; "" where it does not.
func misread(d *Document, n *yaml.Node, part *Node) string {
	src := string(d.Text())
	if at := d.text.offset(finding.Place{Line: n.Line, Column: n.Column}); !part.Empty() && at != part.Start && n.Column > 0 {
		return fmt.Sprintf("%q begins at %d, by the parser at %d", src[part.Start:part.End], part.Start, at)
	}
	body := src[part.Content:part.End]
	ends := map[Form]string{DoubleQuoted: `"`, SingleQuoted: "'", FlowList: "]"}
	if end := ends[part.Form]; !strings.HasSuffix(body, end) || end != "" && len(body) < 2 {
		return fmt.Sprintf("%q does not end with %s", body, end)
	}
	if part.Form == Plain && !strings.ContainsAny(body, "\r\n") && body != n.Value {
		return fmt.Sprintf("%q is taken for %q", body, n.Value)
	}
	for i, item := range part.Items {
		if item.Key == nil {
			if why := misread(d, n.Content[i], item.Value); why != "" {
				return why
			}
			continue
		}
		for j, one := range []*Node{item.Key, item.Value} {
			if why := misread(d, n.Content[2*i+j], one); why != "" {
				return why
			}
		}
	}
	return ""
}
