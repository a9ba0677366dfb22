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
	"sync/atomic"
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

// customers of a commit: delta comes and goes.
func customers(n int) []string {
	return []string{"acme", "beta", "gamma", "delta"}[:3+n%2]
}

// Torn deploys commits one after the other, by workers that write through faulty, are killed at any step, and are overtaken by others
// while they pause. Beside them readers follow channel, release and bundles through sound: each always sees one commit, and never an
// earlier one than before. In the end a deploy that nothing disturbs leaves exactly the last commit. It gives the number of reads.
func Torn(t *testing.T, faulty, sound sink.Sink) int {
	t.Helper()
	w := &workers{t: t, sink: faulty, rnd: rand.New(rand.NewPCG(5, 5))}
	read := follow(t, sound, &w.tip, 2)
	for w.tip.Load() < int64(*deploys) {
		w.attempt(int(w.tip.Add(1)))
	}
	reads := read.end(t, &w.tip)
	if reads == 0 || w.killed == 0 || w.overtaken == 0 {
		t.Errorf("%d reads, %d workers killed, %d overtaken; want some of each", reads, w.killed, w.overtaken)
	}
	return reads
}

// readers read from a store until the last deploy is done.
type readers struct {
	sound   sink.Sink
	stop    context.CancelFunc
	running sync.WaitGroup
	reads   atomic.Int64
}

// follow begins to read with so many readers, who know how far the branch has come.
func follow(t *testing.T, sound sink.Sink, tip *atomic.Int64, n int) *readers {
	ctx, stop := context.WithCancel(t.Context())
	all := &readers{sound: sound, stop: stop}
	for range n {
		all.running.Go(func() {
			r := reader{tip: tip}
			for ctx.Err() == nil {
				read, err := r.read(ctx, sound)
				if err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
				if read {
					all.reads.Add(1)
				}
			}
		})
	}
	return all
}

// end deploys the next commit undisturbed, which has to leave that and nothing else, and gives how often the store was read.
func (r *readers) end(t *testing.T, tip *atomic.Int64) int {
	t.Helper()
	last := int(tip.Add(1))
	if err := deploy(t.Context(), r.sound, last, nil); err != nil {
		t.Errorf("the last deploy: %v", err)
	}
	r.stop()
	r.running.Wait()
	holds(t, r.sound, last)
	return int(r.reads.Load())
}

// workers deploy, one inside the pause of another.
type workers struct {
	t                 *testing.T
	sink              sink.Sink
	rnd               *rand.Rand
	tip               atomic.Int64
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
	_ = deploy(w.t.Context(), w.sink, n, w.at)
}

// at is called at each step of a deploy.
func (w *workers) at(ship.Point) {
	switch w.rnd.IntN(24) {
	case 0:
		panic(killed{})
	case 1, 2: // paused, while somebody else deploys what came later
		w.overtaken++
		w.attempt(int(w.tip.Add(1)))
	}
}

// deploy brings a store to a commit of the branch, or leaves it where that has come further.
func deploy(ctx context.Context, to sink.Sink, n int, at func(ship.Point)) error {
	s, err := open(to, at)
	if err != nil {
		return err
	}
	st, err := s.Read(ctx, release.Production)
	if err != nil {
		return err
	}
	if st.Channel.Commit >= name(n) && !st.Interrupted() {
		return nil // the branch holds production's commit, and this one is behind it
	}
	_, err = s.Deploy(ctx, st, commit(max(n, number(st.Channel.Commit)), files))
	return err
}

func open(to sink.Sink, at func(ship.Point)) (*ship.Store, error) {
	return ship.New(ship.Config{Sink: to, Owner: release.Owner{Repository: "acme/config", ID: 1}, Now: time.Now, At: at})
}

func name(n int) forge.Commit { return forge.Commit(fmt.Sprintf("%040d", n)) }

func number(c forge.Commit) (n int) {
	fmt.Sscan(strings.TrimLeft(string(c), "0"), &n)
	return n
}

func text(customer string, n int) string { return fmt.Sprintf("name: %s of %s\n", customer, name(n)) }

// files are those of a commit, each of which differs from every other commit's.
func files(n int) map[string]string {
	all := map[string]string{}
	for _, c := range customers(n) {
		all["customers/"+c+"/plan.yaml"] = text(c, n)
	}
	return all
}

// commit is commit n of a branch whose commits have these files.
func commit(n int, files func(n int) map[string]string) ship.Commit {
	return ship.Commit{Provenance: release.Provenance{Repository: "acme/config", Commit: name(n)}, Tree: tree(files(n)),
		Since: func(_ context.Context, old forge.Commit) (fs.FS, []forge.Change, error) {
			before, now := files(number(old)), files(n)
			var changes []forge.Change
			for path := range before {
				if _, is := now[path]; !is {
					changes = append(changes, forge.Change{Path: path, Kind: forge.Removed})
				}
			}
			for path, text := range now {
				was, stood := before[path]
				switch {
				case !stood:
					changes = append(changes, forge.Change{Path: path, Kind: forge.Added})
				case was != text:
					changes = append(changes, forge.Change{Path: path, Kind: forge.Modified})
				}
			}
			return tree(before), changes, nil
		},
		Judge: func(fs.FS, fs.FS, []forge.Change) ([]finding.Finding, error) { return nil, nil }}
}

func tree(files map[string]string) fs.FS {
	tree := fstest.MapFS{"schemas/plan.schema.json": {Data: []byte("{}")}}
	for path, text := range files {
		tree[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

// A reader follows the channel, and remembers how far it has come.
type reader struct {
	tip        *atomic.Int64 // of the branch
	generation int64
	commit     forge.Commit
}

// read is false where nothing is served yet.
func (r *reader) read(ctx context.Context, s sink.Sink) (bool, error) {
	var c release.Channel
	err := get(ctx, s, release.ChannelKey(release.Production), &c)
	if errors.Is(err, fs.ErrNotExist) && r.generation == 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if c.Generation < r.generation || c.Commit < r.commit {
		return false, fmt.Errorf("the channel went from generation %d, commit %d, to %d and %d", r.generation, number(r.commit), c.Generation, number(c.Commit))
	}
	if int64(number(c.Commit)) > r.tip.Load() {
		return false, fmt.Errorf("the channel serves commit %d, which the branch never held", number(c.Commit))
	}
	r.generation, r.commit = c.Generation, c.Commit
	var served release.Release
	if err := get(ctx, s, release.ReleaseKey(c.Release), &served); err != nil {
		return false, err
	}
	n := number(c.Commit)
	if units := served.Units(); served.Commit != c.Commit || len(units) != len(customers(n)) {
		return false, fmt.Errorf("commit %d, release of %d, serves %q: a mix", n, number(served.Commit), units)
	}
	for _, customer := range customers(n) {
		var b release.Bundle
		if err := get(ctx, s, release.BundleKey(served.Digest(customer)), &b); err != nil {
			return false, err
		}
		if got := b.Configs["plan"].Text; got != text(customer, n) {
			return false, fmt.Errorf("commit %d serves %q: a mix", n, got)
		}
	}
	return true, nil
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
	for _, c := range customers(n) {
		want[c+"/plan.yaml"] = text(c, n)
	}
	for o, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(o.Key, ".tamer/") || strings.HasPrefix(o.Key, ".branches/") {
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
