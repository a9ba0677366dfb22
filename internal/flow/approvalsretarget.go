package flow

import (
	"context"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// retargeted tells when a pull request got its present base, where somebody has approved it: who did so before was shown what it
// changes on another branch, and not what it brings to this one. Where nobody has approved, GitHub is not asked.
func (f *Flow) retargeted(ctx context.Context, repo forge.Repo, number int, reviews []forge.Review) (time.Time, error) {
	if !slices.ContainsFunc(reviews, func(r forge.Review) bool { return r.State == forge.Approved }) {
		return time.Time{}, nil
	}
	return f.Reviews.Retargeted(ctx, repo, number)
}

// before tells whether a review was given before the pull request got its base. GitHub tells whole seconds: of the same one is before.
func (d *decision) before(r forge.Review) bool {
	return !d.retargeted.IsZero() && !r.At.After(d.retargeted)
}
