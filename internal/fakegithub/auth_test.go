package fakegithub_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

func signed(t *testing.T, key *rsa.PrivateKey, alg string, claims map[string]any) string {
	part := func(v any) string {
		b, err := json.Marshal(v)
		must(t, err)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(map[string]string{"alg": alg, "typ": "JWT"}) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	must(t, err)
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// jwtOf gives a good JWT of the app.
func jwtOf(w *world) string {
	now := w.clock.Now()
	return signed(w.t, appKey(), "RS256", map[string]any{"iss": "42", "iat": now.Add(-time.Minute).Unix(), "exp": now.Add(5 * time.Minute).Unix()})
}

func TestJWT(t *testing.T) {
	w := newWorld(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	now := w.clock.Now()
	claims := func(iss any, iat, exp time.Duration) map[string]any {
		return map[string]any{"iss": iss, "iat": now.Add(iat).Unix(), "exp": now.Add(exp).Unix()}
	}
	for _, c := range []struct {
		name, jwt string
		want      int
		says      string
	}{
		{"good", signed(t, appKey(), "RS256", claims("42", -time.Minute, 9*time.Minute)), 200, `"slug":"tamer"`},
		{"issuer as a number", signed(t, appKey(), "RS256", claims(42, -time.Minute, 9*time.Minute)), 200, ""},
		{"none", "", 401, "Requires authentication"},
		{"other key", signed(t, other, "RS256", claims("42", -time.Minute, 9*time.Minute)), 401, "could not be decoded"},
		{"other algorithm", signed(t, appKey(), "none", claims("42", -time.Minute, 9*time.Minute)), 401, "could not be decoded"},
		{"other app", signed(t, appKey(), "RS256", claims("43", -time.Minute, 9*time.Minute)), 401, "Integration not found"},
		{"issued in the future", signed(t, appKey(), "RS256", claims("42", time.Minute, 9*time.Minute)), 401, "'iat'"},
		{"expired", signed(t, appKey(), "RS256", claims("42", -time.Hour, -time.Minute)), 401, "'exp'"},
		{"expires too late", signed(t, appKey(), "RS256", claims("42", -time.Minute, 11*time.Minute)), 401, "too far in the future"},
		{"no times", signed(t, appKey(), "RS256", map[string]any{"iss": "42"}), 401, "'iat'"},
		{"an installation token", w.token(nil), 401, "could not be decoded"},
	} {
		status, _, body := w.send(t.Context(), "GET", "/app", c.jwt, "")
		if status != c.want || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, body, c.want, c.says)
		}
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	must(t, w.CreateRepo("acme/other", nil))
	must(t, w.CreateRepo("beta/hidden", nil))
	id, err := w.RepoID(repo)
	must(t, err)
	hidden, err := w.RepoID("beta/hidden")
	must(t, err)
	narrow := w.token(&github.InstallationTokenOptions{RepositoryIDs: []int64{id}, Permissions: &github.InstallationPermissions{Checks: github.String("read")}})
	wide := w.token(nil)
	user := w.UserToken("eve")
	must(t, w.SetRole(repo, "eve", "write"))

	for _, c := range []struct {
		name, method, path, token, body string
		want                            int
	}{
		{"wide sees both", "GET", "/repos/acme/other", wide, "", 200},
		{"narrow sees its own", "GET", "/repos/acme/configs/commits/main/check-runs", narrow, "", 200},
		{"narrow does not see the other", "GET", "/repos/acme/other", narrow, "", 404},
		{"no other account", "GET", "/repos/beta/hidden", wide, "", 404},
		{"no such repository", "GET", "/repos/acme/nothing", wide, "", 404},
		{"no permission", "GET", "/repos/acme/configs/pulls", narrow, "", 403},
		{"read is not write", "POST", "/repos/acme/configs/check-runs", narrow, "{}", 403},
		{"users write no check runs", "POST", "/repos/acme/configs/check-runs", user, "{}", 403},
		{"users read them", "GET", "/repos/acme/configs/commits/main/check-runs", user, "", 200},
		{"user without a role", "GET", "/repos/acme/other", user, "", 404},
		{"unknown token", "GET", "/repos/acme/configs", "ghs_x", "", 401},
		{"nobody", "GET", "/repos/acme/configs", "", "", 404},
		{"nobody asks for a list", "GET", "/installation/repositories", "", "", 401},
	} {
		if status, _, body := w.send(ctx, c.method, c.path, c.token, c.body); status != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, status, body, c.want)
		}
	}

	repos, _, err := w.withToken(narrow).Apps.ListRepos(ctx, nil)
	must(t, err)
	if len(repos.Repositories) != 1 || repos.GetTotalCount() != 1 {
		t.Errorf("narrow token lists %d repositories of %d, want 1", len(repos.Repositories), repos.GetTotalCount())
	}
	for name, opts := range map[string]*github.InstallationTokenOptions{
		"repository of another account": {RepositoryIDs: []int64{hidden}},
		"repository that is not there":  {Repositories: []string{"nothing"}},
		"permission not granted":        {Permissions: &github.InstallationPermissions{Workflows: github.String("write")}},
	} {
		if _, _, err := w.app().Apps.CreateInstallationToken(ctx, w.install, opts); status(err) != 422 {
			t.Errorf("token for %s: %v, want 422", name, err)
		}
	}

	w.clock.add(59 * time.Minute)
	if status, _, _ := w.send(ctx, "GET", "/repos/acme/configs", wide, ""); status != 200 {
		t.Errorf("token after 59 minutes: %d, want 200", status)
	}
	w.clock.add(time.Minute)
	if status, _, _ := w.send(ctx, "GET", "/repos/acme/configs", wide, ""); status != 401 {
		t.Errorf("token after an hour: %d, want 401", status)
	}
}

