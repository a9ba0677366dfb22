package diff_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
)

// Where a value is said to be the same as one that was there before, it is; and in one version each comes from itself.
func TestOriginLaws(t *testing.T) {
	known, same, asked := 0, 0, 0
	for seed := range rounds {
		g := newGenerator(seed)
		old := g.documents()
		new := g.mutatedDocuments(old)
		a, b := diff.Side{Documents: old}, diff.Side{Documents: new}
		at := g.path(new)
		n, _ := strconv.Atoi(at[0])
		o, there, err := diff.OriginOf(a, b, n, at[1:])
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		asked++
		if !there {
			continue
		}
		known++
		was, has := lookup(old, append([]string{strconv.Itoa(o.Document)}, o.Path...))
		is, _ := lookup(new, at)
		if !has {
			t.Fatalf("seed %d: %v comes from %v of document %d, where nothing was\nold %s\nnew %s", seed, at, o.Path, o.Document, asJSON(old), asJSON(new))
		}
		if o.Same {
			same++
			if !diff.Equal(was, is) {
				t.Fatalf("seed %d: %v is said to be what %v was: %s is not %s", seed, at, o.Path, asJSON(is), asJSON(was))
			}
		}
		back, there, err := diff.OriginOf(a, a, o.Document, o.Path)
		if err != nil || !there || !back.Same || !slices.Equal(back.Path, o.Path) {
			t.Fatalf("seed %d: in one version a value comes from %v, not from itself (%v)", seed, back, err)
		}
	}
	if known < asked/3 || same < asked/4 {
		t.Errorf("of %d values %d were known before and %d the same: the law says little", asked, known, same)
	}
}

// path leads to some value within the documents; its first token is the position of the document.
func (g generator) path(docs []any) []string {
	var at []string
	var v any = docs
	for {
		switch m := v.(type) {
		case map[string]any:
			if len(m) == 0 || g.IntN(5) == 0 {
				return at
			}
			keys := make([]string, 0, len(m))
			for key := range m {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			at = append(at, pickOne(g, keys))
			v = m[at[len(at)-1]]
		case []any:
			if len(m) == 0 || len(at) > 0 && g.IntN(5) == 0 {
				return at
			}
			i := g.IntN(len(m))
			at, v = append(at, strconv.Itoa(i)), m[i]
		default:
			return at
		}
	}
}

func lookup(v any, tokens []string) (any, bool) {
	for _, token := range tokens {
		switch m := v.(type) {
		case map[string]any:
			below, has := m[token]
			if !has {
				return nil, false
			}
			v = below
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(m) {
				return nil, false
			}
			v = m[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// What counts as a change of a value, and what does not.
func TestOrigin(t *testing.T) {
	for name, c := range map[string]struct{ old, new, at, want string }{
		"untouched":            {`{a: 1, b: 2}`, `{a: 1, b: 3}`, "/a", "same at /a"},
		"written otherwise":    {`{a: 1.0, b: 2}`, "# new\nb: 3\na: 1\n", "/a", "same at /a"},
		"changed":              {`{a: 1}`, `{a: 2}`, "/a", "other at /a"},
		"text and number":      {`{a: 1}`, `{a: "1"}`, "/a", "other at /a"},
		"added":                {`{b: 1}`, `{a: 1, b: 1}`, "/a", "new"},
		"shifted by position":  {`[x, y]`, `[w, x, y]`, "/2", "same at /1"},
		"item moved by its id": {`[{id: a, n: 1}, {id: b, n: 2}]`, `[{id: b, n: 2}, {id: a, n: 1}]`, "/0/n", "same at /1/n"},
		"moved and changed":    {`[{id: a, n: 1}, {id: b, n: 2}]`, `[{id: b, n: 3}, {id: a, n: 1}]`, "/0/n", "other at /1/n"},
		"the list itself":      {`[{id: a, n: 1}, {id: b, n: 2}]`, `[{id: b, n: 2}, {id: a, n: 1}]`, "", "other at "},
		"key renamed":          {`{p: {a: 1, b: 2, c: 3}}`, `{q: {a: 1, b: 2, c: 3}}`, "/q/a", "same at /p/a"},
		"something within":     {`{p: {a: 1, b: 2}}`, `{p: {a: 1, b: 3}}`, "/p", "other at /p"},
		"mapping for scalar":   {`{p: 1}`, `{p: {a: 1}}`, "/p/a", "new"},
		"not there at all":     {`{p: 1}`, `{p: 2}`, "/x/y", "new"},
	} {
		t.Run(name, func(t *testing.T) {
			old, problem := diff.ReadSide([]byte(c.old), nil, document.Limits{})
			new, problem2 := diff.ReadSide([]byte(c.new), nil, document.Limits{})
			if problem+problem2 != "" {
				t.Fatal(problem, problem2)
			}
			o, known, err := diff.OriginOf(old, new, 0, document.Tokens(c.at))
			got := map[bool]string{true: "same at ", false: "other at "}[o.Same] + document.Pointer(o.Path)
			if !known {
				got = "new"
			}
			if err != nil || got != c.want {
				t.Errorf("%s, want %s (%v)", got, c.want, err)
			}
		})
	}
}

// By the schema: what identifies items, and what is a set. Secrets are followed like all else.
func TestOriginBySchema(t *testing.T) {
	s := compile(t, `{"properties": {"plans": {"x-tamer-key": "code", "x-tamer-secret": true}, "tags": {"uniqueItems": true}}}`)
	old, _ := diff.ReadSide([]byte(`{plans: [{code: a, n: 1}, {code: b, n: 9}], tags: [x, y]}`), s, document.Limits{})
	new, _ := diff.ReadSide([]byte(`{plans: [{code: b, n: 1}, {code: a, n: 1}, {code: c, m: {n: 5}}], tags: [y, x]}`), s, document.Limits{})
	for at, want := range map[string]string{"/plans/0/n": "/plans/1/n false true", "/plans/1/n": "/plans/0/n true true", "/tags": "/tags true true", "/plans/2/m/n": " false false"} {
		o, known, err := diff.OriginOf(old, new, 0, document.Tokens(at))
		got := strings.Join([]string{document.Pointer(o.Path), strconv.FormatBool(o.Same), strconv.FormatBool(known)}, " ")
		if err != nil || got != want {
			t.Errorf("%s: %s, want %s (%v)", at, got, want, err)
		}
	}
}

// What a schema says of a value: the nearest words, all owners around, and secrets within.
func TestAbout(t *testing.T) {
	s := compile(t, `{"x-tamer-owners": ["billing"], "title": "All", "properties": {
		"plan": {"title": "Plan", "properties": {"price": {"title": "Price", "x-tamer-unit": "EUR", "x-tamer-owners": ["web"]}, "token": {"writeOnly": true}}}}}`)
	docs, _ := document.Parse([]byte("plan: {price: 1, token: t}\n"), document.Limits{})
	for at, want := range map[string]string{
		"/plan/price": `{"Title":"Price","Unit":"EUR","Owners":["billing","web"]}`,
		"/plan":       `{"Secret":true,"Title":"Plan","Owners":["billing"]}`,
		"/plan/token": `{"Secret":true,"Owners":["billing"]}`,
	} {
		n := diff.About(s, docs[0], document.Tokens(at))
		got, _ := json.Marshal(struct {
			Secret bool     `json:",omitempty"`
			Title  string   `json:",omitempty"`
			Unit   string   `json:",omitempty"`
			Owners []string `json:",omitempty"`
		}{n.Secret, n.Title, n.Unit, n.Owners})
		if string(got) != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}
