package fakegithub

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// maxPush is the largest body of a git request that comes in pieces, which the CGI must have whole.
const maxPush = 1 << 30

// httpBackend is the path of git-http-backend, which git keeps away from PATH.
var httpBackend = sync.OnceValues(func() (string, error) {
	cmd := exec.Command("git", "--exec-path")
	cmd.Env = gitEnv()
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("find git-http-backend: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"), nil
})

// isGit tells whether a path is one of git's smart HTTP protocol: /OWNER/REPO.git/...
func isGit(path string) bool {
	_, file := splitGit(path)
	return file == "/info/refs" || file == "/git-upload-pack" || file == "/git-receive-pack"
}

// splitGit cuts /OWNER/REPO.git/FILE into OWNER/REPO and /FILE. GitHub takes the name without .git too.
func splitGit(path string) (repo, file string) {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	if len(parts) < 3 {
		return "", ""
	}
	return parts[0] + "/" + strings.TrimSuffix(parts[1], ".git"), "/" + parts[2]
}

// serveGit verifies the token and hands the request to git-http-backend.
func (s *Server) serveGit(w http.ResponseWriter, r *http.Request) {
	fault := s.faults.take(r)
	if fault.wait(r.Context()) != nil {
		return
	}
	if fault.Status != 0 {
		http.Error(w, http.StatusText(fault.Status), fault.Status)
		return
	}
	name, file := splitGit(r.URL.Path)
	write := file == "/git-receive-pack" || r.URL.Query().Get("service") == "git-receive-pack"
	found, by, ok := s.openGit(w, r, name, write)
	if !ok {
		return
	}
	if file == "/git-receive-pack" {
		s.pushes.Lock() // so that what has changed afterwards is this push
		defer s.pushes.Unlock()
	}
	if err := runBackend(w, r, found.dir, file, by.Login); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if file == "/git-receive-pack" {
		s.mu.Lock()
		defer s.mu.Unlock()
		_ = s.refsPushed(found, by) // git has told the client already
	}
	if fault.LoseAnswer {
		panic(http.ErrAbortHandler)
	}
}

// openGit gives the repository and who asks for it, or answers as GitHub does: 401 where there is no good token, 404
// where the token does not reach the repository, 403 where it may not write.
func (s *Server) openGit(w http.ResponseWriter, r *http.Request, name string, write bool) (*repo, *User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.authenticate(r)
	if err != nil || a.token == nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="GitHub"`)
		http.Error(w, "Invalid username or password.", http.StatusUnauthorized)
		return nil, nil, false
	}
	owner, short, _ := strings.Cut(name, "/")
	found, ok := s.find(owner, short)
	need := "contents:read"
	if write {
		need = "contents:write"
	}
	switch {
	case !ok || !s.sees(a, found):
		http.Error(w, "Repository not found.", http.StatusNotFound)
	case !holds(a, found, need):
		http.Error(w, "Write access to repository not granted.", http.StatusForbidden)
	case !strings.EqualFold(found.fullName(), name):
		_, file := splitGit(r.URL.RequestURI())
		http.Redirect(w, r, s.url+"/"+found.fullName()+".git"+file, http.StatusMovedPermanently)
	default:
		return found, a.user, true
	}
	return nil, nil, false
}

func runBackend(w http.ResponseWriter, r *http.Request, dir gitDir, file, user string) error {
	backend, err := httpBackend()
	if err != nil {
		return err
	}
	inner := r.Clone(r.Context())
	inner.URL.Path = "/" + filepath.Base(string(dir)) + file
	inner.Header.Del("Authorization")
	if r.ContentLength < 0 || len(r.TransferEncoding) > 0 {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPush))
		if err != nil {
			return fmt.Errorf("read git request: %w", err)
		}
		inner.Body, inner.ContentLength, inner.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	}
	h := cgi.Handler{
		Path: backend, Dir: filepath.Dir(string(dir)), Root: "/",
		Env: append(gitEnv(), "GIT_PROJECT_ROOT="+filepath.Dir(string(dir)), "GIT_HTTP_EXPORT_ALL=1",
			"REMOTE_USER="+user, "GIT_PROTOCOL="+r.Header.Get("Git-Protocol")),
		Logger: log.New(io.Discard, "", 0), Stderr: io.Discard,
	}
	h.ServeHTTP(w, inner)
	return nil
}
