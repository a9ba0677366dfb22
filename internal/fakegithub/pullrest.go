package fakegithub

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Lists stop here. Source: docs.github.com, REST API, "List pull requests files" and "List commits on a pull request".
const (
	maxPullFiles   = 3000
	maxPullCommits = 250
)

func urlEscape(s string) string { return url.PathEscape(s) }

func getRepo(s *Server, c *call) (any, error) {
	view := s.repoView(c.repo)
	view["network_count"], view["subscribers_count"] = 0, 0
	if c.repo.owner.Org {
		view["organization"] = s.userView(c.repo.owner)
	}
	if p := c.repo.parent; p != nil {
		view["parent"], view["source"] = s.repoView(p), s.repoView(p)
	}
	return view, nil
}

func getBranch(s *Server, c *call) (any, error) {
	r, branch := c.repo, c.PathValue("branch")
	sha := r.tip(branch)
	if sha == "" {
		return nil, refuse(http.StatusNotFound, "Branch not found")
	}
	commits, err := r.dir.log("--max-count=1", sha)
	if err != nil {
		return nil, err
	}
	protection, enabled := r.protectionView(branch)
	self := s.repoAPI(r, "/branches/%s", escapePath(branch))
	return object{
		"name": branch, "commit": s.commitView(r, commits[0]), "protected": enabled, "protection_url": self + "/protection",
		"_links":     object{"self": self, "html": s.html(r, "/tree/%s", branch)},
		"protection": protection,
	}, nil
}

// belowCommit is what there is below /commits/REF. A ref may hold slashes, so the last word decides; the commit itself comes last.
var belowCommit = []route{
	{pattern: "/check-runs", need: "checks:read", handle: listCheckRuns},
	{pattern: "/pulls", need: "pull_requests:read", handle: listCommitPulls},
	{pattern: "", need: "contents:read", handle: getCommit},
}

// getCommitOr serves everything below /commits/REF.
func getCommitOr(s *Server, c *call) (any, error) {
	for _, rt := range belowCommit {
		ref, ok := strings.CutSuffix(c.PathValue("ref"), rt.pattern)
		if !ok {
			continue
		}
		if err := s.allow(c, rt); err != nil {
			return nil, err
		}
		c.SetPathValue("ref", ref)
		return rt.handle(s, c)
	}
	return nil, notFound
}

// commitByPath gives the commit that the path's ref names: a branch, a tag, heads/BRANCH, or a commit.
func commitByPath(s *Server, c *call) (string, error) {
	ref := c.PathValue("ref")
	for _, full := range []string{"refs/heads/" + ref, "refs/" + ref, "refs/tags/" + ref} {
		if sha := c.repo.heads[full]; sha != "" {
			return c.repo.dir.resolve(sha), nil
		}
	}
	if !s.hasCommit(c.repo, ref) {
		return "", refuse(http.StatusUnprocessableEntity, "No commit found for SHA: %s", ref)
	}
	return ref, nil
}

func getCommit(s *Server, c *call) (any, error) {
	sha, err := commitByPath(s, c)
	if err != nil {
		return nil, err
	}
	commits, err := c.repo.dir.log("--max-count=1", sha)
	if err != nil {
		return nil, err
	}
	from := emptyTree
	if parents := commits[0].parents; len(parents) > 0 {
		from = parents[0]
	}
	files, err := c.repo.dir.diff(from, sha)
	if err != nil {
		return nil, err
	}
	added, deleted := 0, 0
	for _, f := range files {
		added, deleted = added+f.additions, deleted+f.deleted
	}
	view := s.commitView(c.repo, commits[0])
	view["stats"] = object{"additions": added, "deletions": deleted, "total": added + deleted}
	view["files"] = views(page(s, c, files[:min(len(files), maxPullFiles)]), func(f fileDiff) object { return s.fileView(c.repo, sha, f) })
	return view, nil
}

// listCommitPulls gives the merged pull request that brought the commit, or the open ones that hold it.
func listCommitPulls(s *Server, c *call) (any, error) {
	sha, err := commitByPath(s, c)
	if err != nil {
		return nil, err
	}
	var found []*pull
	heads := c.repo.dir.holding(sha, "refs/pull/")
	for _, p := range c.repo.pulls {
		holds := p.mergeSHA == sha || p.headSHA == sha
		if !holds && (p.state == "open" || p.merged) && heads[pullRef(p.number)] {
			holds = !c.repo.dir.isAncestor(sha, p.diffBase())
		}
		if holds {
			found = append(found, p)
		}
	}
	return views(page(s, c, found), s.pullView), nil
}

func listPulls(s *Server, c *call) (any, error) {
	q := c.URL.Query()
	state := cmp.Or(q.Get("state"), "open")
	var found []*pull
	for _, p := range c.repo.pulls {
		label := p.headRepo.owner.Login + ":" + p.head
		if (state == "all" || p.state == state) && (q.Get("base") == "" || q.Get("base") == p.base) && (q.Get("head") == "" || q.Get("head") == label) {
			found = append(found, p)
		}
	}
	sort := cmp.Or(q.Get("sort"), "created")
	slices.SortStableFunc(found, func(a, b *pull) int {
		if sort == "updated" {
			return cmp.Or(a.updated.Compare(b.updated), cmp.Compare(a.number, b.number))
		}
		return cmp.Compare(a.number, b.number)
	})
	// GitHub's default direction is descending for created, ascending for the others.
	if direction := q.Get("direction"); direction == "desc" || direction == "" && sort == "created" {
		slices.Reverse(found)
	}
	return views(page(s, c, found), s.pullView), nil
}

func getPull(s *Server, c *call) (any, error) {
	p, err := pullByPath(c)
	if err != nil {
		return nil, err
	}
	return s.fullPullView(p), nil
}

func listPullCommits(s *Server, c *call) (any, error) {
	p, err := pullByPath(c)
	if err != nil {
		return nil, err
	}
	commits, err := p.repo.dir.log("--reverse", p.diffBase()+".."+p.headSHA)
	if err != nil {
		return nil, err
	}
	commits = commits[:min(len(commits), maxPullCommits)]
	return views(page(s, c, commits), func(l logged) object { return s.commitView(p.repo, l) }), nil
}

func listPullFiles(s *Server, c *call) (any, error) {
	p, err := pullByPath(c)
	if err != nil {
		return nil, err
	}
	files, err := p.files()
	if err != nil {
		return nil, err
	}
	files = files[:min(len(files), maxPullFiles)]
	return views(page(s, c, files), func(f fileDiff) object { return s.fileView(p.repo, p.headSHA, f) }), nil
}

// files are the files that the pull request changes.
func (p *pull) files() ([]fileDiff, error) {
	dir := p.repo.dir
	return dir.diff(dir.mergeBase(p.diffBase(), p.headSHA), p.headSHA)
}
