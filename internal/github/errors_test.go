package github

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// retryable tells whether err is none of the marked kinds: worth trying again, at the queue's own pace.
func retryable(err error) bool {
	_, waits := work.WaitOf(err)
	return err != nil && !waits && !work.IsPermanent(err) && !notThere(err)
}

func TestAnswersThatAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		is     func(error) bool
		says   string
	}{
		"not found":     {404, `{"message":"Not Found"}`, notThere, "GitHub answered 404 to POST /api/v3/repos/acme/configs/check-runs: Not Found"},
		"gone":          {410, `{"message":"Gone"}`, notThere, "Gone"},
		"invalid":       {422, `{"message":"Invalid request","errors":[{"resource":"CheckRun","field":"head_sha","code":"custom","message":"too short"}]}`, work.IsPermanent, "Invalid request (CheckRun head_sha custom too short)"},
		"invalid, text": {422, `{"message":"No commit found for SHA: abc","errors":["one","two"]}`, work.IsPermanent, "No commit found for SHA: abc"},
		"invalid, odd":  {422, `{"message":"Odd","errors":"just text"}`, work.IsPermanent, "just text"},
		"bad request":   {400, `{"message":"Problems parsing JSON"}`, work.IsPermanent, "Problems parsing JSON"},
		"forbidden":     {403, `{"message":"Resource not accessible by integration"}`, work.IsPermanent, "integration; check the permissions of the app"},
		"unauthorized":  {401, `{"message":"Bad credentials"}`, retryable, "Bad credentials"},
		"conflict":      {409, `{"message":"Conflict"}`, retryable, "Conflict"},
		"down":          {502, `<html>Bad Gateway</html>`, retryable, "GitHub answered 502"},
		"unavailable":   {503, ``, retryable, "no reason given"},
		"no JSON":       {201, `<html>`, retryable, "invalid character"},
		"accepted":      {202, `{}`, retryable, "create check"},
	} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			if _, err := client.Token(t.Context(), repo); err != nil {
				t.Fatal(err)
			}
			h.on("GET /repos/acme/configs/pulls/12", 200, pull12)
			if _, err := client.PullRequest(t.Context(), repo, 12); err != nil {
				t.Fatal(err)
			}
			h.advance(time.Minute) // the token is not fresh any more
			h.on("POST /repos/acme/configs/check-runs", c.status, c.body)
			_, err := client.CreateCheckRun(t.Context(), repo, forge.CheckRun{Name: "tamer/validate", Head: head, Status: forge.Queued})
			if !c.is(err) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
			if !strings.HasPrefix(err.Error(), "create check tamer/validate of acme/configs at aaaaaaa: ") {
				t.Errorf("no object in %v", err)
			}
		})
	}
}

