package simulation

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// What flows ask of GitHub. Each method is one call.

func (h *hub) ask(ctx context.Context, what string, do func() error) error {
	return h.run.do(ctx, forgeParty, false, what, do)
}

func (h *hub) write(ctx context.Context, what string, do func() error) error {
	return h.run.do(ctx, forgeParty, true, what, do)
}

func (h *hub) PullRequest(ctx context.Context, _ forge.Repo, n int) (pr forge.PullRequest, err error) {
	err = h.ask(ctx, fmt.Sprint("read pull request ", n), func() error {
		p := h.pull(n)
		if p == nil {
			return fs.ErrNotExist
		}
		pr = p.PullRequest
		h.run.saw(ctx).pull(pr)
		return nil
	})
	return pr, err
}

func (h *hub) OpenPullRequests(ctx context.Context, _ forge.Repo) ([]forge.PullRequest, error) {
	return read(ctx, h.run, forgeParty, "list pull requests", func() (all []forge.PullRequest, err error) {
		for _, p := range h.pulls {
			if p.Open {
				all = append(all, p.PullRequest)
			}
		}
		return all, nil
	})
}

func (h *hub) PullRequestsWith(ctx context.Context, _ forge.Repo, at forge.Commit) (all []forge.PullRequest, err error) {
	err = h.ask(ctx, "list pull requests with "+at.Short(), func() error {
		for _, p := range h.pulls {
			if p.Head == at || h.merges[at] == p.Number {
				all = append(all, p.PullRequest)
			}
		}
		h.run.saw(ctx).sharing(at, all)
		return nil
	})
	return all, err
}

func (h *hub) CheckRun(ctx context.Context, _ forge.Repo, head forge.Commit, name string) (*forge.CheckRun, error) {
	return read(ctx, h.run, forgeParty, "look for "+name+" on "+head.Short(), func() (*forge.CheckRun, error) {
		found := h.newest(head, name)
		if found == nil {
			return nil, nil
		}
		shown := *found
		shown.Annotated, shown.Annotations, shown.Summary, shown.Text = len(found.Annotations), nil, "", ""
		return &shown, nil
	})
}

func (h *hub) CreateCheckRun(ctx context.Context, _ forge.Repo, run forge.CheckRun) (int64, error) {
	err := h.write(ctx, "create "+run.Name+" on "+run.Head.Short(), func() error {
		run.ID = int64(len(h.runs) + 1)
		h.runs = append(h.runs, &run)
		h.wrote(ctx, &run)
		return nil
	})
	return run.ID, err
}

func (h *hub) UpdateCheckRun(ctx context.Context, _ forge.Repo, run forge.CheckRun) error {
	return h.write(ctx, fmt.Sprintf("update %s on %s", run.Name, run.Head.Short()), func() error {
		old := h.runs[run.ID-1]
		run.Annotations = slices.Concat(old.Annotations, run.Annotations)
		run.Name, run.Head = old.Name, old.Head
		*old = run
		h.wrote(ctx, old)
		return nil
	})
}

// wrote notes when a run was completed, and has it checked.
func (h *hub) wrote(ctx context.Context, run *forge.CheckRun) {
	run.CompletedAt = time.Time{}
	if run.Status == forge.Completed {
		run.CompletedAt = h.second()
	}
	h.run.shown(attemptOf(ctx), run)
}

func (h *hub) OwnComment(ctx context.Context, _ forge.Repo, number int, marker string) (*forge.Comment, error) {
	return read(ctx, h.run, forgeParty, fmt.Sprintf("look for %q on %d", marker, number), func() (*forge.Comment, error) {
		for _, c := range h.talk {
			if c.Own && c.Pull == number && strings.HasPrefix(c.Body, marker) {
				found := *c
				return &found, nil
			}
		}
		return nil, nil
	})
}

func (h *hub) Conversation(ctx context.Context, _ forge.Repo, number int, beginnings ...string) ([]forge.Comment, error) {
	return read(ctx, h.run, forgeParty, fmt.Sprint("read what is said on ", number), func() (all []forge.Comment, err error) {
		for _, c := range h.talk {
			if c.Pull == number && slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(strings.TrimSpace(c.Body), b) }) {
				all = append(all, *c)
			}
		}
		return all, nil
	})
}

