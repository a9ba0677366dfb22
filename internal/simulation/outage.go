package simulation

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/github"
)

// An outage is a time in which GitHub refuses everything. What stands before its calls is the real gate, one for the API and one for git.
type outage struct {
	until   time.Time
	asked   time.Time // no call is wanted before
	gates   map[party]http.RoundTripper
	refused int
	early   int
}

func newOutage(until time.Time) *outage {
	o := &outage{until: until}
	o.gates = map[party]http.RoundTripper{forgeParty: github.Gate(answers(o.api), repo.Installation), gitParty: github.Gate(answers(o.git), repo.Installation)}
	return o
}

// ask gives nil where a call of that kind is sent and answered.
func (o *outage) ask(ctx context.Context, to party, write bool) error {
	if o == nil || o.gates[to] == nil {
		return nil
	}
	method := http.MethodGet
	if write {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, "https://api.github.example.com/", nil)
	if err != nil {
		return err
	}
	resp, err := o.gates[to].RoundTrip(req)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the answer is %s", resp.Status)
	}
	return err
}

// api refuses calls in all forms that name a time, and counts those that come before it.
func (o *outage) api(*http.Request) *http.Response {
	now := time.Now()
	if now.Before(o.asked) {
		o.early++
	}
	if !now.Before(o.until) {
		return answer(http.StatusOK)
	}
	o.refused++
	after := []int{30, 60, 90, 120}[o.refused%4]
	o.asked = now.Add(time.Duration(after) * time.Second)
	resp := answer([]int{http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable}[o.refused%3])
	resp.Header.Set("Retry-After", strconv.Itoa(after))
	return resp
}

// git answers only that it is out of order.
func (o *outage) git(*http.Request) *http.Response {
	if time.Now().Before(o.until) {
		return answer(http.StatusBadGateway)
	}
	return answer(http.StatusOK)
}

func answer(status int) *http.Response {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{}, Body: http.NoBody}
}

type answers func(*http.Request) *http.Response

// RoundTrip implements http.RoundTripper.
func (a answers) RoundTrip(req *http.Request) (*http.Response, error) { return a(req), nil }

// An OutageReport is what became of an hour without GitHub.
type OutageReport struct {
	Failure  string        // empty: all statements hold
	Refused  int           // calls that GitHub has refused
	Early    int           // of all calls, those inside a Retry-After
	Failures int           // the most that any key has failed in a row
	Drained  time.Duration // from the end of the outage until nothing was left to do
}

// What the hour without GitHub is like.
const (
	roundTrip = 150 * time.Millisecond // of a call
	lasts     = time.Hour
	tooLate   = time.Hour // after it
)

// Outage plays an hour in which GitHub refuses everything, and delivers that many webhooks of that many pull requests meanwhile.
func Outage(t *testing.T, pulls, events int) (report OutageReport) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		r := newRun(1, nil)
		r.faults, r.maxAttempts, r.replicas = faults{}, 20, []*replica{r.start(1), r.start(2)}
		for i := range pulls {
			name := fmt.Sprint("change", i)
			tree := r.git.byName[r.hub.branches[trunk]].tree.with(map[string]string{planOf(customers[i%len(customers)]): fmt.Sprintf("name: v%d\n", i)})
			r.hub.move(name, r.git.commit(tree, anna, r.hub.second(), r.hub.branches[trunk]), anna)
			r.hub.open(name, trunk, false, anna)
		}
		r.passTime(r.now().Add(10*time.Minute), 0, true)
		r.outage = newOutage(r.now().Add(lasts))
		r.passTime(r.outage.until, events, false)
		report.Failures = r.mostFailures()
		r.passTime(r.outage.until.Add(tooLate), 0, true)
		report.Refused, report.Early, report.Drained = r.outage.refused, r.outage.early, r.now().Sub(r.outage.until)
		if r.failure == "" {
			r.rested()
		}
		if undone := r.db.undone(); undone != "" {
			r.fail(1, "left undone is %s", undone)
		}
		report.Failure = r.failure
		r.end()
	})
	return report
}

// passTime goes on until a moment, or until nothing is left to do, if that is enough; meanwhile so many things happen, one after the other.
// A call takes its time, and those of all workers are under way at once.
func (r *run) passTime(until time.Time, events int, rest bool) {
	began, done := r.now(), 0
	for r.now().Before(until) && r.failure == "" {
		for due := int(r.now().Sub(began) * time.Duration(events) / until.Sub(began)); done < due; done++ {
			r.happens(done)
		}
		for ; len(r.hub.flying) > 0; r.hub.flying = r.hub.flying[1:] {
			r.arrive(r.hub.flying[0])
		}
		r.periodic()
		for idle, jobs := r.idle(), r.db.waiting(); len(idle) > 0 && len(jobs) > 0; idle, jobs = r.idle(), r.db.waiting() {
			r.take(idle[0], jobs[0])
		}
		synctest.Wait()
		for _, c := range r.calls() {
			r.let(c)
			synctest.Wait()
		}
		if rest && !r.busy() && r.db.undone() == "" {
			return
		}
		time.Sleep(roundTrip)
	}
}

// happens has something happen to a pull request, and GitHub tell of it.
func (r *run) happens(n int) {
	p := r.hub.pulls[n%len(r.hub.pulls)]
	switch {
	case n%500 == 499:
		r.pushesToTrunk()
	case n%40 == 39:
		r.hub.say(p.Number, forge.Comment{Author: anna, Body: "/tamer check"})
	case n%5 == 4:
		p.reviews = append(p.reviews, forge.Review{By: ben, State: forge.Approved, Commit: p.Head, At: r.hub.second()})
		r.hub.reviewed(p, "submitted")
	default:
		r.hub.changed(p, "edited")
	}
}

func (r *run) mostFailures() (most int) {
	for _, p := range r.db.rows {
		most = max(most, p.Failures)
		if p.Aside != "" {
			r.fail(1, "%s was set aside", p.key)
		}
	}
	return most
}
