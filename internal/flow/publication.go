package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/trace"
)

// A publication brings one check run from what GitHub shows to what it should show, in as few requests as possible. The
// run's external id says what it was made for and what it shows: INPUTS while in progress, INPUTS=OUTPUT when completed. So it
// can be told, after a crash or a lost answer, how far a run had come.
type publication struct {
	flow   *Flow
	repo   forge.Repo
	shown  *forge.CheckRun // as GitHub has it; nil where there is none
	inputs string
	anew   bool // a person asked: show it again even if it is the same

	run forge.CheckRun // the run that this publication writes to
}

// isShown tells whether GitHub shows a verdict on the same inputs already.
func (p *publication) isShown() bool {
	return p.shown != nil && p.shown.Status == forge.Completed && strings.HasPrefix(p.shown.ExternalID, p.inputs+"=")
}

// start makes sure that something is shown at once. A verdict that stands is left alone until there is another one.
func (p *publication) start(ctx context.Context, first forge.CheckRun) error {
	first.Status, first.ExternalID = forge.InProgress, p.inputs
	p.run = first
	switch {
	case p.shown == nil:
		return p.create(ctx)
	case p.shown.Status == forge.Completed:
		if !p.anew {
			return nil
		}
		return p.create(ctx)
	case p.shown.ExternalID == p.inputs, p.shown.Annotated == 0:
		p.run.ID, p.run.Annotated = p.shown.ID, p.shown.Annotated
		return nil
	}
	// A run for other inputs was cut off with some of its annotations sent, and GitHub cannot take these back.
	old := *p.shown
	old.Status, old.Conclusion, old.Annotations = forge.Completed, forge.Cancelled, nil
	old.Title, old.Summary = "Superseded", "tamer judges this commit again in a newer check run of the same name."
	if err := p.flow.Checks.UpdateCheckRun(ctx, p.repo, marked(ctx, old)); err != nil {
		return err
	}
	return p.create(ctx)
}

func (p *publication) create(ctx context.Context) error {
	id, err := p.flow.Checks.CreateCheckRun(ctx, p.repo, marked(ctx, p.run))
	p.run.ID = id
	return err
}

// complete shows the verdict: nothing is written where GitHub shows the same already. The annotations go in batches, the
// last of which completes the run. sent is reached after the first batch of several.
func (p *publication) complete(ctx context.Context, verdict forge.CheckRun, sent Point) error {
	output := digestOf(verdict)
	if p.run.ID == 0 { // a completed run was found, and left alone
		if _, shows, _ := strings.Cut(p.shown.ExternalID, "="); shows == output {
			return nil
		}
		if err := p.create(ctx); err != nil {
			return err
		}
	}
	all := verdict.Annotations
	rest := all[min(p.run.Annotated, len(all)):]
	verdict.ID, verdict.Name, verdict.Head = p.run.ID, p.run.Name, p.run.Head
	for len(rest) > forge.MaxAnnotations {
		part := p.run
		part.Title, part.Summary = verdict.Title, verdict.Summary
		part.Annotations, rest = rest[:forge.MaxAnnotations], rest[forge.MaxAnnotations:]
		if err := p.flow.Checks.UpdateCheckRun(ctx, p.repo, marked(ctx, part)); err != nil {
			return err
		}
		p.flow.At(sent)
	}
	verdict.Annotations = rest
	verdict.Status, verdict.ExternalID = forge.Completed, p.inputs+"="+output
	return p.flow.Checks.UpdateCheckRun(ctx, p.repo, marked(ctx, verdict))
}

// marked adds in small print what the operator's log calls the work that shows this. What the run shows is named without it: so a
// verdict that stays the same is not written again.
func marked(ctx context.Context, run forge.CheckRun) forge.CheckRun {
	id := trace.Of(ctx).Trace
	summary := strings.TrimRight(run.Summary, "\n") + "\n\n<sub>In the log of tamer: `" + id + "`</sub>"
	if id != "" && run.Title != "" && len(summary) <= forge.MaxSummary {
		run.Summary = summary
	}
	return run
}

// show shows a verdict that was quick to find, in one request, and none where it is shown already: there is no time in which something
// else would have to be shown. A run that is there is used again.
func (p *publication) show(ctx context.Context, verdict forge.CheckRun) error {
	verdict.Status, verdict.ExternalID = forge.Completed, p.inputs+"="+digestOf(verdict)
	if p.shown == nil {
		_, err := p.flow.Checks.CreateCheckRun(ctx, p.repo, marked(ctx, verdict))
		return err
	}
	if p.shown.Status == forge.Completed && p.shown.ExternalID == verdict.ExternalID && !p.anew {
		return nil
	}
	verdict.ID = p.shown.ID
	return p.flow.Checks.UpdateCheckRun(ctx, p.repo, marked(ctx, verdict))
}

// digest is a short name for a text: 64 bits of its SHA-256.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func digestOf(run forge.CheckRun) string {
	b, err := json.Marshal(run)
	if err != nil {
		panic(fmt.Sprintf("flow: a check run has no JSON: %v", err)) // plain strings and numbers always have
	}
	return digest(string(b))
}
