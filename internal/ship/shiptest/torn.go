// Package shiptest deploys to a sink of any kind while everything goes wrong, and reads from it as services do.
package shiptest

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
)

var deploys = flag.Int("deploys", 30, "how many commits shiptest deploys")

var customers = []string{"acme", "beta", "gamma"}

// Torn deploys commits one after the other, by workers that write through faulty, are killed at any step, and are overtaken by others
// while they pause. Beside them readers follow channel, release and bundles through sound: each always sees one commit, and never an
// earlier one than before. In the end a deploy that nothing disturbs leaves exactly the last commit. It gives the number of reads.
func Torn(t *testing.T, faulty, sound sink.Sink) int {
	t.Helper()
	w := &workers{t: t, sink: faulty, rnd: rand.New(rand.NewPCG(5, 5))}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var reading sync.WaitGroup
	readers := make([]reader, 2)
	for i := range readers {
		reading.Go(func() { readers[i].follow(ctx, t, sound) })
	}
	for w.tip < *deploys {
		w.tip++
		w.attempt(w.tip)
	}
	w.calm = true
	w.sink = sound
	w.tip++
	if err := w.deploy(w.tip); err != nil {
		t.Errorf("the last deploy: %v", err)
	}
	stop()
	reading.Wait()
	reads := 0
	for _, r := range readers {
		reads += r.reads
	}
	holds(t, sound, w.tip)
	if reads == 0 || w.killed == 0 || w.overtaken == 0 {
		t.Errorf("%d reads, %d workers killed, %d overtaken; want some of each", reads, w.killed, w.overtaken)
	}
	return reads
}

// workers deploy, one inside the pause of another.
type workers struct {
	t                 *testing.T
	sink              sink.Sink
	rnd               *rand.Rand
	tip               int
	calm              bool
	killed, overtaken int
}

// killed is what a worker panics with when its process ends.
type killed struct{}

// attempt deploys a commit, as a worker does: what goes wrong is left to the next one.
func (w *workers) attempt(n int) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(killed); !ok {
				panic(r)
			}
			w.killed++
		}
	}()
	_ = w.deploy(n)
}

func (w *workers) deploy(n int) error {
	s, err := ship.New(ship.Config{Sink: w.sink, Owner: release.Owner{Repository: "acme/config", ID: 1}, Now: time.Now, At: w.at})
	if err != nil {
		return err
	}
	st, err := s.Read(w.t.Context(), release.Production)
	if err != nil {
		return err
	}
	if st.Channel.Commit >= name(n) && !st.Interrupted() {
		return nil // the branch holds production's commit, and this one is behind it
	}
	_, err = s.Deploy(w.t.Context(), st, commit(max(n, number(st.Channel.Commit))))
	return err
}

// at is called at each step of a deploy.
func (w *workers) at(ship.Point) {
	if w.calm {
		return
	}
	switch w.rnd.IntN(24) {
	case 0:
		panic(killed{})
	case 1, 2: // paused, while somebody else deploys what came later
		w.overtaken++
		w.tip++
		w.attempt(w.tip)
	}
}

func name(n int) forge.Commit { return forge.Commit(fmt.Sprintf("%040d", n)) }

func number(c forge.Commit) (n int) {
	fmt.Sscan(strings.TrimLeft(string(c), "0"), &n)
	return n
}

func text(customer string, n int) string { return fmt.Sprintf("name: %s of %s\n", customer, name(n)) }

func tree(n int) fs.FS {
	files := fstest.MapFS{"schemas/plan.schema.json": {Data: []byte("{}")}}
	for _, c := range customers {
		files["customers/"+c+"/plan.yaml"] = &fstest.MapFile{Data: []byte(text(c, n))}
	}
	return files
}

// commit is one in which every customer differs from every other commit's.
func commit(n int) ship.Commit {
	return ship.Commit{Provenance: release.Provenance{Repository: "acme/config", Commit: name(n)}, Tree: tree(n),
		Since: func(_ context.Context, old forge.Commit) (fs.FS, []forge.Change, error) {
			var changes []forge.Change
			for _, c := range customers {
				changes = append(changes, forge.Change{Path: "customers/" + c + "/plan.yaml", Kind: forge.Modified})
			}
			return tree(number(old)), changes, nil
		},
		Judge: func(fs.FS, fs.FS, []forge.Change) ([]finding.Finding, error) { return nil, nil }}
}

// A reader follows the channel, and remembers how far it has come.
type reader struct {
	generation int64
	commit     forge.Commit
	reads      int
}

func (r *reader) follow(ctx context.Context, t *testing.T, s sink.Sink) {
	for ctx.Err() == nil {
		if err := r.read(ctx, s); err != nil && ctx.Err() == nil {
			t.Error(err)
			return
		}
	}
}

func (r *reader) read(ctx context.Context, s sink.Sink) error {
	var c release.Channel
	err := get(ctx, s, release.ChannelKey(release.Production), &c)
	if errors.Is(err, fs.ErrNotExist) && r.reads == 0 {
		return nil // nothing is served yet
	}
	if err != nil {
		return err
	}
	if c.Generation < r.generation || c.Commit < r.commit {
		return fmt.Errorf("the channel went from generation %d, commit %d, to %d and %d", r.generation, number(r.commit), c.Generation, number(c.Commit))
	}
	r.generation, r.commit = c.Generation, c.Commit
	r.reads++
	var served release.Release
	if err := get(ctx, s, release.ReleaseKey(c.Release), &served); err != nil {
		return err
	}
	for _, customer := range customers {
		var b release.Bundle
		if err := get(ctx, s, release.BundleKey(served.Digest(customer)), &b); err != nil {
			return err
		}
		if got := b.Configs["plan"].Text; got != text(customer, number(c.Commit)) || served.Commit != c.Commit {
			return fmt.Errorf("commit %d, release of %d, serves %q: a mix", number(c.Commit), number(served.Commit), got)
		}
	}
	return nil
}

func get(ctx context.Context, s sink.Sink, key string, into any) error {
	body, _, err := s.Get(ctx, key)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// holds fails the test unless the plain files are those of the commit, and no others.
func holds(t *testing.T, s sink.Sink, n int) {
	t.Helper()
	got, want := map[string]string{}, map[string]string{}
	for _, c := range customers {
		want[c+"/plan.yaml"] = text(c, n)
	}
	for o, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(o.Key, ".tamer/") {
			continue
		}
		body, _, err := s.Get(t.Context(), o.Key)
		if err != nil {
			t.Fatal(err)
		}
		got[o.Key] = string(body)
	}
	if !maps.Equal(got, want) {
		t.Errorf("in the end the plain files are %q, want %q", got, want)
	}
}
