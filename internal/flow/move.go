package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/work"
)

// move judges the tip, brings the sink's files to it, and moves the channel. What stops it is in d.result; an error is what a
// machine could not do.
func (d *deploy) move(ctx context.Context) error {
	if d.foreign() {
		return nil
	}
	if stopped, err := d.rewritten(ctx); err != nil || stopped {
		return err
	}
	from := d.channel.Commit.Tree()
	var err error
	if d.result.Verdict, err = d.flow.judge(ctx, d.repo, from, d.tip.Tree()); work.IsPermanent(err) {
		d.result.Verdict = unevaluated(err)
	} else if err != nil {
		return err
	}
	d.flow.At(DeployJudged)
	if !d.result.Verdict.OK() {
		return d.restore(ctx)
	}
	steps, tip, err := d.plan(ctx, from, d.tip.Tree())
	var clash *clashError
	if errors.As(err, &clash) {
		d.result.Verdict.Findings = append(d.result.Verdict.Findings, clash.finding)
		return d.restore(ctx)
	}
	if err != nil {
		return err
	}
	if err := d.apply(ctx, steps, tip); err != nil {
		return err
	}
	d.result.Written, d.result.Removed = len(steps.Write), steps.Remove
	return nil
}

// foreign stops the deploy where the sink belongs to another repository. GitHub's names do not differ by case only.
func (d *deploy) foreign() bool {
	owner := d.channel.Repository
	if owner == "" || strings.EqualFold(owner, d.repo.String()) {
		return false
	}
	d.result.From = ""
	d.result.Verdict = failing(finding.Finding{Rule: "sink-shared", Level: finding.Failure,
		Message: fmt.Sprintf("the store that this repository is to be deployed to holds the configuration of %s", owner),
		Fix:     "ask the operator of tamer for a store of its own: TAMER_SINK may hold {owner} and {repo}"})
	return true
}

// rewritten stops the deploy where the branch no longer holds what production serves: production never leaves its history
// by itself.
func (d *deploy) rewritten(ctx context.Context) (bool, error) {
	if d.channel.Commit == "" {
		return false, nil
	}
	err := d.flow.Remotes.Fetch(ctx, d.repo, d.channel.Commit)
	descends := false
	if err == nil {
		descends, err = d.flow.History.IsAncestor(ctx, d.repo, d.channel.Commit, d.tip)
	}
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !missing:
		return false, err
	case descends && !missing:
		return false, nil
	}
	d.result.Verdict = failing(finding.Finding{Rule: "branch-rewritten", Level: finding.Failure,
		Message: fmt.Sprintf("%s was rewritten: it no longer holds %s, which production serves", d.branch, d.channel.Commit.Short()),
		Fix:     fmt.Sprintf("push a commit that has both in its history: git merge %s", d.channel.Commit.Short())})
	if missing {
		return true, nil
	}
	return true, d.restore(ctx)
}

// restore puts back what the channel says under the keys that a deploy before this one has left half done: its commit will not
// be served, and who reads plain files must not go on seeing some of it.
func (d *deploy) restore(ctx context.Context) error {
	if len(d.pending.Interrupted(d.channel)) == 0 {
		return nil
	}
	served := d.channel.Commit.Tree()
	steps, tree, err := d.plan(ctx, served, served)
	if err != nil {
		return fmt.Errorf("put back what production serves: %w", err)
	}
	if err := d.write(ctx, steps, tree); err != nil {
		return fmt.Errorf("put back what production serves: %w", err)
	}
	return d.put(ctx, release.PendingKey, release.Pending{Commit: d.channel.Commit, Generation: d.channel.Generation, Keys: []string{}}, sink.Always)
}

// A clashError says that the tip cannot be stored as it is.
type clashError struct{ finding finding.Finding }

func (e *clashError) Error() string { return e.finding.Message }

