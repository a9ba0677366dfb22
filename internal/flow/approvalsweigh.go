package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
)

// A weighing takes the facts about one subject.
type weighing struct {
	subject
	flow    *Flow
	repo    forge.Repo
	policy  *policy.Policy
	files   fs.FS // of the tip
	touched []governance.Touch
	// at holds for each commit that was looked at the gates that the change up to there runs into, by name; nil for a commit that
	// is not there.
	at       map[forge.Commit]map[string]governance.Touch
	teams    map[string][]forge.User // as far as asked
	editors  []forge.User            // the regular ones, those with the most merges first; nobody where no gate asks for them
	evidence map[int64]string        // why they are that
}

func (f *Flow) weigh(repo forge.Repo, s subject) *weighing {
	return &weighing{flow: f, repo: repo, subject: s, at: map[forge.Commit]map[string]governance.Touch{}, teams: map[string][]forge.User{}}
}

// begin reads the policy and finds the gates of the subject, or says why there is no telling.
func (w *weighing) begin(ctx context.Context) (problem string, err error) {
	branch := w.pull.BaseBranch
	if w.tip == "" {
		return fmt.Sprintf("the branch %q, which this pull request wants to change, is not there", branch), nil
	}
	if err := w.flow.Remotes.Fetch(ctx, w.repo, w.head, w.tip); err != nil {
		return "", fmt.Errorf("fetch %s and what it is to be merged into: %w", w.head.Short(), err)
	}
	if w.files, err = w.flow.Trees.Snapshot(ctx, w.repo, w.tip.Tree()); err != nil {
		return "", err
	}
	p, found, err := policy.Read(w.files)
	if err != nil {
		return "", err
	}
	if p == nil {
		where := ""
		if len(found) > 0 {
			where = fmt.Sprintf(": line %d: %s", found[0].At.Start.Line, found[0].Message)
		}
		return fmt.Sprintf("the policy of %s cannot be read%s. Mend .tamer.yaml there; whoever may bypass the branch's rules can merge that", branch, where), nil
	}
	w.policy = p
	w.touched, err = w.change(ctx, w.from, w.head)
	if errors.Is(err, errUnrelated) {
		return fmt.Sprintf("it has no history in common with %s: start a new branch from there and make the change anew", branch), nil
	}
	if errors.Is(err, errTangled) {
		return fmt.Sprintf("it conflicts with %s, which it has left in several places: merge %s into it", branch, branch), nil
	}
	if err == nil {
		w.at[w.head] = byName(w.touched)
	}
	return "", err
}

var (
	errUnrelated = errors.New("no common history")
	errTangled   = errors.New("several merge bases, and conflicts")
)

// change gives the gates that a change runs into, which ends at a commit that is there; from may be empty, see subject.
func (w *weighing) change(ctx context.Context, from, to forge.Commit) ([]governance.Touch, error) {
	before, after, err := w.ends(ctx, from, to)
	if err != nil {
		return nil, err
	}
	base, err := w.flow.Trees.Snapshot(ctx, w.repo, before)
	if err != nil {
		return nil, err
	}
	head, err := w.flow.Trees.Snapshot(ctx, w.repo, after)
	if err != nil {
		return nil, err
	}
	paths, err := w.flow.Trees.Changes(ctx, w.repo, before, after)
	if err != nil {
		return nil, err
	}
	c := governance.Change{Base: base, Head: head, Paths: paths, Schemas: w.flow.Schemas}
	if before != w.tip.Tree() {
		c.Tip = w.files
	}
	return governance.Touched(w.policy, c)
}

