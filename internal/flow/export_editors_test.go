package flow

import (
	"context"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// Editors gives the evidence of each regular editor by login, in their order, and the notes.
func (f *Flow) Editors(ctx context.Context, repo forge.Repo, base string, tip forge.Commit, pol *policy.Policy) (evidence, notes []string, err error) {
	all, err := f.editors(ctx, repo, base, tip, pol)
	for _, e := range all.Editors {
		evidence = append(evidence, e.User.Login+": "+e.Evidence)
	}
	return evidence, all.Notes, err
}
