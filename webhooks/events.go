package webhooks

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// An event is a row of the table: what GitHub tells, and what is to be looked at again.
type event struct {
	name string // X-GitHub-Event
	// automatic events are sent to every app, and GitHub refuses a manifest that lists them.
	automatic bool
	wanted    func(p payload) []work.Wanted
}

// events are all that tamer acts on. Those that are not automatic stand in app.yml.
var events = []event{
	{name: "check_run", wanted: checkRun},
	{name: "check_suite", wanted: checkSuite},
	{name: "installation", automatic: true, wanted: installation},
	{name: "installation_repositories", automatic: true, wanted: repositoriesAdded},
	{name: "issue_comment", wanted: issueComment},
	{name: "merge_group", wanted: mergeGroup},
	{name: "ping", automatic: true, wanted: nothing},
	{name: "pull_request", wanted: pullRequest},
	{name: "pull_request_review", wanted: review},
	{name: "push", wanted: push},
	{name: "repository", wanted: repository},
}

// Subscribed gives the names of the events that the app must be subscribed to, sorted.
func Subscribed() []string {
	var names []string
	for _, e := range events {
		if !e.automatic {
			names = append(names, e.name)
		}
	}
	return names
}

// Events gives the names of all events that tamer acts on, sorted.
func Events() []string {
	var names []string
	for _, e := range events {
		names = append(names, e.name)
	}
	return names
}

func nothing(payload) []work.Wanted { return nil }

// Whatever happens to a pull request, its state is looked at anew; closing it too.
func pullRequest(p payload) []work.Wanted {
	return p.pulls([]pull{{Number: p.PullRequest.Number}}, false, work.PullRequest, work.Approvals)
}

// Who says what of a pull request matters to its gates only.
func review(p payload) []work.Wanted {
	return p.pulls([]pull{{Number: p.PullRequest.Number}}, false, work.Approvals)
}

// A group that the merge queue wants checked; once destroyed, its branch is gone, which is all that needs to be seen.
func mergeGroup(p payload) []work.Wanted {
	branch, ok := strings.CutPrefix(p.MergeGroup.HeadRef, "refs/heads/")
	if _, queued := forge.MergeQueueBase(branch); !ok || !queued {
		return nil
	}
	return append(p.ask(work.Key{Kind: work.MergeGroup, Repository: p.Repository.ID, Name: branch}, false),
		p.ask(work.Key{Kind: work.Approvals, Repository: p.Repository.ID, Name: branch}, false)...)
}

// A push moves, makes or deletes one branch or tag. The branches of a merge queue are GitHub's own.
func push(p payload) []work.Wanted {
	branch, ok := strings.CutPrefix(p.Ref, "refs/heads/")
	if !ok {
		return nil
	}
	return p.branch(branch, false)
}

// "Re-run", or one of tamer's buttons, on one check. GitHub sends both only to the app that made the run.
func checkRun(p payload) []work.Wanted {
	switch {
	case p.Action == "requested_action" && slices.Contains(buttons, p.RequestedAction.Identifier):
		return p.press()
	case p.Action != "rerequested" && p.Action != "requested_action":
		return nil
	}
	if p.CheckRun.Name == deployCheck {
		return p.branch(p.CheckRun.CheckSuite.HeadBranch, true)
	}
	if p.CheckRun.Name == approvalsCheck {
		return p.commit(p.CheckRun.head, true, work.Approvals)
	}
	return p.commit(p.CheckRun.head, true, work.PullRequest)
}

// buttons are those whose press is work of its own.
var buttons = []string{forge.FixAction, forge.MigrateAction, forge.PreviewAction}

// press asks for what a button does. Whether the person may is not believed, but looked up.
func (p payload) press() []work.Wanted {
	head, err := forge.ParseCommit(p.CheckRun.HeadSHA)
	if err != nil || p.Sender.ID <= 0 || !loginOK.MatchString(p.Sender.Login) {
		return nil
	}
	press := work.Press{Action: p.RequestedAction.Identifier, Head: head, By: forge.User{ID: p.Sender.ID, Login: p.Sender.Login}}
	return p.ask(work.Key{Kind: work.Button, Repository: p.Repository.ID, Name: press.Name()}, false)
}