func (h *hub) CreateComment(ctx context.Context, _ forge.Repo, number int, body string) error {
	return h.write(ctx, fmt.Sprint("comment on ", number), func() error {
		h.say(number, forge.Comment{App: true, Own: true, Author: self, Body: body})
		h.run.said(number, body)
		return nil
	})
}

func (h *hub) UpdateComment(ctx context.Context, _ forge.Repo, id int64, body string) error {
	return h.write(ctx, fmt.Sprint("update comment ", id), func() error {
		c := h.talk[id-1]
		if c.Body == "" {
			return fs.ErrNotExist
		}
		before := c.Body
		c.Body, c.Edited = body, true
		h.tell(c, "edited", before[:min(20, len(before))])
		return nil
	})
}

func (h *hub) Comment(ctx context.Context, _ forge.Repo, id int64) (forge.Comment, error) {
	return read(ctx, h.run, forgeParty, fmt.Sprint("read comment ", id), func() (forge.Comment, error) {
		if id < 1 || id > int64(len(h.talk)) || h.talk[id-1].Body == "" {
			return forge.Comment{}, fs.ErrNotExist
		}
		return *h.talk[id-1], nil
	})
}

func (h *hub) React(ctx context.Context, _ forge.Repo, id int64) error {
	return h.write(ctx, fmt.Sprint("react to comment ", id), func() error { h.seen[id] = true; return nil })
}

func (h *hub) MayWrite(ctx context.Context, _ forge.Repo, who forge.User) (bool, error) {
	return read(ctx, h.run, forgeParty, "ask whether "+who.Login+" may write", func() (bool, error) { return mayWrite(who), nil })
}

func mayWrite(who forge.User) bool { return slices.Contains(writers, who) }

func (h *hub) Reviews(ctx context.Context, _ forge.Repo, number int) ([]forge.Review, error) {
	return read(ctx, h.run, forgeParty, fmt.Sprint("read reviews of ", number), func() ([]forge.Review, error) {
		return slices.Clone(h.pull(number).reviews), nil
	})
}

func (h *hub) Retargeted(ctx context.Context, _ forge.Repo, number int) (time.Time, error) {
	return read(ctx, h.run, forgeParty, fmt.Sprint("ask when base was changed of ", number), func() (time.Time, error) { return h.pull(number).retargeted, nil })
}

func (h *hub) Authorships(ctx context.Context, _ forge.Repo, number int) ([]forge.Authorship, error) {
	return read(ctx, h.run, forgeParty, fmt.Sprint("list commits of ", number), func() ([]forge.Authorship, error) {
		p := h.pull(number)
		base := h.branches[p.BaseBranch]
		if p.Merged {
			base = p.onto
		}
		return h.authorships(base, p.Head), nil
	})
}

// authorships gives whose the commits are that the head has and the base has not.
func (h *hub) authorships(base, head forge.Commit) (all []forge.Authorship) {
	g := h.run.git
	for _, c := range g.all {
		if g.holds(head, c.name) && !g.holds(base, c.name) {
			all = append(all, forge.Authorship{Commit: c.name, Parents: c.parents, People: []forge.User{c.by}})
		}
	}
	return all
}

