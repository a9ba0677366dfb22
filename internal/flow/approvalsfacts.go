package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/work"
)

// A subject is a pull request as its gates look at it.
type subject struct {
	pull forge.PullRequest
	tip  forge.Commit // of the branch that it is to be merged into, whose policy decides
	from forge.Commit // where the change begins; empty: where it has left that branch
	head forge.Commit // where it ends: the head of the pull request, or the commit of the merge queue
}

// A decision is what came out for a subject, and what that rests on.
type decision struct {
	subject
	facts      governance.Facts
	reviews    []forge.Review
	retargeted time.Time       // see Flow.retargeted
	said       []forge.Comment // commands and answers, as far as an override was looked for
	gated      render.Gated
	asks       bool // the policy has tamer ask for reviews
}

// decide takes the facts and decides. What will never be known is a verdict too, and none that is green.
func (f *Flow) decide(ctx context.Context, repo forge.Repo, s subject, assumed ...forge.User) (decision, error) {
	d := decision{subject: s, gated: render.Gated{Page: render.PageOf(s.pull), Base: s.pull.BaseBranch, Author: s.pull.Author}}
	d.gated.Page.Head = s.head
	w := f.weigh(repo, s)
	problem, err := w.begin(ctx)
	if err == nil && problem == "" && len(w.touched) > 0 {
		err = w.decide(ctx, &d, assumed)
	}
	if err != nil && !work.IsPermanent(err) {
		return d, err
	}
	if err != nil {
		problem = err.Error()
	}
	if d.gated.Problem = problem; problem == "" && len(w.touched) == 0 {
		d.gated.Verdict = governance.Decide(d.facts)
		return d, nil
	}
	if d.gated.State() != governance.Met {
		d.gated.Override, d.said, err = w.override(ctx)
	}
	return d, err
}

// decide takes the facts about reviews and people, and decides.
func (w *weighing) decide(ctx context.Context, d *decision, assumed []forge.User) (err error) {
	if d.reviews, err = w.flow.Reviews.Reviews(ctx, w.repo, w.pull.Number); err != nil {
		return err
	}
	if d.retargeted, err = w.flow.retargeted(ctx, w.repo, w.pull.Number, d.reviews); err != nil {
		return err
	}
	made, err := w.flow.Reviews.Authorships(ctx, w.repo, w.pull.Number)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(made, func(m forge.Authorship) bool { return m.Commit == w.pull.Head || m.Unknown != "" }) {
		return fmt.Errorf("list the commits of %s#%d: %s is not among them yet, so whose it is cannot be told", w.repo, w.pull.Number, w.pull.Head.Short())
	}
	reviews := slices.Clone(d.reviews)
	for _, u := range assumed {
		reviews = append(reviews, forge.Review{By: u, State: forge.Approved, Commit: w.head, At: d.retargeted.Add(time.Second)})
	}
	d.facts = governance.Facts{Head: w.head, Author: w.pull.Author.ID, Makers: map[int64]forge.Commit{}, People: map[int64]governance.Person{}}
	makers, err := w.makers(ctx, made)
	if err != nil {
		return err
	}
	for _, m := range makers {
		for _, who := range m.People {
			d.facts.Makers[who.ID] = m.Commit
		}
		if m.Unknown != "" {
			d.facts.Unknown = append(d.facts.Unknown, m.Commit)
			d.gated.Unknown = append(d.gated.Unknown, m)
		}
	}
	if err := w.pushers(ctx, d, made, makers, reviews); err != nil {
		return err
	}
	for _, r := range reviews {
		d.facts.Reviews = append(d.facts.Reviews, governance.Review{By: r.By.ID, State: governance.ReviewState(r.State), Commit: r.Commit, Before: d.before(r)})
	}
	if err := w.people(ctx, d, reviews); err != nil {
		return err
	}
	if err := w.gates(ctx, d, reviews); err != nil {
		return err
	}
	d.asks = w.policy.Governance.RequestReviews
	d.gated.Verdict = governance.Decide(d.facts)
	if err := w.candidates(ctx, d); err != nil {
		return err
	}
	d.gated.Could = map[string][]governance.Person{}
	for _, s := range d.gated.Verdict.Gates {
		d.gated.Could[s.Name] = d.facts.Could(s)
	}
	chosen := governance.Suggest(d.facts, d.gated.Verdict)
	if governance.Decide(d.facts.Assume(ids(chosen)...)).State == governance.Met {
		d.gated.Enough = chosen
	}
	return w.undone(ctx, d, made)
}

func ids(people []governance.Person) []int64 {
	var all []int64
	for _, p := range people {
		all = append(all, p.User.ID)
	}
	return all
}

// digest names all that the verdicts rest on, and what is shown of them.
func (l look) digest() string {
	type input struct {
		Number   int
		Base     string
		Facts    governance.Facts
		Could    map[string][]governance.Person
		Enough   []governance.Person
		Problem  string
		Notes    []string
		Override *render.Override
	}
	var all []input
	for _, d := range l.decisions {
		all = append(all, input{d.pull.Number, d.pull.BaseBranch, d.facts, d.gated.Could, d.gated.Enough, d.gated.Problem, d.gated.Notes, d.gated.Override})
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(fmt.Sprintf("flow: facts have no JSON: %v", err)) // plain strings and numbers always have
	}
	return digest(string(b))
}
