package fakegithub_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

// A visitor is somebody with a browser.
type visitor struct {
	*world
	client *http.Client
}

func (w *world) visit() visitor {
	jar, err := cookiejar.New(nil)
	must(w.t, err)
	return visitor{w, &http.Client{Transport: w.transport(), Jar: jar}}
}

func (v visitor) get(path string) string {
	v.t.Helper()
	resp, err := v.client.Get(v.URL() + path)
	return v.read(resp, err)
}

// submit sends a form and gives the page that it leads to.
func (v visitor) submit(path string, form ...string) string {
	v.t.Helper()
	values := url.Values{"back": {"/" + repo + "/pull/1"}}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	resp, err := v.client.PostForm(v.URL()+path, values)
	return v.read(resp, err)
}

func (v visitor) read(resp *http.Response, err error) string {
	v.t.Helper()
	must(v.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(v.t, err)
	return string(body)
}

func wantAll(t *testing.T, page string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// judged opens a pull request with a failing check, an annotation in the diff and one outside of it.
func judged(w *world) int64 {
	_, sha := w.change("topic", "segments:\n- id: a\n- id: c\n")
	run, _, err := w.installation().Checks.CreateCheckRun(w.t.Context(), "acme", "configs", github.CreateCheckRunOptions{
		Name: "tamer/validate", HeadSHA: sha, Conclusion: github.String("failure"),
		Actions: []*github.CheckRunAction{{Label: "Try again", Description: "Try again", Identifier: "again"}},
		Output: &github.CheckRunOutput{
			Title: github.String("1 failure"), Summary: github.String("**acme** has <b>one</b> failure\n\n[bad](javascript:alert(1))"),
			Annotations: []*github.CheckRunAnnotation{
				{Path: github.String("customers/acme/segments.yaml"), StartLine: github.Int(3), EndLine: github.Int(3), AnnotationLevel: github.String("failure"),
					Title: github.String("id is unknown"), Message: github.String("<script> write b"), RawDetails: github.String("the details")},
				{Path: github.String("schemas/segments.schema.json"), StartLine: github.Int(1), EndLine: github.Int(1), AnnotationLevel: github.String("warning"),
					Message: github.String("elsewhere")},
			},
		},
	})
	must(w.t, err)
	return run.GetID()
}

func TestPage(t *testing.T) {
	w := newWorld(t)
	must(t, w.RequireChecks(repo, "main", "tamer/validate"))
	run := judged(w)
	v := w.visit()
	wantAll(t, v.get("/"), "acme/configs", "Change segments", `href="/acme/configs/pull/1"`)
	wantAll(t, v.get("/acme/configs"), "topic", "Nothing has been deployed yet")
	wantAll(t, v.get("/acme/configs/pull/1"), "Some checks were not successful", "1 failure", "Merging is blocked", "Required status check &#34;tamer/validate&#34; is failing")
	files := v.get("/acme/configs/pull/1/files")
	wantAll(t, files, "id is unknown", "&lt;script&gt; write b", "the details", "outside of the shown changes", "elsewhere")
	if strings.Index(files, "- id: c") > strings.Index(files, "id is unknown") || strings.Index(files, "id is unknown") > strings.Index(files, "elsewhere") {
		t.Error("the annotation does not stand below its line")
	}
	page := v.get("/acme/configs/runs/" + itoa(int(run)))
	wantAll(t, page, "<strong>acme</strong>", "Try again", "schemas/segments.schema.json")
	for _, bad := range []string{"<b>one</b>", "javascript:"} {
		if strings.Contains(page, bad) {
			t.Errorf("hostile Markdown reaches the page: %s", bad)
		}
	}
	for _, path := range []string{"/nobody", "/acme/nothing", "/acme/configs/pull/9", "/acme/configs/pull/x", "/acme/configs/runs/1", "/acme/configs/blob/main/x"} {
		if resp, err := v.client.Head(v.URL() + path); err != nil || resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %v %v, want 404", path, resp.Status, err)
		}
	}
}

// TestButtons presses every button as somebody who may, and merging also as somebody who may not.
func TestButtons(t *testing.T) {
	w := newWorld(t)
	run := judged(w)
	for _, u := range []fakegithub.User{{Login: "bob"}, {Login: "zoe"}} {
		_, err := w.AddUser(u)
		must(t, err)
	}
	must(t, w.SetRole(repo, "bob", "write"))
	w.forget()
	v := w.visit()
	pull, check := "/acme/configs/pull/1", "/acme/configs/runs/"+itoa(int(run))

	wantAll(t, v.submit("/-/actor", "login", "zoe"), "<option selected>zoe</option>")
	wantAll(t, v.submit(pull+"/merge", "method", "squash"), "zoe has no write access")
	v.submit("/-/actor", "login", "eve")
	wantAll(t, v.submit(pull+"/review", "event", "APPROVE"), "can not approve your own")
	v.submit("/-/actor", "login", "bob")
	wantAll(t, v.submit(pull+"/comment", "body", "Hello *there*"), "Hello <em>there</em>")
	wantAll(t, v.submit(pull+"/review", "event", "REQUEST_CHANGES", "body", "No."), "requested changes")
	wantAll(t, v.submit(pull+"/review", "event", "APPROVE"), "approved these changes")
	given, err := v.Pull(repo, 1)
	must(t, err)
	wantAll(t, v.submit(pull+"/dismiss", "review", strconv.FormatInt(given.Reviews[0].ID, 10)), "left a review that was dismissed")
	v.submit(check + "/rerun")
	v.submit(check+"/action", "identifier", "again")
	v.submit(pull + "/close")
	v.submit(pull + "/reopen")
	wantAll(t, v.submit(pull+"/merge", "method", "squash"), "Pull request successfully merged")

	want := "issue_comment.created pull_request_review.submitted pull_request_review.submitted pull_request_review.dismissed check_run.rerequested " +
		"check_run.requested_action pull_request.closed pull_request.reopened push check_suite.requested pull_request.closed"
	if got := strings.Join(w.events(), " "); got != want {
		t.Errorf("events\n%s, want\n%s", got, want)
	}
}

// TestForms shows that no other site can press a button, and that none leads away.
func TestForms(t *testing.T) {
	w := newWorld(t)
	judged(w)
	req, err := http.NewRequestWithContext(t.Context(), "POST", w.URL()+"/acme/configs/pull/1/close", nil)
	must(t, err)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := w.transport().RoundTrip(req)
	must(t, err)
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("form from another site: %s, want 403", resp.Status)
	}
	for _, to := range []string{"https://example.com/", "//example.com", `/\example.com`} {
		resp, err := w.transport().RoundTrip(form(t, w.URL()+"/-/actor", url.Values{"login": {"eve"}, "back": {to}}))
		must(t, err)
		if got := resp.Header.Get("Location"); got != "/" {
			t.Errorf("back to %s leads to %s", to, got)
		}
	}
}

