package simulation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/work"
)

// Statements are what every history must show. A failure names the one that does not hold; 0 stands for what no history may do at all,
// such as never coming to rest.
var Statements = []string{
	"tamer neither panics nor goes on for ever",
	"every acknowledged delivery reaches an end",
	"production is a commit that the deploy branch held",
	"production's generation rises strictly, and each commit descends from the last unless an operator said so",
	"once faults stop, production is the branch's tip, or held with a reason",
	"who reads channel, release and bundle sees one commit, byte for byte",
	"one verdict for each head, base and policy; green only on what was evaluated",
	"a green gate means that the approvals sufficed on that content when it was written",
	"one comment for each pull request, one deployment for each commit, nothing left in progress",
	"no key outside its prefix",
	"expiry touches neither production nor a renewed preview",
}

const reportMarker = render.CommentMarker

// fail notes that a statement does not hold. The history ends with the first one.
func (r *run) fail(statement int, format string, args ...any) {
	if r.failure == "" {
		r.failure = fmt.Sprintf("%d, %s: %s", statement, Statements[statement], fmt.Sprintf(format, args...))
	}
}

// A sight is what an attempt has seen of what its verdict rests on.
type sight struct {
	fetches int
	tips    forge.Heads
	own     forge.PullRequest
	shared  map[forge.Commit][]forge.PullRequest
	views   []int // which view of the history was the present one at each of its calls
}

// saw gives what the attempt behind a call has seen.
func (r *run) saw(ctx context.Context) *sight {
	if a := attemptOf(ctx); a != nil {
		return &a.seen
	}
	return &sight{}
}

func (s *sight) heads(h forge.Heads)       { s.tips = h }
func (s *sight) pull(pr forge.PullRequest) { s.own = pr }
func (s *sight) sharing(at forge.Commit, all []forge.PullRequest) {
	if s.shared == nil {
		s.shared = map[forge.Commit][]forge.PullRequest{}
	}
	s.shared[at] = all
}

// said checks a comment that tamer has made.
func (r *run) said(number int, body string) {
	marker, _, _ := strings.Cut(body, "\n")
	n := 0
	for _, c := range r.hub.talk {
		if c.Own && c.Pull == number && strings.HasPrefix(c.Body, marker) {
			n++
		}
	}
	if n > 1 {
		r.fail(8, "pull request %d has %d comments that begin with %s", number, n, marker)
	}
	r.look()
}

// shown checks a check run that tamer has written.
func (r *run) shown(a *attempt, run *forge.CheckRun) {
	if run.Status != forge.Completed {
		for _, other := range r.hub.runs {
			if other != run && other.Name == run.Name && other.Head == run.Head && other.Status != forge.Completed {
				r.fail(8, "two runs of %s are in progress on %s", run.Name, run.Head.Short())
			}
		}
		return
	}
	inputs, _, judged := strings.Cut(run.ExternalID, "=")
	if !judged || run.Conclusion == forge.Cancelled {
		if run.Conclusion == forge.Success {
			r.fail(6, "%s on %s is green, and does not say of what", run.Name, run.Head.Short())
		}
		return
	}
	switch run.Name {
	case flow.ValidateCheck:
		r.judged(a, run, inputs)
	case flow.ApprovalsCheck:
		if run.Conclusion == forge.Success {
			r.passed(a, run)
		}
	}
}

// judged checks a verdict against a second judging of what the attempt saw.
func (r *run) judged(a *attempt, run *forge.CheckRun, inputs string) {
	name := string(run.Head) + " " + inputs
	if before, known := r.verdicts[name]; known && before != run.Conclusion {
		r.fail(6, "the verdict on %s for the same bases was %s, and is %s", run.Head.Short(), before, run.Conclusion)
	}
	r.verdicts[name] = run.Conclusion
	var bases []string
	if base, group := forge.MergeQueueBase(a.job.key.Name); group {
		bases = append(bases, base)
	} else {
		if a.seen.own.Head != run.Head {
			r.fail(6, "a verdict on %s was written on %s", a.seen.own.Head.Short(), run.Head.Short())
		}
		bases = append(bases, a.seen.own.BaseBranch)
		for _, p := range a.seen.shared[run.Head] {
			if p.Open && p.Head == run.Head && p.Number != a.seen.own.Number {
				bases = append(bases, p.BaseBranch)
			}
		}
	}
	slices.Sort(bases)
	if want := r.verdict(run.Head, slices.Compact(bases), a.seen.tips.Tips); (run.Conclusion == forge.Success) != want {
		r.fail(6, "%s on %s into %v is %s, and a second judging says %t", run.Name, run.Head.Short(), bases, run.Conclusion, want)
	}
}

