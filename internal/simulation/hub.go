package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// The one repository, and the people around it.
var (
	repo = forge.Repo{Installation: 1, ID: 2, Owner: "acme", Name: "config"}

	anna = forge.User{ID: 11, Login: "anna"} // writes
	ben  = forge.User{ID: 12, Login: "ben"}
	cleo = forge.User{ID: 13, Login: "cleo"}
	ella = forge.User{ID: 14, Login: "ella"}                  // is a regular editor
	omar = forge.User{ID: 15, Login: "omar"}                  // may override gates, and roll back
	eve  = forge.User{ID: 16, Login: "eve"}                   // may not write
	self = forge.User{ID: 17, Login: "tamer[bot]", Bot: true} // tamer

	writers = []forge.User{anna, ben, cleo, ella, omar}
	teams   = map[string][]forge.User{"editors": {ella}, "acme/ops": {omar}}
)

const (
	opsTeam = "acme/ops"
	trunk   = "main" // what is deployed
	home    = "home" // the default branch, where that is another one
)

// A hub is GitHub: what it keeps of the one repository.
type hub struct {
	run      *run
	home     string // the default branch
	branches map[string]forge.Commit
	forks    map[string]forge.Commit
	rewrote  bool    // the deploy branch was rewritten or deleted
	held     commits // every commit that the deploy branch has ever held
	pulls    []*pull // by number, from 1
	runs     []*forge.CheckRun
	talk     []*forge.Comment // by id, from 1; a deleted one has no body
	seen     map[int64]bool   // comments that were reacted to
	deploys  []*forge.Deployment
	merges   map[forge.Commit]int    // which pull request a commit of a branch came by
	pushes   map[string][]forge.Push // by branch, the newest first
	until    time.Time               // no calls are wanted before
	ledger   []*sent                 // the oldest first
	flying   []*sent                 // webhooks that have not arrived yet
}

// A pull is a pull request with all that GitHub keeps of it.
type pull struct {
	forge.PullRequest
	reviews    []forge.Review
	retargeted time.Time
	mergedAt   time.Time
	merge      forge.Commit
	onto       forge.Commit // where its base was when it was merged
}

func newHub(r *run) *hub {
	return &hub{run: r, home: trunk, branches: map[string]forge.Commit{}, forks: map[string]forge.Commit{}, seen: map[int64]bool{},
		merges: map[forge.Commit]int{}, pushes: map[string][]forge.Push{}}
}

func (h *hub) closed() time.Time { return h.until }

// second is the present time as GitHub tells it.
func (h *hub) second() time.Time { return h.run.now().Truncate(time.Second) }

func (h *hub) pull(n int) *pull {
	if n < 1 || n > len(h.pulls) {
		return nil
	}
	return h.pulls[n-1]
}

// tip gives where a pull request's own branch is.
func (h *hub) tip(p *pull) forge.Commit {
	if p.Fork {
		return h.forks[p.HeadBranch]
	}
	return h.branches[p.HeadBranch]
}

// move moves, makes or deletes a branch, and all that follows from that.
func (h *hub) move(branch string, to forge.Commit, by forge.User) {
	from := h.branches[branch]
	if from == to {
		return
	}
	h.branches[branch] = to
	if branch == trunk && from != "" && !h.run.git.holds(to, from) {
		h.rewrote = true
	}
	if to == "" {
		delete(h.branches, branch)
	} else if branch == trunk {
		for i, bits := range h.run.git.byName[to].before {
			h.held[i] |= bits
		}
	}
	h.pushes[branch] = slices.Insert(h.pushes[branch], 0, forge.Push{By: by, Before: from, After: to})
	h.send("push", fmt.Sprintf(`"ref":"refs/heads/%s"`, branch))
	for _, p := range h.pulls {
		if p.Open && !p.Fork && p.HeadBranch == branch {
			h.follow(p)
		}
	}
}

// follow has a pull request follow its branch. One whose branch is gone is closed.
func (h *hub) follow(p *pull) {
	if tip := h.tip(p); tip != "" {
		p.Head = tip
		h.changed(p, "synchronize")
		return
	}
	p.Open = false
	h.changed(p, "closed")
}

// changed notes that something of a pull request is another one, and tells so.
func (h *hub) changed(p *pull, action string) {
	p.Updated = h.second()
	h.send("pull_request", fmt.Sprintf(`"action":"%s","pull_request":{"number":%d}`, action, p.Number))
}

// open opens a pull request.
func (h *hub) open(branch, base string, fork bool, by forge.User) *pull {
	n := len(h.pulls) + 1
	p := &pull{PullRequest: forge.PullRequest{Number: n, Title: "A change", Author: by, Open: true, HeadBranch: branch, Fork: fork, HeadRepo: "acme/config",
		BaseBranch: base, URL: fmt.Sprintf("https://github.example.com/acme/config/pull/%d", n)}}
	if fork {
		p.HeadRepo = "eve/config"
	}
	p.Head = h.tip(p)
	h.pulls = append(h.pulls, p)
	h.changed(p, "opened")
	return p
}

// say adds a comment.
func (h *hub) say(number int, c forge.Comment) *forge.Comment {
	c.ID, c.Pull, c.At = int64(len(h.talk)+1), number, h.second()
	h.talk = append(h.talk, &c)
	h.tell(&c, "created", "")
	return &c
}

// tell tells of a comment.
func (h *hub) tell(c *forge.Comment, action, before string) {
	if p := h.pull(c.Pull); p != nil {
		p.Updated = h.second()
	}
	kind := "User"
	if c.Author.Bot {
		kind = "Bot"
	}
	h.send("issue_comment", fmt.Sprintf(`"action":%q,"issue":{"number":%d,"pull_request":{}},"comment":{"id":%d,"body":%q,"user":{"id":%d,"login":%q,"type":%q}},"changes":{"body":{"from":%q}}`,
		action, c.Pull, c.ID, strings.ToValidUTF8(c.Body[:min(len(c.Body), 60)], ""), c.Author.ID, c.Author.Login, kind, before))
}

// newest gives the newest check run of a name on a commit; nil where there is none.
func (h *hub) newest(at forge.Commit, name string) *forge.CheckRun {
	for _, run := range slices.Backward(h.runs) {
		if run.Head == at && run.Name == name {
			return run
		}
	}
	return nil
}

// heads gives the branches as git's remote shows them.
func (h *hub) heads() forge.Heads {
	return forge.Heads{Default: h.home, Tips: maps.Clone(h.branches)}
}

// sharing gives the open pull requests with that head.
func (h *hub) sharing(head forge.Commit) (all []*pull) {
	for _, p := range h.pulls {
		if p.Open && p.Head == head {
			all = append(all, p)
		}
	}
	return all
}
