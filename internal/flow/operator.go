package flow

import (
	"context"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/ship"
)

// Operator tells whether somebody is in a team that the operator of tamer has named for the repository now.
func (f *Flow) Operator(ctx context.Context, repo forge.Repo, who forge.User) (bool, error) {
	team, err := f.teamOf(ctx, repo, f.Overrides(repo), who)
	return team != "", err
}

// Resume ends every hold of production in all stores of the repository, as `/tamer resume REASON` does. It asks nobody whether they may:
// see Operator. Doing it again changes nothing.
func (f *Flow) Resume(ctx context.Context, repo forge.Repo, by, reason string) error {
	_, err := f.operateAll(ctx, repo, resumeVerb, ship.Rollback{By: by, Reason: reason})
	return err
}

// Drifted gives the plain files of a store that somebody else has changed, removed or added, as the last comparison has found and nobody
// has put right. Of very many it gives some.
func (f *Flow) Drifted(ctx context.Context, repo forge.Repo, sink string) ([]string, error) {
	found, err := f.drift(ctx, repo, sink)
	if err != nil || found == nil || found.Repaired {
		return nil, err
	}
	return found.Files, nil
}