// ends gives the trees that a change leads from and to. Where a branch has left the base in several places, as one that has merged
// another branch of it may have, no one of these shows all: what was taken from one of them undoes what stands in the others. Then it is
// what the merge makes of the base.
func (w *weighing) ends(ctx context.Context, from, to forge.Commit) (before, after forge.Tree, err error) {
	if from != "" {
		return from.Tree(), to.Tree(), nil
	}
	bases, err := w.flow.History.MergeBases(ctx, w.repo, w.tip, to)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(bases) == 0 {
		return "", "", errUnrelated
	}
	if err != nil {
		return "", "", err
	}
	if len(bases) == 1 {
		return bases[0].Tree(), to.Tree(), nil
	}
	merged, err := w.flow.History.Merge(ctx, w.repo, w.tip, to)
	if err == nil && len(merged.Conflicts) > 0 {
		err = errTangled
	}
	return w.tip.Tree(), merged.Tree, err
}

func byName(all []governance.Touch) map[string]governance.Touch {
	m := map[string]governance.Touch{}
	for _, t := range all {
		m[t.Name] = t
	}
	return m
}

// look gives the gates that the change runs into as it was at a commit; nil where that is not there any more.
func (w *weighing) look(ctx context.Context, c forge.Commit) (map[string]governance.Touch, error) {
	if seen, ok := w.at[c]; ok {
		return seen, nil
	}
	w.at[c] = nil
	if _, err := forge.ParseCommit(string(c)); err != nil {
		return nil, nil // GitHub does not say any more which one it was
	}
	if err := w.flow.Remotes.Fetch(ctx, w.repo, c); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	all, err := w.change(ctx, "", c)
	if errors.Is(err, errUnrelated) || errors.Is(err, errTangled) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	w.at[c] = byName(all)
	return w.at[c], nil
}

// gates makes the gates of what is touched, with what each governs at every commit that was approved.
func (w *weighing) gates(ctx context.Context, d *decision, reviews []forge.Review) error {
	for _, t := range w.touched {
		g := governance.Gate{Name: t.Name, Why: t.Why, Approvals: t.Needs.Approvals, RegularEditors: t.Needs.RegularEditors,
			Content: map[forge.Commit]string{w.head: t.Content}}
		for _, r := range heard(reviews) {
			if r.State != forge.Approved {
				continue
			}
			seen, err := w.look(ctx, r.Commit)
			if err != nil {
				return err
			}
			if seen != nil {
				g.Content[r.Commit] = seen[t.Name].Content // empty where that commit did not run into the gate
			}
		}
		var err error
		if g.Each, err = w.groups(ctx, d, t, reviews); err != nil {
			return err
		}
		d.facts.Gates = append(d.facts.Gates, g)
	}
	return nil
}

// maxWalked is how many commits are looked at to tell which one has undone an approval.
const maxWalked = 30

// undone tells for each approval that covers something else now which commit has made it so, and in which files.
func (w *weighing) undone(ctx context.Context, d *decision, made []forge.Authorship) error {
	d.gated.Undone = map[render.Undoing]render.Undone{}
	for _, s := range d.gated.Verdict.Gates {
		for _, v := range s.Voices {
			if v.Fault != governance.Outdated {
				continue
			}
			was := w.at[v.Commit][s.Name]
			u := render.Undone{Files: differing(was, w.at[w.head][s.Name])}
			after := slices.IndexFunc(made, func(m forge.Authorship) bool { return m.Commit == v.Commit }) + 1
			if after > 0 && len(made)-after <= maxWalked {
				for _, m := range made[after:] {
					seen, err := w.look(ctx, m.Commit)
					if err != nil {
						return err
					}
					if seen != nil && seen[s.Name].Content != was.Content {
						u = render.Undone{In: m.Commit, Files: differing(was, seen[s.Name])}
						break
					}
				}
			}
			d.gated.Undone[render.Undoing{Gate: s.Name, By: v.Person.User.ID}] = u
		}
	}
	return nil
}

// differing names the files of a gate that two states of a change change differently, sorted.
func differing(a, b governance.Touch) []string {
	var paths []string
	for _, path := range slices.Concat(a.Files, b.Files) {
		if a.Each[path] != b.Each[path] {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
