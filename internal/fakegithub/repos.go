package fakegithub

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A repo is one repository: its git directory and what GitHub keeps beside it.
type repo struct {
	id            int64
	owner         *User
	name          string
	defaultBranch string
	dir           gitDir
	parent        *repo                      // of a fork
	heads         map[string]string          // branches and tags by full ref
	roles         map[int64]string           // by user id
	required      map[string][]RequiredCheck // by branch
	created       time.Time
	pushed        time.Time
	lastNumber    int
	pulls         []*pull
	suites        []*checkSuite
	runs          []*checkRun
	comments      []*comment
	deployments   []*deployment
	activities    []activity // the oldest first
}

type commitKey struct {
	repo int64
	sha  string
}

func (r *repo) fullName() string { return r.owner.Login + "/" + r.name }

// tip gives the commit of a branch; empty where there is no such branch.
func (r *repo) tip(branch string) string { return r.heads["refs/heads/"+branch] }

// CreateRepo makes a private repository with one commit of the files on its default branch, main. Without files it is
// empty, with no commit and no branch. An owner who is not known becomes an organization.
func (s *Server) CreateRepo(name string, files map[string][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, short, ok := strings.Cut(name, "/")
	if !ok || owner == "" || short == "" || strings.Contains(short, "/") {
		return fmt.Errorf("create repository %q: write OWNER/REPO", name)
	}
	if _, ok := s.names[strings.ToLower(name)]; ok {
		return fmt.Errorf("create repository %s: it is already there", name)
	}
	if s.users[strings.ToLower(owner)] == nil {
		s.user(owner).Org = true
	}
	r, err := s.newRepo(s.user(owner), short)
	if err != nil {
		return fmt.Errorf("create repository %s: %w", name, err)
	}
	if i := s.installOn(r.owner); i != nil && i.all {
		s.emitInstallationRepos(i, "added", r)
	}
	if len(files) == 0 {
		return nil
	}
	_, err = s.push(r, r.defaultBranch, "", Change{Files: files, Message: "Initial commit"}, false)
	return err
}

func (s *Server) newRepo(owner *User, name string) (*repo, error) {
	r := &repo{
		id: s.id(), owner: owner, name: name, defaultBranch: "main",
		heads: map[string]string{}, roles: map[int64]string{}, required: map[string][]RequiredCheck{},
		created: s.now(), pushed: s.now(),
	}
	dir, err := makeRepo(filepath.Join(s.cfg.Dir, fmt.Sprintf("%d.git", r.id)), r.defaultBranch)
	if err != nil {
		return nil, err
	}
	r.dir = dir
	s.repos[r.id] = r
	s.names[strings.ToLower(r.fullName())] = r.id
	return r, nil
}

// Fork copies a repository with all branches to another account, and gives the name of the copy. The app sees it only
// if it is installed there too.
func (s *Server) Fork(name, owner string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, err := s.repo(name)
	if err != nil {
		return "", err
	}
	if _, ok := s.find(owner, from.name); ok {
		return "", fmt.Errorf("fork %s: %s/%s is already there", name, owner, from.name)
	}
	r, err := s.newRepo(s.user(owner), from.name)
	if err != nil {
		return "", fmt.Errorf("fork %s: %w", name, err)
	}
	if _, err := r.dir.run("fetch", "--quiet", string(from.dir), "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"); err != nil {
		return "", fmt.Errorf("fork %s: %w", name, err)
	}
	r.parent, r.heads, r.defaultBranch = from, maps.Clone(from.heads), from.defaultBranch
	return r.fullName(), nil
}

// RenameRepo gives a repository another name under the same owner. Requests for the former name are redirected.
func (s *Server) RenameRepo(repo, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return err
	}
	if name == "" || strings.Contains(name, "/") {
		return fmt.Errorf("rename %s: %q is no name of a repository", repo, name)
	}
	if _, ok := s.find(r.owner.Login, name); ok {
		return fmt.Errorf("rename %s: %s/%s is already there", repo, r.owner.Login, name)
	}
	former := r.name
	r.name = name
	s.names[strings.ToLower(r.fullName())] = r.id
	s.emit(r, "repository", "renamed", r.owner, object{"changes": object{"repository": object{"name": object{"from": former}}}})
	return nil
}

// RepoID gives the id that survives renames.
func (s *Server) RepoID(repo string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return 0, err
	}
	return r.id, nil
}

var errNoRepo = errors.New("there is no such repository; CreateRepo makes one")

// repo gives a repository by OWNER/REPO.
func (s *Server) repo(name string) (*repo, error) {
	owner, short, _ := strings.Cut(name, "/")
	r, ok := s.find(owner, short)
	if !ok {
		return nil, fmt.Errorf("find repository %q: %w", name, errNoRepo)
	}
	return r, nil
}

func (s *Server) find(owner, name string) (*repo, bool) {
	r, ok := s.repos[s.names[strings.ToLower(owner+"/"+name)]]
	return r, ok
}

func (s *Server) sortedRepos() []*repo {
	return slices.SortedFunc(maps.Values(s.repos), func(a, b *repo) int { return cmp.Compare(a.id, b.id) })
}

// hasCommit tells whether the repository holds the commit.
func (s *Server) hasCommit(r *repo, sha string) bool {
	key := commitKey{r.id, sha}
	if !s.commits[key] && isSHA(sha) {
		s.commits[key] = r.dir.resolve(sha) != ""
	}
	return s.commits[key]
}

func isSHA(s string) bool { return len(s) == 40 && strings.Trim(s, "0123456789abcdef") == "" }
