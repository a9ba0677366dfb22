package fakegithub_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

func TestHookFaults(t *testing.T) {
	comment := func(w *world, bodies ...string) {
		for _, body := range bodies {
			_, err := w.Comment(repo, 1, "bob", body)
			must(t, err)
		}
	}
	bodies := func(w *world) []string {
		must(t, w.Wait(t.Context()))
		var out []string
		for _, h := range w.hooks.all() {
			out = append(out, h.parsed.(*github.IssueCommentEvent).GetComment().GetBody())
		}
		return out
	}
	for _, c := range []struct {
		name  string
		fault fakegithub.HookFaults
		want  string
	}{
		{"none", fakegithub.HookFaults{}, "a b c"},
		{"drop one", fakegithub.HookFaults{Drop: 1}, "b c"},
		{"drop all", fakegithub.HookFaults{DropAll: true}, ""},
		{"double", fakegithub.HookFaults{Double: true}, "a a b b c c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.change("topic", "x: 1\n")
			w.forget()
			w.SetHookFaults(c.fault)
			comment(w, "a", "b", "c")
			if got := strings.Join(bodies(w), " "); got != c.want {
				t.Errorf("delivered %q, want %q", got, c.want)
			}
		})
	}
	t.Run("held, then newest first", func(t *testing.T) {
		w := newWorld(t)
		w.change("topic", "x: 1\n")
		w.forget()
		w.SetHookFaults(fakegithub.HookFaults{Hold: true})
		comment(w, "a", "b", "c")
		if got := bodies(w); len(got) != 0 {
			t.Errorf("delivered %v while held", got)
		}
		w.SetHookFaults(fakegithub.HookFaults{Newest: true})
		if got := bodies(w); !slices.Equal(got, []string{"c", "b", "a"}) {
			t.Errorf("delivered %v, want the newest first", got)
		}
	})
}

// TestRedelivery: GitHub lists what failed and sends it again only when asked, under the same delivery id.
func TestRedelivery(t *testing.T) {
	w := newWorld(t)
	must(t, w.Wait(t.Context()))
	fails := true
	target := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if fails {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.hooks.Config.Handler.ServeHTTP(rw, r)
	}))
	defer target.Close()
	w.forget()
	w.SetWebhook(target.URL, secret) // a ping
	must(t, w.Wait(t.Context()))

	list, _, err := w.app().Apps.ListHookDeliveries(t.Context(), &github.ListCursorOptions{PerPage: 1})
	must(t, err)
	if len(list) != 1 || list[0].GetEvent() != "ping" || list[0].GetStatusCode() != 503 {
		t.Fatalf("deliveries %v", list)
	}
	full, _, err := w.app().Apps.GetHookDelivery(t.Context(), list[0].GetID())
	must(t, err)
	if full.Request.Headers["X-GitHub-Delivery"] != list[0].GetGUID() || !strings.Contains(string(*full.Request.RawPayload), `"zen"`) {
		t.Errorf("delivery %v", full)
	}
	fails = false
	_, _, err = w.app().Apps.RedeliverHookDelivery(t.Context(), list[0].GetID())
	if _, accepted := err.(*github.AcceptedError); !accepted {
		t.Errorf("redelivery: %v, want 202", err)
	}
	must(t, w.Wait(t.Context()))
	if got := w.hooks.all(); len(got) != 1 || got[0].id != list[0].GetGUID() {
		t.Errorf("redelivered %+v, want the id %s", got, list[0].GetGUID())
	}
	if all := w.Deliveries(); !all[len(all)-1].Redelivery || all[len(all)-1].Status != "OK" {
		t.Errorf("last delivery %+v", all[len(all)-1])
	}
}

func TestWaitEnds(t *testing.T) {
	w := newWorld(t)
	must(t, w.Wait(t.Context()))
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)
	w.SetWebhook(slow.URL, secret)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Wait(ctx); err != context.Canceled {
		t.Errorf("Wait: %v, want canceled", err)
	}
}

