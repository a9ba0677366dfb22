package fakegithub

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
)

func runByPath(c *call) (*checkRun, error) {
	run := c.repo.run(pathID(c, "check_run_id"))
	if run == nil {
		return nil, notFound
	}
	return run, nil
}

func createCheckRun(s *Server, c *call) (any, error) {
	var in checkInput
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Name == nil || *in.Name == "" {
		return nil, malformed(`"name" wasn't supplied.`)
	}
	if in.HeadSHA == "" {
		return nil, malformed(`"head_sha" wasn't supplied.`)
	}
	if err := in.validate(); err != nil {
		return nil, err
	}
	if !s.hasCommit(c.repo, in.HeadSHA) {
		return nil, refuse(http.StatusUnprocessableEntity, "No commit found for SHA: %s", in.HeadSHA)
	}
	run := &checkRun{app: s.app, suite: s.suite(c.repo, s.app, in.HeadSHA, "", "")}
	run.ID, run.HeadSHA, run.Status, run.StartedAt = s.id(), in.HeadSHA, "queued", s.now()
	in.apply(run, s.now(), s.blobHref(c.repo, in.HeadSHA))
	s.addRun(c.repo, run)
	c.status = http.StatusCreated
	return s.checkRunView(c.repo, run), nil
}

func (s *Server) blobHref(r *repo, sha string) func(string) string {
	return func(path string) string { return s.html(r, "/blob/%s/%s", sha, escapePath(path)) }
}

func updateCheckRun(s *Server, c *call) (any, error) {
	run, err := runByPath(c)
	if err != nil {
		return nil, err
	}
	if run.app != s.app {
		return nil, refuse(http.StatusForbidden, "Invalid app_id `%d` - check run can only be modified by the GitHub App that created it.", s.app.id)
	}
	var in checkInput
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if err := in.validate(); err != nil {
		return nil, err
	}
	was := run.Status
	in.apply(run, s.now(), s.blobHref(c.repo, run.HeadSHA))
	if run.Status == "completed" && was != "completed" {
		s.emitCheckRun(c.repo, run, "completed", s.app.bot, nil)
	}
	return s.checkRunView(c.repo, run), nil
}

func getCheckRun(s *Server, c *call) (any, error) {
	run, err := runByPath(c)
	if err != nil {
		return nil, err
	}
	return s.checkRunView(c.repo, run), nil
}

func listAnnotations(s *Server, c *call) (any, error) {
	run, err := runByPath(c)
	if err != nil {
		return nil, err
	}
	return append([]Annotation{}, page(s, c, run.Annotations)...), nil
}

func rerequestCheckRun(s *Server, c *call) (any, error) {
	run, err := runByPath(c)
	if err != nil {
		return nil, err
	}
	s.emitCheckRun(c.repo, run, "rerequested", c.actor.user, nil)
	c.status = http.StatusCreated
	return object{}, nil
}

// listCheckRuns gives the newest first; with filter latest (the default) only the newest of each app and name.
func listCheckRuns(s *Server, c *call) (any, error) {
	sha, err := commitByPath(s, c)
	if err != nil {
		return nil, err
	}
	q := c.URL.Query()
	var runs []*checkRun
	switch filter := cmp.Or(q.Get("filter"), "latest"); filter {
	case "latest":
		runs = c.repo.latestRuns(sha)
	case "all":
		runs = c.repo.runsOn(sha)
	default:
		return nil, malformed("%s is not a member of [\"latest\", \"all\"].", filter)
	}
	runs = slices.DeleteFunc(runs, func(r *checkRun) bool {
		return q.Has("check_name") && q.Get("check_name") != r.Name ||
			q.Has("status") && q.Get("status") != r.Status ||
			q.Has("app_id") && q.Get("app_id") != strconv.FormatInt(r.app.id, 10)
	})
	slices.Reverse(runs)
	return object{
		"total_count": len(runs),
		"check_runs":  views(page(s, c, runs), func(r *checkRun) object { return s.checkRunView(c.repo, r) }),
	}, nil
}
