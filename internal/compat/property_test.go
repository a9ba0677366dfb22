package compat

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/schema"
)

var instances = flag.Int("instances", 20_000, "instances that verdicts on random pairs of schemas are held against")

// firstSeed makes the pairs; another one makes others.
var firstSeed = flag.Uint64("seed", 7, "what the random pairs of schemas are made from")

func tryCompile(m any) *schema.Schema {
	src, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	s, _ := schema.NewSet(fstest.MapFS{"s.json": {Data: src}}).Compile("s.json")
	return s
}

// No instance contradicts a verdict: what is called compatible is, and what is called broken has its witness.
func TestVerdictsHold(t *testing.T) {
	const perPair = 40
	r := rand.New(rand.NewPCG(*firstSeed, 2026))
	judged, directions, unproven, compatible := 0, 0, 0, 0
	for judged < *instances {
		g := &generator{Rand: r, draft: pick(&generator{Rand: r}, 4, 6, 7, 2019, 2020)}
		a := g.root()
		b := any(g.root())
		if g.IntN(4) > 0 {
			b = g.changed(a, 2)
		}
		if m, ok := b.(map[string]any); ok {
			m["$schema"] = a["$schema"]
			if m["definitions"] == nil {
				m["definitions"] = a["definitions"]
			}
		}
		old, new := tryCompile(a), tryCompile(b)
		if old == nil || new == nil {
			continue
		}
		p, err := newPair(old, new)
		if err != nil {
			t.Fatal(err)
		}
		back, forth := p.verdict(Backward), p.verdict(Forward)
		for _, v := range []Verdict{back, forth} {
			directions++
			if !v.Proven {
				unproven++
			}
			if !v.Broken {
				compatible++
			}
		}
		sa, _ := json.Marshal(a)
		sb, _ := json.Marshal(b)
		if testing.Verbose() && (!back.Proven || !forth.Proven) && unproven < 40 {
			t.Logf("not proven %v %v\n%s\n%s", back.Proven, forth.Proven, sa, sb)
		}
		for range perPair {
			judged++
			v := g.value(3)
			inOld, err1 := p.old.Accepts(v)
			inNew, err2 := p.new.Accepts(v)
			if err1 != nil || err2 != nil {
				continue
			}
			if inOld && !inNew && !back.Broken || inNew && !inOld && !forth.Broken {
				c, _ := json.Marshal(v)
				t.Fatalf("old %s\nnew %s\ninstance %s: accepted by old %v, by new %v; broken: backward %v, forward %v", sa, sb, c, inOld, inNew, back.Broken, forth.Broken)
			}
		}
	}
	t.Logf("%d verdicts on %d instances: %.1f %% compatible, %.2f %% not proven", directions, judged, 100*float64(compatible)/float64(directions), 100*float64(unproven)/float64(directions))
}
