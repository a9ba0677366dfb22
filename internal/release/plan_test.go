package release

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
)

// A commit is files by path, and the key of each. A store is contents by key.
type commitFiles struct {
	content map[string]string
	key     map[string]string
}

func (c commitFiles) placements() []Placement {
	var all []Placement
	for path, key := range c.key {
		all = append(all, Placement{Key: key, Path: path})
	}
	return all
}

func (c commitFiles) served() map[string]string {
	store := map[string]string{}
	for path, key := range c.key {
		store[key] = c.content[path]
	}
	return store
}

// Whatever a store holds of a commit, and however often deploys were cut off in between: the steps to another commit, done to
// their end, give exactly that.
func TestPlan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 3000 {
		old := randomCommit(rnd)
		store := old.served()
		var dirty []string
		for range rnd.IntN(3) {
			s := plan(t, old, randomCommit(rnd), dirty)
			dirty = s.steps.Touched()
			s.do(store, rnd.IntN(len(dirty)+1))
		}
		wanted := randomCommit(rnd)
		s := plan(t, old, wanted, dirty)
		s.do(store, len(s.steps.Touched()))
		if !maps.Equal(store, wanted.served()) {
			t.Fatalf("round %d: the store holds %v, want %v\nsteps: %+v", round, store, wanted.served(), s.steps)
		}
		if again := plan(t, wanted, wanted, nil); len(again.steps.Touched()) > 0 {
			t.Fatalf("round %d: to stay where it is, it would do %+v", round, again.steps)
		}
	}
}

func randomCommit(rnd *rand.Rand) commitFiles {
	c := commitFiles{content: map[string]string{}, key: map[string]string{}}
	taken := map[string]bool{}
	for range rnd.IntN(6) {
		path, key := fmt.Sprint("path", rnd.IntN(6)), fmt.Sprint("key", rnd.IntN(6))
		if _, has := c.key[path]; has || taken[key] {
			continue
		}
		c.content[path], c.key[path], taken[key] = fmt.Sprint(rnd.IntN(3)), key, true
	}
	return c
}

type planned struct {
	steps Steps
	to    commitFiles
}

func plan(t *testing.T, from, to commitFiles, dirty []string) planned {
	t.Helper()
	changed := func(path string) bool { return from.content[path] != to.content[path] }
	s, err := Plan(from.placements(), to.placements(), changed, dirty)
	if err != nil {
		t.Fatal(err)
	}
	return planned{s, to}
}

// do does the first n steps.
func (p planned) do(store map[string]string, n int) {
	for _, key := range p.steps.Remove[:min(n, len(p.steps.Remove))] {
		delete(store, key)
	}
	for _, w := range p.steps.Write[:max(0, min(n-len(p.steps.Remove), len(p.steps.Write)))] {
		store[w.Key] = p.to.content[w.Path]
	}
}

// Two files cannot stand under one key.
func TestPlanClash(t *testing.T) {
	_, err := Plan(nil, []Placement{{"acme/plan.yaml", "a.yaml"}, {"acme/plan.yaml", "b.yaml"}}, func(string) bool { return true }, nil)
	if err == nil || err.Error() != "a.yaml and b.yaml would be stored under the same key acme/plan.yaml: rename or remove one of them" {
		t.Error(err)
	}
}

// Which keys may be half done.
func TestInterrupted(t *testing.T) {
	for _, c := range []struct {
		pending, channel int64
		want             int
	}{{0, 0, 0}, {1, 0, 1}, {1, 1, 0}, {2, 1, 1}, {1, 2, 0}} {
		got := Pending{Generation: c.pending, Keys: []string{"k"}}.Interrupted(Channel{Generation: c.channel})
		if len(got) != c.want {
			t.Errorf("pending %d, channel %d: %d keys, want %d", c.pending, c.channel, len(got), c.want)
		}
	}
}
