package fakegithub_test

import (
	"slices"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

// TestStory follows a pull request from its opening to its deployment, as an app sees it.
func TestStory(t *testing.T) {
	w := newWorld(t)
	ctx, gh := t.Context(), w.installation()
	must(t, w.RequireChecks(repo, "main", "tamer/validate"))
	if got, want := w.events(), []string{"installation.created"}; !slices.Equal(got, want) {
		t.Fatalf("events %v, want %v", got, want)
	}

	w.forget()
	number, sha := w.change("topic", "segments: []\n")
	if got, want := w.events(), []string{"create", "push", "check_suite.requested", "pull_request.opened"}; !slices.Equal(got, want) {
		t.Fatalf("events %v, want %v", got, want)
	}
	opened := last[*github.PullRequestEvent](w, "pull_request")
	if opened.GetInstallation().GetID() != w.install || opened.GetPullRequest().GetHead().GetSHA() != sha {
		t.Errorf("pull_request.opened is of installation %d, head %s", opened.GetInstallation().GetID(), opened.GetPullRequest().GetHead().GetSHA())
	}

	_, _, err := gh.PullRequests.Merge(ctx, "acme", "configs", number, "", &github.PullRequestOptions{MergeMethod: "squash"})
	if status(err) != 405 {
		t.Errorf("merge without its required check: %v, want 405", err)
	}
	run, _, err := gh.Checks.CreateCheckRun(ctx, "acme", "configs", github.CreateCheckRunOptions{
		Name: "tamer/validate", HeadSHA: sha, Status: github.String("in_progress"),
	})
	must(t, err)
	_, _, err = gh.Checks.UpdateCheckRun(ctx, "acme", "configs", run.GetID(), github.UpdateCheckRunOptions{
		Name: "tamer/validate", Conclusion: github.String("success"),
		Output: &github.CheckRunOutput{Title: github.String("Fine"), Summary: github.String("All is well.")},
	})
	must(t, err)
	list, _, err := gh.Checks.ListCheckRunsForRef(ctx, "acme", "configs", "topic", nil)
	must(t, err)
	if list.GetTotal() != 1 || list.CheckRuns[0].GetStatus() != "completed" {
		t.Errorf("check runs of the branch: %v", list)
	}

	w.forget()
	_, err = w.Review(repo, number, "bob", "APPROVE", "")
	must(t, err)
	merged, _, err := gh.PullRequests.Merge(ctx, "acme", "configs", number, "", &github.PullRequestOptions{MergeMethod: "squash", SHA: sha})
	must(t, err)
	if got, want := w.events(), []string{"pull_request_review.submitted", "push", "check_suite.requested", "pull_request.closed"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if tip, err := w.Tip(repo, "main"); err != nil || tip != merged.GetSHA() {
		t.Errorf("main is at %s (%v), want %s", tip, err, merged.GetSHA())
	}

	d, _, err := gh.Repositories.CreateDeployment(ctx, "acme", "configs", &github.DeploymentRequest{
		Ref: merged.SHA, AutoMerge: github.Bool(false), RequiredContexts: &[]string{}, Environment: github.String("production"),
	})
	must(t, err)
	_, _, err = gh.Repositories.CreateDeploymentStatus(ctx, "acme", "configs", d.GetID(), &github.DeploymentStatusRequest{State: github.String("success")})
	must(t, err)
	got, err := w.Deployments(repo)
	must(t, err)
	if len(got) != 1 || got[0].State() != "success" || got[0].SHA != merged.GetSHA() || !got[0].Production {
		t.Errorf("deployments: %+v", got)
	}
}

// TestFork shows that checks of a fork's head stand in the base repository, with no pull requests listed.
func TestFork(t *testing.T) {
	w := newWorld(t)
	fork, err := w.Fork(repo, "mallory")
	must(t, err)
	sha, err := w.Push(fork, "patch", fakegithub.Change{Files: map[string][]byte{"a.yaml": []byte("1\n")}})
	must(t, err)
	number, err := w.OpenPull(repo, fakegithub.Pull{Head: "mallory:patch"})
	must(t, err)

	run, _, err := w.installation().Checks.CreateCheckRun(t.Context(), "acme", "configs", github.CreateCheckRunOptions{Name: "x", HeadSHA: sha})
	must(t, err)
	if len(run.PullRequests) != 0 {
		t.Errorf("check run of a fork's head lists %d pull requests", len(run.PullRequests))
	}
	event := last[*github.CheckRunEvent](w, "check_run")
	if event.GetCheckRun().GetCheckSuite().HeadBranch != nil {
		t.Errorf("head_branch of a fork's check suite is %q, want null", event.GetCheckRun().GetCheckSuite().GetHeadBranch())
	}

	next, err := w.Push(fork, "patch", fakegithub.Change{Files: map[string][]byte{"a.yaml": []byte("2\n")}})
	must(t, err)
	p, err := w.Pull(repo, number)
	must(t, err)
	if p.HeadSHA != next {
		t.Errorf("head is %s after the push, want %s", p.HeadSHA, next)
	}
	if e := last[*github.PullRequestEvent](w, "pull_request"); e.GetAction() != "synchronize" || e.GetBefore() != sha || e.GetAfter() != next {
		t.Errorf("event %s from %s to %s", e.GetAction(), e.GetBefore(), e.GetAfter())
	}
	if !e2eHead(w, number, next) {
		t.Errorf("refs/pull/%d/head of the base repository is not %s", number, next)
	}
}

func e2eHead(w *world, number int, sha string) bool {
	out, err := w.git(w.t.TempDir(), w.token(nil), "ls-remote", w.URL()+"/"+repo+".git", "refs/pull/*")
	must(w.t, err)
	return out == sha+"\trefs/pull/"+itoa(number)+"/head"
}
