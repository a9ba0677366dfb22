package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
)

// A view is how GitHub was at a moment, as far as gates rest on it.
type view struct {
	branches map[string]forge.Commit
	pulls    []pull
	talk     []forge.Comment
	pushes   map[string][]forge.Push
}

// look keeps how GitHub is now.
func (r *run) look() {
	v := &view{branches: maps.Clone(r.hub.branches), pushes: maps.Clone(r.hub.pushes)}
	for _, p := range r.hub.pulls {
		v.pulls = append(v.pulls, *p)
	}
	for _, c := range r.hub.talk {
		if strings.HasPrefix(c.Body, "/tamer override") || strings.HasPrefix(c.Body, "<!-- tamer:answer") {
			v.talk = append(v.talk, *c)
		}
	}
	r.views = append(r.views, v)
}

// onto gives the view with the branches as somebody has seen them.
func (v *view) onto(seen forge.Heads) *view {
	other := *v
	other.branches = seen.Tips
	return &other
}

// What has been found out about trees, which never changes, by all histories.
var (
	judgings sync.Map // bool by the names of two trees
	touches  sync.Map // []governance.Touch by the names of trees
	policies sync.Map // *policy.Policy by the name of the tree
)

// verdict judges the merge of a head with each of its bases anew, without anything that tamer has kept.
func (r *run) verdict(head forge.Commit, bases []string, tips map[string]forge.Commit) bool {
	for _, base := range bases {
		tip := tips[base]
		if tip == "" {
			return false
		}
		m, ok := r.git.merge(tip, head)
		if !ok || len(m.Conflicts) > 0 || !judge(r.git.byName[tip].tree, r.git.trees[m.Tree]) {
			return false
		}
	}
	return true
}

func judge(from, to *tree) bool {
	name := ""
	if from != nil {
		name = from.id
	}
	if known, ok := judgings.Load(name + to.id); ok {
		return known.(bool)
	}
	opts := validate.Options{}
	if from != nil {
		opts.Base, opts.Changes = from, changes(from, to)
	}
	result, err := validate.Tree(to, opts)
	if err != nil {
		panic(err) // trees in memory can be read
	}
	judgings.Store(name+to.id, result.OK())
	return result.OK()
}

// met tells whether the gates of all open pull requests with that head are met.
func (v *view) met(r *run, head forge.Commit) bool {
	for _, p := range v.pulls {
		if p.Open && p.Head == head && !v.passes(r, &p, head) {
			return false
		}
	}
	return true
}

// passes decides by itself whether those have approved whom the gates of a pull request ask for, at a commit that holds it.
func (v *view) passes(r *run, p *pull, head forge.Commit) bool {
	touched, known := v.touched(r, p, head)
	if known && len(touched) == 0 {
		return true
	}
	return known && v.approved(r, p, head, touched) || v.overridden(r, p, head, touched)
}

// touched gives the gates of a change; it is not known where nobody can tell.
func (v *view) touched(r *run, p *pull, head forge.Commit) ([]governance.Touch, bool) {
	tip := v.branches[p.BaseBranch]
	if tip == "" {
		return nil, false
	}
	pol := policyOf(r.git.byName[tip].tree)
	bases := r.git.bases(tip, head)
	if pol == nil || len(bases) == 0 {
		return nil, false
	}
	before, after := r.git.byName[bases[0]].tree, r.git.byName[head].tree
	if len(bases) > 1 {
		m, _ := r.git.merge(tip, head)
		if len(m.Conflicts) > 0 {
			return nil, false
		}
		before, after = r.git.byName[tip].tree, r.git.trees[m.Tree]
	}
	at := r.git.byName[tip].tree
	name := at.id + before.id + after.id + fmt.Sprint(bases[0] == tip)
	if known, ok := touches.Load(name); ok {
		return known.([]governance.Touch), true
	}
	c := governance.Change{Base: before, Head: after, Paths: changes(before, after)}
	if len(bases) == 1 && bases[0] != tip {
		c.Tip = at
	}
	all, err := governance.Touched(pol, c)
	if err != nil {
		panic(err)
	}
	touches.Store(name, all)
	return all, true
}

