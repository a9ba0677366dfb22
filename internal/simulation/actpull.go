package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
)

// What people do with pull requests.

func (r *run) opens() string {
	by := pick(r, writers)
	tip := r.hub.branches[trunk]
	if tip == "" || len(r.hub.pulls) >= 8 {
		return ""
	}
	base := trunk
	if other := r.someBranch(); other != "" && r.rng.IntN(8) == 0 {
		base = other
	}
	switch b := r.someBranch(); {
	case b != "" && b != base && r.rng.IntN(4) == 0: // maybe one with the head of another one
		return fmt.Sprintf("%s opens %d", by.Login, r.hub.open(b, base, false, by).Number)
	case r.rng.IntN(8) == 0:
		b = fmt.Sprint("f", len(r.hub.pulls))
		r.hub.forks[b] = r.change(tip, eve)
		return fmt.Sprintf("eve opens %d from a fork", r.hub.open(b, base, true, eve).Number)
	}
	b := fmt.Sprint("b", len(r.hub.pulls))
	r.hub.move(b, r.change(tip, by), by)
	return fmt.Sprintf("%s opens %d", by.Login, r.hub.open(b, base, false, by).Number)
}

// merges merges a pull request, whatever its checks say: administrators can.
func (r *run) merges() string {
	p := r.someOpen()
	if p == nil || r.hub.branches[p.BaseBranch] == "" {
		return ""
	}
	base := r.hub.branches[p.BaseBranch]
	m, ok := r.git.merge(base, p.Head)
	if !ok || len(m.Conflicts) > 0 {
		return ""
	}
	parents := []forge.Commit{base}
	if squash := r.rng.IntN(2) == 0; !squash {
		parents = append(parents, p.Head)
	}
	made := r.git.commit(r.git.trees[m.Tree], p.Author, r.hub.second(), parents...)
	r.hub.merged(p, made)
	r.hub.move(p.BaseBranch, made, p.Author)
	return fmt.Sprint("merged is ", p.Number)
}

// merged notes that a pull request has become part of its base.
func (h *hub) merged(p *pull, made forge.Commit) {
	p.Open, p.Merged, p.mergedAt, p.merge, p.onto = false, true, h.second(), made, h.branches[p.BaseBranch]
	h.merges[made] = p.Number
	h.changed(p, "closed")
}

func (r *run) reviews() string {
	p := r.someOpen()
	if p == nil {
		return ""
	}
	by := pick(r, append(slices.Clone(writers), eve, ella, ben))
	state := pick(r, []forge.ReviewState{forge.Approved, forge.Approved, forge.Approved, forge.Approved, forge.ChangesRequested, forge.Commented})
	p.reviews = append(slices.Clone(p.reviews), forge.Review{By: by, State: state, Commit: p.Head, At: r.hub.second()})
	r.hub.reviewed(p, "submitted")
	return fmt.Sprintf("%s reviews %d: %s", by.Login, p.Number, state)
}

func (h *hub) reviewed(p *pull, action string) {
	p.Updated = h.second()
	h.send("pull_request_review", fmt.Sprintf(`"action":%q,"pull_request":{"number":%d}`, action, p.Number))
}

func (r *run) dismisses() string {
	p := r.someOpen()
	if p == nil || len(p.reviews) == 0 {
		return ""
	}
	p.reviews = slices.Clone(p.reviews)
	i := r.rng.IntN(len(p.reviews))
	p.reviews[i].State = forge.Dismissed
	r.hub.reviewed(p, "dismissed")
	return fmt.Sprint("dismissed is a review of ", p.Number)
}

func (r *run) retargets() string {
	p := r.someOpen()
	to := pick(r, []string{trunk, r.someBranch()})
	if p == nil || to == "" || to == p.BaseBranch || to == p.HeadBranch || r.hub.branches[to] == "" {
		return ""
	}
	p.BaseBranch, p.retargeted = to, r.hub.second()
	r.hub.changed(p, "edited")
	return fmt.Sprintf("%d is to be merged into %s", p.Number, to)
}

func (r *run) comments() string {
	p := pick(r, r.hub.pulls)
	if p == nil {
		return ""
	}
	by := pick(r, []forge.User{anna, omar, omar, eve})
	text := pick(r, []string{"/tamer check", "/tamer override it is urgent", "/tamer override it is urgent", "/tamer rollback it is wrong", "/tamer rollback --customer acme it is wrong",
		"/tamer resume it is mended", "/tamer resume it is mended", "/tamer preview", "/tamer help", "/tamer explain customers/acme/plan.yaml#/name"})
	if r.theme == overrides && r.rng.IntN(4) > 0 {
		by, text = omar, "/tamer override it is urgent"
	}
	r.hub.say(p.Number, forge.Comment{Author: by, Body: text})
	return fmt.Sprintf("%s says on %d: %s", by.Login, p.Number, text)
}