func TestTokenRefused(t *testing.T) {
	for name, c := range map[string]struct {
		answer answer
		is     func(error) bool
		says   string
	}{
		"removed":    {answer{status: 404, body: `{"message":"Not Found"}`}, work.IsPermanent, "the app is not installed there any more"},
		"suspended":  {answer{status: 403, body: `{"message":"This installation has been suspended"}`}, work.IsPermanent, "This installation has been suspended"},
		"repository": {answer{status: 422, body: `{"message":"There is at least one repository that does not exist"}`}, work.IsPermanent, "at least one repository"},
		"key":        {answer{status: 401, body: `{"message":"A JSON web token could not be decoded"}`}, retryable, "check the app id, the private key and this machine's clock"},
		"down":       {answer{status: 500, body: `{}`}, retryable, "GitHub answered 500"},
		"limited":    {answer{status: 429}, func(err error) bool { wait, _ := work.WaitOf(err); return wait >= time.Minute }, "limit"},
		"empty":      {answer{status: 201, body: `{}`}, retryable, "no token"},
	} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			h.mintWith = &c.answer
			_, viaGit := client.Token(t.Context(), repo)
			h.advance(2 * time.Minute)
			_, viaREST := client.PullRequest(t.Context(), repo, 12)
			for _, err := range []error{viaGit, viaREST} {
				if !c.is(err) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestNoAnswer(t *testing.T) {
	h, client := newHub(t)
	h.srv.Close()
	if _, err := client.PullRequest(t.Context(), repo, 12); !retryable(err) {
		t.Errorf("connection refused: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.PullRequest(ctx, repo, 12); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestRenamedRepository(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /repos/acme/configs/pulls/12", 301, `{}`, "Location", "HUB/api/v3/repositories/100/pulls/12")
	h.on("GET /repositories/100/pulls/12", 200, pull12)
	if got, err := client.PullRequest(t.Context(), repo, 12); err != nil || !reflect.DeepEqual(got, want12) {
		t.Errorf("a read follows: %+v, %v", got, err)
	}
	h.asked()
	for _, status := range []int{301, 302, 307, 308} {
		h.on("POST /repos/acme/configs/check-runs", status, `{}`, "Location", "HUB/api/v3/repositories/100/check-runs")
		_, err := client.CreateCheckRun(t.Context(), repo, forge.CheckRun{Name: "tamer/validate", Head: head, Status: forge.Queued})
		if !retryable(err) || !strings.Contains(err.Error(), "renamed or transferred") {
			t.Errorf("%d: a write must not follow: %v", status, err)
		}
	}
	if calls := h.asked(); len(calls) != 4 {
		t.Errorf("calls %q", calls)
	}
}

func TestRedirectsStayAndEnd(t *testing.T) {
	h, client := newHub(t)
	foreign, _ := newHub(t)
	h.on("GET /repos/acme/configs/pulls/12", 301, `{}`, "Location", foreign.srv.URL+"/api/v3/steal")
	if _, err := client.PullRequest(t.Context(), repo, 12); !retryable(err) || !strings.Contains(err.Error(), "another host") {
		t.Errorf("got %v", err)
	}
	if calls := foreign.asked(); calls != nil {
		t.Errorf("the token went to another host: %q", calls)
	}
	h.on("GET /repos/acme/configs/pulls/12", 301, `{}`, "Location", "HUB/api/v3/repos/acme/configs/pulls/12")
	if _, err := client.PullRequest(t.Context(), repo, 12); !retryable(err) || !strings.Contains(err.Error(), "too often") {
		t.Errorf("got %v", err)
	}
}

func TestEmptyAnswers(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /repos/acme/configs/pulls/12", 200, "null")
	h.on("GET /repos/acme/configs/pulls", 200, "[null]")
	h.on("GET /repos/acme/configs/commits/"+string(head)+"/check-runs", 200, "null")
	h.on("GET /installation/repositories", 200, "null")
	_, one := client.PullRequest(t.Context(), repo, 12)
	_, all := client.OpenPullRequests(t.Context(), repo)
	_, run := client.CheckRun(t.Context(), repo, head, "x")
	_, repos := client.Repositories(t.Context(), 7)
	for _, err := range []error{one, all, run, repos} {
		if !retryable(err) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAnswerSizeIsBounded(t *testing.T) {
	answer := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("0123456789"))}, nil
	})
	if _, err := (bounded{answer, 10}).RoundTrip(nil); err != nil {
		t.Errorf("10 of 10 bytes: %v", err)
	}
	if _, err := (bounded{answer, 9}).RoundTrip(nil); err == nil || !strings.Contains(err.Error(), "more than 9 bytes") {
		t.Errorf("10 of 9 bytes: %v", err)
	}
}

// Whatever GitHub, or something between, puts into an answer: no credential gets into an error.
func TestErrorsHoldNoSecrets(t *testing.T) {
	h, client := newHub(t)
	jwt := "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0MiJ9.c2lnbmF0dXJl"
	h.on("GET /repos/acme/configs/pulls/12", 500, `{"message":"Authorization: Bearer ghs_1 or token 0123456789abcdef0123 or `+jwt+` or github_pat_11AA or -----BEGIN RSA PRIVATE KEY-----\nMIIE"}`)
	_, err := client.PullRequest(t.Context(), repo, 12)
	for _, secret := range []string{"ghs_1", "0123456789abcdef", "eyJ", "c2lnbmF0dXJl", "github_pat", "MIIE"} {
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s in %v", secret, err)
		}
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), "ghs_1") {
			t.Errorf("unwrapping shows the token: %v", e)
		}
	}
	h.on("GET /repos/acme/configs/pulls/12", 500, `{"message":"`+strings.Repeat("x y ", 5000)+`"}`)
	if _, err := client.PullRequest(t.Context(), repo, 12); len(err.Error()) > 2*maxText {
		t.Errorf("error text of %d bytes", len(err.Error()))
	}
}

func TestCheckRunThatCannotFit(t *testing.T) {
	h, client := newHub(t)
	ok := forge.CheckRun{Name: "tamer/validate", Head: head, Status: forge.Completed, Conclusion: forge.Success, Title: "fine"}
	for name, run := range map[string]forge.CheckRun{
		"51 annotations":           change(ok, func(r *forge.CheckRun) { r.Annotations = make([]forge.Annotation, 51) }),
		"annotations, no title":    change(ok, func(r *forge.CheckRun) { r.Annotations, r.Title = make([]forge.Annotation, 1), "" }),
		"summary":                  change(ok, func(r *forge.CheckRun) { r.Summary = strings.Repeat("x", forge.MaxSummary+1) }),
		"text":                     change(ok, func(r *forge.CheckRun) { r.Text = strings.Repeat("x", forge.MaxSummary+1) }),
		"completed, no conclusion": change(ok, func(r *forge.CheckRun) { r.Conclusion = "" }),
		"conclusion, not done":     change(ok, func(r *forge.CheckRun) { r.Status = forge.InProgress }),
	} {
		if _, err := client.CreateCheckRun(t.Context(), repo, run); !work.IsPermanent(err) {
			t.Errorf("create, %s: %v", name, err)
		}
		if err := client.UpdateCheckRun(t.Context(), repo, run); !work.IsPermanent(err) {
			t.Errorf("update, %s: %v", name, err)
		}
	}
	equal(t, h.asked(), []string(nil))
}

func TestNewReportsEveryBadField(t *testing.T) {
	_, err := New(Config{APIURL: "api.example.com", AppID: -1, PrivateKey: []byte("SECRET")})
	for _, want := range []string{`API URL "api.example.com": must be like https://`, "app id -1", "parse private key"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "SECRET") {
		t.Errorf("the key is in %v", err)
	}
}
