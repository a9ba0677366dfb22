package diff_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
)

const guide = `
x-tamer-owners: [reader]
properties:
  plans:
    x-tamer-key: code
    items:
      properties:
        price: {title: Price of a month, x-tamer-unit: EUR, x-tamer-owners: [billing], x-tamer-deprecated: {since: "2026-01-01", use: /cost}}
        trial: {type: integer, default: 14}
        token: {writeOnly: true}
  tags: {uniqueItems: true}
  limits: {$ref: "#/$defs/limits"}
  account:
    x-tamer-secret: true
  login:
    oneOf:
      - {properties: {kind: {const: key}, text: {writeOnly: true}}}
      - {properties: {kind: {const: name}}}
  hours: {default: {from: 8}}
$defs:
  limits: {properties: {users: {default: 10}}, default: {users: 5}}
`

// What the schema makes of a difference: each line is a change, its effect and notes.
func TestGuided(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"items by x-tamer-key", "plans: [{code: a, id: 1, price: 1}, {code: b, id: 1}]", "plans: [{code: b, id: 1}, {code: a, id: 1, price: 2}]",
			"move /plans/0 from /plans/1 plans[b] (reader)\n" +
				"change /plans/1/price 1 -> 2 plans[a].price (billing, reader) Price of a month, EUR, deprecated since 2026-01-01, use /cost"},
		{"sets have no order", "tags: [a, b, c]", "tags: [c, a]", `remove /tags/1 "b" tags[1] (reader)`},
		{"sets of mappings are lists", "tags: [{a: 1}, {b: 1}]", "tags: [{b: 1}, {a: 1}]", "move /tags/0 from /tags/1 tags[0] (reader)"},
		{"secrets", "plans: [{code: a, token: x}]\naccount: {a: 1}", "plans: [{code: a, token: y}]\naccount: {a: 2}",
			"change /account \"(secret)\" -> \"(secret)\" account (reader)\nchange /plans/0/token \"(secret)\" -> \"(secret)\" plans[a].token (reader)"},
		{"secrets within what is added", "{}", "plans: [{code: a, token: x}]", `add /plans [{"code":"a","token":"(secret)"}] plans (reader)`},
		{"secrets of an alternative that does not fit", "login: {kind: no, text: x}", "login: {kind: no, text: y}",
			"change /login/text \"(secret)\" -> \"(secret)\" login.text (reader)"},
		{"secrets within what takes another form", "plans: [{code: a, token: x}]", "plans: 1", `change /plans [{"code":"a","token":"(secret)"}] -> 1 plans (reader)`},
		{"a default is no longer written", "plans: [{code: a, trial: 14}]", "plans: [{code: a}]", "remove /plans/0/trial 14 plans[a].trial none (reader)"},
		{"a default is written out", "plans: [{code: a}]", "plans: [{code: a, trial: 14.0}]", "add /plans/0/trial 14.0 plans[a].trial none (reader)"},
		{"another value than the default", "plans: [{code: a}]", "plans: [{code: a, trial: 30}]", "add /plans/0/trial 30 plans[a].trial default 14 (reader)"},
		{"back to the default", "plans: [{code: a, trial: 30}]", "plans: [{code: a}]", "remove /plans/0/trial 30 plans[a].trial default 14 (reader)"},
		{"a default of a mapping, and one within", "{}", "limits: {}", "add /limits {} limits (reader)"},
		{"less than a default of a mapping", "{}", "hours: {}", "add /hours {} hours (reader)"},
		{"within what has moved", "plans: [{code: a, trial: 14}, {code: b}, {code: c}]", "plans: [{code: b}, {code: c}, {code: a}]",
			"remove /plans/0/trial 14 plans[a].trial none (reader)\nmove /plans/2 from /plans/0 plans[a] (reader)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := compile(t, guide)
			f := diff.Files([]byte(c.old), []byte(c.new), s, s, document.Limits{})
			if got := guidedLines(f.Changes); got != c.want || f.Problem != "" || len(f.Unwritten) > 0 {
				t.Errorf("got\n%s\nwant\n%s\n%s%v", got, c.want, f.Problem, f.Unwritten)
			}
			// A schema that says the same in another text is asked about the whole file, and not only about what differs.
			f = diff.Files([]byte(c.old), []byte(c.new), s, compile(t, guide+"$comment: another text"), document.Limits{})
			if got := guidedLines(f.Changes); got != c.want || len(f.Unwritten) > 0 {
				t.Errorf("by the whole file got\n%s\nwant\n%s\n%v", got, c.want, f.Unwritten)
			}
		})
	}
}

