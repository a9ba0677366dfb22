package status_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/status"
	"github.com/tamerhq/tamer/internal/work"
)

const (
	clientID     = "Iv1.client"
	clientSecret = "canary-client-secret"
	token        = "canary-user-token"
)

// A signer is the part of GitHub that people sign in at: it lets in whoever Login names, and refuses what GitHub refuses.
type signer struct {
	*httptest.Server
	ID     int64
	Login  string
	Denies bool
	codes  map[string]url.Values // what each code was given for, until it is used
}

func newSigner(t *testing.T) *signer {
	s := &signer{ID: 7, Login: "olga", codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login/oauth/authorize", s.authorize)
	mux.HandleFunc("POST /login/oauth/access_token", s.exchange)
	mux.HandleFunc("GET /api/v3/user", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"id": s.ID, "login": s.Login, "csrf": "of GitHub"})
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *signer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != clientID || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "unknown client", http.StatusNotFound)
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	if s.Denies {
		back.Set("error", "access_denied")
	} else {
		back.Set("code", "code-"+q.Get("state"))
		s.codes[back.Get("code")] = q
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (s *signer) exchange(w http.ResponseWriter, r *http.Request) {
	given, known := s.codes[r.PostFormValue("code")]
	delete(s.codes, r.PostFormValue("code"))
	proof := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	answer := map[string]string{"access_token": token, "token_type": "bearer"}
	switch {
	case r.PostFormValue("client_id") != clientID || r.PostFormValue("client_secret") != clientSecret:
		answer = map[string]string{"error": "incorrect_client_credentials"}
	case !known || given.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(proof[:]):
		answer = map[string]string{"error": "bad_verification_code"}
	case given.Get("redirect_uri") != r.PostFormValue("redirect_uri"):
		answer = map[string]string{"error": "redirect_uri_mismatch"}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// A desk is the page over a tamer that is made of lists, and a browser.
type desk struct {
	t         *testing.T
	signer    *signer
	page      *httptest.Server
	browser   *http.Client
	now       time.Time
	operators map[int64]bool
	replayed  []int64
	resumed   []string
}

var repo = forge.Repo{Installation: 1, ID: 2, Owner: "acme", Name: "config"}

func newDesk(t *testing.T, adjust ...func(*status.Config)) *desk {
	t.Helper()
	d := &desk{t: t, signer: newSigner(t), now: time.Now(), operators: map[int64]bool{7: true}}
	cfg := status.Config{Known: d, Work: d, Ledger: d, Operators: d, Trees: d, Sinks: d, GitHub: d.signer.URL, Now: func() time.Time { return d.now },
		SignIn: status.SignIn{ClientID: clientID, ClientSecret: clientSecret, GitHubURL: d.signer.URL, APIURL: d.signer.URL + "/api/v3/"}}
	for _, f := range adjust {
		f(&cfg)
	}
	s, err := status.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	d.page = httptest.NewServer(s)
	t.Cleanup(d.page.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d.browser = &http.Client{Jar: jar}
	return d
}

func (d *desk) Repositories(context.Context) ([]forge.Repo, error) { return []forge.Repo{repo}, nil }
func (d *desk) Recall(context.Context, forge.Repo, string) ([]byte, error) {
	return nil, nil
}
func (d *desk) Unfinished(context.Context, int) ([]queue.Unfinished, error) {
	return []queue.Unfinished{
		{Key: work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: 12}, Running: true, Since: 3 * time.Second},
		{Key: work.Key{Kind: work.Deploy, Installation: 1, Repository: 2, Name: "main"}, Since: -2 * time.Minute, Failures: 3},
		{Key: work.Key{Kind: work.Preview, Installation: 1, Repository: 3, Name: "<script>"}, Aside: true, Failures: 20},
	}, nil
}
func (d *desk) Recent(context.Context, int) ([]work.Sent, error) {
	return []work.Sent{{ID: 5, GUID: "guid-5", Event: "push", At: d.now, OK: true}}, nil
}
func (d *desk) Replay(_ context.Context, id int64) error {
	if id != 5 {
		return errors.New("GitHub lists no such attempt")
	}
	d.replayed = append(d.replayed, id)
	return nil
}
func (d *desk) Operator(_ context.Context, r forge.Repo, who forge.User) (bool, error) {
	return r == repo && d.operators[who.ID], nil
}
func (d *desk) Resume(_ context.Context, r forge.Repo, by, reason string) error {
	d.resumed = append(d.resumed, r.String()+" "+by+": "+reason)
	return nil
}
func (d *desk) Drifted(context.Context, forge.Repo, string) ([]string, error) { return nil, nil }
func (d *desk) Snapshot(context.Context, forge.Repo, forge.Tree) (fs.FS, error) {
	return nil, fs.ErrNotExist
}
func (d *desk) Sinks(context.Context, forge.Repo) ([]flow.NamedSink, error) { return nil, nil }

// do sends a request as the browser does, and follows where it leads.
func (d *desk) do(method, path string, form url.Values, header ...string) (code int, page string) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.page.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := d.browser.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, bodyOf(d.t, resp)
}