// loginOK is what the login of a person looks like. That of an app ends with [bot], and presses nothing.
var loginOK = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// A new comment on a pull request that seems to speak to tamer. What it says is read again by the worker. One that was edited or deleted may
// have overridden gates, and so may tamer's answer to it.
func issueComment(p payload) []work.Wanted {
	begins := func(text, with string) bool { return strings.HasPrefix(strings.TrimSpace(text), with) }
	spoken := begins(p.Comment.Body, "/tamer")
	switch {
	case p.Issue.PullRequest == nil || p.Comment.ID <= 0:
		return nil
	case p.Action != "created" && (spoken || begins(p.Changes.Body.From, "/tamer") || begins(p.Comment.Body, "<!-- tamer:answer ") || begins(p.Changes.Body.From, "<!-- tamer:answer ")):
		return p.pulls([]pull{{Number: p.Issue.Number}}, false, work.Approvals)
	case p.Action != "created" || !spoken || p.Comment.User.Type == "Bot":
		return nil
	}
	return p.ask(work.Key{Kind: work.Comment, Repository: p.Repository.ID, Name: strconv.FormatInt(p.Comment.ID, 10)}, false)
}

// deployCheck is the check that stands on commits of the deploy branch; all others stand on heads of pull requests.
const (
	deployCheck    = "tamer/deploy"
	approvalsCheck = "tamer/approvals"
)

// "Re-run all checks": whatever stands on the commit.
func checkSuite(p payload) []work.Wanted {
	if p.Action != "rerequested" {
		return nil
	}
	return append(p.commit(p.CheckSuite, true, work.PullRequest, work.Approvals), p.branch(p.CheckSuite.HeadBranch, true)...)
}

// An installation that (again) lets tamer in.
func installation(p payload) []work.Wanted {
	switch p.Action {
	case "created", "unsuspend", "new_permissions_accepted":
		return p.ask(work.Key{Kind: work.Installation}, false)
	}
	return nil
}

func repositoriesAdded(p payload) []work.Wanted {
	var wanted []work.Wanted
	for _, r := range p.RepositoriesAdded {
		wanted = append(wanted, p.ask(work.Key{Kind: work.Repository, Repository: r.ID}, false)...)
	}
	return wanted
}

// A repository under a new name, or with another default branch, which may be the one that is deployed.
func repository(p payload) []work.Wanted {
	if p.Action == "renamed" || p.Action == "transferred" || p.Action == "edited" && p.Changes.DefaultBranch != nil {
		return p.ask(work.Key{Kind: work.Repository, Repository: p.Repository.ID}, false)
	}
	return nil
}

// A payload is what tamer reads of any event. A field that is missing is zero.
type payload struct {
	Action            string
	Ref               string // of a push: the full name
	Installation      struct{ ID int64 }
	Repository        repo
	Repositories      []repo // of a new installation
	RepositoriesAdded []repo `json:"repositories_added"`
	PullRequest       pull   `json:"pull_request"`
	MergeGroup        struct {
		HeadRef string `json:"head_ref"`
	} `json:"merge_group"`
	CheckRun struct {
		head
		Name       string
		CheckSuite head `json:"check_suite"`
	} `json:"check_run"`
	CheckSuite      head                        `json:"check_suite"`
	RequestedAction struct{ Identifier string } `json:"requested_action"`
	Issue           struct {
		Number      int
		PullRequest *struct{} `json:"pull_request"` // nil where the issue is no pull request
	}
	Comment struct {
		ID   int64
		Body string
		User user
	}
	Sender  user
	Changes struct {
		DefaultBranch json.RawMessage       `json:"default_branch"`
		Body          struct{ From string } // of a comment that was edited
	}
}

type repo struct {
	ID       int64
	FullName string `json:"full_name"`
}

type user struct {
	ID          int64
	Login, Type string
}

type pull struct {
	Number int
	Base   struct{ Repo repo }
}

// A head is the commit that checks stand on. From a fork it has no branch and no pull requests.
type head struct {
	HeadSHA      string `json:"head_sha"`
	HeadBranch   string `json:"head_branch"`
	PullRequests []pull `json:"pull_requests"`
}

var errUnknown = errors.New("unknown event")

// translate makes a delivery of the payload, without its id. The error is errUnknown, or says what is wrong with the JSON.
func translate(name string, body []byte) (work.Delivery, error) {
	for _, e := range events {
		if e.name != name {
			continue
		}
		var p payload
		if err := json.Unmarshal(body, &p); err != nil {
			return work.Delivery{}, fmt.Errorf("the payload of event %s is not the JSON that GitHub documents: %w", name, err)
		}
		return work.Delivery{Event: name, Repos: p.repos(), Wanted: e.wanted(p)}, nil
	}
	return work.Delivery{}, errUnknown
}

// repos gives the repositories that the payload names, if it says whose installation they are in.
func (p payload) repos() []forge.Repo {
	var repos []forge.Repo
	for _, r := range append(append([]repo{p.Repository}, p.Repositories...), p.RepositoriesAdded...) {
		owner, name, ok := strings.Cut(r.FullName, "/")
		if ok && r.ID != 0 && p.Installation.ID != 0 {
			repos = append(repos, forge.Repo{Installation: p.Installation.ID, ID: r.ID, Owner: owner, Name: name})
		}
	}
	return repos
}
