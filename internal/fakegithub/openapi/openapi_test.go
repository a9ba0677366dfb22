package openapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/fakegithub/openapi"
)

func TestCheckRequest(t *testing.T) {
	d, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, request, body, wrong string }{
		{"good read", "GET /repos/acme/configs/pulls?state=open&per_page=100", "", ""},
		{"good write", "POST /repos/acme/configs/check-runs", `{"name":"x","head_sha":"abc","status":"in_progress"}`, ""},
		{"branch with a slash", "GET /repos/acme/configs/branches/feature/x", "", ""},
		{"escaped branch", "GET /repos/acme/configs/commits/feature%2Fx/check-runs", "", ""},
		{"ref with a slash", "GET /repos/acme/configs/commits/feature/x/check-runs?filter=latest", "", ""},
		{"token", "POST /app/installations/7/access_tokens", `{"repository_ids":[1],"permissions":{"checks":"write"}}`, ""},
		{"token for everything", "POST /app/installations/7/access_tokens", "", ""},
		{"unknown operation", "GET /repos/acme/configs/stars", "", "no operation"},
		{"unknown method", "PUT /repos/acme/configs/pulls", "", "no operation"},
		{"unknown parameter", "GET /repos/acme/configs/pulls?stat=open", "", `"stat" is not described`},
		{"wrong value of a parameter", "GET /repos/acme/configs/pulls?state=opened", "", "state"},
		{"number as text", "GET /repos/acme/configs/pulls/one", "", "pull_number"},
		{"missing field", "POST /repos/acme/configs/check-runs", `{"name":"x"}`, "head_sha"},
		{"unknown field", "POST /repos/acme/configs/check-runs", `{"name":"x","head_sha":"abc","sha":"abc"}`, `"sha" of the body`},
		{"wrong type", "POST /repos/acme/configs/issues/1/comments", `{"body":1}`, "body"},
		{"completed without conclusion", "PATCH /repos/acme/configs/check-runs/1", `{"status":"completed"}`, "conclusion"},
		{"too many annotations", "PATCH /repos/acme/configs/check-runs/1", `{"output":{"summary":"s","annotations":[` +
			strings.Repeat(`{"path":"a","start_line":1,"end_line":1,"annotation_level":"notice","message":"m"},`, 50) +
			`{"path":"a","start_line":1,"end_line":1,"annotation_level":"notice","message":"m"}]}}`, "maximum"},
		{"unknown level", "PATCH /repos/acme/configs/check-runs/1", `{"output":{"summary":"s","annotations":[{"path":"a","start_line":1,"end_line":1,"annotation_level":"error","message":"m"}]}}`, "annotation_level"},
		{"body where none belongs", "GET /app", `{}`, "none is described"},
		{"no JSON", "POST /repos/acme/configs/issues/1/comments", `x`, "no JSON object"},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		r := httptest.NewRequest(method, path, strings.NewReader(c.body))
		if c.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		err := d.CheckRequest(r)
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
			t.Errorf("%s: %v, want something about %s", c.name, err, c.wrong)
		}
	}
}

func TestCheckAnswer(t *testing.T) {
	d, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPut, "/repos/acme/configs/pulls/1/merge", nil)
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	for body, good := range map[string]bool{
		`{"sha":"abc","merged":true,"message":"done"}`:  true,
		`{"sha":"abc","merged":"yes","message":"done"}`: false,
		`{"sha":"abc"}`: false,
	} {
		if err := d.CheckAnswer(r, http.StatusOK, header, []byte(body)); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
}
