package flow_test

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// A crowd is what a hub knows of people, and what they have said and done.
type crowd struct {
	reviews   map[int][]forge.Review // by pull request
	moved     map[int]time.Time      // when a pull request got its base, where it has got another one
	makers    map[forge.Commit]forge.Authorship
	asked     map[int][]string // to review
	teams     map[string][]forge.User
	admins    []forge.User
	merged    []forge.MergedPullRequest
	notes     map[string][]byte
	bases     map[forge.Commit][]forge.Commit // where a commit has left the base besides: the ones that git names first
	lagging   bool                            // the list of commits lacks the newest one
	listed    int                             // how many merged pull requests were given
	basesRead int                             // how often was asked when a pull request got its base
	pushes    map[string][]forge.Push         // by branch, the oldest first
	// unpushed is what the question for pushes is answered with.
	unpushed error
}

func newCrowd() crowd {
	return crowd{reviews: map[int][]forge.Review{}, moved: map[int]time.Time{}, makers: map[forge.Commit]forge.Authorship{}, asked: map[int][]string{},
		bases: map[forge.Commit][]forge.Commit{}, teams: map[string][]forge.User{}, notes: map[string][]byte{}, pushes: map[string][]forge.Push{}}
}

func (h *hub) Reviews(_ context.Context, _ forge.Repo, number int) ([]forge.Review, error) {
	h.call("Reviews")
	return slices.Clone(h.crowd.reviews[number]), nil
}

func (h *hub) Retargeted(_ context.Context, _ forge.Repo, number int) (time.Time, error) {
	h.call("Retargeted")
	h.crowd.basesRead++
	return h.crowd.moved[number], nil
}

// Authorships gives those of all commits between the base and the head; of a commit that nobody is known of the author made it.
func (h *hub) Authorships(_ context.Context, _ forge.Repo, number int) ([]forge.Authorship, error) {
	h.call("Authorships")
	pr := h.pulls[number]
	var all []forge.Authorship
	for c := pr.Head; c != "" && !h.holds(h.heads.Tips[pr.BaseBranch], c); c = h.parentOf(c) {
		made, ok := h.crowd.makers[c]
		if !ok {
			made.People = []forge.User{pr.Author}
		}
		made.Commit, made.Parents = c, h.parents[c]
		all = append(all, made)
	}
	if h.crowd.lagging {
		all = all[1:]
	}
	slices.Reverse(all)
	return all, nil
}

func (h *hub) Conversation(_ context.Context, _ forge.Repo, number int, beginnings ...string) ([]forge.Comment, error) {
	var all []forge.Comment
	for _, c := range h.talk {
		if c.Pull == number && slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(strings.TrimSpace(c.Body), b) }) {
			all = append(all, c)
		}
	}
	return all, nil
}

func (h *hub) RequestReviews(_ context.Context, _ forge.Repo, number int, logins []string) error {
	return h.effect(func() {
		h.crowd.asked[number] = append(h.crowd.asked[number], logins...)
		pr := h.pulls[number]
		for _, login := range logins {
			pr.Requested = append(pr.Requested, people[login])
		}
		h.pulls[number] = pr
	})
}

func (h *hub) TeamMembers(_ context.Context, _ forge.Repo, team string) ([]forge.User, error) {
	members, ok := h.crowd.teams[team]
	if !ok {
		return nil, fmt.Errorf("team %s: %w", team, fs.ErrNotExist)
	}
	return members, nil
}

func (h *hub) Admins(context.Context, forge.Repo) ([]forge.User, error) { return h.crowd.admins, nil }

func (h *hub) MergedSince(_ context.Context, _ forge.Repo, base string, since time.Time) ([]forge.MergedPullRequest, error) {
	var all []forge.MergedPullRequest
	for _, m := range h.crowd.merged {
		if m.Base == base && !m.MergedAt.Before(since) {
			all = append(all, m)
		}
	}
	h.crowd.listed += len(all)
	return all, nil
}

// MergeBases gives what is common along first parents, and what stands in bases besides.
func (h *hub) MergeBases(_ context.Context, _ forge.Repo, a, b forge.Commit) ([]forge.Commit, error) {
	for ; a != ""; a = h.parentOf(a) {
		if h.holds(b, a) {
			return append(slices.Clone(h.crowd.bases[b]), a), nil
		}
	}
	return nil, fmt.Errorf("no common history: %w", fs.ErrNotExist)
}

func (h *hub) Paths(ctx context.Context, repo forge.Repo, commits []forge.Commit) (map[forge.Commit][]string, error) {
	all := map[forge.Commit][]string{}
	for _, c := range commits {
		if _, ok := h.parents[c]; !ok {
			continue
		}
		all[c] = nil
		changes, err := h.Changes(ctx, repo, h.parentOf(c).Tree(), c.Tree())
		if err != nil {
			return nil, err
		}
		for _, ch := range changes {
			all[c] = append(all[c], ch.Path)
		}
	}
	return all, nil
}

func (h *hub) Recall(_ context.Context, _ forge.Repo, name string) ([]byte, error) {
	return h.crowd.notes[name], nil
}

func (h *hub) Remember(_ context.Context, _ forge.Repo, name string, text []byte) error {
	h.crowd.notes[name] = text
	return nil
}
