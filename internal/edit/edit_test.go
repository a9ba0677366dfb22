package edit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
)

// change reads "set POINTER VALUE", "unset POINTER" or "move FROM TO"; values are YAML.
func change(t testing.TB, text string) edit.Change {
	t.Helper()
	words := strings.SplitN(text, " ", 3)
	c := edit.Change{Path: document.Tokens(words[1])}
	switch words[0] {
	case "set":
		docs, found := document.Parse([]byte(words[2]), document.Limits{})
		if len(found) > 0 {
			t.Fatal(found)
		}
		c.Value = docs[0].Value
	case "unset":
		c.Op = edit.Unset
	case "move":
		c.Op, c.From, c.Path = edit.Move, c.Path, document.Tokens(words[2])
	case "second":
		c.Document = 1
		docs, _ := document.Parse([]byte(words[2]), document.Limits{})
		c.Value = docs[0].Value
	default:
		t.Fatalf("unknown change %q", text)
	}
	return c
}

type editing struct{ name, in, do, want string }

func (c editing) run(t *testing.T) {
	t.Helper()
	name := "x.yaml"
	if strings.HasPrefix(c.name, "json") {
		name = "x.json"
	}
	var changes []edit.Change
	for text := range strings.SplitSeq(c.do, "; ") {
		changes = append(changes, change(t, text))
	}
	got, err := edit.Apply(name, []byte(c.in), changes, document.Limits{})
	if err != nil {
		got = []byte("error: " + err.Error())
	}
	if string(got) != c.want {
		t.Errorf("%s: %s\n%s\ngives\n%s\nwant\n%s", c.name, c.do, c.in, got, c.want)
	}
	if name == "x.json" && err == nil && !json.Valid(got) {
		t.Errorf("%s: no JSON: %s", c.name, got)
	}
}