// plan gives the steps from one tree, which the channel says, to another, and the files of that. An empty tree is that of a
// sink that serves nothing yet. Only files that the change touches are looked at, unless more may have changed: the first
// deploy, another policy, an interrupted deploy.
func (d *deploy) plan(ctx context.Context, from, to forge.Tree) (release.OldSteps, fs.FS, error) {
	var (
		old     fs.FS
		tip     fs.FS
		err     error
		changes []forge.Change
		dirty   = d.pending.Interrupted(d.channel)
	)
	if to != "" {
		if tip, err = d.flow.Trees.Snapshot(ctx, d.repo, to); err != nil {
			return release.OldSteps{}, nil, err
		}
	}
	if from != "" {
		if old, err = d.flow.Trees.Snapshot(ctx, d.repo, from); err != nil {
			return release.OldSteps{}, nil, err
		}
		if changes, err = d.flow.Trees.Changes(ctx, d.repo, from, to); err != nil {
			return release.OldSteps{}, nil, err
		}
	}
	edited := func(path string) bool {
		_, found := slices.BinarySearchFunc(changes, path, func(c forge.Change, p string) int { return strings.Compare(c.Path, p) })
		return found
	}
	whole := from == "" || len(dirty) > 0 || edited(policy.Path)
	was, err := placements(old, changes, whole)
	if err != nil {
		return release.OldSteps{}, nil, err
	}
	will, err := placements(tip, changes, whole)
	if err != nil {
		return release.OldSteps{}, nil, err
	}
	steps, err := release.OldPlan(was, will, edited, dirty)
	if err != nil {
		return steps, nil, &clashError{finding.Finding{Rule: "config-duplicate", Level: finding.Failure, Message: err.Error(), Fix: "give one of the two another customer or type"}}
	}
	return steps, tip, nil
}

// placements gives the files of a tree with their keys: all of them, or those that have changed.
func placements(tree fs.FS, changes []forge.Change, whole bool) ([]release.Placement, error) {
	if tree == nil {
		return nil, nil
	}
	p, _, err := policy.Read(tree)
	if err != nil || p == nil {
		return nil, err
	}
	var places []release.Placement
	add := func(f policy.File) {
		if place, ok := release.Place(f); ok {
			places = append(places, place)
		}
	}
	if whole || p.Layout.ManySegmentTypes() {
		files, err := catalog.New(tree, p).Configs()
		for _, f := range files {
			add(f)
		}
		return places, err
	}
	for _, ch := range changes {
		if info, err := fs.Lstat(tree, ch.Path); err == nil && info.Mode().IsRegular() {
			add(p.Layout.Read(ch.Path))
		}
	}
	return places, nil
}

// apply does the steps and moves the channel. Every one of them may be done again.
func (d *deploy) apply(ctx context.Context, steps release.OldSteps, tip fs.FS) error {
	if touched := steps.Touched(); len(touched) > 0 {
		if err := d.put(ctx, release.PendingKey, release.Pending{Commit: d.tip, Generation: d.channel.Generation + 1, Keys: touched}, sink.Always); err != nil {
			return err
		}
	}
	d.flow.At(DeployPending)
	if err := d.write(ctx, steps, tip); err != nil {
		return err
	}
	d.flow.At(DeployWritten)
	cond := sink.IfAbsent()
	if d.version != "" {
		cond = sink.IfVersion(d.version)
	}
	if err := d.put(ctx, release.ProductionKey, d.channel.Next(d.repo, d.tip, d.flow.Now()), cond); err != nil {
		return err
	}
	d.flow.At(DeployMoved)
	return nil
}

// write does the steps, taking contents from the tree.
func (d *deploy) write(ctx context.Context, steps release.OldSteps, tree fs.FS) error {
	for _, key := range steps.Remove {
		if err := d.sink.Delete(ctx, key); err != nil {
			return fmt.Errorf("remove %s: %w", key, err)
		}
	}
	d.flow.At(DeployRemoved)
	for i, w := range steps.Write {
		src, err := fs.ReadFile(tree, w.Path)
		if err != nil {
			return fmt.Errorf("read %s: %w", w.Path, err)
		}
		if _, err := d.sink.Put(ctx, w.Key, src, sink.Always); err != nil {
			return fmt.Errorf("write %s: %w", w.Key, err)
		}
		if i == 0 {
			d.flow.At(DeployWriting)
		}
	}
	return nil
}

func (d *deploy) put(ctx context.Context, key string, v any, cond sink.Condition) error {
	b, err := release.Encode(v)
	if err != nil {
		return err
	}
	if _, err := d.sink.Put(ctx, key, b, cond); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return nil
}
