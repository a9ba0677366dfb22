package diff_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
)

// What people would say has changed.
func TestCompare(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"equal", "a: 1", "{a: 1}", ""},
		{"formatting, order of keys, comments, quotes", "a: x # why\nb: [1, 2]", "b:\n- 1\n- 2\n\"a\": 'x'", ""},
		{"anchors and merge keys", "d: &d {x: 1, y: 2}\na: {<<: *d, y: 3}", "a: {x: 1, y: 3}\nd: {x: 1, y: 2}", ""},
		{"numbers by value", "[1.0, 1e2, 0x10, -0, 0.50, 12300e-2]", "[1, 100, 16, 0, 0.5, 123]", ""},
		{"large integers exactly", "a: 12345678901234567890", "a: 12345678901234567891", "change /a 12345678901234567890 -> 12345678901234567891"},
		{"a number and a text", "a: 1", `a: "1"`, `change /a 1 -> "1"`},
		{"null and absent", "a: null", "{}", "remove /a null"},
		{"null and false", "a:", "a: false", "change /a null -> false"},
		{"empty containers differ", "a: {}", "a: []", "change /a {} -> []"},
		{"another kind", "a: {b: 1}", "a: [b]", `change /a {"b":1} -> ["b"]`},
		{"the whole document", "1", "[1]", "change / 1 -> [1]"},
		{"nested", "a: {b: {c: 1, d: 2}}", "a: {b: {c: 3, e: 4}}", "change /a/b/c 1 -> 3\nremove /a/b/d 2\nadd /a/b/e 4"},
		{"keys that need escapes", "{a/b: 1, c~d: 1}", "{a/b: 2, c~d: 2}", "change /a~1b 1 -> 2\nchange /c~0d 1 -> 2"},
		{"a key of another name, with a scalar", "a: 1", "b: 1", "remove /a 1\nadd /b 1"},
		{"a key of another name, with a small mapping", "a: {x: 1}", "b: {x: 1}", `remove /a {"x":1}` + "\n" + `add /b {"x":1}`},
		{"a renamed key", "a: {x: 1, y: 2}", "b: {x: 1, y: 2}", "move /b from /a"},
		{"a renamed key whose content has changed", "a: {x: 1, y: 2, z: 3}", "b: {x: 1, y: 2, z: 4}", "move /b from /a\nchange /b/z 3 -> 4"},
		{"to another parent", "a: {k: {x: 1, y: 2}}\nb: {}", "a: {}\nb: {k: {x: 1, y: 2}}", "move /b/k from /a/k"},
		{"equal twins are not told to have moved", "{a: {x: 1, y: 2}, b: {x: 1, y: 2}}", "{c: {x: 1, y: 2}, d: {x: 1, y: 2}}",
			"remove /a {\"x\":1,\"y\":2}\nremove /b {\"x\":1,\"y\":2}\nadd /c {\"x\":1,\"y\":2}\nadd /d {\"x\":1,\"y\":2}"},

		{"item changed", "[1, 2, 3]", "[1, 5, 3]", "change /1 2 -> 5"},
		{"item added at the end", "[1, 2]", "[1, 2, 3]", "add /2 3"},
		{"item added in front", "[1, 2]", "[0, 1, 2]", "add /0 0"},
		{"item removed in front", "[0, 1, 2]", "[1, 2]", "remove /0 0"},
		{"item removed in the middle, another changed", "[1, 2, 3, 4, 5]", "[1, 3, 4, 6]", "remove /1 2\nchange /3 5 -> 6"},
		{"twins", "[a, b, a]", "[a]", "remove /1 \"b\"\nremove /2 \"a\""},
		{"items swapped", "[a, b]", "[b, a]", "move /0 from /1"},
		{"reversed: the one in the middle stays", "[1, 2, 3]", "[3, 2, 1]", "move /0 from /2\nmove /2 from /0"},
		{"one item to the end", "[a, b, c, d]", "[b, c, d, a]", "move /3 from /0"},
		{"list emptied", "[1, 2]", "[]", "remove /0 1\nremove /1 2"},
		{"mappings without identity", "[{a: 1, b: 1}, {a: 2, b: 2}]", "[{a: 3, b: 3}, {a: 1, b: 1}, {a: 2, b: 9}]", `add /0 {"a":3,"b":3}` + "\nchange /2/b 2 -> 9"},
		{"a mapping that moved and changed", "[{x: 1, y: 2, z: 3}, {o: 1}, {p: 1}]", "[{o: 1}, {p: 1}, {x: 1, y: 2, z: 4}]", "move /2 from /0\nchange /2/z 3 -> 4"},
		{"lists in lists", "[[1, 2], [3, 4]]", "[[1, 2], [3, 5]]", "change /1/1 4 -> 5"},

		{"by id", "[{id: a, v: 1}, {id: b, v: 2}]", "[{id: c, v: 7}, {id: a, v: 1}, {id: b, v: 3}]", `add /0 {"id":"c","v":7}` + "\nchange /2/v 2 -> 3"},
		{"by id, removed", "[{id: a, v: 1}, {id: b, v: 2}]", "[{id: b, v: 2}]", `remove /0 {"id":"a","v":1}`},
		{"by name, reordered", "[{name: a, v: 1}, {name: b, v: 2}, {name: c}]", "[{name: b, v: 2}, {name: c}, {name: a, v: 4}]", "move /2 from /0\nchange /2/v 1 -> 4"},
		{"an id that is renamed", "[{id: a, x: 1, y: 2}, {id: b, x: 5, y: 6}]", "[{id: c, x: 1, y: 2}, {id: b, x: 5, y: 6}]", `change /0/id "a" -> "c"`},
		{"ids that are no scalars are none", "[{id: [a], v: 1}]", "[{id: [a], v: 2}]", "change /0/v 1 -> 2"},
		{"ids that are not unique are none", "[{id: a, v: 1}, {id: a, v: 2}]", "[{id: a, v: 1}, {id: a, v: 3}]", "change /1/v 2 -> 3"},
		{"1 and \"1\" are two ids", "[{id: 1, v: 1}]", "[{id: \"1\", v: 5}]", `remove /0 {"id":1,"v":1}` + "\n" + `add /0 {"id":"1","v":5}`},

		{"documents", "a: 1\n---\nb: 1", "a: 1\n---\nb: 2", "change 2 /b 1 -> 2"},
		{"a document added", "a: 1", "a: 1\n---\nb: 2", `add 2 / {"b":2}`},
		{"a document removed in front", "a: 1\n---\nb: 2", "b: 2", `remove 1 / {"a":1}`},
		{"documents swapped", "a: 1\n---\nb: 2", "b: 2\n---\na: 1", "move 1 / from 2 /"},
		{"an empty file", "", "a: 1", `change / null -> {"a":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			old, new := parse(t, c.old), parse(t, c.new)
			changes := diff.Compare(diff.Side{Documents: old}, diff.Side{Documents: new})
			if got := lines(changes); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			checkApply(t, old, new, changes)
		})
	}
}

// A file that is new has no documents before.
func TestCompareAbsent(t *testing.T) {
	file := diff.Side{Documents: parse(t, "a: 1")}
	if got, want := lines(diff.Compare(diff.Side{}, file)), `add / {"a":1}`; got != want {
		t.Errorf("a new file: got %s, want %s", got, want)
	}
	if got, want := lines(diff.Compare(file, diff.Side{})), `remove / {"a":1}`; got != want {
		t.Errorf("a removed file: got %s, want %s", got, want)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"segments: [{id: vip, threshold: 1}]", "segments: [{id: vip, threshold: 2}]", "segments[vip].threshold"},
		{"[{id: 7, v: 1}]", "[{id: 7, v: 2}]", "[id=7].v"},
		{`[{id: "7", v: 1}]`, `[{id: "7", v: 2}]`, `["7"].v`},
		{"[{name: two words, v: 1}]", "[{name: two words, v: 2}]", `["two words"].v`},
		{"a: [1, [2, 3]]", "a: [1, [2, 4]]", "a[1][1]"},
		{"a.b: {c d: 1}", "a.b: {c d: 2}", `["a.b"]["c d"]`},
		{"1", "2", ""},
	} {
		changes := diff.Compare(diff.Side{Documents: parse(t, c.old)}, diff.Side{Documents: parse(t, c.new)})
		if len(changes) != 1 || changes[0].Name != c.want {
			t.Errorf("%s to %s: got %+v, want the name %s", c.old, c.new, changes, c.want)
		}
	}
}

// parse gives the documents of a source that is valid.
func parse(t testing.TB, src string) []any {
	t.Helper()
	docs, found := document.Parse([]byte(src), document.Limits{})
	if len(found) > 0 {
		t.Fatalf("%s\n%s", found[0].Message, src)
	}
	values := make([]any, len(docs))
	for i, d := range docs {
		values[i] = d.Value
	}
	return values
}

// lines writes each change on a line: op, document, pointer (/ for the whole document), values.
func lines(changes []diff.Change) string {
	var out []string
	for _, ch := range changes {
		line := fmt.Sprintf("%s %s", ch.Op, place(ch.Document, ch.Path))
		switch ch.Op {
		case diff.Add:
			line += " " + asJSON(ch.New)
		case diff.Remove:
			line += " " + asJSON(ch.Old)
		case diff.Move:
			line += " from " + place(ch.FromDocument, ch.From)
		default:
			line += " " + asJSON(ch.Old) + " -> " + asJSON(ch.New)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func place(doc int, path []string) string {
	pointer := document.Pointer(path)
	if pointer == "" {
		pointer = "/"
	}
	if doc > 0 {
		return fmt.Sprint(doc, " ", pointer)
	}
	return pointer
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// checkApply is the law that ties differences to values: applying them to the old file gives the new one.
func checkApply(t testing.TB, old, new []any, changes []diff.Change) {
	t.Helper()
	before := asJSON(old)
	got, err := diff.Apply(old, changes)
	if err != nil {
		t.Fatalf("apply: %v\nold %s\nnew %s\n%s", err, before, asJSON(new), lines(changes))
	}
	if !diff.Equal(any(got), any(new)) {
		t.Fatalf("applied, the difference gives %s\nold %s\nnew %s\n%s", asJSON(got), before, asJSON(new), lines(changes))
	}
	if asJSON(old) != before {
		t.Fatalf("Apply has changed what it was given: %s is now %s", before, asJSON(old))
	}
}