func TestSet(t *testing.T) {
	for _, c := range []editing{
		{"a number", "a: 1 # one\nb: 2\n", "set /a 7", "a: 7 # one\nb: 2\n"},
		{"alike already", "a: 1.0   # one\n", "set /a 1", "a: 1.0   # one\n"},
		{"a plain text", "a: x\t# one\n", "set /a y z", "a: y z\t# one\n"},
		{"a text that needs quotes", "a: x\n", "set /a '12'", "a: \"12\"\n"},
		{"quotes as the file has them", "a: x\nb: 'y'\n", "set /a 'yes'", "a: 'yes'\nb: 'y'\n"},
		{"double quotes stay", "a: \"x\" # c\n", "set /a y", "a: \"y\" # c\n"},
		{"single quotes stay", "a: 'x'\n", "set /a it's", "a: 'it''s'\n"},
		{"single quotes that cannot", "a: 'x'\n", `set /a "x\ty\u0007"`, "a: \"x\\ty\\u0007\"\n"},
		{"a date stays plain", "a: 2026-01-01\n", "set /a 2027-02-03", "a: 2027-02-03\n"},
		{"a date", "a: x\n", "set /a 2027-02-03", "a: \"2027-02-03\"\n"},
		{"a text in brackets", "a: [x, y]\n", "set /a/1 'p, q'", "a: [x, \"p, q\"]\n"},
		{"no value", "a:\nb: 1\n", "set /a x", "a: x\nb: 1\n"},
		{"no value, with a comment", "a: # c\nb: 1\n", "set /a x", "a: x # c\nb: 1\n"},
		{"no value in braces", "{a, b: 1}\n", "set /a x", "{a: x, b: 1}\n"},
		{"over lines", "a: one\n  two # c\nb: 1\n", "set /a three", "a: three # c\nb: 1\n"},
		{"a literal text", "a: | # c\n    x\n\n    y\n\nb: 1\n", "set /a \"p\\nq\\n\"", "a: | # c\n    p\n    q\n\nb: 1\n"},
		{"a literal text without an end of line", "a: |\n  x\n  y\nb: 1\n", `set /a "p\nq"`, "a: |-\n  p\n  q\nb: 1\n"},
		{"a folded text", "a: >-\n  x\n  y\nb: 1\n", `set /a p q`, "a: >-\n  p q\nb: 1\n"},
		{"a text of lines in the place of a plain one", "a: x # c\nb: 1\n", `set /a "p\nq\n"`, "a: | # c\n  p\n  q\nb: 1\n"},
		{"a number in the place of a literal text", "a: |\n  x\nb: 1\n", `set /a 3`, "a: 3\nb: 1\n"},
		{"a number in the place of a literal text with a comment", "a: | # c\n  x\nb: 1\n", `set /a 3`, "a: 3 # c\nb: 1\n"},
		{"a mapping in the place of a text below", "a: # c\n  x # d\nb: 1\n", "set /a {c: 1}", "a: # c\n  # d\n  c: 1\nb: 1\n"},
		{"a text in the place of a mapping with others' comments", "a: # c\n# left\n\n  # d\n  d: 2 # e\nb: 1\n", "set /a x", "a: x # c\n# left\n\nb: 1\n"},
		{"a mapping in the place of a text", "a: x # c\nb: 1\n", "set /a {c: 1, d: [x, 2]}", "a: # c\n  c: 1\n  d:\n    - x\n    - 2\nb: 1\n"},
		{"a text in the place of a mapping", "a: # c\n  c: 1\n  # d\n  d: 2 # e\nb: 1\n", "set /a x", "a: x # c\nb: 1\n"},
		{"a text in the place of a mapping behind a dash", "- a: 1\n  b: 2\n- c\n", "set /0 x", "- x\n- c\n"},
		{"only what differs in a mapping", "a:\n  # b\n  b: 1 # one\n  c: 2\n  d: 3\n", "set /a {b: 1, c: 7, e: 4}", "a:\n  # b\n  b: 1 # one\n  c: 7\n  e: 4\n"},
		{"only what differs in a list", "a:\n- x # one\n- y # two\n- z # three\n", "set /a [x, n, m, z]", "a:\n- x # one\n- n # two\n- m\n- z # three\n"},
		{"the document", "# top\n1 # c\n", "set  2", "# top\n2 # c\n"},
		{"a new property", "a: 1 # one\n\n# end\n", "set /b x", "a: 1 # one\nb: x\n\n# end\n"},
		{"a new property below", "a:\n  b: 1\n  # more\nc: 1\n", "set /a/d x", "a:\n  b: 1\n  d: x\n  # more\nc: 1\n"},
		{"a new property without an end of line", "a: 1", "set /b x", "a: 1\nb: x"},
		{"new mappings", "a: 1\n", "set /b/c/d x", "a: 1\nb:\n  c:\n    d: x\n"},
		{"in a mapping behind a dash", "-   a: 1\n", "set /0/b 2", "-   a: 1\n    b: 2\n"},
		{"in an empty mapping", "a: {} # c\nb: 1\n", "set /a/c 2", "a: # c\n  c: 2\nb: 1\n"},
		{"in null", "a: ~\nb:\n    c: 1\n", "set /a/c 2", "a:\n    c: 2\nb:\n    c: 1\n"},
		{"in braces", "a: {b: 1}\n", "set /a/c [x]", "a: {b: 1, c: [x]}\n"},
		{"in braces over lines", "a: {\n  b: 1, # one\n  c: 2 # two\n}\n", "set /a/d 3", "a: {\n  b: 1, # one\n  c: 2, # two\n  d: 3\n}\n"},
		{"in braces with a comma at the end", "a: {\n  b: 1,\n}\n", "set /a/d 3", "a: {\n  b: 1,\n  d: 3,\n}\n"},
		{"a pair in brackets", "a: [b: 1]\n", "set /a/0/c 2", "a: [{b: 1, c: 2}]\n"},
		{"behind the last item", "a:\n  - x # one\nb: 1\n", "set /a/- z", "a:\n  - x # one\n  - z\nb: 1\n"},
		{"a mapping behind the last item", "a:\n- x\n", "set /a/- {b: 1, c: 2}", "a:\n- x\n- b: 1\n  c: 2\n"},
		{"the first item", "a: []\nb:\n- x\n", "set /a/- z", "a:\n- z\nb:\n- x\n"},
		{"behind the last item in brackets", "a: [1, 2]\n", "set /a/- 3", "a: [1, 2, 3]\n"},
		{"in an empty file", "", "set /a 1", "a: 1\n"},
		{"in a file of comments", "# nothing\n", "set /a 1", "# nothing\na: 1\n"},
		{"windows", "a: 1\r\nb: |\r\n  x\r\nc: 2\r\n", "set /d {e: 1}; set /a 2", "a: 2\r\nb: |\r\n  x\r\nc: 2\r\nd:\r\n  e: 1\r\n"},
		{"a byte order mark", "\ufeffa: 1\n", "set /a 2", "\ufeffa: 2\n"},
		{"the second document", "a: 1\n---\na: 1\n", "second /a 2", "a: 1\n---\na: 2\n"},
		{"an anchor that nobody uses", "a: &x 1\n", "set /a 2", "a: &x 2\n"},
		{"a tag", "a: !!str 1\nb: !!str 1\n", "set /a '2'; set /b 3", "a: !!str \"2\"\nb: 3\n"},
		{"characters", "größe: 五 # x\n", "set /größe 六", "größe: 六 # x\n"},
		{"an alias itself", "a: &x 1\nb: *x\nc: *x\n", "set /b 2", "a: &x 1\nb: 2\nc: *x\n"},
		{"json", "{\n  \"a\": 1,\n  \"b\": {}\n}\n", "set /b/c x; set /d [1, {\"e\": 2}]", "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": \"x\"\n  },\n  \"d\": [\n    1,\n    {\n      \"e\": 2\n    }\n  ]\n}\n"},
		{"json without spaces", `{"a":1,"b":[1,2]}`, "set /c/d x; set /b/- 3", `{"a":1,"b":[1,2,3],"c":{"d":"x"}}`},
		{"json with tabs", "{\n\t\"a\": [\n\t\t1\n\t]\n}", "set /a/- 2; set /b {\"c\": 1}", "{\n\t\"a\": [\n\t\t1,\n\t\t2\n\t],\n\t\"b\": {\n\t\t\"c\": 1\n\t}\n}"},
		{"json, empty", "{}\n", "set /a 1", "{\n  \"a\": 1\n}\n"},
	} {
		c.run(t)
	}
}

