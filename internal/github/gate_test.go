package github

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

const getPull = "GET /repos/acme/configs/pulls/12"

// workOn gives a context of work on a key of that kind.
func workOn(t *testing.T, k work.Kind) context.Context {
	return work.WithHold(t.Context(), work.Hold{Key: work.Key{Kind: k}})
}

// GitHub is away for an hour, in each of the ways in which it can be: few calls are sent meanwhile, nothing but the first few costs an
// attempt, and two minutes after it is back all may call again; production sooner.
func TestGitHubIsAwayForAnHour(t *testing.T) {
	for name, away := range map[string]func(*hub){
		"500":             func(h *hub) { h.on(getPull, 500, "") },
		"502 with a page": func(h *hub) { h.on(getPull, 502, "<html>") },
		"503":             func(h *hub) { h.on(getPull, 503, "") },
		"cut":             func(h *hub) { h.cut = true },
	} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			h.on(getPull, 200, pull12)
			call := func(k work.Kind) error {
				_, err := client.PullRequest(workOn(t, k), repo, 12)
				return err
			}
			if err := call(work.PullRequest); err != nil {
				t.Fatal(err)
			}
			h.asked()
			away(h)
			h.mintWith = &answer{status: 502}
			burnt := 0
			longest := time.Duration(0)
			for end := h.clock().Add(time.Hour); h.clock().Before(end); h.advance(time.Second) {
				for range 3 { // 10,800 keys come by
					err := call(work.PullRequest)
					wait, waits := work.WaitOf(err)
					if err == nil || work.IsPermanent(err) {
						t.Fatalf("an outage gives %v", err)
					}
					if longest = max(longest, wait); !waits {
						burnt++
					}
				}
			}
			if n := len(h.asked()); n > 140 || burnt > 2 {
				t.Errorf("%d calls, and %d attempts burnt", n, burnt)
			}
			if longest > 2*time.Minute {
				t.Errorf("a key was parked for %s", longest)
			}
			h.cut, h.mintWith = false, nil
			h.on(getPull, 200, pull12)
			h.advance(30 * time.Second)
			if err := call(work.Branch); err != nil {
				t.Errorf("GitHub is back: %v", err)
			}
			if err := call(work.PullRequest); err != nil {
				t.Errorf("GitHub is back: %v", err)
			}
		})
	}
}

// One call that always fails is no outage: others go on, and it costs its own attempts.
func TestOneBrokenCallIsNoOutage(t *testing.T) {
	h, client := newHub(t)
	h.on(getPull, 200, pull12)
	h.on("GET /repos/acme/configs/pulls/13", 500, "")
	for range 20 {
		if _, err := client.PullRequest(t.Context(), repo, 12); err != nil {
			t.Fatal(err)
		}
		_, err := client.PullRequest(t.Context(), repo, 13)
		if _, waits := work.WaitOf(err); err == nil || waits {
			t.Fatalf("the broken call: %v", err)
		}
	}
}

// A limit that one replica has met is heeded by the others, and by the next process.
func TestAWaitIsSharedByReplicas(t *testing.T) {
	h, first := newHub(t)
	shared := &limits{}
	other, err := New(Config{APIURL: h.srv.URL + "/api/v3", AppID: appID, PrivateKey: testPEM(), Transport: first.base, Limits: shared})
	must(t, err)
	first.limits, other.now = shared, h.clock
	h.on(getPull, 429, "", "Retry-After", "100")
	if _, err := first.PullRequest(t.Context(), repo, 12); err == nil {
		t.Fatal("no limit")
	}
	h.on(getPull, 200, pull12)
	h.asked()
	minted := len(h.minted())
	h.advance(99 * time.Second)
	if _, err := other.PullRequest(t.Context(), repo, 12); err == nil || len(h.asked())+len(h.minted()) != minted {
		t.Errorf("the other replica called inside the wait: %v", err)
	}
	stranger := change(repo, func(r *forge.Repo) { r.Installation = 8 })
	if _, err := other.PullRequest(t.Context(), stranger, 12); err != nil {
		t.Errorf("another installation: %v", err)
	}
	h.advance(2 * time.Second)
	if _, err := other.PullRequest(t.Context(), repo, 12); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	shared.err = errors.New("the database is away")
	if _, err := other.PullRequest(t.Context(), repo, 12); err == nil {
		t.Error("a call was sent that may have been inside a wait")
	}
}

// What is left of the hour is kept for deploys, then for verdicts.
func TestTheLastCallsAreForDeploys(t *testing.T) {
	for remaining, allowed := range map[int][]work.Kind{
		2000: {work.Deploy, work.PullRequest, work.Repository},
		900:  {work.Deploy, work.PullRequest},
		200:  {work.Deploy},
	} {
		h, client := newHub(t)
		h.on(getPull, 200, pull12, "X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", fmt.Sprint(remaining),
			"X-RateLimit-Reset", fmt.Sprint(h.clock().Add(time.Hour).Unix()))
		if _, err := client.PullRequest(workOn(t, work.Repository), repo, 12); err != nil {
			t.Fatal(err)
		}
		var may []work.Kind
		for _, k := range []work.Kind{work.Deploy, work.PullRequest, work.Repository} {
			_, err := client.PullRequest(workOn(t, k), repo, 12)
			if wait, waits := work.WaitOf(err); err == nil {
				may = append(may, k)
			} else if !waits || wait > time.Hour+time.Second {
				t.Errorf("%d left, %s: %v", remaining, k, err)
			}
		}
		equal(t, may, allowed)
		h.advance(time.Hour + time.Second)
		if _, err := client.PullRequest(workOn(t, work.Repository), repo, 12); err != nil {
			t.Errorf("in the next hour: %v", err)
		}
	}
}

// Whoever has lost a key may read for it, and changes nothing.
func TestNothingIsChangedForAKeyThatIsLost(t *testing.T) {
	h, client := newHub(t)
	h.on(getPull, 200, pull12)
	lost := errors.New("lost")
	ctx := work.WithHold(t.Context(), work.Hold{Check: func() error { return lost }})
	if err := client.CreateComment(ctx, repo, 12, "hello"); err == nil || len(h.asked()) > 0 {
		t.Errorf("a comment was sent: %v", err)
	}
}

// limits are those of a database, in memory.
type limits struct {
	mu    sync.Mutex
	until map[int64]time.Time
	err   error
}

func (l *limits) ClosedUntil(_ context.Context, installation int64) (time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until[installation], l.err
}

func (l *limits) CloseUntil(_ context.Context, installation int64, until time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until = map[int64]time.Time{}
	}
	if until.After(l.until[installation]) {
		l.until[installation] = until
	}
	return nil
}
