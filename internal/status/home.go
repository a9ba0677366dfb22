package status

import (
	"net/http"
	"strconv"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// maxWork bounds the keys that the first page lists.
const maxWork = 50

type homePage struct {
	Repositories []repositoryLine
	Work         []workLine
	More         bool
}

type repositoryLine struct {
	Repo   forge.Repo
	URL    string
	Stores []standingLine
}

type standingLine struct {
	Name string
	flow.Standing
	Behind time.Duration
}

type workLine struct {
	What     string // in words
	URL      string // on GitHub; empty for none
	State    string // running, waiting, later or given up
	Since    time.Duration
	Failures int
}

// home shows repositories and what is worked on. It asks the database only.
func (s *Status) home(r *http.Request) (content, error) {
	repos, err := s.cfg.Known.Repositories(r.Context())
	if err != nil {
		return content{}, err
	}
	var p homePage
	names := map[int64]forge.Repo{}
	for _, repo := range repos {
		names[repo.ID] = repo
		line := repositoryLine{Repo: repo, URL: pathOf(repo)}
		note, err := s.cfg.Known.Recall(r.Context(), repo, flow.StandingNote)
		if err != nil {
			return content{}, err
		}
		standings := flow.ReadStandings(note)
		stores, err := s.cfg.Sinks.Sinks(r.Context(), repo)
		if err != nil {
			return content{}, err
		}
		for _, store := range stores {
			one := standingLine{Name: store.Name, Standing: standings[store.Name]}
			if !one.Since.IsZero() {
				one.Behind = s.cfg.Now().Sub(one.Since)
			}
			line.Stores = append(line.Stores, one)
		}
		p.Repositories = append(p.Repositories, line)
	}
	unfinished, err := s.cfg.Work.Unfinished(r.Context(), maxWork+1)
	if err != nil {
		return content{}, err
	}
	for _, u := range unfinished[:min(len(unfinished), maxWork)] {
		line := workLine{Since: u.Since, Failures: u.Failures}
		line.What, line.URL = s.nameOf(u.Key, names)
		switch {
		case u.Aside:
			line.State = "given up"
		case u.Running:
			line.State = "running"
		case u.Since < 0:
			line.State, line.Since = "later", -u.Since
		default:
			line.State = "waiting"
		}
		p.Work = append(p.Work, line)
	}
	p.More = len(unfinished) > maxWork
	return content{template: "home", title: "tamer", data: p}, nil
}

// nameOf says in words what a key names, and where people see it.
func (s *Status) nameOf(k work.Key, repos map[int64]forge.Repo) (what, page string) {
	repo, known := repos[k.Repository]
	in := repo.String()
	if k.Repository == 0 {
		in = ""
	} else if !known {
		in = "repository " + decimal(k.Repository)
	}
	words := map[work.Kind]string{
		work.Sweep: "look at everything", work.Installation: "look at an installation", work.Repository: "look at the repository", work.PullRequest: "judge",
		work.Approvals: "approvals of", work.MergeGroup: "judge the merge group", work.Branch: "deploy branch", work.Deploy: "deploy to the store", work.Preview: "preview",
		work.Tend: "look after the store", work.Announce: "show what is deployed", work.Base: "pull requests onto", work.Commit: "what is at the commit",
		work.Comment: "comment", work.Button: "button", work.Missed: "webhooks that did not arrive",
	}
	what = words[k.Kind]
	if k.Number > 0 {
		what += " pull request #" + strconv.Itoa(k.Number)
		if known {
			page = s.cfg.GitHub + "/" + in + "/pull/" + strconv.Itoa(k.Number)
		}
	}
	if k.Name != "" {
		what += " " + k.Name
	}
	if in != "" {
		what += ", " + in
	}
	return what, page
}
