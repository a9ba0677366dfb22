package github

import (
	"context"
	"fmt"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// CheckRun gives the newest run of that name that this app made on the commit, in one call; nil for none.
// Its annotations and texts are not filled in.
func (c *Client) CheckRun(ctx context.Context, repo forge.Repo, head forge.Commit, name string) (*forge.CheckRun, error) {
	s, err := c.in(repo, forREST)
	if err != nil {
		return nil, err
	}
	got, _, err := s.rest.Checks.ListCheckRunsForRef(ctx, repo.Owner, repo.Name, string(head), &github.ListCheckRunsOptions{
		CheckName:   &name,
		AppID:       &c.appID,
		Filter:      github.String("latest"),
		ListOptions: github.ListOptions{PerPage: perPage},
	})
	if err != nil {
		return nil, fmt.Errorf("read check %s of %s at %s: %w", name, repo, head.Short(), explain(err))
	}
	if got == nil {
		return nil, fmt.Errorf("read check %s of %s at %s: GitHub's answer is empty", name, repo, head.Short())
	}
	run := newest(c.ours(got.CheckRuns, name), (*github.CheckRun).GetID)
	if run == nil {
		return nil, nil
	}
	return &forge.CheckRun{
		ID:          run.GetID(),
		Name:        run.GetName(),
		Head:        forge.Commit(run.GetHeadSHA()),
		ExternalID:  run.GetExternalID(),
		Status:      forge.CheckStatus(run.GetStatus()),
		Conclusion:  forge.Conclusion(run.GetConclusion()),
		Annotated:   run.GetOutput().GetAnnotationsCount(),
		CompletedAt: run.GetCompletedAt().Time,
		URL:         run.GetHTMLURL(),
	}, nil
}

// ours leaves out runs of other apps and names, whatever the server made of the filters.
func (c *Client) ours(runs []*github.CheckRun, name string) []*github.CheckRun {
	var ours []*github.CheckRun
	for _, run := range runs {
		if run.GetApp().GetID() == c.appID && run.GetName() == name {
			ours = append(ours, run)
		}
	}
	return ours
}

// CreateCheckRun creates the run with everything that it holds, in one call, and gives its id.
func (c *Client) CreateCheckRun(ctx context.Context, repo forge.Repo, run forge.CheckRun) (int64, error) {
	s, err := c.in(repo, forREST)
	if err != nil {
		return 0, err
	}
	if err := fits(run); err != nil {
		return 0, fmt.Errorf("create check %s of %s at %s: %w", run.Name, repo, run.Head.Short(), err)
	}
	got, _, err := s.rest.Checks.CreateCheckRun(ctx, repo.Owner, repo.Name, github.CreateCheckRunOptions{
		Name:        run.Name,
		HeadSHA:     string(run.Head),
		ExternalID:  &run.ExternalID,
		Status:      github.String(string(run.Status)),
		Conclusion:  conclusion(run),
		CompletedAt: completedAt(run),
		Output:      output(run),
		Actions:     actions(run),
	})
	if err != nil {
		return 0, fmt.Errorf("create check %s of %s at %s: %w", run.Name, repo, run.Head.Short(), explain(err))
	}
	return got.GetID(), nil
}

// UpdateCheckRun replaces status, conclusion, external id and texts of the run with run.ID, and appends the
// annotations, in one call. Without a title texts and annotations stay as they are.
func (c *Client) UpdateCheckRun(ctx context.Context, repo forge.Repo, run forge.CheckRun) error {
	s, err := c.in(repo, forREST)
	if err != nil {
		return err
	}
	if err := fits(run); err != nil {
		return fmt.Errorf("update check %s (%d) of %s: %w", run.Name, run.ID, repo, err)
	}
	_, _, err = s.rest.Checks.UpdateCheckRun(ctx, repo.Owner, repo.Name, run.ID, github.UpdateCheckRunOptions{
		Name:        run.Name,
		ExternalID:  &run.ExternalID,
		Status:      github.String(string(run.Status)),
		Conclusion:  conclusion(run),
		CompletedAt: completedAt(run),
		Output:      output(run),
		Actions:     actions(run),
	})
	if err != nil {
		return fmt.Errorf("update check %s (%d) of %s: %w", run.Name, run.ID, repo, explain(err))
	}
	return nil
}

// fits refuses what GitHub would refuse, before it costs a call.
func fits(run forge.CheckRun) error {
	switch {
	case len(run.Annotations) > forge.MaxAnnotations:
		return work.Permanent(fmt.Errorf("%d annotations; at most %d fit in one call", len(run.Annotations), forge.MaxAnnotations))
	case len(run.Actions) > forge.MaxActions:
		return work.Permanent(fmt.Errorf("%d buttons; at most %d are allowed", len(run.Actions), forge.MaxActions))
	case len(run.Annotations) > 0 && run.Title == "":
		return work.Permanent(fmt.Errorf("%d annotations without a title", len(run.Annotations)))
	case len(run.Summary) > forge.MaxSummary || len(run.Text) > forge.MaxSummary:
		return work.Permanent(fmt.Errorf("summary of %d and text of %d bytes; at most %d each", len(run.Summary), len(run.Text), forge.MaxSummary))
	case (run.Status == forge.Completed) != (run.Conclusion != ""):
		return work.Permanent(fmt.Errorf("status %q with conclusion %q; a run has a conclusion when it is completed, and only then", run.Status, run.Conclusion))
	}
	return nil
}

func conclusion(run forge.CheckRun) *string {
	if run.Conclusion == "" {
		return nil
	}
	return github.String(string(run.Conclusion))
}

func completedAt(run forge.CheckRun) *github.Timestamp {
	if run.CompletedAt.IsZero() {
		return nil
	}
	return &github.Timestamp{Time: run.CompletedAt.UTC()}
}

func actions(run forge.CheckRun) []*github.CheckRunAction {
	var out []*github.CheckRunAction
	for _, a := range run.Actions {
		out = append(out, &github.CheckRunAction{Label: a.Label, Description: a.Description, Identifier: a.Identifier})
	}
	return out
}

// output is nil for a run without a title, which GitHub requires of every output.
func output(run forge.CheckRun) *github.CheckRunOutput {
	if run.Title == "" {
		return nil
	}
	out := &github.CheckRunOutput{Title: &run.Title, Summary: &run.Summary, Text: &run.Text}
	for _, a := range run.Annotations {
		out.Annotations = append(out.Annotations, annotation(a))
	}
	return out
}

func annotation(a forge.Annotation) *github.CheckRunAnnotation {
	out := &github.CheckRunAnnotation{
		Path: &a.Path, StartLine: &a.StartLine, EndLine: &a.EndLine,
		AnnotationLevel: github.String(string(a.Level)), Message: &a.Message,
	}
	if a.StartLine == a.EndLine && a.StartColumn > 0 && a.EndColumn >= a.StartColumn {
		out.StartColumn, out.EndColumn = &a.StartColumn, &a.EndColumn
	}
	if a.Title != "" {
		out.Title = &a.Title
	}
	if a.RawDetails != "" {
		out.RawDetails = &a.RawDetails
	}
	return out
}
