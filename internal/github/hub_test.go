package github

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	jwt "github.com/golang-jwt/jwt/v4"

	"github.com/tamerhq/tamer/internal/forge"
)

const appID = 42

var (
	repo    = forge.Repo{Installation: 7, ID: 100, Owner: "acme", Name: "configs"}
	head    = forge.Commit(strings.Repeat("a", 40))
	testKey = sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
)

func testPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey())})
}

// A hub is a GitHub that verifies who asks, writes down what it is asked, and answers what the test set.
type hub struct {
	t   *testing.T
	srv *httptest.Server

	mu       sync.Mutex
	now      time.Time
	mints    []string          // bodies of token requests, with the installation before them
	calls    []string          // METHOD path?query body, of all others
	answers  map[string]answer // by METHOD path
	mintWith *answer           // instead of a token
	cut      bool              // connections are cut before an answer, but for tokens
}

type answer struct {
	status int
	header map[string]string
	body   string
}

// newHub gives a hub, and a client whose clock is the hub's.
func newHub(t *testing.T) (*hub, *Client) {
	t.Helper()
	h := &hub{t: t, now: time.Now().Truncate(time.Second), answers: map[string]answer{}}
	h.srv = httptest.NewServer(h)
	t.Cleanup(h.srv.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := New(Config{APIURL: h.srv.URL + "/api/v3", AppID: appID, PrivateKey: testPEM(), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	c.now = h.clock
	return h, c
}

func (h *hub) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hub) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// on sets the answer to METHOD path, where the path is below the API root.
func (h *hub) on(call string, status int, body string, header ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := answer{status: status, body: body, header: map[string]string{}}
	for i := 0; i < len(header); i += 2 {
		a.header[header[i]] = header[i+1]
	}
	h.answers[call] = a
}

// asked gives the calls since the last asking.
func (h *hub) asked() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	calls := h.calls
	h.calls = nil
	return calls
}

func (h *hub) minted() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.mints...)
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v3")
	body, _ := io.ReadAll(r.Body)
	if got := r.Header.Get("User-Agent"); got != "tamer" {
		h.t.Errorf("%s: user agent %q", path, got)
	}
	credential := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if strings.HasPrefix(path, "/app/") {
		h.verify(credential)
	} else if !strings.HasPrefix(credential, "ghs_") {
		h.t.Errorf("%s: credential %q is no installation token", path, credential)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var installation int
	if _, err := fmt.Sscanf(path, "/app/installations/%d/access_tokens", &installation); err == nil {
		h.mint(w, installation, body)
		return
	}
	h.calls = append(h.calls, strings.TrimSpace(r.Method+" "+strings.TrimSuffix(path+"?"+r.URL.RawQuery, "?")+" "+compact(body)))
	if h.cut {
		panic(http.ErrAbortHandler)
	}
	a, ok := h.answers[r.Method+" "+path]
	if q := r.URL.Query().Get("page"); q != "" && q != "1" {
		a, ok = h.answers[r.Method+" "+path+" page "+q]
	}
	if !ok {
		a = answer{status: 500, body: `{"message":"the test has no answer for this"}`}
	}
	h.write(w, a)
}

func (h *hub) mint(w http.ResponseWriter, installation int, body []byte) {
	h.mints = append(h.mints, fmt.Sprintf("%d %s", installation, compact(body)))
	if h.mintWith != nil {
		h.write(w, *h.mintWith)
		return
	}
	h.write(w, answer{status: 201, body: fmt.Sprintf(`{"token":"ghs_%d","expires_at":%q}`, len(h.mints), h.now.Add(time.Hour).Format(time.RFC3339))})
}

func (h *hub) write(w http.ResponseWriter, a answer) {
	for k, v := range a.header {
		w.Header().Set(k, strings.ReplaceAll(v, "HUB", h.srv.URL))
	}
	w.WriteHeader(a.status)
	io.WriteString(w, a.body)
}

// verify holds the app's own token to GitHub's rules.
func (h *hub) verify(credential string) {
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(credential, &claims, func(*jwt.Token) (any, error) { return &testKey().PublicKey, nil }, jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	if err != nil {
		h.t.Errorf("app token: %v", err)
		return
	}
	now := h.clock()
	if back := now.Sub(claims.IssuedAt.Time); back != time.Minute {
		h.t.Errorf("app token: issued %s ago, want a minute", back)
	}
	if life := claims.ExpiresAt.Sub(claims.IssuedAt.Time); life > 10*time.Minute {
		h.t.Errorf("app token: lives %s, at most 10m", life)
	}
	if claims.Issuer != fmt.Sprint(appID) {
		h.t.Errorf("app token: issuer %q", claims.Issuer)
	}
}

// compact gives JSON in one form: sorted keys, no spaces.
func compact(body []byte) string {
	if len(bytes.TrimSpace(body)) == 0 {
		return ""
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return "not JSON: " + string(body)
	}
	out, _ := json.Marshal(v)
	return string(out)
}
