package compat_test

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
)

// firstSeed makes the pairs; another one makes others.
var firstSeed = flag.Uint64("seed", 7, "what the random pairs of schemas are made from")

// instances is how many instances verdicts are held against: TAMER_COMPAT_INSTANCES says another number.
func instances(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TAMER_COMPAT_INSTANCES")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("TAMER_COMPAT_INSTANCES is no number: %v", err)
	}
	return n
}

func tryCompile(m any) *schema.Schema {
	src, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	s, _ := schema.NewSet(fstest.MapFS{"s.json": {Data: src}}).Compile("s.json")
	return s
}

// randomPair gives two schemas, most often one and a change of it.
func (g *generator) randomPair() (a, b any) {
	old := g.root()
	changed := any(g.root())
	if g.IntN(4) > 0 {
		changed = g.changed(old, 2)
	}
	if m, ok := changed.(map[string]any); ok {
		m["$schema"] = old["$schema"]
		if m["definitions"] == nil {
			m["definitions"] = old["definitions"]
		}
	}
	return old, changed
}

// No instance contradicts a verdict: what is called compatible is, and what is called broken has its witness.
func TestVerdictsHold(t *testing.T) {
	const perPair = 40
	r := rand.New(rand.NewPCG(*firstSeed, 2026))
	judged, directions, compatible, unproven := 0, 0, 0, 0
	for want := instances(t); judged < want; {
		g := &generator{Rand: r, draft: pick(&generator{Rand: r}, 4, 6, 7, 2019, 2020)}
		a, b := g.randomPair()
		old, new := tryCompile(a), tryCompile(b)
		if old == nil || new == nil {
			continue
		}
		report, err := compat.Compare(old, new)
		if err != nil {
			t.Fatal(err)
		}
		directions += 2
		for _, d := range []compat.Direction{compat.Backward, compat.Forward} {
			if !report.Breaks(d) {
				compatible++
			} else if !proven(report, d) {
				unproven++
				if testing.Verbose() {
					t.Logf("not proven: %s\n%s\n%s\n%+v", d, show(t, a), show(t, b), report.Changes)
				}
			}
		}
		checkWitnesses(t, old, new, report)
		for range perPair {
			judged++
			contradict(t, old, new, report, g.value(3), func() string { return show(t, a) + "\n" + show(t, b) })
		}
		if t.Failed() {
			t.Fatalf("%s\n%s\n%+v", show(t, a), show(t, b), report)
		}
	}
	t.Logf("%d verdicts on %d instances: %.1f %% compatible, %.2f %% not proven", directions, judged,
		100*float64(compatible)/float64(directions), 100*float64(unproven)/float64(directions))
	if unproven*100 > directions {
		t.Errorf("%d of %d verdicts are not proven: more than 1 %%", unproven, directions)
	}
}

func show(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func proven(r compat.Report, d compat.Direction) bool {
	for _, c := range r.Changes {
		if _, ok := c.Witnesses[d]; ok {
			return true
		}
	}
	return false
}

// contradict holds a report against one instance.
func contradict(t *testing.T, old, new *schema.Schema, r compat.Report, v any, schemas func() string) {
	t.Helper()
	doc := parsed(t, v)
	before, after := passes(old, doc), passes(new, doc)
	if before && !after && !r.Breaks(compat.Backward) || after && !before && !r.Breaks(compat.Forward) {
		t.Errorf("%s\ninstance %s: accepted by the old schema %v, by the new one %v; the verdict is %s", schemas(), show(t, v), before, after, r.Compatibility)
	}
}

// checkWitnesses holds every witness against both schemas.
func checkWitnesses(t *testing.T, old, new *schema.Schema, r compat.Report) {
	t.Helper()
	for _, c := range r.Changes {
		for d, w := range c.Witnesses {
			from, to := old, new
			if d == compat.Forward {
				from, to = new, old
			}
			if !accepts(t, from, w) || accepts(t, to, w) {
				t.Errorf("%+v shows nothing", c)
			}
		}
	}
}

// Any two schemas are compared in bounded time, and no value contradicts the verdict.
func FuzzCompare(f *testing.F) {
	for _, s := range [][3]string{
		{`{"type":"object","properties":{"a":{"$ref":"#"}}}`, `{"required":["a"]}`, `{"a":{}}`},
		{`{"oneOf":[{"pattern":"^a"},{"minLength":3}]}`, `{"anyOf":[{"pattern":"^(?!b)"},{"not":{"maxLength":2}}]}`, `"abc"`},
		{`{"contains":{"multipleOf":0.5},"uniqueItems":true}`, `{"prefixItems":[{"enum":[1,[],{}]}],"unevaluatedItems":false}`, `[1,0.5]`},
		{`{"patternProperties":{"a|b":{}},"additionalProperties":false}`, `{"propertyNames":{"maxLength":1},"dependentSchemas":{"a":{"minProperties":2}}}`, `{"a":1}`},
	} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, a, b, instance string) {
		old, new := tryCompile(json.RawMessage(a)), tryCompile(json.RawMessage(b))
		docs, bad := document.Parse([]byte(instance), document.Limits{})
		if old == nil || new == nil || len(bad) > 0 || len(a)+len(b) > 4000 {
			return
		}
		r, err := compat.Compare(old, new)
		if err != nil {
			return
		}
		checkWitnesses(t, old, new, r)
		contradict(t, old, new, r, docs[0].Value, func() string { return a + "\n" + b })
	})
}
