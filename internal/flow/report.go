package flow

import (
	"context"
	"fmt"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/work"
)

// maxCompared is how many changed configs are compared value by value: far more than anybody reads.
const maxCompared = 5_000

// report gives all that is said of a head: the verdict, and what its pull request would change.
func (f *Flow) report(ctx context.Context, h head) (render.Report, error) {
	r := render.Report{Page: h.page, Fixable: h.fixable}
	verdict, merged, err := f.judgeHead(ctx, h)
	if work.IsPermanent(err) {
		r.Verdict = unevaluated(err)
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.Verdict = verdict
	if h.pull == nil || merged[h.pull.BaseBranch] == "" {
		return r, nil
	}
	from, to := h.heads.Tips[h.pull.BaseBranch].Tree(), merged[h.pull.BaseBranch]
	if err := f.offerMigration(ctx, h, from, to, &r); err != nil {
		return r, err
	}
	return r, f.compare(ctx, h.repo, from, to, &r)
}

// compare adds what differs between the base and the merge, as the base's policy reads them.
func (f *Flow) compare(ctx context.Context, repo forge.Repo, from, to forge.Tree, r *render.Report) error {
	old, err := f.Trees.Snapshot(ctx, repo, from)
	if err != nil {
		return err
	}
	now, err := f.Trees.Snapshot(ctx, repo, to)
	if err != nil {
		return err
	}
	p, _, err := policy.Read(old)
	if p == nil && err == nil {
		p, _, err = policy.Read(now)
	}
	if p == nil || err != nil {
		return err // a policy that nobody can read is a finding
	}
	r.Previewable = r.Fixable && !p.Deploy.Previews.Commits
	r.Customer = func(path string) string { return p.Layout.Read(path).Customer }
	changes, err := f.Trees.Changes(ctx, repo, from, to)
	if err != nil {
		return err
	}
	changes, r.Uncompared = firstConfigs(changes, p.Layout)
	if r.Diff, err = diff.Trees(catalog.NewKept(old, p, f.Schemas), catalog.NewKept(now, p, f.Schemas), changes, document.Limits{}); err != nil {
		return fmt.Errorf("compare %s: %w", repo, err)
	}
	return nil
}

// firstConfigs keeps the first of very many configs, and counts the others. Changes of other files all stay.
func firstConfigs(changes []forge.Change, layout policy.Layout) (kept []forge.Change, left int) {
	configs := 0
	for _, ch := range changes {
		if kind := layout.Read(ch.Path).Kind; kind == policy.Config || kind == policy.Shared {
			if configs++; configs > maxCompared {
				left++
				continue
			}
		}
		kept = append(kept, ch)
	}
	return kept, left
}
