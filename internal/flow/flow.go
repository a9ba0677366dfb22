package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/validate"
	"github.com/tamerhq/tamer/internal/work"
)

// Config is all that a Flow needs. Every field above Cache is required.
type Config struct {
	PullRequests  PullRequests
	Checks        Checks
	Comments      Comments
	Commands      Commands
	Reviews       Reviews
	People        People
	Commits       Commits
	Deployments   Deployments
	Installations Installations
	Remotes       Remotes
	Trees         Trees
	History       History
	Memory        Memory
	Notes         Notes
	Queue         Queue
	Sinks         Sinks
	Now           func() time.Time
	// Cache, if set, gives what was found out about the contents of a repository, for as long as ctx lasts.
	Cache func(ctx context.Context, repo forge.Repo) validate.Cache
	// Schemas, if set, keeps compiled schemas, for several Flows.
	Schemas *schema.Shelf
	// Limits bound what one config may hold; a zero field means its default.
	Limits document.Limits
	// Build names the program in the cache; see validate.Options.
	Build string
	// Live and External ask the operator's own systems. Nil: none is declared.
	Live     LiveData
	External External
	// Overrides gives the teams, as "organization/team", whose members may let a change pass its gates. Nil: nobody may.
	Overrides func(forge.Repo) []string
	// Turn waits until no other process does what name stands for, and keeps them from it until done is called. Nil: there is none.
	Turn func(ctx context.Context, name string) (done func(), err error)
	// Pages are where links beside deployments lead; its zero value has none of them.
	Pages Pages
	// Watch, if set, is told what was found and what is served, for those who count it.
	Watch Watch
	// At, if set, is called when a flow reaches a named point. Tests cut the process off there.
	At func(Point)
}

// Validate reports every missing field at once.
func (c Config) Validate() error {
	var errs []error
	for name, missing := range map[string]bool{
		"PullRequests": c.PullRequests == nil, "Checks": c.Checks == nil, "Comments": c.Comments == nil, "Commands": c.Commands == nil,
		"Reviews": c.Reviews == nil, "People": c.People == nil, "Notes": c.Notes == nil, "Commits": c.Commits == nil, "Deployments": c.Deployments == nil,
		"Installations": c.Installations == nil, "Remotes": c.Remotes == nil, "Trees": c.Trees == nil, "History": c.History == nil,
		"Memory": c.Memory == nil, "Queue": c.Queue == nil, "Sinks": c.Sinks == nil, "Now": c.Now == nil,
	} {
		if missing {
			errs = append(errs, fmt.Errorf("flow: Config.%s is missing", name))
		}
	}
	return errors.Join(errs...)
}

// A Flow does the work of keys. It is safe for concurrent use; the same key must not be worked on twice at once.
type Flow struct {
	Config
	turns turns
}

// New makes a Flow.
func New(cfg Config) (*Flow, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return start(cfg), nil
}

// start fills in what a Config may leave out.
func start(cfg Config) *Flow {
	if cfg.At == nil {
		cfg.At = func(Point) {}
	}
	if cfg.Turn == nil {
		cfg.Turn = func(context.Context, string) (func(), error) { return func() {}, nil }
	}
	if cfg.Watch == nil {
		cfg.Watch = nothing{}
	}
	if cfg.Live == nil {
		cfg.Live = nothing{}
	}
	if cfg.External == nil {
		cfg.External = nothing{}
	}
	if cfg.Overrides == nil {
		cfg.Overrides = func(forge.Repo) []string { return nil }
	}
	if cfg.Schemas == nil {
		cfg.Schemas = schema.NewShelf()
	}
	cfg.Trees = &recentChanges{Trees: cfg.Trees}
	return &Flow{Config: cfg}
}

// Handle looks at what the key names, makes it right, and gives the state that it dealt with.
func (f *Flow) Handle(ctx context.Context, t work.Task) (work.State, error) {
	switch t.Key.Kind {
	case work.Sweep:
		return "", f.sweep(ctx)
	case work.Installation:
		return "", f.sweepInstallation(ctx, t.Key.Installation)
	}
	repo, err := f.Memory.Repo(ctx, t.Key.Installation, t.Key.Repository)
	if errors.Is(err, fs.ErrNotExist) {
		return "", work.Permanent(fmt.Errorf("%s: %w", t.Key, err))
	}
	if err != nil {
		return "", err
	}
	switch t.Key.Kind {
	case work.Repository:
		return "", f.sweepRepository(ctx, repo)
	case work.Base:
		return "", f.base(ctx, repo, t.Key.Name)
	case work.PullRequest:
		return f.pullRequest(ctx, repo, t)
	case work.Approvals:
		return f.approvals(ctx, repo, t)
	case work.MergeGroup:
		return f.mergeGroup(ctx, repo, t)
	case work.Branch:
		return f.branch(ctx, repo, t)
	case work.Deploy:
		return f.deliver(ctx, repo, t)
	case work.Preview:
		return f.preview(ctx, repo, t)
	case work.Tend:
		return f.tend(ctx, repo, t)
	case work.Announce:
		return f.announce(ctx, repo, t)
	case work.Comment:
		return "", f.command(ctx, repo, t)
	case work.Button:
		return "", f.button(ctx, repo, t)
	case work.Commit:
		return "", f.commit(ctx, repo, t)
	}
	return "", work.Permanent(fmt.Errorf("%s: unknown kind of work", t.Key))
}

// commit asks for the pull requests and groups of a merge queue whose head is the commit, for events that name nothing else.
func (f *Flow) commit(ctx context.Context, repo forge.Repo, t work.Task) error {
	sha, err := forge.ParseCommit(t.Key.Name)
	if err != nil {
		return work.Permanent(fmt.Errorf("%s: %w", t.Key, err))
	}
	all, err := f.PullRequests.PullRequestsWith(ctx, repo, sha)
	if err != nil {
		return err
	}
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return err
	}
	var wanted []work.Wanted
	for _, pr := range all {
		if pr.Open && pr.Head == sha {
			wanted = append(wanted, work.Wanted{Key: pullRequestKey(repo, pr.Number), Anew: t.Anew}, work.Wanted{Key: approvalsKey(repo, pr.Number), Anew: t.Anew})
		}
	}
	for branch := range mergeGroups(heads) {
		if heads.Tips[branch] == sha {
			wanted = append(wanted, work.Wanted{Key: mergeGroupKey(repo, branch), Anew: t.Anew}, work.Wanted{Key: groupApprovalsKey(repo, branch), Anew: t.Anew})
		}
	}
	return f.ask(ctx, wanted)
}

func (f *Flow) ask(ctx context.Context, wanted []work.Wanted) error {
	if len(wanted) == 0 {
		return nil
	}
	return f.Queue.Add(ctx, wanted...)
}

func pullRequestKey(repo forge.Repo, number int) work.Key {
	return work.Key{Kind: work.PullRequest, Installation: repo.Installation, Repository: repo.ID, Number: number}
}

func branchKey(repo forge.Repo, name string) work.Key {
	return work.Key{Kind: work.Branch, Installation: repo.Installation, Repository: repo.ID, Name: name}
}
