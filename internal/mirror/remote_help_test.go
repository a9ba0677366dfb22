package mirror_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "ghs_secret"

// shop is the repository that all tests use; the remote serves it as shop.git.
var shop = forge.Repo{Installation: 7, ID: 42, Owner: "acme", Name: "shop"}

// A remote serves bare repositories over HTTP, to who shows the token.
type remote struct {
	dir      string
	url      string
	requests atomic.Int64
	before   atomic.Value // of type func(*http.Request): called before each request is answered
	broken   atomic.Int64 // the status that is answered, to what isBroken says; 1 for a cut connection, 0 for none
	struck   atomic.Int64 // requests that went wrong
	fetches  atomic.Bool  // only what fetches is broken, and not the list of branches
}

func newRemote(t *testing.T) *remote {
	t.Helper()
	r := &remote{dir: t.TempDir()}
	exe, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{
		Path:   exe,
		Args:   []string{"http-backend"},
		Stderr: io.Discard, // refusals are expected
		Env:    []string{"GIT_PROJECT_ROOT=" + r.dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "HOME=" + r.dir},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.requests.Add(1)
		if hook, ok := r.before.Load().(func(*http.Request)); ok {
			hook(req)
		}
		if status := int(r.broken.Load()); status > 0 && r.isBroken(req) {
			r.struck.Add(1)
			if status == 1 {
				panic(http.ErrAbortHandler)
			}
			http.Error(w, "out of order", status)
			return
		}
		user, password, _ := req.BasicAuth()
		switch {
		case strings.HasPrefix(req.URL.Path, "/moved.git/"):
			http.Redirect(w, req, strings.Replace(req.URL.RequestURI(), "/moved.git/", "/shop.git/", 1), http.StatusMovedPermanently)
		case password == "forbidden":
			http.Error(w, "not for you", http.StatusForbidden)
		case user != "x-access-token" || password != token:
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who are you", http.StatusUnauthorized)
		default:
			backend.ServeHTTP(w, req)
		}
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// isBroken tells whether the request is one of those that are to go wrong.
func (r *remote) isBroken(req *http.Request) bool {
	if !r.fetches.Load() {
		return true
	}
	body, _ := io.ReadAll(req.Body)
	req.Body = io.NopCloser(bytes.NewReader(body))
	return bytes.Contains(body, []byte("command=fetch"))
}

// config is that of mirrors of this remote.
func (r *remote) config(t *testing.T) mirror.Config {
	return mirror.Config{
		Dir:   t.TempDir(),
		URL:   func(repo forge.Repo) string { return r.url + "/" + repo.Name + ".git" },
		Token: func(context.Context, forge.Repo) (string, error) { return token, nil },
	}
}

// open makes mirrors, and closes them when the test ends.
func open(t testing.TB, cfg mirror.Config) *mirror.Mirrors {
	t.Helper()
	m, err := mirror.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// repository makes an empty bare repository of the remote and gives hands to fill it.
func (r *remote) repository(t *testing.T, name string, flags ...string) *author {
	t.Helper()
	dir := filepath.Join(r.dir, name+".git")
	a := &author{t: t, dir: dir}
	a.git("", append([]string{"init", "--quiet", "--bare", "--initial-branch=main"}, append(flags, dir)...)...)
	a.git("", "config", "uploadpack.allowAnySHA1InWant", "true")
	return a
}

// An author writes commits into a repository with plumbing, so that also what git add refuses can be written.
type author struct {
	t   testing.TB
	dir string
}

func (a *author) git(input string, args ...string) string {
	a.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = filepath.Dir(a.dir)
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=ann", "GIT_AUTHOR_EMAIL=ann@example.com", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_NAME=ann", "GIT_COMMITTER_EMAIL=ann@example.com", "GIT_COMMITTER_DATE=1700000000 +0000")
	if _, err := os.Stat(a.dir); err == nil {
		cmd.Dir = a.dir
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		a.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, &said)
	}
	return strings.TrimSpace(out.String())
}

// files are contents by path.
type files map[string]string

// commit adds a commit with exactly these files to the branch, or to nothing where the branch is not there.
func (a *author) commit(branch string, content files) forge.Commit {
	a.t.Helper()
	var in strings.Builder
	ref := "refs/heads/" + branch
	in.WriteString("commit " + ref + "\ncommitter ann <ann@example.com> 1700000000 +0000\ndata 4\nwork\n")
	if old := a.git("", "for-each-ref", "--format=%(objectname)", ref); old != "" {
		in.WriteString("from " + old + "\n")
	}
	in.WriteString("deleteall\n")
	for path, text := range content {
		in.WriteString("M 100644 inline \"" + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(path) + "\"\ndata <<END OF FILE\n" + text + "\nEND OF FILE\n")
	}
	a.git(in.String(), "fast-import", "--quiet", "--force")
	return forge.Commit(a.git("", "rev-parse", ref))
}

// branch sets a branch, whatever it was.
func (a *author) branch(name string, at forge.Commit) {
	a.t.Helper()
	a.git("", "update-ref", "refs/heads/"+name, string(at))
}

// tree writes a tree object of raw entries, as hostile as one likes, and a commit of it.
func (a *author) tree(entries ...[3]string) forge.Commit {
	a.t.Helper()
	var raw bytes.Buffer
	for _, e := range entries {
		raw.WriteString(e[0] + " " + e[1] + "\x00")
		for i := 0; i < len(e[2]); i += 2 {
			raw.WriteByte(unhex(e[2][i])<<4 | unhex(e[2][i+1]))
		}
	}
	tree := a.git(raw.String(), "hash-object", "-t", "tree", "-w", "--literally", "--stdin")
	return forge.Commit(a.git("", "commit-tree", "-m", "hostile", tree))
}

func (a *author) blob(text string) string {
	a.t.Helper()
	return a.git(text, "hash-object", "-w", "--stdin")
}

func unhex(c byte) byte { return byte(strings.IndexByte("0123456789abcdef", c)) }

// fetch brings the commits or ends the test.
func fetch(t testing.TB, m *mirror.Mirrors, commits ...forge.Commit) {
	t.Helper()
	if err := m.Fetch(t.Context(), shop, commits...); err != nil {
		t.Fatal(err)
	}
}

// mirrors carries its test along.
type mirrors struct {
	*mirror.Mirrors
	t *testing.T
}
