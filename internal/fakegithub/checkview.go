package fakegithub

import (
	"cmp"
	"maps"
)

func (s *Server) checkRunView(r *repo, run *checkRun) object {
	return object{
		"id": run.ID, "node_id": nodeID("CheckRun", run.ID), "name": run.Name, "head_sha": run.HeadSHA, "external_id": run.ExternalID,
		"url": s.repoAPI(r, "/check-runs/%d", run.ID), "html_url": s.html(r, "/runs/%d", run.ID),
		"details_url": cmp.Or(run.DetailsURL, s.html(r, "/runs/%d", run.ID)),
		"status":      run.Status, "conclusion": orNull(run.Conclusion), "started_at": stamp(run.StartedAt), "completed_at": stamp(run.CompletedAt),
		"output": object{
			"title": orNull(run.Title), "summary": orNull(run.Summary), "text": orNull(run.Text),
			"annotations_count": len(run.Annotations), "annotations_url": s.repoAPI(r, "/check-runs/%d/annotations", run.ID),
		},
		"check_suite": object{"id": run.suite.id}, "app": s.appView(run.app),
		"pull_requests": views(r.pullsOf(run.HeadSHA), s.minimalPullView),
	}
}

func (s *Server) minimalPullView(p *pull) object {
	side := func(r *repo, ref, sha string) object {
		return object{"ref": ref, "sha": sha, "repo": object{"id": r.id, "url": s.repoAPI(r, ""), "name": r.name}}
	}
	return object{
		"id": p.id, "number": p.number, "url": s.repoAPI(p.repo, "/pulls/%d", p.number),
		"head": side(p.headRepo, p.head, p.headSHA), "base": side(p.repo, p.base, p.baseSHA),
	}
}

// suiteView is a suite as webhooks have it.
func (s *Server) suiteView(r *repo, suite *checkSuite) object {
	status, conclusion := "queued", ""
	for i, run := range r.latestRuns(suite.sha) {
		switch {
		case run.suite != suite:
		case run.Status != "completed":
			status, conclusion = "in_progress", ""
		case i == 0 || status == "queued":
			status, conclusion = "completed", run.Conclusion
		case status == "completed" && !run.green():
			conclusion = run.Conclusion
		}
	}
	view := object{
		"id": suite.id, "node_id": nodeID("CheckSuite", suite.id), "head_branch": orNull(suite.branch), "head_sha": suite.sha,
		"status": status, "conclusion": orNull(conclusion), "url": s.repoAPI(r, "/check-suites/%d", suite.id),
		"before": orZeros(suite.before), "after": suite.sha, "pull_requests": views(r.pullsOf(suite.sha), s.minimalPullView),
		"app": s.appView(suite.app), "created_at": stamp(suite.created), "updated_at": stamp(s.now()),
	}
	return view
}

func (s *Server) emitCheckRun(r *repo, run *checkRun, action string, by *User, extra object) {
	view := s.checkRunView(r, run)
	view["check_suite"] = s.suiteView(r, run.suite)
	body := object{"check_run": view}
	maps.Copy(body, extra)
	s.emit(r, "check_run", action, by, body)
}

func (s *Server) emitSuite(r *repo, suite *checkSuite, action string, by *User) {
	view := s.suiteView(r, suite)
	view["latest_check_runs_count"] = len(r.latestRuns(suite.sha))
	view["check_runs_url"] = s.repoAPI(r, "/check-suites/%d/check-runs", suite.id)
	view["rerequestable"], view["runs_rerequestable"] = true, true
	if commits, err := r.dir.log("--max-count=1", suite.sha); err == nil && len(commits) == 1 {
		c := commits[0]
		view["head_commit"] = object{
			"id": c.sha, "tree_id": c.tree, "message": c.message, "timestamp": stamp(c.commited),
			"author":    object{"name": c.author.Name, "email": c.author.Email},
			"committer": object{"name": c.committer.Name, "email": c.committer.Email},
		}
	}
	s.emit(r, "check_suite", action, by, object{"check_suite": view})
}
