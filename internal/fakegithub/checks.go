package fakegithub

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A CheckRun is a check run as it is now.
type CheckRun struct {
	ID          int64
	App         string // slug
	Name        string
	HeadSHA     string
	ExternalID  string
	DetailsURL  string
	Status      string // queued, in_progress or completed
	Conclusion  string // empty until completed
	Title       string
	Summary     string
	Text        string
	Annotations []Annotation
	Actions     []Action
	StartedAt   time.Time
	CompletedAt time.Time
	URL         string // of the page
}

// An Annotation is what a check run says of lines of a file.
type Annotation struct {
	Path        string `json:"path"`
	BlobHref    string `json:"blob_href"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn *int   `json:"start_column"`
	EndColumn   *int   `json:"end_column"`
	Level       string `json:"annotation_level"`
	Title       string `json:"title"`
	Message     string `json:"message"`
	RawDetails  string `json:"raw_details"`
}

// An Action is a button of a check run.
type Action struct {
	Label       string `json:"label"`
	Description string `json:"description"`
	Identifier  string `json:"identifier"`
}

type checkRun struct {
	CheckRun
	app   *app
	suite *checkSuite
}

// A checkSuite holds the runs of one app on one commit.
type checkSuite struct {
	id      int64
	app     *app
	sha     string
	branch  string // empty for the head of a fork
	before  string
	created time.Time
}

// green tells whether the run satisfies a required check: neutral and skipped do.
func (r *checkRun) green() bool {
	return r.Conclusion == "success" || r.Conclusion == "neutral" || r.Conclusion == "skipped"
}

// latestRuns gives the newest run of each app and name on a commit, oldest first.
func (r *repo) latestRuns(sha string) []*checkRun {
	type key struct {
		app  *app
		name string
	}
	newest := map[key]*checkRun{}
	for _, run := range r.runs {
		if run.HeadSHA == sha {
			newest[key{run.app, run.Name}] = run
		}
	}
	return slices.DeleteFunc(r.runsOn(sha), func(run *checkRun) bool { return newest[key{run.app, run.Name}] != run })
}

func (r *repo) runsOn(sha string) []*checkRun {
	var runs []*checkRun
	for _, run := range r.runs {
		if run.HeadSHA == sha {
			runs = append(runs, run)
		}
	}
	return runs
}

// CheckRuns gives all check runs on a commit, oldest first; on all commits where sha is empty.
func (s *Server) CheckRuns(repo, sha string) ([]CheckRun, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return nil, err
	}
	var out []CheckRun
	for _, run := range r.runs {
		if sha == "" || run.HeadSHA == sha {
			out = append(out, s.copyRun(r, run))
		}
	}
	return out, nil
}

func (s *Server) copyRun(r *repo, run *checkRun) CheckRun {
	c := run.CheckRun
	c.App, c.URL = run.app.slug, s.html(r, "/runs/%d", run.ID)
	c.Annotations, c.Actions = slices.Clone(run.Annotations), slices.Clone(run.Actions)
	return c
}

// AddCheckRun makes a check run of another app, run.App (default "other-ci"); an empty Conclusion leaves it in progress. It gives the id.
func (s *Server) AddCheckRun(repo string, run CheckRun) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return 0, err
	}
	if !s.hasCommit(r, run.HeadSHA) {
		return 0, fmt.Errorf("add check run to %s: there is no commit %q", repo, run.HeadSHA)
	}
	slug := cmp.Or(run.App, "other-ci")
	by := s.apps[slug]
	if by == nil {
		by = &app{id: s.id(), slug: slug, bot: s.user(slug + "[bot]")}
		s.apps[slug] = by
	}
	run.ID, run.StartedAt = s.id(), s.now()
	run.Status = cmp.Or(run.Status, "in_progress")
	if run.Conclusion != "" {
		run.Status, run.CompletedAt = "completed", s.now()
	}
	s.addRun(r, &checkRun{CheckRun: run, app: by, suite: s.suite(r, by, run.HeadSHA, "", "")})
	return run.ID, nil
}

func (s *Server) addRun(r *repo, run *checkRun) {
	r.runs = append(r.runs, run)
	s.emitCheckRun(r, run, "created", run.app.bot, nil)
	if run.Status == "completed" {
		s.emitCheckRun(r, run, "completed", run.app.bot, nil)
	}
}

// RerequestCheck presses "Re-run" of a check run: its app gets check_run.rerequested.
func (s *Server) RerequestCheck(name string, run int64, login string) error {
	return s.onRun(name, run, func(r *repo, found *checkRun) error {
		s.emitCheckRun(r, found, "rerequested", s.user(login), nil)
		return nil
	})
}

// RerequestSuite presses "Re-run all checks" of the app's checks on a commit: it gets check_suite.rerequested.
func (s *Server) RerequestSuite(repo, sha, login string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return err
	}
	for _, suite := range r.suites {
		if suite.sha == sha && suite.app == s.app {
			s.emitSuite(r, suite, "rerequested", s.user(login))
			return nil
		}
	}
	return fmt.Errorf("re-run checks of %s: the app has none on %s", repo, sha)
}

// RequestAction presses a button of a check run: its app gets check_run.requested_action.
func (s *Server) RequestAction(name string, run int64, identifier, login string) error {
	return s.onRun(name, run, func(r *repo, found *checkRun) error {
		if !slices.ContainsFunc(found.Actions, func(a Action) bool { return a.Identifier == identifier }) {
			return fmt.Errorf("request action of check run %d: it has no action %q", run, identifier)
		}
		s.emitCheckRun(r, found, "requested_action", s.user(login), object{"requested_action": object{"identifier": identifier}})
		return nil
	})
}

func (s *Server) onRun(repo string, id int64, work func(*repo, *checkRun) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return err
	}
	run := r.run(id)
	if run == nil {
		return fmt.Errorf("find check run of %s: there is no id %d", repo, id)
	}
	return work(r, run)
}

func (r *repo) run(id int64) *checkRun {
	for _, run := range r.runs {
		if run.ID == id {
			return run
		}
	}
	return nil
}

// suite gives the app's suite on a commit, made if absent.
func (s *Server) suite(r *repo, by *app, sha, branch, before string) *checkSuite {
	for _, suite := range r.suites {
		if suite.app == by && suite.sha == sha {
			return suite
		}
	}
	if branch == "" {
		for _, p := range r.pulls { // a branch of this repository that has the commit as its tip
			if p.headSHA == sha && p.headRepo == r {
				branch = p.head
			}
		}
	}
	suite := &checkSuite{id: s.id(), app: by, sha: sha, branch: branch, before: before, created: s.now()}
	r.suites = append(r.suites, suite)
	return suite
}

// requestSuite asks the app for its checks on what was pushed: once for each commit.
func (s *Server) requestSuite(r *repo, branch, before, after string, by *User) {
	if s.installOf(r) == nil || s.cfg.Permissions["checks"] != "write" {
		return
	}
	known := len(r.suites)
	suite := s.suite(r, s.app, after, branch, before)
	if len(r.suites) > known {
		s.emitSuite(r, suite, "requested", by)
	}
}

// pullsOf are the open pull requests whose head is the commit and no fork's: those that checks are shown with.
func (r *repo) pullsOf(sha string) []*pull {
	var out []*pull
	for _, p := range r.pulls {
		if p.state == "open" && p.headSHA == sha && p.headRepo == r {
			out = append(out, p)
		}
	}
	return out
}