func (r *run) altersComment() string {
	c := pick(r, slices.DeleteFunc(slices.Clone(r.hub.talk), func(c *forge.Comment) bool { return r.theme == overrides && c.Author != omar }))
	if c == nil || c.Body == "" || strings.HasPrefix(c.Body, reportMarker) {
		return "" // who deletes tamer's own comment gets it back later only
	}
	before := c.Body
	if c.Body, c.Edited = c.Body+" now", true; r.rng.IntN(2) == 0 {
		c.Body = ""
		r.hub.tell(c, "deleted", before[:min(20, len(before))])
		return fmt.Sprint("deleted is comment ", c.ID)
	}
	r.hub.tell(c, "edited", before[:min(20, len(before))])
	return fmt.Sprint("edited is comment ", c.ID)
}

func (r *run) closes() string {
	p := r.someOpen()
	if p == nil {
		return ""
	}
	p.Open = false
	r.hub.changed(p, "closed")
	return fmt.Sprint("closed is ", p.Number)
}

func (r *run) reopens() string {
	p := pick(r, r.hub.pulls)
	if p == nil || p.Open || p.Merged || r.hub.tip(p) == "" {
		return ""
	}
	p.Open, p.Head = true, r.hub.tip(p)
	r.hub.changed(p, "reopened")
	return fmt.Sprint("opened again is ", p.Number)
}

func (r *run) reruns() string {
	check := pick(r, r.hub.runs)
	if check == nil {
		return ""
	}
	branch := ""
	if check.Name == flow.DeployCheck {
		branch = trunk
	}
	r.hub.send("check_run", fmt.Sprintf(`"action":"rerequested","check_run":{"name":%q,"head_sha":%q,"check_suite":{"head_branch":%q}}`, check.Name, check.Head, branch))
	return "asked for again is " + check.Name + " on " + check.Head.Short()
}

func (r *run) presses() string {
	p := r.someOpen()
	if p == nil {
		return ""
	}
	by := pick(r, []forge.User{anna, eve})
	r.hub.send("check_run", fmt.Sprintf(`"action":"requested_action","requested_action":{"identifier":%q},"check_run":{"name":%q,"head_sha":%q},"sender":{"id":%d,"login":%q}`,
		pick(r, []string{forge.FixAction, forge.MigrateAction, forge.RecheckAction}), flow.ValidateCheck, p.Head, by.ID, by.Login))
	return by.Login + " presses a button"
}

// queues has the merge queue make a group, or merge one.
func (r *run) queues() string {
	tip := r.hub.branches[trunk]
	for _, b := range slices.Sorted(maps.Keys(r.hub.branches)) {
		g, ok := forge.ParseMergeGroup(b)
		if !ok {
			continue
		}
		made := r.hub.branches[b]
		p := r.hub.pull(g.Number)
		if g.Parent == tip && p.Open && r.rng.IntN(2) == 0 {
			r.hub.merged(p, made)
			r.hub.move(trunk, made, p.Author)
		}
		r.hub.move(b, "", p.Author)
		return "the queue is done with " + fmt.Sprint(g.Number)
	}
	p := r.someOpen()
	if p == nil || tip == "" || p.BaseBranch != trunk {
		return ""
	}
	m, ok := r.git.merge(tip, p.Head)
	if !ok || len(m.Conflicts) > 0 {
		return ""
	}
	made := r.git.commit(r.git.trees[m.Tree], p.Author, r.hub.second(), tip, p.Head)
	b := fmt.Sprintf("%s%s/pr-%d-%s", forge.MergeQueuePrefix, trunk, p.Number, tip)
	r.hub.move(b, made, p.Author)
	r.hub.send("merge_group", fmt.Sprintf(`"action":"checks_requested","merge_group":{"head_ref":"refs/heads/%s"}`, b))
	return "queued is " + fmt.Sprint(p.Number)
}

// updatesBranch merges the base into a pull request's branch, as the button does.
func (r *run) updatesBranch() string {
	p := r.someOpen()
	if p == nil || p.Fork || r.hub.branches[p.BaseBranch] == "" || r.git.holds(p.Head, r.hub.branches[p.BaseBranch]) {
		return ""
	}
	base := r.hub.branches[p.BaseBranch]
	m, ok := r.git.merge(p.Head, base)
	if !ok || len(m.Conflicts) > 0 {
		return ""
	}
	by := pick(r, writers)
	r.hub.move(p.HeadBranch, r.git.commit(r.git.trees[m.Tree], by, r.hub.second(), p.Head, base), by)
	return by.Login + " updates the branch of " + fmt.Sprint(p.Number)
}
