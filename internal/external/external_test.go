package external_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/external"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// judge is a program of an operator's, whose behaviour its path chooses.
func judge(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	mac := hmac.New(sha256.New, []byte("hunter2"))
	mac.Write(body)
	switch {
	case r.Header.Get(external.SignatureHeader) != "sha256="+hex.EncodeToString(mac.Sum(nil)):
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == "/echo", r.URL.Path == "/refused":
		w.Write(body)
	case r.URL.Path == "/hang":
		<-r.Context().Done()
	case r.URL.Path == "/broken":
		http.Error(w, "secret row", http.StatusInternalServerError)
	case r.URL.Path == "/moved":
		http.Redirect(w, r, "/echo", http.StatusTemporaryRedirect)
	case r.URL.Path == "/raw":
		conn, _, _ := w.(http.Hijacker).Hijack()
		io.WriteString(conn, "secret row\r\n\r\n")
		conn.Close()
	case r.URL.Path == "/large":
		for line := strings.Repeat("x", 1<<20); ; {
			if _, err := io.WriteString(w, line); err != nil {
				return
			}
		}
	default:
		http.NotFound(w, r)
	}
}

func TestPost(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(judge))
	defer server.Close()
	for path, want := range map[string]struct {
		fault outside.Fault
		told  string
	}{
		"/echo":    {outside.Answered, ""},
		"/refused": {outside.Unusable, "credit: no use"},
		"/hang":    {outside.Silent, "deadline exceeded"},
		"/broken":  {outside.Silent, "HTTP status 500"},
		"/moved":   {outside.Unusable, "HTTP status 307"},
		"/large":   {outside.Unusable, "more than 4194304 bytes"},
		"/raw":     {outside.Silent, "the answer is not HTTP"},
		"/none":    {outside.Unusable, "HTTP status 404"},
	} {
		var told string
		check := external.Check{URL: server.URL + path + "?token=hunter3", Secret: []byte("hunter2")}
		if path == "/hang" {
			check.Timeout = 50 * time.Millisecond
		}
		c, err := external.New(external.Config{Checks: map[string]external.Check{"credit": check},
			Report: func(_ context.Context, name string, err error) { told = name + ": " + err.Error() }})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Post(t.Context(), "credit", []byte("the body"), func(answer []byte) error {
			if string(answer) != "the body" {
				t.Errorf("%s: the answer is %.100q", path, answer)
			}
			if path == "/refused" {
				return errors.New("no use")
			}
			return nil
		})
		if err != nil || got != want.fault {
			t.Errorf("%s: %q, %v", path, got, err)
		}
		if !strings.Contains(told, want.told) || (told == "") != (want.told == "") || strings.Contains(told, "hunter") || strings.Contains(told, "secret") {
			t.Errorf("%s: the operator is told %q, want %q", path, told, want.told)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNotThere(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	c, err := external.New(external.Config{Checks: map[string]external.Check{"credit": {URL: server.URL + "/?token=hunter3", Secret: []byte("x")}},
		Report: func(_ context.Context, _ string, err error) {
			if strings.Contains(err.Error(), "hunter") {
				t.Errorf("the operator is told %v", err)
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Post(t.Context(), "credit", nil, nil); err != nil || got != outside.Silent {
		t.Errorf("%+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := c.Post(ctx, "credit", nil, nil); err == nil {
		t.Errorf("stopped: %+v", got)
	}
}

func TestFor(t *testing.T) {
	c, err := external.New(external.Config{Checks: map[string]external.Check{
		"b": {URL: "https://example.com", Secret: []byte("x"), Repositories: []string{"acme/*"}, Types: []string{"plan"}},
		"a": {URL: "https://example.com", Secret: []byte("x"), Repositories: []string{"ACME/config"}},
		"c": {URL: "https://example.com", Secret: []byte("x"), Repositories: []string{"acme/other"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := c.For(forge.Repo{Owner: "acme", Name: "config"})
	if len(got) != 2 || got[0].Name != "a" || got[1].Name != "b" || got[1].Types[0] != "plan" {
		t.Errorf("%+v", got)
	}
}

func TestMistakes(t *testing.T) {
	_, err := external.New(external.Config{Checks: map[string]external.Check{"a": {URL: "https://bob:hunter2@example.com"}}})
	if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Count(err.Error(), "external check a") != 2 {
		t.Error(err)
	}
}