// A new default changes files that nobody has edited; and what the old schema hid stays hidden.
func TestSchemaChanges(t *testing.T) {
	before, after := compile(t, guide), compile(t, strings.NewReplacer("default: 14", "default: 30", "{writeOnly: true}", "{default: none}").Replace(guide))
	src := []byte("plans: [{code: a}, {code: b, trial: 14}, {code: c, token: x}]")
	f := diff.Files(src, src, before, after, document.Limits{})
	want := `add /plans/0/token "(secret)" plans[a].token effect (reader)
change /plans/0/trial 14 -> 30 plans[a].trial effect (reader)
add /plans/1/token "(secret)" plans[b].token effect (reader)
change /plans/2/trial 14 -> 30 plans[c].trial effect (reader)`
	if got := guidedLines(f.Unwritten); got != want || !f.Equal() || f.Formatting {
		t.Errorf("got\n%s\nwant\n%s\nchanges: %v", got, want, f.Changes)
	}
	f = diff.Files(src, []byte("plans: [{code: c, token: y}]"), before, after, document.Limits{})
	for _, ch := range f.Changes {
		if text := asJSON(ch); strings.Contains(text, `"x"`) || strings.Contains(text, `"y"`) {
			t.Errorf("a secret shows: %s", text)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	f := diff.Files([]byte("a: 1"), []byte("a: [1"), nil, nil, document.Limits{})
	if want := "the new version cannot be read: line 1, column 4: "; !strings.HasPrefix(f.Problem, want) || f.Equal() {
		t.Errorf("got %q, want %q and a reason", f.Problem, want)
	}
}

// guidedLines adds to each change its name, effect, owners and notes.
func guidedLines(changes []diff.Change) string {
	all := strings.Split(lines(changes), "\n")
	for i, ch := range changes {
		all[i] += " " + ch.Name
		if ch.Effect != diff.AsWritten {
			all[i] += " " + string(ch.Effect)
		}
		if ch.Effect == diff.Filled {
			all[i] += " " + asJSON(ch.Default)
		}
		all[i] += " (" + strings.Join(ch.Owners, ", ") + ")"
		if ch.Note.Title != "" {
			all[i] += " " + ch.Note.Title + ", " + ch.Note.Unit + ", deprecated " + ch.Note.Deprecated
		}
	}
	return strings.Join(all, "\n")
}

func compile(t *testing.T, src string) *schema.Schema {
	t.Helper()
	s, found := schema.NewSet(fstest.MapFS{"s.yaml": {Data: []byte(src)}}).Compile("s.yaml")
	if s == nil {
		t.Fatal(found)
	}
	return s
}

// The work on what is deep grows with its size only, also where nothing differs in it and defaults are filled in.
func TestDeepFiles(t *testing.T) {
	deep := strings.Repeat("{a: ", 60) + "1" + strings.Repeat("}", 60)
	s := compile(t, "title: Deep\nproperties: {size: {default: 5}}")
	f := diff.Files([]byte("{d: "+deep+", x: 1}"), []byte("{d: "+deep+", x: 2}"), s, s, document.Limits{})
	if got, want := lines(f.Changes), "change /x 1 -> 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
