package simulation

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

// A database is what internal/store and internal/queue keep, and how these change it: each call is one transaction. Its own suite holds
// the real one to the same.
type database struct {
	run        *run
	rows       map[string]*row // by key
	jobs       map[string]*job // those that are not finished, by key
	deliveries map[string]bool
	repos      map[int64]forge.Repo
	notes      map[string][]byte
	turns      map[string]turn
	lastJob    int
}

// A row is how far the work on a key is.
type row struct {
	key work.Key
	store.Progress
	state work.State
	known bool // state was noted
}

// A turn is what one process may do at a time.
type turn struct {
	replica *replica
	kept    context.Context // done once the work for which it was taken is over
	until   time.Time       // it runs out then, unless it is kept
}

// turnFor is how long a replica that lives has a turn that it does not keep and could not give back, and askTurn how long another one waits
// to ask again; see internal/queue/turn.go.
const (
	turnFor = 2 * time.Minute
	askTurn = 250 * time.Millisecond
)

// Turn is queue.Turn.
func (d *database) Turn(ctx context.Context, name string) (done func(), err error) {
	mine := attemptOf(ctx).replica
	kept, stop := context.WithCancel(ctx)
	for {
		taken, err := read(ctx, d.run, dataParty, "take the turn "+name, func() (bool, error) {
			t := d.turns[name]
			if t.replica != nil && (t.kept.Err() == nil || t.until.After(d.run.now())) && d.run.lives(t.replica) {
				return false, nil
			}
			d.turns[name] = turn{mine, kept, d.run.now().Add(turnFor)}
			return true, nil
		})
		if err != nil {
			stop()
			return nil, err
		}
		if taken {
			return func() {
				stop()
				_ = d.run.do(context.WithoutCancel(ctx), dataParty, true, "end the turn "+name, func() error {
					if d.turns[name].replica == mine {
						delete(d.turns, name)
					}
					return nil
				})
			}, nil
		}
		select {
		case <-time.After(askTurn):
		case <-ctx.Done():
			stop()
			return nil, context.Cause(ctx)
		}
	}
}

// A job is one attempt that is to be made or is under way.
type job struct {
	number  int
	key     work.Key
	due     time.Time
	running *replica // nil where it waits
}

func newDatabase(r *run) *database {
	return &database{run: r, rows: map[string]*row{}, jobs: map[string]*job{}, deliveries: map[string]bool{}, repos: map[int64]forge.Repo{}, notes: map[string][]byte{}, turns: map[string]turn{}}
}

// ask counts the askings and sees to it that each key has a job; one that waits for its next attempt is due now, unless the work
// itself asked for the wait.
func (d *database) ask(wanted []work.Wanted) {
	wanted = slices.Clone(wanted)
	slices.SortStableFunc(wanted, func(a, b work.Wanted) int { return cmp.Compare(a.Key.String(), b.Key.String()) })
	for i, w := range wanted {
		if i > 0 && wanted[i-1].Key == w.Key {
			if w.Anew {
				d.rows[w.Key.String()].Anew = d.rows[w.Key.String()].Wanted
			}
			continue
		}
		name := w.Key.String()
		p := d.rows[name]
		if p == nil {
			p = &row{key: w.Key}
			d.rows[name] = p
		}
		p.Wanted++
		if w.Anew {
			p.Anew = p.Wanted
		}
		switch j := d.jobs[name]; {
		case j == nil:
			d.insert(w.Key, p.NotBefore)
		case j.running == nil && j.due.After(d.run.now()) && !p.NotBefore.After(d.run.now()):
			j.due = d.run.now()
		}
	}
}

func (d *database) insert(k work.Key, due time.Time) {
	d.lastJob++
	d.jobs[k.String()] = &job{number: d.lastJob, key: k, due: due}
}

