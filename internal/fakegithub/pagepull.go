package fakegithub

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// runPath is the address of a run's page on this server.
func (s *Server) runPath(r *repo, run *checkRun) string {
	return fmt.Sprintf("/%s/runs/%d", r.fullName(), run.ID)
}

// A checkItem is a check run in the box of checks, or on its own page.
type checkItem struct {
	ID                  int64
	App, Name           string
	State               string // conclusion, or status until completed
	Title               string
	Required            bool
	Path, DetailsURL    string
	Actions             []Action
	Summary, Text       template.HTML
	Notes               []note
	Failures, Warnings  int
	SHA, When, Duration string
}

func (s *Server) checkItem(r *repo, run *checkRun, required bool) checkItem {
	item := checkItem{
		ID: run.ID, App: run.app.slug, Name: run.Name, State: cmp.Or(run.Conclusion, run.Status), Title: run.Title,
		Required: required, Path: s.runPath(r, run), DetailsURL: run.DetailsURL, Actions: run.Actions,
		SHA: run.HeadSHA, When: s.ago(run.StartedAt),
	}
	for _, a := range run.Annotations {
		switch a.Level {
		case "failure":
			item.Failures++
		case "warning":
			item.Warnings++
		}
	}
	if !run.CompletedAt.IsZero() {
		item.Duration = run.CompletedAt.Sub(run.StartedAt).Round(time.Second).String()
	}
	return item
}

// A pullHead is what all pages of a pull request begin with.
type pullHead struct {
	pullItem
	Repo           string
	Head, Base     string
	SHA            string
	Commits, Files int
	Added, Deleted int
	Comments       int
	CheckCount     int
	Tab            string
}

func (s *Server) pullHead(p *pull, tab string) pullHead {
	sums := p.totals()
	head := p.head
	if p.headRepo != p.repo {
		head = p.headRepo.owner.Login + ":" + head
	}
	return pullHead{
		pullItem: pullItem{Number: p.number, Title: p.title, Author: p.author.Login, State: p.stateWord(), When: s.ago(p.created),
			Path: fmt.Sprintf("/%s/pull/%d", p.repo.fullName(), p.number)},
		Repo: p.repo.fullName(), Head: head, Base: p.base, SHA: p.headSHA, Commits: sums.commits, Files: sums.files,
		Added: sums.added, Deleted: sums.deleted, Comments: len(p.repo.commentsOn(p.number)) + len(p.reviews),
		CheckCount: len(p.repo.latestRuns(p.headSHA)), Tab: tab,
	}
}

// pullByPage gives the pull request that a page's path names.
func (s *Server) pullByPage(req *http.Request) *pull {
	r, ok := s.pageRepo(req)
	number, err := strconv.Atoi(req.PathValue("number"))
	if !ok || err != nil {
		return nil
	}
	return r.pull(number)
}

func (s *Server) pullPage(req *http.Request, f *frame) any {
	p := s.pullByPage(req)
	if p == nil {
		return nil
	}
	f.Title = fmt.Sprintf("%s · Pull request #%d · %s", p.title, p.number, p.repo.fullName())
	out := struct {
		pullHead
		Items     []item
		Checks    []checkItem
		CheckSum  string
		Reviewers []Review
		Requested []string
		Conflict  bool
		Blocked   string // which required check is missing
		Open      bool
		MergeSHA  string
		MergedBy  string
		Deploys   []Deployment
	}{
		pullHead: s.pullHead(p, "conversation"), Items: s.conversation(p), Reviewers: lastReviews(p), Open: p.state == "open",
		MergeSHA: p.mergeSHA,
	}
	for _, run := range p.repo.latestRuns(p.headSHA) {
		out.Checks = append(out.Checks, s.checkItem(p.repo, run, p.repo.requires(p.base, run)))
	}
	out.CheckSum = checkSum(out.Checks)
	for _, u := range p.reviewers {
		out.Requested = append(out.Requested, u.Login)
	}
	if out.Open && p.repo.tip(p.base) != "" {
		_, ok := p.tryMerge()
		out.Conflict, out.Blocked = !ok, s.missingCheck(p)
	}
	if p.mergedBy != nil {
		out.MergedBy = p.mergedBy.Login
	}
	for _, d := range p.repo.deployments {
		if d.SHA == p.mergeSHA || d.SHA == p.headSHA {
			out.Deploys = append(out.Deploys, d.Deployment)
		}
	}
	return out
}

// checkSum says what the checks come to.
func checkSum(checks []checkItem) string {
	sum := "success"
	for _, c := range checks {
		switch c.State {
		case "success", "neutral", "skipped":
		case "queued", "in_progress":
			if sum == "success" {
				sum = "pending"
			}
		default:
			sum = "failure"
		}
	}
	if len(checks) == 0 {
		return ""
	}
	return sum
}

// lastReviews gives each reviewer's last word; a mere comment does not take an earlier word back.
func lastReviews(p *pull) []Review {
	var out []Review
	for _, r := range p.reviews {
		at := slices.IndexFunc(out, func(x Review) bool { return x.Author == r.Author })
		switch {
		case at < 0:
			out = append(out, *r)
		case r.State != "COMMENTED":
			out[at] = *r
		}
	}
	return out
}

func (s *Server) filesPage(req *http.Request, f *frame) any {
	p := s.pullByPage(req)
	if p == nil {
		return nil
	}
	f.Title = fmt.Sprintf("%s · Files of #%d · %s", p.title, p.number, p.repo.fullName())
	diff, err := s.diffFiles(p)
	if err != nil {
		f.Problem = err.Error()
	}
	return struct {
		pullHead
		Diff []diffFile
	}{s.pullHead(p, "files"), diff}
}

// toChecks leads to the check that needs a look: one that is not green, else the first.
func (s *Server) toChecks(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pullByPage(req)
	if p == nil {
		http.NotFound(w, req)
		return
	}
	to := fmt.Sprintf("/%s/pull/%d", p.repo.fullName(), p.number)
	runs := p.repo.latestRuns(p.headSHA)
	if i := slices.IndexFunc(runs, func(run *checkRun) bool { return !run.green() }); i >= 0 {
		to = s.runPath(p.repo, runs[i])
	} else if len(runs) > 0 {
		to = s.runPath(p.repo, runs[0])
	}
	http.Redirect(w, req, to, http.StatusSeeOther)
}

func (s *Server) runPage(req *http.Request, f *frame) any {
	r, ok := s.pageRepo(req)
	id, err := strconv.ParseInt(req.PathValue("id"), 10, 64)
	if !ok || err != nil {
		return nil
	}
	run := r.run(id)
	if run == nil {
		return nil
	}
	f.Title = run.Name + " · " + r.fullName()
	out := struct {
		checkItem
		Repo  string
		Pulls []pullItem
	}{checkItem: s.checkItem(r, run, false), Repo: r.fullName()}
	out.Summary, out.Text = rendered(run.Summary), rendered(run.Text)
	out.Notes = s.notes(r, []*checkRun{run})
	for _, item := range s.pullItems(r) {
		if r.pull(item.Number).headSHA == run.HeadSHA {
			out.Pulls = append(out.Pulls, item)
		}
	}
	return out
}
