package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/webhooks"
)

// A Diagnosis is one thing that was looked at, and what to do where it is not as it should be.
type Diagnosis struct {
	What string
	Do   string // empty: it is well
}

// Doctor looks at how a repository is set up at GitHub: that the app is installed with what it needs, and that its checks are
// required of the branch and of nobody else. An empty branch is the default branch. It changes nothing. The error is that of asking.
func Doctor(ctx context.Context, cfg Config, owner, name, branch string) ([]Diagnosis, error) {
	hub, err := github.New(github.Config{APIURL: cfg.APIURL, AppID: cfg.AppID, PrivateKey: cfg.PrivateKey})
	if err != nil {
		return nil, err
	}
	s := installed{web: cfg.GitHubURL, app: cfg.AppID, repo: owner + "/" + name, branch: branch}
	if err := patiently(ctx, func() error { return s.look(ctx, hub, owner, name) }); err != nil {
		return nil, err
	}
	return s.diagnose(), nil
}

// An installed is all that a diagnosis rests on.
type installed struct {
	web      string // address of GitHub
	app      int64
	repo     string // OWNER/NAME
	branch   string
	there    bool // the app is installed
	in       github.Installed
	found    bool // the branch is there
	required []github.RequiredCheck
}

// look asks GitHub. What is not there is no error.
func (s *installed) look(ctx context.Context, hub *github.Client, owner, name string) (err error) {
	s.in, err = hub.Installed(ctx, owner, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	s.there = true
	if s.branch = cmp.Or(s.branch, s.in.DefaultBranch); s.in.Suspended || s.branch == "" {
		return nil
	}
	s.required, err = hub.RequiredChecks(ctx, s.in.Repo, s.branch)
	if s.found = err == nil; errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (s installed) diagnose() []Diagnosis {
	switch {
	case !s.there:
		return []Diagnosis{{fmt.Sprintf("the app %d is not installed on %s, or there is no such repository", s.app, s.repo),
			fmt.Sprintf("open %s/settings/apps, or the organization's settings under Developer settings, GitHub Apps; choose the app, then Install App, and give it the repository", s.web)}}
	case s.in.Suspended:
		return []Diagnosis{{"the installation of " + s.in.App + " is suspended", "open " + s.in.Page + " and choose Unsuspend"}}
	}
	all := []Diagnosis{{What: fmt.Sprintf("%s is installed on %s", s.in.App, s.repo)}}
	all = append(all, s.permissions(), s.events())
	switch {
	case s.branch == "":
		return append(all, Diagnosis{s.repo + " has no branch yet", "push a first commit, and look again"})
	case !s.found:
		return append(all, Diagnosis{fmt.Sprintf("the branch %q is not there", s.branch), "name a branch that is there with --branch"})
	}
	return append(all, s.check(flow.ValidateCheck), s.check(flow.ApprovalsCheck))
}

// permissions tells what was not granted.
func (s installed) permissions() Diagnosis {
	var missing []string
	needed := github.Needed()
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		if got := s.in.Permissions[name]; got != needed[name] && got != "write" {
			missing = append(missing, name+": "+needed[name])
		}
	}
	if len(missing) == 0 {
		return Diagnosis{What: "the app has the permissions that it needs"}
	}
	return Diagnosis{"the app was not granted " + strings.Join(missing, ", "),
		fmt.Sprintf("in the app's settings, under Permissions & events, choose them and save; then accept them at %s", s.in.Page)}
}

// events tells what GitHub does not send.
func (s installed) events() Diagnosis {
	var missing []string
	for _, name := range webhooks.Subscribed() {
		if !slices.Contains(s.in.Events, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return Diagnosis{What: "the app is told of all events that it acts on"}
	}
	return Diagnosis{"the app is not told of " + strings.Join(missing, ", "), "in the app's settings, under Permissions & events, Subscribe to events, choose them and save"}
}

// check tells whether a check is required, and of this app alone: else whoever may write to the repository can set it.
func (s installed) check(name string) Diagnosis {
	var unbound, foreign string
	for _, c := range s.required {
		switch {
		case c.Name != name:
		case c.App == s.app:
			return Diagnosis{What: fmt.Sprintf("%s requires %s of the app, by %s", s.branch, name, c.By)}
		case c.App == 0:
			unbound = c.By
		default:
			foreign = fmt.Sprintf("%s requires %s of the app with the id %d, by %s", s.branch, name, c.App, c.By)
		}
	}
	rules := fmt.Sprintf("%s/%s/settings/rules", s.web, s.repo)
	switch {
	case unbound != "":
		return Diagnosis{fmt.Sprintf("%s requires %s of anybody, by %s: whoever may write can set it", s.branch, name, unbound),
			fmt.Sprintf("at %s (for a protection %s/%s/settings/branches) choose the app %s as the source of %s", rules, s.web, s.repo, s.in.App, name)}
	case foreign != "":
		return Diagnosis{foreign, fmt.Sprintf("at %s choose the app %s as the source of %s", rules, s.in.App, name)}
	}
	return Diagnosis{fmt.Sprintf("%s does not require %s: what it refuses can be merged", s.branch, name),
		fmt.Sprintf("open %s, New ruleset, New branch ruleset; target %s; Require status checks to pass, Add checks: %s, with the app %s as its source", rules, s.branch, name, s.in.App)}
}
