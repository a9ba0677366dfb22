package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
)

// An Onlooker tells what a Flow would decide, and does nothing about it.
type Onlooker struct{ flow *Flow }

// NewOnlooker makes an Onlooker. Of the Config it uses only what tells about pull requests, people and history, and the Notes; and
// Comments where there are Overrides.
func NewOnlooker(cfg Config) (*Onlooker, error) {
	var errs []error
	for name, missing := range map[string]bool{
		"PullRequests": cfg.PullRequests == nil, "Commands": cfg.Commands == nil, "Reviews": cfg.Reviews == nil, "People": cfg.People == nil,
		"Remotes": cfg.Remotes == nil, "Trees": cfg.Trees == nil, "History": cfg.History == nil, "Notes": cfg.Notes == nil, "Now": cfg.Now == nil,
		"Comments": cfg.Overrides != nil && cfg.Comments == nil,
	} {
		if missing {
			errs = append(errs, fmt.Errorf("flow: Config.%s is missing", name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Onlooker{start(cfg)}, nil
}

// Approvals tells how far a pull request is with its gates, or would be if these people approved its head. The error wraps
// fs.ErrNotExist where the pull request is not there or not open.
func (o *Onlooker) Approvals(ctx context.Context, repo forge.Repo, number int, assumed ...forge.User) (render.Approvals, error) {
	return o.flow.Approvals(ctx, repo, number, assumed...)
}