func form(t *testing.T, to string, values url.Values) *http.Request {
	req, err := http.NewRequestWithContext(t.Context(), "POST", to, strings.NewReader(values.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

// TestChecksTab leads to the check that fails, which is what texts link to.
func TestChecksTab(t *testing.T) {
	w := newWorld(t)
	number, sha := w.change("x", "x: 1\n")
	for name, conclusion := range map[string]string{"green": "success", "red": "failure"} {
		_, err := w.AddCheckRun(repo, fakegithub.CheckRun{App: name, Name: name, HeadSHA: sha, Conclusion: conclusion, Title: name + " it is"})
		must(t, err)
	}
	if page := w.visit().get("/" + repo + "/pull/" + strconv.Itoa(number) + "/checks"); !strings.Contains(page, "red it is") {
		t.Errorf("the page is not of the red check:\n%s", page)
	}
}

// TestMarkdown shows what of Markdown the pages render as GitHub does: parts that fold away, and differences in colour.
func TestMarkdown(t *testing.T) {
	w := newWorld(t)
	number, _ := w.change("x", "x: 1\n")
	_, err := w.Comment(repo, number, "bob", "<!-- unseen -->\n<details><summary>3 more</summary>\n\n```diff\n+ <a>\n- b\n  c\n```\n\n</details>\n\n<script>alert(1)</script>\n\n<details onclick=x>\n")
	must(t, err)
	page := w.visit().get("/" + repo + "/pull/" + strconv.Itoa(number))
	for _, want := range []string{"<details><summary>3 more</summary>", `<span class="md-added">+ &lt;a&gt;</span>`, `<span class="md-deleted">- b</span>`, "  c\n", "</details>"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, bad := range []string{"alert(1)", "onclick=x", "unseen"} {
		if strings.Contains(page, bad) {
			t.Errorf("%q is on the page", bad)
		}
	}
}