// rereads is in how many calls tamer reads once more what a green gate rests on, for one pull request, before it writes; one more tells
// which pull requests there are.
const rereads = 3

// passed checks a green gate: the approvals sufficed at some moment since tamer has begun to read them for the last time, for the bases
// that it speaks of.
func (r *run) passed(a *attempt, run *forge.CheckRun) {
	since, pulls := len(a.seen.views)-1, max(1, len(a.seen.shared[run.Head]))
	if group, ok := forge.ParseMergeGroup(a.job.key.Name); ok {
		pulls += maxGroup
		r.groupPassed(a, run, group, since-rereads*pulls)
		return
	}
	since = a.seen.views[max(0, since-rereads*pulls-1)]
	for _, v := range r.views[since:] {
		if v.onto(a.seen.tips).met(r, run.Head) {
			return
		}
	}
	r.fail(7, "%s on %s is green by %s, and nothing suffices", run.Name, run.Head.Short(), a.job.key)
}

// maxGroup is how many pull requests the groups of a merge queue hold here.
const maxGroup = 3

func (r *run) groupPassed(a *attempt, run *forge.CheckRun, group forge.MergeGroup, from int) {
	for _, v := range r.views[a.seen.views[max(0, from)]:] {
		p := v.pulls[group.Number-1]
		if v.onto(a.seen.tips).passes(r, &p, run.Head) {
			return
		}
	}
	r.fail(7, "%s on the group %s is green, and nothing suffices", run.Name, a.job.key.Name)
}

// rested checks what must hold when nothing has gone wrong for a while and there is nothing left to do.
func (r *run) rested() {
	r.look()
	tips := r.hub.branches
	for _, p := range r.hub.pulls {
		if !p.Open {
			continue
		}
		var bases []string
		for _, other := range r.hub.sharing(p.Head) {
			bases = append(bases, other.BaseBranch)
		}
		slices.Sort(bases)
		r.settled(p, flow.ValidateCheck, work.PullRequest, r.verdict(p.Head, slices.Compact(bases), tips))
		r.settled(p, flow.ApprovalsCheck, work.Approvals, r.views[len(r.views)-1].met(r, p.Head))
	}
	for _, run := range r.hub.runs {
		if run.Status != forge.Completed && r.looksAt(run) {
			r.fail(8, "%s on %s is in progress for ever", run.Name, run.Head.Short())
		}
	}
	for _, s := range r.stores {
		s.watch.rested()
	}
	r.announced()
}

// looksAt tells whether anybody looks at the commit of a check run: it is the head of an open pull request, or was the tip of what is
// deployed. Which tips were shown as under way is forgotten with the database.
func (r *run) looksAt(run *forge.CheckRun) bool {
	if run.Name == flow.DeployCheck {
		return !r.forgot || run.Head == r.hub.branches[trunk]
	}
	return len(r.hub.sharing(run.Head)) > 0
}

// settled checks what is shown on the head of an open pull request.
func (r *run) settled(p *pull, check string, kind work.Kind, green bool) {
	statement := 6
	if kind == work.Approvals {
		statement = 7
	}
	shown := r.hub.newest(p.Head, check)
	if shown == nil {
		r.fail(statement, "%s is missing on %d", check, p.Number)
		return
	}
	for _, other := range r.hub.sharing(p.Head) { // they share the check too
		key := work.Key{Kind: kind, Installation: repo.Installation, Repository: repo.ID, Number: other.Number}
		if known := r.db.rows[key.String()]; known != nil && known.Aside != "" {
			return
		}
	}
	if (shown.Conclusion == forge.Success) != green {
		r.fail(statement, "%s of %d is %s (%s), and should be green: %t", check, p.Number, shown.Conclusion, shown.Title, green)
	}
}

// announced checks what is shown of the deploy.
func (r *run) announced() {
	tip := r.hub.branches[trunk]
	if tip == "" {
		return
	}
	shown := r.hub.newest(tip, flow.DeployCheck)
	if shown == nil {
		r.fail(4, "%s is missing on the tip", flow.DeployCheck)
		return
	}
	there, whole := true, true // but for customers that are held; with all of them
	for _, s := range r.stores {
		c, held := s.watch.production()
		there = there && c.Commit == tip && c.Hold == nil
		whole = whole && there && len(held.Held()) == 0
	}
	if green := shown.Conclusion == forge.Success; green && !there || !green && whole {
		r.fail(4, "%s is %s (%s), and the tip is everywhere: %t, with all customers: %t", flow.DeployCheck, shown.Conclusion, shown.Title, there, whole)
	}
}