func TestUnset(t *testing.T) {
	for _, c := range []editing{
		{"a property with its comments", "# top\n\na: 1\n# about b\n# more\nb: 2 # two\n  # below\nc: 3\n", "unset /b", "# top\n\na: 1\nc: 3\n"},
		{"the comment at the top stays", "# about the file\na: 1\nb: 2\n", "unset /a", "# about the file\nb: 2\n"},
		{"the first of a block", "a:\n  # about b\n  b: 1\n  c: 2\n", "unset /a/b", "a:\n  c: 2\n"},
		{"a paragraph", "a: 1\n\nb: 2\n\nc: 3\n", "unset /b", "a: 1\n\nc: 3\n"},
		{"the last paragraph", "a: 1\n\nb: 2\n", "unset /b", "a: 1\n"},
		{"without an end of line", "a: 1\nb: 2", "unset /b", "a: 1"},
		{"the only one", "a: # c\n  b: 1\nc: 2\n", "unset /a/b", "a: {} # c\nc: 2\n"},
		{"the only one of the document", "a: 1\n", "unset /a", "{}\n"},
		{"behind a dash", "- a: 1 # one\n  b: 2\n- c: 3\n", "unset /0/a", "- b: 2\n- c: 3\n"},
		{"behind a dash, a comment follows", "- a: 1\n  # about b\n  b: 2\n", "unset /0/a", "-\n  # about b\n  b: 2\n"},
		{"an item", "a:\n- x\n# about y\n- y:\n    z\n- w\n", "unset /a/1", "a:\n- x\n- w\n"},
		{"in braces", "a: {b: 1, c: 2, d: 3}\n", "unset /a/c", "a: {b: 1, d: 3}\n"},
		{"the last in braces", "a: {b: 1, c: 2}\n", "unset /a/c", "a: {b: 1}\n"},
		{"the only one in braces", "a: { b: 1 }\n", "unset /a/b", "a: {}\n"},
		{"in braces over lines", "a: {\n  b: 1, # one\n  # about c\n  c: 2, # two\n  d: 3 # three\n}\n", "unset /a/c", "a: {\n  b: 1, # one\n  d: 3 # three\n}\n"},
		{"the last in braces over lines", "a: {\n  b: 1, # one\n  d: 3 # three\n}\n", "unset /a/d", "a: {\n  b: 1 # one\n}\n"},
		{"what is not there", "a: 1\n", "unset /b/c", "a: 1\n"},
		{"json", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", "unset /b", "{\n  \"a\": 1\n}\n"},
		{"json of one", "{\n  \"a\": [\n    1\n  ]\n}\n", "unset /a/0", "{\n  \"a\": []\n}\n"},
		{"a literal text", "a: |\n  x\n\n  y\n\nb: 1\n", "unset /a", "b: 1\n"},
		{"several", "a: 1\nb: 2\nc: 3\n", "unset /a; unset /c", "b: 2\n"},
		{"a heading above it stays", "a: 1\n\n# ---- limits ----\n# about b\nb: 2 # two\nc: 3\n", "unset /b", "a: 1\n\n# ---- limits ----\nc: 3\n"},
		{"another paragraph above it stays", "a: 1\n# one more\n\n# about b\nb: 2\nc: 3\n", "unset /b", "a: 1\n# one more\n\nc: 3\n"},
		{"the only one, of whose comments some are others'", "a: # c\n# left\n\n  # about b\n  b: 1 # one\n  # more\nc: 2\n", "unset /a/b", "a: {} # c\n# left\n\n  # more\nc: 2\n"},
		{"the last in brackets with its comment", "a: [\n  1,\n  2 # two\n]\n", "unset /a/1", "a: [\n  1\n]\n"},
		{"the last in brackets that close on its line", "a: { b: 1, # one\n  c: 2 } # two\n", "unset /a/c", "a: { b: 1 # one\n } # two\n"},
		{"the last in brackets with a comma", "a: [\n  1, # one\n  # about two\n  2, # two\n]\n", "unset /a/1", "a: [\n  1, # one\n]\n"},
		{"the comment of a line with others stays", "a: [x, y, # both\n  # about z\n  z]\n", "unset /a/1", "a: [x, # both\n  # about z\n  z]\n"},
		{"the only one in brackets, with others' comments", "a: [ # zero\n  # about x\n  x, # one\n  # end\n]\n", "unset /a/0", "a: [ # zero\n  # end\n]\n"},
		{"commas before items", "a: [\n  1 # one\n  , 2 # two\n  , 3 # three\n]\n", "unset /a/2; unset /a/1", "a: [\n  1 # one\n]\n"},
	} {
		c.run(t)
	}
}

func TestMove(t *testing.T) {
	for _, c := range []editing{
		{"a key", "a: 1 # one\n'b': 2\n", "move /a /c", "c: 1 # one\n'b': 2\n"},
		{"a quoted key", "'a': 1\n", "move /a /c d", "'c d': 1\n"},
		{"a key in json", `{"a": 1}`, "move /a /c", `{"c": 1}`},
		{"many keys", "- a: 1\n- a: 2 # x\n- {a: 3}\n", "move /0/a /0/b; move /1/a /1/b; move /2/a /2/b", "- b: 1\n- b: 2 # x\n- {b: 3}\n"},
		{"into another mapping", "a:\n    b: 1\n# about c\nc: x # y\nd: 1\n", "move /c /a/e", "a:\n    b: 1\n    # about c\n    e: x # y\nd: 1\n"},
		{"with all that is below", "a:\n  c:\n  - x: 1 # one\n    y: |\n      p\n\n      q\n  # about d\n  d:\n    # about e\n    e: 2\nb: 1\n", "move /a/c /f; move /a/d /g/d",
			"a: {}\nb: 1\nf:\n- x: 1 # one\n  y: |\n    p\n\n    q\ng:\n  # about d\n  d:\n    # about e\n    e: 2\n"},
		{"into a mapping that is not there", "a: 1 # one\nb: 2\n", "move /a /c/d", "b: 2\nc:\n  d: 1 # one\n"},
		{"out of the only one", "a:\n  b: 1\nc: 2\n", "move /a/b /b", "a: {}\nc: 2\nb: 1\n"},
		{"behind the last item of a list that is not there", "b: 1\na: x # c\n", "move /a /c/d/-", "b: 1\nc:\n  d:\n    - x # c\n"},
		{"with anchors of its own", "a:\n  b: &b [1]\n  c: *b\nd: 1\n", "move /a /e", "e:\n  b: &b [1]\n  c: *b\nd: 1\n"},
		{"into its own parent", "a:\n  b:\n    c: 1\n    d: 2\n", "move /a/b/d /a/d", "a:\n  b:\n    c: 1\n  d: 2\n"},
		{"out of braces", "a: {b: [1, 2], c: 3}\nd: 1\n", "move /a/b /e", "a: {c: 3}\nd: 1\ne: [1, 2]\n"},
		{"into braces", "a: {c: 3}\nd:\n- 1\n- x\n", "move /d /a/d", "a: {c: 3, d: [1, x]}\n"},
		{"into braces, with its comments", "x: 1\na: {c: 3}\n# about d\nd: 5 # five\n  # more\ne: 1\n", "move /d /a/d", "x: 1\n# about d\n# five\n# more\na: {c: 3, d: 5}\ne: 1\n"},
		{"within braces, with its comments", "{c: 3, # three\n d: 5, # five\n e: 1} # end\n", "move /d /a/d", "# five\n{c: 3, # three\n e: 1,\n a: {\n  d: 5\n }} # end\n"},
		{"out of braces over lines, with its comments", "a: {\n  # about b\n  b: 1, # one\n  c: 3\n}\n", "move /a/b /e", "a: {\n  c: 3\n}\n# about b\n# one\ne: 1\n"},
		{"out of braces, with comments on lines of its own", "a: {\n  b: [ # zero\n    1, # one\n    # about two\n    2\n    # end\n  ], # b\n  c: 3\n}\n", "move /a/b /e", "a: {\n  c: 3\n}\n# b\ne: [ # zero\n    1, # one\n    # about two\n    2\n    # end\n  ]\n"},
		{"out of brackets, with the comment of a line with others", "a: [x, y, # both\n  z]\n", "move /a/1 /b", "a: [x, # both\n  z]\nb: y\n"},
		{"into braces, a text of lines", "a: {c: 3}\nd: |\n  x # no comment\n  y\n", "move /d /a/d", "a: {c: 3, d: \"x # no comment\\ny\\n\"}\n"},
		{"behind the last item", "a:\n- x\nb:\n  c: 1\n  # d\n  d: 2\n", "move /b /a/-", "a:\n- x\n- c: 1\n  # d\n  d: 2\n"},
		{"an item", "a:\n- b: 1\n  c: 2 # two\n- x\n", "move /a/0 /d", "a:\n- x\nd:\n  b: 1\n  c: 2 # two\n"},
		{"json to another parent", "{\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  },\n  \"c\": 1\n}\n", "move /a/b /d", "{\n  \"a\": {},\n  \"c\": 1,\n  \"d\": [\n    1\n  ]\n}\n"},
	} {
		c.run(t)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []editing{
		{"below an alias", "a: &x {b: 1}\nc: *x\n", "set /c/b 2", "error: /c/b: /c (line 2): *x stands here for a value that is written elsewhere, and a change of it would change every place that uses it: write the value out here first"},
		{"what an alias stands for", "a: &x\n  b: 1\nc: *x\n", "set /a/b 2", "error: /a/b: /a (line 1) has the anchor &x, which aliases use, so a change would change other places too: write the value out where *x stands, first"},
		{"gone, with what an alias stands for", "a:\n  b: &x 1\nc: *x\n", "unset /a", "error: /a: /a (line 2) has the anchor &x, which aliases use, so a change would change other places too: write the value out where *x stands, first"},
		{"what is merged", "a: &x {b: 1}\nc:\n  <<: *x\n", "set /c/b 2", "error: /c/b: /c/b (line 3): *x merges this value from elsewhere, and a change of it would change every place that uses it: write the value out here first"},
		{"below a text", "a: x\n", "set /a/b 2", "error: /a/b: /a is no mapping or list, so nothing can stand below it"},
		{"beyond a list", "a: [1]\n", "set /a/5 2", "error: /a/5: /a is a list of 1 items: write a position from 0 to 1, or - to append"},
		{"not there", "a: 1\n", "move /b /c", "error: /c: there is nothing at /b to be moved"},
		{"there already", "a: 1\nb: 2\n", "move /b /a", "error: /a: something stands here already; remove one of the two first"},
		{"into itself", "a: {b: 1}\n", "move /a /a/b/c", "error: /a/b/c: /a/b/c lies within /a, which is to be moved there"},
		{"a comment between an item and its comma", "a: { b: 1 # one\n  , c: 2 } # two\n", "unset /a/b", "error: /a/b: the comment \"# one\" in line 1 would be lost: change it by hand"},
		{"a comment beside a key that moves", "? a # k\n: x # d\nb: 1\n", "move /a /c/d", "error: /c/d: the comment \"# k\" in line 1 would be lost: change it by hand"},
		{"comments into braces", "a: {c: 3}\nd:\n  e: 1\n  # about f\n  f: 2\n", "move /d /a/d", "error: /a/d: the comments within it cannot stand in the brackets that it is to be moved into: change it by hand"},
		{"the document", "a: 1\n", "unset ", "error: the document: a document as a whole cannot be removed; remove the file"},
		{"no YAML", "a: [\n", "set /a 1", "error: line 1, column 4: this \"[\" is never closed"},
		{"the second document", "a: 1\n", "second /a 1", "error: there is no document 2 in this file: it has 1"},
	} {
		c.run(t)
	}
}
