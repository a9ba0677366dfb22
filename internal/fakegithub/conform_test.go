package fakegithub_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/fakegithub/openapi"
)

// TestConform holds every answer of 2xx against GitHub's own description.
func TestConform(t *testing.T) {
	d, err := openapi.Load()
	must(t, err)
	w := newWorld(t, func(c *fakegithub.Config) { c.Check = d.CheckRequest })
	number, sha := w.change("feature/x", "x: 1\n")
	must(t, w.SetRole(repo, "bob", "maintain"))
	must(t, w.RequireChecks(repo, "main", "tamer/validate"))
	review, err := w.Review(repo, number, "bob", "APPROVE", "fine")
	must(t, err)
	must(t, w.DismissReview(repo, number, review, "eve"))
	must(t, w.StartReview(repo, number, "bob"))
	must(t, w.SetTeam("acme", "peers", "", "bob"))
	must(t, w.Require(repo, "feature/x", fakegithub.RequiredCheck{Name: "tamer/validate", App: appID, Ruleset: true}, fakegithub.RequiredCheck{Name: "ci", App: appID}))
	_, err = w.Push(repo, "other", fakegithub.Change{Files: map[string][]byte{"o": nil}})
	must(t, err)
	must(t, w.RetargetPull(repo, number, "other", ""))
	must(t, w.RetargetPull(repo, number, "main", ""))
	comment, err := w.Comment(repo, number, "bob", "hello")
	must(t, err)
	answered, err := w.Comment(repo, number, "tamer[bot]", "seen")
	must(t, err)
	jwt, token := jwtOf(w), w.token(nil)
	ci, err := w.AddCheckRun(repo, fakegithub.CheckRun{Name: "ci", HeadSHA: sha, Conclusion: "success"})
	must(t, err)
	gh := w.withToken(token)
	run, _, err := gh.Checks.CreateCheckRun(t.Context(), "acme", "configs", github.CreateCheckRunOptions{
		Name: "tamer/validate", HeadSHA: sha, Conclusion: github.String("success"), Output: &github.CheckRunOutput{
			Title: github.String("t"), Summary: github.String("s"), Annotations: []*github.CheckRunAnnotation{{
				Path: github.String("a"), StartLine: github.Int(1), EndLine: github.Int(1), AnnotationLevel: github.String("notice"), Message: github.String("m"),
			}},
		},
	})
	must(t, err)
	deployment, _, err := gh.Repositories.CreateDeployment(t.Context(), "acme", "configs", &github.DeploymentRequest{
		Ref: github.String("main"), AutoMerge: github.Bool(false), RequiredContexts: &[]string{},
	})
	must(t, err)
	of, _, err := gh.Repositories.GetCommit(t.Context(), "acme", "configs", sha, nil)
	must(t, err)
	tree := of.GetCommit().GetTree().GetSHA()
	must(t, w.Wait(t.Context()))
	delivery := w.Deliveries()[0].ID

	for _, line := range []string{
		"GET /app", "GET /app/installations", fmt.Sprintf("GET /app/installations/%d", w.install),
		fmt.Sprintf("POST /app/installations/%d/access_tokens {}", w.install),
		fmt.Sprintf(`POST /app/installations/%d/access_tokens {"repositories":["configs"]}`, w.install),
		"GET /app/hook/config", "GET /app/hook/deliveries", fmt.Sprintf("GET /app/hook/deliveries/%d", delivery), fmt.Sprintf("POST /app/hook/deliveries/%d/attempts", delivery),
		"GET REPO/installation", "GET /installation/repositories", "GET /rate_limit", "GET /users/eve", "GET REPO",
		"GET REPO/branches/feature/x", "GET REPO/branches/main", "GET REPO/activity?ref=refs/heads/feature/x&per_page=100", "GET REPO/collaborators/bob/permission",
		"GET REPO/collaborators?permission=push", "GET /orgs/acme/teams/peers/members", "GET REPO/rules/branches/main", "GET REPO/rules/branches/feature/x",
		"GET REPO/commits/" + sha, "GET REPO/commits/heads/feature/x", "GET REPO/commits/feature/x/check-runs?filter=all", "GET REPO/commits/" + sha + "/pulls",
		"GET REPO/pulls?state=all&sort=updated&direction=desc&head=acme:feature/x&base=main&per_page=100",
		"GET REPO/pulls/1", "GET REPO/pulls/1/commits", "GET REPO/pulls/1/files", "GET REPO/pulls/1/reviews",
		`POST REPO/pulls/1/requested_reviewers {"reviewers":["bob"]}`,
		fmt.Sprintf("GET REPO/check-runs/%d", ci), fmt.Sprintf("GET REPO/check-runs/%d/annotations", run.GetID()),
		fmt.Sprintf("POST REPO/check-runs/%d/rerequest", run.GetID()), fmt.Sprintf(`PATCH REPO/check-runs/%d {"status":"in_progress"}`, run.GetID()),
		fmt.Sprintf(`PATCH REPO/check-runs/%d {"conclusion":"success"}`, run.GetID()),
		"GET REPO/issues/1/events", "GET REPO/issues/1/comments", fmt.Sprintf("GET REPO/issues/comments/%d", comment), `POST REPO/issues/1/comments {"body":"x"}`,
		fmt.Sprintf(`PATCH REPO/issues/comments/%d {"body":"y"}`, comment), fmt.Sprintf("DELETE REPO/issues/comments/%d", comment),
		"GET REPO/deployments?environment=production", fmt.Sprintf("GET REPO/deployments/%d", deployment.GetID()),
		fmt.Sprintf(`POST REPO/deployments/%d/statuses {"state":"success","log_url":"https://tamer.example.com"}`, deployment.GetID()),
		fmt.Sprintf("GET REPO/deployments/%d/statuses", deployment.GetID()),
		fmt.Sprintf(`POST REPO/issues/comments/%d/reactions {"content":"+1"}`, answered), fmt.Sprintf("GET REPO/issues/comments/%d", answered),
		fmt.Sprintf(`POST REPO/git/trees {"base_tree":%q,"tree":[{"path":"x/y.yaml","mode":"100644","type":"blob","content":"z: 1\n"}]}`, sha),
		fmt.Sprintf(`POST REPO/git/commits {"message":"m","tree":%q,"parents":[%q]}`, tree, sha),
		fmt.Sprintf(`PATCH REPO/git/refs/heads/feature/x {"sha":%q}`, sha),
		`PUT REPO/pulls/1/merge {"merge_method":"squash"}`, "GET REPO/pulls/1",
	} {
		method, rest, _ := strings.Cut(strings.Replace(line, "REPO", "/repos/"+repo, 1), " ")
		path, body, _ := strings.Cut(rest, " ")
		auth := token
		if strings.HasPrefix(path, "/app") || strings.HasSuffix(path, "/installation") {
			auth = jwt
		}
		status, header, answer := w.send(t.Context(), method, path, auth, body, "Content-Type", "application/json")
		if status > 299 {
			t.Errorf("%s: %d %s", line, status, answer)
			continue
		}
		if err := d.CheckAnswer(httptest.NewRequest(method, path, http.NoBody), status, header, []byte(answer)); err != nil {
			t.Errorf("%s: %.2000s", line, err)
		}
	}
	for _, v := range w.Violations() {
		t.Error(v)
	}
}

func TestViolations(t *testing.T) {
	d, err := openapi.Load()
	must(t, err)
	w := newWorld(t, func(c *fakegithub.Config) { c.Check = d.CheckRequest })
	token := w.token(nil)
	w.send(t.Context(), "GET", "/repos/acme/configs/pulls?state=open", token, "")
	if got := w.Violations(); len(got) != 0 {
		t.Errorf("violations of good requests: %v", got)
	}
	w.send(t.Context(), "GET", "/repos/acme/configs/pulls?state=opened", token, "")
	if got := w.Violations(); len(got) != 1 || !strings.HasPrefix(got[0], "GET /repos/acme/configs/pulls: ") {
		t.Errorf("violations of a bad request: %v", got)
	}
}