// waiting gives the jobs that could be begun now, in the order in which they were made.
func (d *database) waiting() []*job {
	var all []*job
	for _, j := range d.jobs {
		if j.running == nil && !j.due.After(d.run.now()) {
			all = append(all, j)
		}
	}
	slices.SortFunc(all, func(a, b *job) int { return a.number - b.number })
	return all
}

// replace ends a job that nobody works on, and puts another one in its place.
func (d *database) replace(j *job) {
	name := j.key.String()
	if d.jobs[name] != j {
		return
	}
	due := d.run.now()
	if p := j.running; p != nil && (p.dead || p.paused) {
		d.rows[name].Killed++
		due = queue.AfterDeath(d.rows[name].Progress, due, 0)
	}
	d.insert(j.key, due)
}

// Accept implements webhooks.Inbox.
func (d *database) Accept(ctx context.Context, in work.Delivery) (fresh bool, err error) {
	err = d.run.do(ctx, dataParty, true, "accept a delivery", func() error {
		if d.run.dataDown {
			return errDown
		}
		if fresh = !d.deliveries[in.ID]; !fresh {
			return nil
		}
		d.deliveries[in.ID] = true
		for _, repo := range in.Repos {
			d.repos[repo.ID] = repo
		}
		d.ask(in.Wanted)
		return nil
	})
	return fresh, err
}

// Seen is what webhooks.Missed asks.
func (d *database) Seen(ctx context.Context, id string) (bool, error) {
	return read(ctx, d.run, dataParty, "look for a delivery", func() (bool, error) { return d.deliveries[id], nil })
}

// Add implements flow.Queue.
func (d *database) Add(ctx context.Context, wanted ...work.Wanted) error {
	return d.run.do(ctx, dataParty, true, "ask for work", func() error { d.ask(wanted); return nil })
}

// Repo implements flow.Memory.
func (d *database) Repo(ctx context.Context, installation, id int64) (forge.Repo, error) {
	return read(ctx, d.run, dataParty, "read the repository", func() (forge.Repo, error) {
		repo, ok := d.repos[id]
		if !ok || repo.Installation != installation {
			return repo, fs.ErrNotExist
		}
		return repo, nil
	})
}

// SaveRepos implements flow.Memory.
func (d *database) SaveRepos(ctx context.Context, repos ...forge.Repo) error {
	return d.run.do(ctx, dataParty, true, "save repositories", func() error {
		for _, repo := range repos {
			d.repos[repo.ID] = repo
		}
		return nil
	})
}

// States implements flow.Memory.
func (d *database) States(ctx context.Context, _ forge.Repo) (map[work.Key]work.State, error) {
	return read(ctx, d.run, dataParty, "read states", func() (map[work.Key]work.State, error) {
		all := map[work.Key]work.State{}
		for _, p := range d.rows {
			if p.known && p.key.Repository != 0 {
				all[p.key] = p.state
			}
		}
		return all, nil
	})
}

// MoveState implements flow.Memory.
func (d *database) MoveState(ctx context.Context, k work.Key, seen, now work.State) error {
	return d.run.do(ctx, dataParty, true, "move a state", func() error {
		if p := d.rows[k.String()]; p != nil && p.known && p.state == seen {
			p.state = now
		}
		return nil
	})
}

// Recall implements flow.Notes and webhooks.Marks.
func (d *database) Recall(ctx context.Context, _ forge.Repo, name string) ([]byte, error) {
	return read(ctx, d.run, dataParty, "recall "+name, func() ([]byte, error) { return d.notes[name], nil })
}

// Remember implements flow.Notes and webhooks.Marks.
func (d *database) Remember(ctx context.Context, _ forge.Repo, name string, text []byte) error {
	return d.run.do(ctx, dataParty, true, "remember "+name, func() error {
		if err := work.Held(ctx); err != nil {
			return err
		}
		d.notes[name] = text
		return nil
	})
}

// undone gives the keys that were asked for and not dealt with, sorted; what is set aside has had its end.
func (d *database) undone() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(d.rows)) {
		if p := d.rows[name]; p.Done < p.Wanted {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}