func TestSuspendAndUninstall(t *testing.T) {
	w := newWorld(t)
	token := w.token(nil)
	must(t, w.Suspend("acme", true))
	if status, _, body := w.send(t.Context(), "GET", "/repos/acme/configs", token, ""); status != 403 || !strings.Contains(body, "suspended") {
		t.Errorf("token of a suspended installation: %d %s", status, body)
	}
	must(t, w.Suspend("acme", false))
	must(t, w.Uninstall("acme"))
	if status, _, _ := w.send(t.Context(), "GET", "/repos/acme/configs", token, ""); status != 401 {
		t.Errorf("token of a removed installation: %d, want 401", status)
	}
	if got, want := strings.Join(w.events(), " "), "installation.created installation.suspend installation.unsuspend installation.deleted"; got != want {
		t.Errorf("events %s, want %s", got, want)
	}
}

func TestChosenRepositories(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"beta/one", "beta/two"} {
		must(t, w.CreateRepo(name, nil))
	}
	id, err := w.Install("beta", "beta/one")
	must(t, err)
	count := func() int {
		tok, _, err := w.app().Apps.CreateInstallationToken(t.Context(), id, nil)
		must(t, err)
		list, _, err := w.withToken(tok.GetToken()).Apps.ListRepos(t.Context(), nil)
		must(t, err)
		return list.GetTotalCount()
	}
	if n := count(); n != 1 {
		t.Errorf("%d repositories, want 1", n)
	}
	must(t, w.AddToInstallation("beta/two"))
	if n := count(); n != 2 {
		t.Errorf("%d repositories after adding one, want 2", n)
	}
	must(t, w.RemoveFromInstallation("beta/one"))
	if e := last[*github.InstallationRepositoriesEvent](w, "installation_repositories"); e.GetAction() != "removed" || len(e.RepositoriesRemoved) != 1 {
		t.Errorf("event %s of %d repositories", e.GetAction(), len(e.RepositoriesRemoved))
	}
	if err := w.AddToInstallation(repo); err == nil {
		t.Error("adding a repository to an installation for all of them is no error")
	}
}

func TestLoopbackOnly(t *testing.T) {
	s, err := fakegithub.New(fakegithub.Config{Dir: t.TempDir(), AppID: 1, PublicKey: &appKey().PublicKey})
	must(t, err)
	defer s.Close()
	for _, addr := range []string{":0", "0.0.0.0:0", "192.0.2.1:0", "example.com:0", "nonsense"} {
		if err := s.Start(addr); err == nil {
			t.Errorf("listening on %q is allowed", addr)
		}
	}
	if s.URL() != "" {
		t.Errorf("URL is %q before the start", s.URL())
	}
	if _, err := fakegithub.New(fakegithub.Config{}); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("empty configuration: %v, want three mistakes", err)
	}
}

func TestUnknownRoute(t *testing.T) {
	w := newWorld(t)
	status, _, body := w.send(t.Context(), "GET", "/no/such/thing", "", "")
	if status != http.StatusNotFound || !strings.Contains(body, `"documentation_url"`) {
		t.Errorf("%d %s", status, body)
	}
	if got := w.Requests(); len(got) != 1 || got[0].Path != "/no/such/thing" || got[0].Status != 404 {
		t.Errorf("recorded %+v", got)
	}
}
