package fakegithub

import (
	"maps"
	"slices"
)

// diffBase is what the head is compared with: the base's tip, or what it was when the pull request was merged.
func (p *pull) diffBase() string {
	switch {
	case p.merged:
		return p.mergedBase
	case p.repo.tip(p.base) != "":
		return p.repo.tip(p.base)
	}
	return p.baseSHA
}

// totals are the sums of the pull request, counted anew when a side has moved.
func (p *pull) totals() totals {
	if sides := [2]string{p.diffBase(), p.headSHA}; p.sumsOf != sides {
		p.sums, p.sumsOf = p.repo.dir.totals(sides[0], sides[1]), sides
	}
	return p.sums
}

// tryMerge tells whether the pull request merges without conflict, and gives the tree.
func (p *pull) tryMerge() (tree string, ok bool) {
	if sides := [2]string{p.repo.tip(p.base), p.headSHA}; p.triedOf != sides {
		p.mergeTree, p.mergeable = p.repo.dir.mergeTree(sides[0], sides[1])
		p.triedOf = sides
	}
	return p.mergeTree, p.mergeable
}

// mergeState is GitHub's word for why a pull request may be merged or not.
func (s *Server) mergeState(p *pull) string {
	switch _, ok := p.tryMerge(); {
	case !ok:
		return "dirty"
	case p.draft:
		return "draft"
	case s.missingCheck(p) != "":
		return "blocked"
	case slices.ContainsFunc(p.repo.latestRuns(p.headSHA), func(r *checkRun) bool { return !r.green() }):
		return "unstable"
	}
	return "clean"
}

// pullView is a pull request in lists and webhooks.
func (s *Server) pullView(p *pull) object {
	self := s.repoAPI(p.repo, "/pulls/%d", p.number)
	issue := s.repoAPI(p.repo, "/issues/%d", p.number)
	side := func(r *repo, ref, sha string) object {
		return object{"label": r.owner.Login + ":" + ref, "ref": ref, "sha": sha, "user": s.userView(r.owner), "repo": s.repoView(r)}
	}
	links := object{
		"self": self, "html": s.html(p.repo, "/pull/%d", p.number), "issue": issue, "comments": issue + "/comments",
		"review_comments": self + "/comments", "review_comment": s.repoAPI(p.repo, "/pulls/comments{/number}"),
		"commits": self + "/commits", "statuses": s.repoAPI(p.repo, "/statuses/%s", p.headSHA),
	}
	for name, link := range links {
		links[name] = object{"href": link}
	}
	return object{
		"id": p.id, "node_id": nodeID("PullRequest", p.id), "number": p.number, "url": self, "issue_url": issue,
		"html_url": s.html(p.repo, "/pull/%d", p.number), "diff_url": s.html(p.repo, "/pull/%d.diff", p.number),
		"patch_url": s.html(p.repo, "/pull/%d.patch", p.number), "commits_url": self + "/commits", "comments_url": issue + "/comments",
		"review_comments_url": self + "/comments", "review_comment_url": s.repoAPI(p.repo, "/pulls/comments{/number}"),
		"statuses_url": s.repoAPI(p.repo, "/statuses/%s", p.headSHA), "state": p.state, "locked": false, "title": p.title,
		"user": s.userView(p.author), "body": orNull(p.body), "labels": []object{}, "milestone": nil, "active_lock_reason": nil,
		"created_at": stamp(p.created), "updated_at": stamp(p.updated), "closed_at": stamp(p.closed), "merged_at": stamp(p.mergedAt),
		"merge_commit_sha": orNull(p.mergeSHA), "assignee": nil, "assignees": []object{}, "requested_reviewers": views(p.reviewers, s.userView),
		"requested_teams": []object{}, "head": side(p.headRepo, p.head, p.headSHA), "base": side(p.repo, p.base, p.baseSHA),
		"_links": links, "author_association": "CONTRIBUTOR", "auto_merge": nil, "draft": p.draft,
	}
}

// fullPullView is a pull request by itself, with what only that shows.
func (s *Server) fullPullView(p *pull) object {
	view := s.pullView(p)
	sums := p.totals()
	maps.Copy(view, object{
		"merged": p.merged, "merged_by": nullable(s.userView(p.mergedBy)), "mergeable": nil, "rebaseable": nil, "mergeable_state": "unknown",
		"comments": len(p.repo.commentsOn(p.number)), "review_comments": 0, "maintainer_can_modify": false,
		"commits": sums.commits, "additions": sums.added, "deletions": sums.deleted, "changed_files": sums.files,
	})
	if p.state == "open" && p.repo.tip(p.base) != "" {
		_, view["mergeable"] = p.tryMerge()
		view["mergeable_state"] = s.mergeState(p)
	}
	return view
}
