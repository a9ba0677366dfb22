package shiptest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
)

// stepFiles are the files of the commits that Steps deploys; the last one is no commit of the branch.
func stepFiles(n int) map[string]string {
	return []map[string]string{
		{"customers/acme/plan.yaml": "A1", "customers/beta/plan.yaml": "B1", "shared/plan.yaml": "S1"},
		{"customers/acme/plan.yaml": "A2", "customers/beta/plan.yaml": "B1", "shared/plan.yaml": "S1"},
		{"customers/acme/plan.yaml": "A2", "customers/beta/plan.yaml": "B1", "shared/plan.yaml": "S1", "README.md": "x"},
		{"customers/beta/plan.yaml": "B1", "customers/gamma/plan.yaml": "G4", "shared/plan.yaml": "S1"},
		{"customers/acme/plan.yaml": "T", "customers/beta/plan.yaml": "B1", "shared/plan.yaml": "S1"},
	}[n-1]
}

const trial = "branch/a/b"

// steps are what is done to a store, and what it holds then: the number of the move and of the commit, how many bundles and releases, and the
// plain files.
var steps = []struct {
	name string
	do   func(ctx context.Context, s *ship.Store, to sink.Sink) error
	want string
}{
	{"first", deployed(1), "1: 1, 3 bundles, 1 releases: .shared/plan.yaml=S1 acme/plan.yaml=A1 beta/plan.yaml=B1"},
	{"one file", deployed(2), "2: 2, 4 bundles, 2 releases: .shared/plan.yaml=S1 acme/plan.yaml=A2 beta/plan.yaml=B1"},
	{"the same", deployed(2), "2: 2, 4 bundles, 2 releases: .shared/plan.yaml=S1 acme/plan.yaml=A2 beta/plan.yaml=B1"},
	{"no config", deployed(3), "3: 3, 4 bundles, 3 releases: .shared/plan.yaml=S1 acme/plan.yaml=A2 beta/plan.yaml=B1"},
	{"preview", func(ctx context.Context, s *ship.Store, _ sink.Sink) error {
		_, err := s.Preview(ctx, trial, commit(5, stepFiles))
		return err
	}, "3: 3, 5 bundles, 4 releases: .branches/a%2fb/acme/plan.yaml=T .shared/plan.yaml=S1 acme/plan.yaml=A2 beta/plan.yaml=B1"},
	{"roll back", func(ctx context.Context, s *ship.Store, _ sink.Sink) error {
		_, err := s.Rollback(ctx, ship.Rollback{To: "1", By: "ana", Reason: "prices"})
		return err
	}, "4: 1, 5 bundles, 4 releases: .branches/a%2fb/acme/plan.yaml=T .shared/plan.yaml=S1 acme/plan.yaml=A1 beta/plan.yaml=B1"},
	{"resume", func(ctx context.Context, s *ship.Store, _ sink.Sink) error {
		if _, err := s.Resume(ctx, "ben", "mended"); err != nil {
			return err
		}
		return deployed(4)(ctx, s, nil)
	}, "5: 4, 6 bundles, 5 releases: .branches/a%2fb/acme/plan.yaml=T .shared/plan.yaml=S1 beta/plan.yaml=B1 gamma/plan.yaml=G4"},
	{"remove the preview", func(ctx context.Context, s *ship.Store, _ sink.Sink) error { return s.RemovePreview(ctx, trial) },
		"5: 4, 6 bundles, 5 releases: .shared/plan.yaml=S1 beta/plan.yaml=B1 gamma/plan.yaml=G4"},
	{"repair", repaired, "5: 4, 6 bundles, 5 releases: .shared/plan.yaml=S1 beta/plan.yaml=B1 gamma/plan.yaml=G4"},
	{"collect", func(ctx context.Context, s *ship.Store, _ sink.Sink) error {
		n, err := s.Collect(ctx)
		if err == nil && n != 2 {
			err = fmt.Errorf("%d objects were collected, want the preview's bundle and release", n)
		}
		return err
	}, "5: 4, 5 bundles, 4 releases: .shared/plan.yaml=S1 beta/plan.yaml=B1 gamma/plan.yaml=G4"},
}

func deployed(n int) func(context.Context, *ship.Store, sink.Sink) error {
	return func(ctx context.Context, s *ship.Store, _ sink.Sink) error {
		st, err := s.Read(ctx, release.Production)
		if err == nil {
			_, err = s.Deploy(ctx, st, commit(n, stepFiles))
		}
		return err
	}
}

// repaired changes, removes and adds a plain file as somebody else would, and has that put right.
func repaired(ctx context.Context, s *ship.Store, to sink.Sink) error {
	if err := sink.Apply(ctx, to, []sink.Step{{Key: "beta/plan.yaml", Body: []byte("evil")}, {Key: "gamma/plan.yaml", Delete: true}, {Key: "evil/plan.yaml"}}); err != nil {
		return err
	}
	st, err := s.Read(ctx, release.Production)
	if err != nil {
		return err
	}
	d, err := s.Drift(ctx, st)
	if err != nil {
		return err
	}
	if len(d.Changed) != 1 || len(d.Missing) != 1 || len(d.Extra) != 1 || len(d.Lost) > 0 {
		return fmt.Errorf("what was changed is found to be %+v", d)
	}
	_, err = s.Repair(ctx, st, d)
	return err
}

// Steps does to an empty store of any kind all that is done to one, and holds it after each step against what every store has to hold then.
// around, if not nil, is what does the step that it is given.
func Steps(t *testing.T, to sink.Sink, around func(step string, do func() error) error) {
	t.Helper()
	for _, step := range steps {
		later := time.Duration(0)
		if step.name == "collect" {
			later = 72 * time.Hour // all is old then
		}
		s, err := ship.New(ship.Config{Sink: to, Owner: release.Owner{Repository: "acme/config", ID: 1}, Now: func() time.Time { return time.Now().Add(later) }})
		if err != nil {
			t.Fatal(err)
		}
		do := func() error { return step.do(t.Context(), s, to) }
		if around != nil {
			err = around(step.name, do)
		} else {
			err = do()
		}
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := held(t, to); got != step.want {
			t.Errorf("%s: the store holds\n%s, want\n%s", step.name, got, step.want)
		}
	}
}

// held tells what a store holds, as steps want it.
func held(t *testing.T, to sink.Sink) string {
	t.Helper()
	var plain []string
	bundles, releases := 0, 0
	for o, err := range to.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasPrefix(o.Key, release.BundlePrefix):
			bundles++
		case strings.HasPrefix(o.Key, release.ReleasePrefix):
			releases++
		case !strings.HasPrefix(o.Key, ".tamer/"):
			body, _, err := to.Get(t.Context(), o.Key)
			if err != nil {
				t.Fatal(err)
			}
			plain = append(plain, o.Key+"="+string(body))
		}
	}
	var c release.Channel
	if err := get(t.Context(), to, release.ChannelKey(release.Production), &c); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d: %d, %d bundles, %d releases: %s", c.Generation, number(c.Commit), bundles, releases, strings.Join(plain, " "))
}
