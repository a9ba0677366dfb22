package fakegithub

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// runPath is the address of a run's page on this server.
func (s *Server) runPath(r *repo, run *checkRun) string {
	return fmt.Sprintf("/%s/runs/%d", r.fullName(), run.ID)
}

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

func (s *Server) checkItem(r *repo, run *checkRun, required []string) checkItem {
	item := checkItem{
		ID: run.ID, App: run.app.slug, Name: run.Name, State: cmp.Or(run.Conclusion, run.Status), Title: run.Title,
		Required: slices.Contains(required, run.Name), Path: s.runPath(r, run), DetailsURL: run.DetailsURL, Actions: run.Actions,
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

// An item is one thing in the conversation.
type item struct {
	Kind   string // comment, review or event
	Author string
	Bot    bool
	When   string
	State  string        // of a review, or of what happened
	Body   template.HTML // rendered
	Text   string        // of an event
	at     time.Time
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
		out.Checks = append(out.Checks, s.checkItem(p.repo, run, p.repo.required[p.base]))
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

// conversation gives what was said and done, in order of time.
func (s *Server) conversation(p *pull) []item {
	items := []item{{Kind: "comment", Author: p.author.Login, When: s.ago(p.created), Body: rendered(cmp.Or(p.body, "*No description provided.*")), at: p.created}}
	if commits, err := p.repo.dir.log("--reverse", "--max-count=30", p.diffBase()+".."+p.headSHA); err == nil {
		for _, c := range commits {
			subject, _, _ := strings.Cut(c.message, "\n")
			items = append(items, item{Kind: "event", State: "commit", Author: c.author.Name, Text: subject + " " + short(c.sha), When: s.ago(c.commited), at: c.commited})
		}
	}
	for _, c := range p.repo.commentsOn(p.number) {
		when := s.ago(c.CreatedAt)
		if c.UpdatedAt.After(c.CreatedAt) {
			when += ", edited " + s.ago(c.UpdatedAt)
		}
		items = append(items, item{Kind: "comment", Author: c.Author, Bot: s.user(c.Author).bot(), When: when, Body: rendered(c.Body), at: c.CreatedAt})
	}
	for _, r := range p.reviews {
		items = append(items, item{Kind: "review", Author: r.Author, State: r.State, When: s.ago(r.SubmittedAt), Body: rendered(r.Body), Text: r.Body, at: r.SubmittedAt})
	}
	switch {
	case p.merged:
		items = append(items, item{Kind: "event", State: "merged", Author: p.mergedBy.Login, Text: "merged this into " + p.base + " as " + short(p.mergeSHA), When: s.ago(p.mergedAt), at: p.mergedAt})
	case p.state == "closed":
		items = append(items, item{Kind: "event", State: "closed", Author: p.closedBy.Login, Text: "closed this", When: s.ago(p.closed), at: p.closed})
	}
	slices.SortStableFunc(items[1:], func(a, b item) int { return a.at.Compare(b.at) })
	return items
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
	}{checkItem: s.checkItem(r, run, nil), Repo: r.fullName()}
	out.Summary, out.Text = rendered(run.Summary), rendered(run.Text)
	out.Notes = s.notes(r, []*checkRun{run})
	for _, item := range s.pullItems(r) {
		if r.pull(item.Number).headSHA == run.HeadSHA {
			out.Pulls = append(out.Pulls, item)
		}
	}
	return out
}
