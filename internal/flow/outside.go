package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/trace"
	"github.com/tamerhq/tamer/internal/validate"
)

// patience is at which attempt silence becomes the verdict. The queue waits longer from one to the next: 7 seconds in all.
const patience = 4

// maxPostings is how many customers of one pull request are posted to one check.
const maxPostings = 200

// maxPosting is for how long postings are begun.
const maxPosting = 5 * time.Minute

// maxPosted bounds what is posted at once, in bytes.
const maxPosted = 16 << 20

// trusted tells whether the operator's own systems may be asked about the head: it is the tip of a branch of the repository itself,
// where only people with write access push. Whoever writes in a fork could find out by asking what is in the company's data.
func (h head) trusted() bool { return h.fixable || h.pull == nil }

// consult asks the operator's own systems what a verdict leaves open, and adds what follows. Silence is an error, for the queue to
// try again, until the last attempt. merged is the tree that was judged; empty for that of the head.
func (f *Flow) consult(ctx context.Context, h head, merged forge.Tree, r *validate.Result) error {
	found, err := f.consulted(ctx, h, r)
	if err != nil {
		return err
	}
	if err := f.placeOnHead(ctx, h.repo, h.commit, cmp.Or(merged, h.commit.Tree()), found); err != nil {
		return err
	}
	r.Add(found)
	return nil
}

func (f *Flow) consulted(ctx context.Context, h head, r *validate.Result) ([]finding.Finding, error) {
	if !h.trusted() {
		return validate.Unasked(r.Questions, r.Postings), nil
	}
	if len(r.Questions)+len(r.Postings) == 0 {
		return nil, nil
	}
	ctx, asked := trace.Begin(ctx, trace.Outside)
	found, err := f.asked(ctx, h, r)
	asked(err)
	return found, err
}

// asked is consulted, of those who may be asked.
func (f *Flow) asked(ctx context.Context, h head, r *validate.Result) ([]finding.Finding, error) {
	found, silentSources, err := f.lookUp(ctx, h, r.Questions)
	if err != nil {
		return nil, err
	}
	more, silentChecks, err := f.haveChecked(ctx, h, r.Postings)
	if err != nil {
		return nil, err
	}
	if silent := slices.Concat(silentSources, silentChecks); len(silent) > 0 && !h.last {
		return nil, fmt.Errorf("%s did not answer", strings.Join(silent, ", "))
	}
	return slices.Concat(found, more), nil
}

// lookUp puts the questions to the sources, and tells which of them were silent.
func (f *Flow) lookUp(ctx context.Context, h head, questions []validate.Question) (found []finding.Finding, silent []string, err error) {
	if len(questions) == 0 {
		return nil, nil, nil
	}
	queries := make([]outside.Query, len(questions))
	for i, q := range questions {
		queries[i] = q.Query
	}
	answers, err := f.Live.Ask(ctx, h.repo, queries, h.anew)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for i, answer := range answers {
		if source := queries[i].Source; answer.Fault == outside.Silent && !seen[source] {
			seen[source] = true
			silent = append(silent, source)
		}
	}
	return validate.Looked(questions, answers), silent, nil
}

// haveChecked posts to the external checks, and tells which of them were silent: to these the rest is not posted.
func (f *Flow) haveChecked(ctx context.Context, h head, postings []validate.Posting) (found []finding.Finding, silent []string, err error) {
	posted, begun := map[string]int{}, f.Now()
	lacking := map[string]map[outside.Fault]int{} // by check: how many postings were not judged
	for _, p := range postings {
		fault := outside.Silent
		posted[p.Check]++
		switch {
		case posted[p.Check] > maxPostings, f.Now().Sub(begun) > maxPosting:
			fault = outside.Spent
		case lacking[p.Check][outside.Silent] == 0:
			var theirs []finding.Finding
			if theirs, fault, err = f.post(ctx, h, p); err != nil {
				return nil, nil, err
			}
			found = append(found, theirs...)
		}
		if fault == outside.Answered {
			continue
		}
		if lacking[p.Check] == nil {
			lacking[p.Check] = map[outside.Fault]int{}
		}
		if lacking[p.Check][fault]++; fault == outside.Silent && lacking[p.Check][fault] == 1 {
			silent = append(silent, p.Check)
		}
	}
	for check, faults := range lacking {
		for fault, n := range faults {
			found = append(found, validate.Unchecked(check, fault, n))
		}
	}
	return found, silent, nil
}

func (f *Flow) post(ctx context.Context, h head, p validate.Posting) (found []finding.Finding, fault outside.Fault, err error) {
	delivery := digest(fmt.Sprintf("%d %s %s %s", h.repo.ID, h.commit, p.Check, p.Digest()))
	body, err := p.Body(h.repo, h.commit, delivery, f.Now())
	if err != nil {
		return nil, "", err
	}
	if len(body) > maxPosted {
		return nil, outside.Spent, nil
	}
	fault, err = f.External.Post(ctx, p.Check, body, func(answer []byte) (err error) {
		found, err = p.Read(answer)
		return err
	})
	return found, fault, err
}

// nothing is what the operator's own systems are where none is declared.
type nothing struct{}

func (nothing) Ask(_ context.Context, _ forge.Repo, queries []outside.Query, _ bool) ([]outside.Answer, error) {
	answers := make([]outside.Answer, len(queries))
	for i := range answers {
		answers[i].Fault = outside.UnknownSource
	}
	return answers, nil
}

func (nothing) Finding(string, string)         {}
func (nothing) Deployed(string, time.Duration) {}

func (nothing) For(forge.Repo) []outside.Check { return nil }

func (nothing) Post(context.Context, string, []byte, func([]byte) error) (outside.Fault, error) {
	return "", errors.New("flow: a check that was not declared was to be asked")
}