func (h *hub) Pushes(ctx context.Context, _ forge.Repo, pr forge.PullRequest) iter.Seq2[forge.Push, error] {
	return func(yield func(forge.Push, error) bool) {
		all, err := read(ctx, h.run, forgeParty, "list pushes to "+pr.HeadBranch, func() ([]forge.Push, error) {
			if pr.Fork {
				return nil, nil
			}
			return slices.Clone(h.pushes[pr.HeadBranch]), nil
		})
		if err != nil {
			yield(forge.Push{}, err)
			return
		}
		for _, p := range all {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (h *hub) RequestReviews(ctx context.Context, _ forge.Repo, number int, logins []string) error {
	return h.write(ctx, fmt.Sprint("ask for reviews of ", number), func() error {
		p := h.pull(number)
		for _, who := range writers {
			if slices.Contains(logins, who.Login) && !slices.Contains(p.Requested, who) {
				p.Requested = append(slices.Clone(p.Requested), who)
			}
		}
		return nil
	})
}

func (h *hub) TeamMembers(ctx context.Context, _ forge.Repo, team string) ([]forge.User, error) {
	return read(ctx, h.run, forgeParty, "read the team "+team, func() ([]forge.User, error) {
		if members, ok := teams[team]; ok {
			return members, nil
		}
		return nil, fs.ErrNotExist
	})
}

func (h *hub) CommitAuthor(ctx context.Context, _ forge.Repo, at forge.Commit) (forge.User, error) {
	return read(ctx, h.run, forgeParty, "ask whose is "+at.Short(), func() (forge.User, error) { return h.run.git.byName[at].by, nil })
}

func (h *hub) Admins(ctx context.Context, _ forge.Repo) ([]forge.User, error) {
	return read(ctx, h.run, forgeParty, "list admins", func() ([]forge.User, error) { return []forge.User{omar}, nil })
}

func (h *hub) MergedSince(ctx context.Context, _ forge.Repo, base string, since time.Time) ([]forge.MergedPullRequest, error) {
	return read(ctx, h.run, forgeParty, "list merged pull requests", func() (all []forge.MergedPullRequest, err error) {
		for _, p := range h.pulls {
			if p.Merged && p.BaseBranch == base && !p.mergedAt.Before(since) {
				all = append(all, forge.MergedPullRequest{Number: p.Number, Author: p.Author, MergedAt: p.mergedAt, Commit: p.merge, Base: base})
			}
		}
		return all, nil
	})
}

func (h *hub) Commit(ctx context.Context, _ forge.Repo, branch string, c forge.NewCommit) (moved bool, err error) {
	err = h.write(ctx, "commit to "+branch, func() error {
		if moved = h.branches[branch] == c.Parent; !moved || h.run.git.full() {
			moved = false
			return nil
		}
		changed := map[string]string{}
		for _, f := range c.Files {
			changed[f.Path] = string(f.Content)
		}
		g := h.run.git
		h.move(branch, g.commit(g.byName[c.Parent].tree.with(changed), self, h.second(), c.Parent), self)
		h.run.look()
		return nil
	})
	return moved, err
}

func (h *hub) Deployment(ctx context.Context, _ forge.Repo, at forge.Commit, environment string) (*forge.Deployment, error) {
	return read(ctx, h.run, forgeParty, "look for the deployment of "+at.Short()+" to "+environment, func() (*forge.Deployment, error) {
		for _, d := range slices.Backward(h.deploys) {
			if d.Commit == at && d.Environment == environment {
				found := *d
				return &found, nil
			}
		}
		return nil, nil
	})
}

func (h *hub) CreateDeployment(ctx context.Context, _ forge.Repo, d forge.Deployment) (int64, error) {
	err := h.write(ctx, "create the deployment of "+d.Commit.Short()+" to "+d.Environment, func() error {
		if slices.ContainsFunc(h.deploys, func(o *forge.Deployment) bool { return o.Commit == d.Commit && o.Environment == d.Environment }) {
			h.run.fail(8, "a second deployment of %s to %s", d.Commit.Short(), d.Environment)
		}
		d.ID, d.State = int64(len(h.deploys)+1), ""
		h.deploys = append(h.deploys, &d)
		return nil
	})
	return d.ID, err
}

func (h *hub) SetDeploymentState(ctx context.Context, _ forge.Repo, d forge.Deployment) error {
	return h.write(ctx, fmt.Sprintf("set deployment %d to %s", d.ID, d.State), func() error { *h.deploys[d.ID-1] = d; return nil })
}

func (h *hub) Installations(ctx context.Context) ([]int64, error) {
	return read(ctx, h.run, forgeParty, "list installations", func() ([]int64, error) { return []int64{repo.Installation}, nil })
}

func (h *hub) Repositories(ctx context.Context, _ int64) ([]forge.Repo, error) {
	return read(ctx, h.run, forgeParty, "list repositories", func() ([]forge.Repo, error) { return []forge.Repo{repo}, nil })
}
