package mirror_test

import (
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// The remotes are away for an hour, in each of the ways in which git notices it: few askings are sent meanwhile, nothing but the first
// two costs an attempt, and all may ask again half a minute after they are back. So too where branches are listed, but nothing can be fetched.
func TestRemotesAreAwayForAnHour(t *testing.T) {
	for name, c := range map[string]struct {
		status  int64
		fetches bool
	}{
		"429": {status: 429}, "cut": {status: 1}, "503 for fetches": {503, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t)
			main := r.repository(t, "shop").commit("main", files{"a.yaml": "a: 1"})
			cfg, now := r.config(t), time.Unix(1_800_000_000, 0)
			cfg.Now = func() time.Time { return now }
			m := open(t, cfg)
			ctx := work.WithHold(t.Context(), work.Hold{Key: work.Key{Kind: work.PullRequest}})
			look := func() error {
				if !c.fetches || now.Second() == 0 {
					if _, err := m.Heads(ctx, shop); err != nil {
						return err
					}
				}
				return m.Fetch(ctx, shop, main)
			}
			r.broken.Store(c.status)
			r.fetches.Store(c.fetches)
			tried, burnt := 0, 0
			for end := now.Add(time.Hour); now.Before(end); now = now.Add(time.Second) {
				before := r.struck.Load()
				err := look()
				wait, waits := work.WaitOf(err)
				if err == nil || work.IsPermanent(err) || wait > 2*time.Minute {
					t.Fatalf("an outage gives %v, wait %s", err, wait)
				}
				if !waits {
					burnt++
				}
				if r.struck.Load() > before {
					tried++
				}
			}
			if tried > 140 || burnt > 2 {
				t.Errorf("%d tries, and %d attempts burnt", tried, burnt)
			}
			r.broken.Store(0)
			now = now.Add(30 * time.Second)
			if err := look(); err != nil {
				t.Errorf("they are back: %v", err)
			}
		})
	}
}

// One repository that nobody can read is no outage: others are read, and it costs its own attempts. A repository that has moved, or that
// is not there, says nothing of the remote's health.
func TestOneBrokenRepositoryIsNoOutage(t *testing.T) {
	r := newRemote(t)
	r.repository(t, "shop").commit("main", files{"a.yaml": "a: 1"})
	m := open(t, r.config(t))
	for name, broken := range map[string]int64{"broken": 500, "moved": 0, "gone": 0} {
		for range 5 {
			r.broken.Store(broken)
			_, err := m.Heads(t.Context(), forge.Repo{Installation: 7, ID: 43, Name: name})
			if _, waits := work.WaitOf(err); err == nil || waits {
				t.Errorf("%s: %v", name, err)
			}
			r.broken.Store(0)
			if broken == 0 {
				continue
			}
			if _, err := m.Heads(t.Context(), shop); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// An installation whose only repository nobody can read: for some hours that looks as if git were away, and costs nothing. Then each try
// costs an attempt, so that the work comes to its end, though hardly any of them is sent. When the repository can be read it is.
func TestTheOnlyRepositoryIsBroken(t *testing.T) {
	t.Parallel()
	r := newRemote(t)
	r.repository(t, "shop").commit("main", files{"a.yaml": "a: 1"})
	cfg, now := r.config(t), time.Unix(1_800_000_000, 0)
	cfg.Now = func() time.Time { return now }
	m := open(t, cfg)
	ctx := work.WithHold(t.Context(), work.Hold{Key: work.Key{Kind: work.PullRequest}})
	r.broken.Store(500)
	began, free, counted := now, time.Time{}, 0
	for counted < 20 && now.Sub(began) < 24*time.Hour {
		_, err := m.Heads(ctx, shop)
		wait, waits := work.WaitOf(err)
		switch {
		case err == nil || work.IsPermanent(err):
			t.Fatalf("a broken repository gives %v", err)
		case waits:
			now, free = now.Add(wait), now
		case now.Sub(began) < time.Minute: // nobody knows yet that it is more than this call
			now = now.Add(time.Second)
		default:
			counted++
			now = now.Add(time.Second)
		}
	}
	if lasted := free.Sub(began).Round(10 * time.Minute); counted != 20 || lasted != 6*time.Hour {
		t.Errorf("%d attempts are counted after %s", counted, lasted)
	}
	if tried := r.struck.Load(); tried > 220 {
		t.Errorf("%d tries", tried)
	}
	r.broken.Store(0)
	now = now.Add(30 * time.Second)
	if _, err := m.Heads(ctx, shop); err != nil {
		t.Errorf("it can be read: %v", err)
	}
}