func TestCheckEvents(t *testing.T) {
	w := newWorld(t)
	_, sha := w.change("topic", "x: 1\n")
	gh := w.installation()
	run, _, err := gh.Checks.CreateCheckRun(t.Context(), "acme", "configs", github.CreateCheckRunOptions{
		Name: "x", HeadSHA: sha, Actions: []*github.CheckRunAction{{Label: "Fix", Description: "Fix it", Identifier: "fix"}},
	})
	must(t, err)
	for i := range 2 {
		_, _, err := gh.Checks.UpdateCheckRun(t.Context(), "acme", "configs", run.GetID(), github.UpdateCheckRunOptions{
			Name: "x", Conclusion: github.String("failure"), Output: &github.CheckRunOutput{
				Title: github.String("t"), Summary: github.String("s"), Annotations: []*github.CheckRunAnnotation{{
					Path: github.String("a"), StartLine: github.Int(i + 1), EndLine: github.Int(i + 1),
					AnnotationLevel: github.String("failure"), Message: github.String("m"),
				}},
			},
		})
		must(t, err)
	}
	got, _, err := gh.Checks.ListCheckRunAnnotations(t.Context(), "acme", "configs", run.GetID(), nil)
	must(t, err)
	if len(got) != 2 || got[1].GetStartLine() != 2 {
		t.Errorf("annotations %v, want two: updates append", got)
	}
	w.forget()
	must(t, w.RerequestCheck(repo, run.GetID(), "eve"))
	must(t, w.RerequestSuite(repo, sha, "eve"))
	must(t, w.RequestAction(repo, run.GetID(), "fix", "eve"))
	if got, want := w.events(), []string{"check_run.rerequested", "check_suite.rerequested", "check_run.requested_action"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	e := last[*github.CheckRunEvent](w, "check_run")
	if e.GetRequestedAction().Identifier != "fix" || len(e.GetCheckRun().PullRequests) != 1 || e.GetSender().GetLogin() != "eve" {
		t.Errorf("requested_action %v of %d pull requests by %s", e.GetRequestedAction(), len(e.GetCheckRun().PullRequests), e.GetSender().GetLogin())
	}
	if err := w.RequestAction(repo, run.GetID(), "other", "eve"); err == nil {
		t.Error("an action that the run does not have is no error")
	}
}

func TestMergeGroup(t *testing.T) {
	w := newWorld(t)
	number, _ := w.change("topic", "x: 1\n")
	sha, err := w.RequestMergeGroup(repo, number)
	must(t, err)
	e := last[*github.MergeGroupEvent](w, "merge_group")
	if e.GetMergeGroup().GetHeadSHA() != sha || !strings.HasPrefix(e.GetMergeGroup().GetHeadRef(), "refs/heads/gh-readonly-queue/main/pr-1-") {
		t.Errorf("merge group %v", e.GetMergeGroup())
	}
	if p := last[*github.PushEvent](w, "push"); p.GetRef() != e.GetMergeGroup().GetHeadRef() {
		t.Errorf("push of %s, want the queue's branch", p.GetRef())
	}
}

func TestBranchEvents(t *testing.T) {
	w := newWorld(t)
	first, _ := w.change("first", "x: 1\n")
	_, err := w.Push(repo, "second", fakegithub.Change{Files: map[string][]byte{"b": nil}})
	must(t, err)
	second, err := w.OpenPull(repo, fakegithub.Pull{Head: "second", Base: "first"})
	must(t, err)
	_, err = w.Merge(repo, first, "merge", "eve")
	must(t, err)
	must(t, w.DeleteBranch(repo, "first", "eve"))
	e := last[*github.PullRequestEvent](w, "pull_request")
	if e.GetAction() != "edited" || e.GetNumber() != second || e.GetChanges().GetBase().GetRef().GetFrom() != "first" {
		t.Errorf("pull_request.%s of %d, changes %v; want the second retargeted", e.GetAction(), e.GetNumber(), e.GetChanges())
	}
	if p, err := w.Pull(repo, second); err != nil || p.Base != "main" {
		t.Errorf("base %s (%v), want main", p.Base, err)
	}
	must(t, w.RetargetPull(repo, second, "second", "eve"))
	must(t, w.RetargetPull(repo, second, "main", "eve"))
	events, _, err := w.installation().Issues.ListIssueEvents(t.Context(), "acme", "configs", second, nil)
	must(t, err)
	var names []string
	for _, e := range events {
		names = append(names, e.GetEvent())
	}
	if got := strings.Join(names, " "); got != "automatic_base_change_succeeded base_ref_changed base_ref_changed" {
		t.Errorf("issue events %q", got)
	}

	w.forget()
	p, err := w.Pull(repo, second)
	must(t, err)
	_, err = w.ForcePush(repo, "main", p.HeadSHA, fakegithub.Change{}) // somebody pushes the head itself to main
	must(t, err)
	if p, err = w.Pull(repo, second); err != nil || !p.Merged {
		t.Errorf("pull request whose head is on main: merged %v (%v)", p.Merged, err)
	}
}

func TestRename(t *testing.T) {
	w := newWorld(t)
	token := w.token(nil)
	id, err := w.RepoID(repo)
	must(t, err)
	must(t, w.RenameRepo(repo, "settings"))
	for path, want := range map[string]int{
		"/repos/acme/configs": 301, "/repos/acme/configs/pulls": 301, "/repos/acme/settings": 200,
		"/repositories/" + itoa(int(id)): 200, "/repositories/" + itoa(int(id)) + "/pulls": 200, "/repositories/1": 404,
	} {
		if status, _, body := w.send(t.Context(), "GET", path, token, ""); status != want {
			t.Errorf("GET %s: %d %.200s, want %d", path, status, body, want)
		}
	}
	r, _, err := w.withToken(token).Repositories.Get(t.Context(), "acme", "configs") // follows the redirect
	must(t, err)
	if r.GetFullName() != "acme/settings" {
		t.Errorf("redirected to %s", r.GetFullName())
	}
	if status, _, _ := w.send(t.Context(), "POST", "/repos/acme/configs/check-runs", token, "{}"); status != 307 {
		t.Errorf("POST to the former name: %d, want 307", status)
	}
}

// TestEvents: an app gets the events that it is subscribed to, and those of its installation.
func TestEvents(t *testing.T) {
	w := newWorld(t, func(c *fakegithub.Config) { c.Events = []string{"push"} })
	w.change("topic", "x: 1\n")
	if got, want := w.events(), []string{"installation.created", "push"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}
