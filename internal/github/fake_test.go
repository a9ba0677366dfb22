package github

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/fakegithub/openapi"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// described is GitHub's own description, which takes long to read.
var described = sync.OnceValues(openapi.Load)

// startFake gives a GitHub with one installation of one repository, with one open pull request, and a client of it with
// the same clock.
func startFake(t *testing.T, now func() time.Time) (*fakegithub.Server, *Client, forge.Repo) {
	t.Helper()
	description, err := described()
	must(t, err)
	fake, err := fakegithub.New(fakegithub.Config{Dir: t.TempDir(), AppID: appID, PublicKey: &testKey().PublicKey, Now: now, Check: description.CheckRequest})
	must(t, err)
	if err := fake.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		fake.Close()
		for _, v := range fake.Violations() {
			t.Error(v)
		}
	})
	must(t, fake.CreateRepo("acme/configs", map[string][]byte{"a.yaml": []byte("a: 1\n")}))
	_, err = fake.Push("acme/configs", "raise", fakegithub.Change{Author: "ann", Files: map[string][]byte{"a.yaml": []byte("a: 2\n")}})
	must(t, err)
	_, err = fake.OpenPull("acme/configs", fakegithub.Pull{Title: "Raise", Head: "raise", Base: "main", Author: "ann"})
	must(t, err)
	installation, err := fake.Install("acme", "acme/configs")
	must(t, err)
	id, err := fake.RepoID("acme/configs")
	must(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client, err := New(Config{APIURL: fake.URL() + "/api/v3/", AppID: appID, PrivateKey: testPEM(), Transport: transport})
	must(t, err)
	client.now = now
	return fake, client, forge.Repo{Installation: installation, ID: id, Owner: "acme", Name: "configs"}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The whole of what flows do, against the GitHub that the other tests use.
func TestAgainstFake(t *testing.T) {
	fake, client, repo := startFake(t, time.Now)
	ctx := t.Context()

	installations, err := client.Installations(ctx)
	must(t, err)
	equal(t, installations, []int64{repo.Installation})
	repos, err := client.Repositories(ctx, repo.Installation)
	must(t, err)
	equal(t, repos, []forge.Repo{repo})
	open, err := client.OpenPullRequests(ctx, repo)
	must(t, err)
	one, err := client.PullRequest(ctx, repo, open[0].Number)
	must(t, err)
	equal(t, open, []forge.PullRequest{one})
	if !one.Open || one.Merged || one.Fork || one.Author.Login != "ann" || one.HeadBranch != "raise" || one.BaseBranch != "main" {
		t.Errorf("pull request %+v", one)
	}

	fake.ResetRequests()
	publish(t, client, repo, one.Head)
	deploy(t, client, repo, one.Head)
	var did []string
	for _, r := range fake.Requests() {
		did = append(did, r.Method)
	}
	equal(t, did, strings.Fields("GET POST PATCH GET GET POST POST GET GET POST GET GET")) // each call is one request, the two-step Deployment apart

	runs, err := fake.CheckRuns("acme/configs", string(one.Head))
	must(t, err)
	if len(runs) != 1 || len(runs[0].Annotations) != 50 || runs[0].Title != "50 failures" {
		t.Errorf("check runs %+v", runs)
	}
	deployments, err := fake.Deployments("acme/configs")
	must(t, err)
	if len(deployments) != 1 || !deployments[0].Production || deployments[0].Transient || deployments[0].Statuses[0].Description != "1 file" {
		t.Errorf("deployments %+v", deployments)
	}
}

func publish(t *testing.T, client *Client, repo forge.Repo, head forge.Commit) {
	t.Helper()
	none, err := client.CheckRun(t.Context(), repo, head, "tamer/validate")
	must(t, err)
	equal(t, none, (*forge.CheckRun)(nil))
	run := forge.CheckRun{Name: "tamer/validate", Head: head, ExternalID: "x", Status: forge.InProgress}
	run.ID, err = client.CreateCheckRun(t.Context(), repo, run)
	must(t, err)
	run.Status, run.Conclusion, run.Title, run.Summary = forge.Completed, forge.Failed, "50 failures", "## acme"
	run.CompletedAt = time.Now()
	run.Annotations = slices.Repeat([]forge.Annotation{{Path: "a.yaml", StartLine: 1, EndLine: 1, Level: forge.AnnotationFailure, Message: "m"}}, 50)
	must(t, client.UpdateCheckRun(t.Context(), repo, run))
	got, err := client.CheckRun(t.Context(), repo, head, "tamer/validate")
	must(t, err)
	if got == nil || got.ID != run.ID || got.Head != head || got.ExternalID != "x" || got.Conclusion != forge.Failed || got.Status != forge.Completed {
		t.Errorf("check run %+v", got)
	}
}

func deploy(t *testing.T, client *Client, repo forge.Repo, at forge.Commit) {
	t.Helper()
	none, err := client.Deployment(t.Context(), repo, at, "production")
	must(t, err)
	equal(t, none, (*forge.Deployment)(nil))
	d := forge.Deployment{Commit: at, Environment: "production", Production: true, State: forge.DeploymentSuccess, Description: "1 file",
		URL: "https://tamer.example.com/r/acme/configs", LogURL: "https://github.example.com/acme/configs/runs/7"}
	d.ID, err = client.CreateDeployment(t.Context(), repo, d)
	must(t, err)
	must(t, client.SetDeploymentState(t.Context(), repo, d))
	got, err := client.Deployment(t.Context(), repo, at, "production")
	must(t, err)
	d.Production = false // not read back
	equal(t, got, &d)
	d.State, d.URL, d.LogURL = forge.DeploymentInactive, "", ""
	must(t, client.SetDeploymentState(t.Context(), repo, d))
	got, err = client.Deployment(t.Context(), repo, at, "production")
	must(t, err)
	equal(t, got, &d)
}

func TestAgainstFakeRefusals(t *testing.T) {
	var passed atomic.Int64
	fake, client, repo := startFake(t, func() time.Time { return time.Now().Add(time.Duration(passed.Load())) })
	ask := func() error {
		passed.Add(int64(time.Minute)) // no token is fresh, and no gate closed
		_, err := client.PullRequest(t.Context(), repo, 1)
		return err
	}
	must(t, ask())

	fake.AddFault(fakegithub.Fault{Times: 1, SecondaryLimit: true, Status: 429, RetryAfter: 30 * time.Second})
	if wait, _ := work.WaitOf(ask()); wait != 30*time.Second {
		t.Errorf("secondary limit: wait %s", wait)
	}
	fake.AddFault(fakegithub.Fault{Times: 1, LoseAnswer: true, Method: "POST"})
	if _, err := client.CreateDeployment(t.Context(), repo, forge.Deployment{Commit: head}); err == nil {
		t.Error("a lost answer is no error")
	}
	must(t, fake.RenameRepo("acme/configs", "settings"))
	must(t, ask()) // by the old name
	if err := client.SetDeploymentState(t.Context(), repo, forge.Deployment{ID: 1, State: forge.DeploymentSuccess}); !retryable(err) {
		t.Errorf("write by the old name: %v", err)
	}
	if _, err := client.PullRequest(t.Context(), repo, 99); !notThere(err) {
		t.Errorf("no such pull request: %v", err)
	}

	must(t, fake.Suspend("acme", true))
	client.sessions.open = map[scope]*session{} // as after a restart
	if err := ask(); !work.IsPermanent(err) {
		t.Errorf("suspended: %v", err)
	}
	must(t, fake.Suspend("acme", false))
	must(t, fake.RemoveFromInstallation("acme/settings"))
	if err := ask(); !work.IsPermanent(err) {
		t.Errorf("repository removed: %v", err)
	}
	must(t, fake.Uninstall("acme"))
	if _, err := client.Token(t.Context(), repo); !work.IsPermanent(err) {
		t.Errorf("uninstalled: %v", err)
	}
}
