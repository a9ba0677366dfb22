package fakegithub

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A pullItem is a pull request in a list.
type pullItem struct {
	Number        int
	Title, Author string
	State         string // open, merged, closed or draft
	When          string
	Path          string
	Checks        string // the sum of its checks: success, failure, pending or empty
}

type repoItem struct {
	Name  string
	Pulls []pullItem
}

func (s *Server) homePage(_ *http.Request, f *frame) any {
	f.Title = "Repositories"
	var out []repoItem
	for _, r := range s.sortedRepos() {
		out = append(out, repoItem{Name: r.fullName(), Pulls: s.pullItems(r)})
	}
	return struct{ Repos []repoItem }{out}
}

func (s *Server) repoPage(req *http.Request, f *frame) any {
	r, ok := s.pageRepo(req)
	if !ok {
		return nil
	}
	f.Title = r.fullName()
	type branch struct{ Name, SHA string }
	type deploy struct{ Environment, SHA, State, Description, When string }
	out := struct {
		Name     string
		Pulls    []pullItem
		Branches []branch
		Deploys  []deploy
	}{Name: r.fullName(), Pulls: s.pullItems(r)}
	for ref, sha := range r.heads {
		if name, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
			out.Branches = append(out.Branches, branch{name, sha})
		}
	}
	slices.SortFunc(out.Branches, func(a, b branch) int { return cmp.Compare(a.Name, b.Name) })
	for _, d := range slices.Backward(r.deployments) {
		text := d.Description
		if n := len(d.Statuses); n > 0 {
			text = cmp.Or(d.Statuses[n-1].Description, text)
		}
		out.Deploys = append(out.Deploys, deploy{d.Environment, d.SHA, cmp.Or(d.State(), "pending"), text, s.ago(d.CreatedAt)})
	}
	return out
}

func (s *Server) pullItems(r *repo) []pullItem {
	var out []pullItem
	for _, p := range slices.Backward(r.pulls) {
		item := pullItem{Number: p.number, Title: p.title, Author: p.author.Login, State: p.stateWord(), When: s.ago(p.created),
			Path: fmt.Sprintf("/%s/pull/%d", r.fullName(), p.number)}
		for _, run := range r.latestRuns(p.headSHA) {
			switch {
			case run.Status != "completed":
				item.Checks = "pending"
			case !run.green() && item.Checks != "pending":
				item.Checks = "failure"
			case item.Checks == "":
				item.Checks = "success"
			}
		}
		out = append(out, item)
	}
	return out
}

func (p *pull) stateWord() string {
	switch {
	case p.merged:
		return "merged"
	case p.state == "closed":
		return "closed"
	case p.draft:
		return "draft"
	}
	return "open"
}
