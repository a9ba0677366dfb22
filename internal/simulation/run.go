package simulation

import (
	"context"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/validate"
)

// A run is one history.
type run struct {
	rng    *rand.Rand
	trace  hash.Hash64
	line   []byte
	log    io.Writer // nil: nobody reads along
	faults faults

	git      *git
	hub      *hub
	db       *database
	stores   []*bucket
	replicas []*replica
	door     http.Handler
	outage   *outage // nil: GitHub answers but for what the faults say

	mu     sync.Mutex
	parked []*call

	maxAttempts        int
	attempts, events   int
	edits, steps, acts int
	theme              int // what people mostly do
	lastSweep          time.Time
	lastTrunk          forge.Commit
	dataDown           bool
	forgot             bool       // the database was lost
	dead               []*replica // whose jobs nobody has taken over yet

	views    []*view
	verdicts map[string]forge.Conclusion
	failure  string
}

// A Report is what became of one history.
type Report struct {
	Seed     uint64
	Failure  string // empty: all statements hold
	Trace    uint64 // the same for the same steps
	Steps    int
	Attempts int
}

// Play plays the history of a seed, and tells each step to log, if that is not nil.
func Play(t *testing.T, seed uint64, log io.Writer) (report Report) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		r := newRun(seed, log)
		r.play()
		report = Report{Seed: seed, Failure: r.failure, Trace: r.trace.Sum64(), Steps: r.steps, Attempts: r.attempts}
	})
	return report
}

func newRun(seed uint64, log io.Writer) *run {
	r := &run{rng: rand.New(rand.NewPCG(seed, 9)), trace: fnv.New64a(), log: log, git: newGit(), verdicts: map[string]forge.Conclusion{}, maxAttempts: 20}
	r.hub, r.db = newHub(r), newDatabase(r)
	r.door = newDoor(r.db)
	r.faults = newFaults(r.rng)
	r.acts, r.theme = 3+r.rng.IntN(8), pick(r, played)
	if r.rng.IntN(4) == 0 {
		r.maxAttempts = 3
	}
	for i := range 1 + r.rng.IntN(2) {
		r.stores = append(r.stores, newBucket(r, fmt.Sprint("store", i+1)))
	}
	time.Sleep(time.Duration(r.rng.IntN(1000)) * time.Millisecond)
	seen := r.rng.IntN(4) == 0 || r.theme == previews
	files := first()
	if (r.theme == gates || r.theme == overrides) && r.rng.IntN(2) == 0 {
		files[policyFile] = easyText
	}
	if !seen {
		files[policyFile] += unseen
	}
	r.hub.move(trunk, r.git.commit(treeOf(files), anna, r.hub.second()), anna)
	if seen && r.rng.IntN(2) == 0 {
		r.hub.home = home
		r.hub.move(home, r.git.commit(treeOf(map[string]string{policyFile: homeText}), anna, r.hub.second()), anna)
	}
	for i := range 1 + r.rng.IntN(3) {
		r.replicas = append(r.replicas, r.start(i+1))
	}
	r.prepare(files)
	r.look()
	r.sweep()
	return r
}

// prepare makes pull requests that the theme is about, so that it need not wait for them.
func (r *run) prepare(files map[string]string) {
	var change map[string]string
	switch r.theme {
	case gates, overrides: // so that there is something to approve
		change = map[string]string{"schemas/type0.schema.json": "{}\n"}
	case bases, previews: // so that there is something that a schema can break, or to look at
		change = map[string]string{planOf(customers[0]): "name: v1\n"}
	default:
		return
	}
	tip := r.hub.branches[trunk]
	r.hub.move("b0", r.git.commit(treeOf(files).with(change), anna, r.hub.second(), tip), anna)
	r.hub.open("b0", trunk, false, anna)
	if r.theme == previews {
		return
	}
	r.hub.move("b9", tip, anna) // another base
	if r.theme == bases {
		r.hub.open("b0", "b9", false, anna)
	}
}

// kept is what tamer's own judge has found out about contents, by all histories: it rests on nothing else.
var shelf = schema.NewShelf()

var kept = &cache{entries: map[validate.Key][]byte{}}

type cache struct {
	mu      sync.RWMutex
	entries map[validate.Key][]byte
}

func (c *cache) Get(keys []validate.Key) map[validate.Key][]byte {
	c.mu.RLock()
	defer c.mu.RUnlock()
	found := map[validate.Key][]byte{}
	for _, k := range keys {
		if e, ok := c.entries[k]; ok {
			found[k] = e
		}
	}
	return found
}

func (c *cache) Put(entries map[validate.Key][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, e := range entries {
		c.entries[k] = e
	}
}

func (r *run) config() flow.Config {
	return flow.Config{PullRequests: r.hub, Checks: r.hub, Comments: r.hub, Commands: r.hub, Reviews: r.hub, People: r.hub, Commits: r.hub, Deployments: r.hub,
		Installations: r.hub, Remotes: r.hub, Trees: r.hub, History: r.hub, Memory: r.db, Notes: r.db, Queue: r.db, Sinks: r, Now: r.now, Build: "simulation",
		Turn:      r.turn,
		Schemas:   shelf,
		Cache:     func(context.Context, forge.Repo) validate.Cache { return kept },
		Overrides: func(forge.Repo) []string { return []string{opsTeam} }}
}

// turn has a worker wait where several processes could be at it; one alone looks after itself.
func (r *run) turn(ctx context.Context, name string) (func(), error) {
	if len(r.replicas) == 1 {
		return func() {}, nil
	}
	return r.db.Turn(ctx, name)
}

// note adds a step to the trace.
func (r *run) note(format string, args ...any) {
	r.steps++
	r.line = fmt.Appendf(r.line[:0], format, args...)
	r.trace.Write(r.line)
	if r.log != nil {
		fmt.Fprintf(r.log, "%5d %s %s\n", r.steps, r.now().Format("01-02 15:04:05.000"), r.line)
	}
}