func policyOf(t *tree) *policy.Policy {
	if known, ok := policies.Load(t.id); ok {
		return known.(*policy.Policy)
	}
	p, _, err := policy.Read(t)
	if err != nil {
		panic(err)
	}
	policies.Store(t.id, p)
	return p
}

// approved counts: who may write, has no part in the change, and has approved what stands there now, since it has the base that it has.
func (v *view) approved(r *run, p *pull, head forge.Commit, touched []governance.Touch) bool {
	last := map[forge.User]forge.Review{}
	for _, review := range p.reviews {
		if review.State != forge.Commented {
			last[review.By] = review
		}
	}
	makers := v.makers(r, p)
	for by, review := range last {
		if review.State == forge.ChangesRequested && mayWrite(by) {
			return false
		}
	}
	for _, t := range touched {
		count, editors := 0, 0
		for by, review := range last {
			if review.State != forge.Approved || makers[by] || by == p.Author || !mayWrite(by) || !review.At.After(p.retargeted) && !p.retargeted.IsZero() {
				continue
			}
			then, known := v.touched(r, p, review.Commit)
			if !known || contentOf(then, t.Name) != contentOfHead(t) {
				continue
			}
			count++
			if slices.Contains(teams["editors"], by) {
				editors++
			}
		}
		if count < t.Needs.Approvals || editors < t.Needs.RegularEditors {
			return false
		}
	}
	return true
}

func contentOfHead(t governance.Touch) string { return "=" + t.Content }

func contentOf(all []governance.Touch, name string) string {
	for _, t := range all {
		if t.Name == name {
			return "=" + t.Content
		}
	}
	return ""
}

// makers are those who have made or pushed commits of the pull request; who only merged what git merges by itself has made nothing. Who
// has pushed a commit is told by the pushes since the one that has brought it last.
func (v *view) makers(r *run, p *pull) map[forge.User]bool {
	makers, made, left := map[forge.User]bool{}, map[forge.Commit]bool{}, map[forge.Commit]bool{}
	for _, a := range r.hub.authorships(v.branches[p.BaseBranch], p.Head) {
		left[a.Commit] = true
		if len(a.Parents) == 2 {
			m, ok := r.git.merge(a.Parents[0], a.Parents[1])
			if ok && len(m.Conflicts) == 0 && r.git.trees[m.Tree] == r.git.byName[a.Commit].tree {
				continue
			}
		}
		made[a.Commit] = true
		makers[a.People[0]] = true
	}
	if p.Fork {
		return makers
	}
	all := maps.Clone(left)
	for _, push := range v.pushes[p.HeadBranch] {
		if len(left) == 0 {
			break
		}
		for c := range all {
			if r.git.holds(push.After, c) && !r.git.holds(push.Before, c) {
				makers[push.By] = makers[push.By] || made[c]
				delete(left, c)
			}
		}
	}
	return makers
}

// overridden tells whether somebody who may has let the change pass, as it is.
func (v *view) overridden(r *run, p *pull, head forge.Commit, touched []governance.Touch) bool {
	for _, answer := range v.talk {
		o, ok := render.ReadOverride(answer.Body)
		if !ok || !answer.Own || answer.Edited || answer.Pull != p.Number || o.Base != p.BaseBranch {
			continue
		}
		i := slices.IndexFunc(v.talk, func(c forge.Comment) bool { return c.ID == o.Command && !c.Edited && !c.Own })
		if i < 0 || v.talk[i].Author != omar {
			continue
		}
		then, known := v.touched(r, p, o.Head)
		if o.Head == head || known && len(touched) > 0 && slices.EqualFunc(then, touched, func(a, b governance.Touch) bool { return a.Name == b.Name && a.Content == b.Content }) {
			return true
		}
	}
	return false
}
