package fakegithub

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// A Change is one commit to be made.
type Change struct {
	Files   map[string][]byte // written whole, by path
	Links   map[string]string // symbolic links: what they point to, by path
	Delete  []string          // files, or directories with all below
	Message string            // default "Change NAMES"
	Author  string            // login; default the owner of the repository
	Email   string            // of the author, where it is not the user's: as with a forged commit
	Pusher  string            // login; default the author
}

// Files reads all regular files of a tree, as CreateRepo and Change want them.
func Files(tree fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files[path], err = fs.ReadFile(tree, path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	return files, nil
}

// Push makes a commit on a branch and gives its name. A branch that is not there starts at the default branch.
func (s *Server) Push(repo, branch string, c Change) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return "", err
	}
	return s.push(r, branch, cmp.Or(r.tip(branch), r.tip(r.defaultBranch)), c, false)
}

// ForcePush makes the branch a commit on top of the revision onto, whatever it was before. With an empty onto the
// commit has no parent; with an empty Change the branch is moved to onto itself.
func (s *Server) ForcePush(repo, branch, onto string, c Change) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return "", err
	}
	parent := ""
	if onto != "" {
		if parent = r.dir.resolve(onto); parent == "" {
			return "", fmt.Errorf("force-push %s of %s: there is no commit %q", branch, repo, onto)
		}
	}
	return s.push(r, branch, parent, c, true)
}

func (s *Server) push(r *repo, branch, parent string, c Change, force bool) (string, error) {
	sha := parent
	if empty := len(c.Files)+len(c.Links)+len(c.Delete) == 0; !force || !empty || parent == "" {
		author := s.user(cmp.Or(c.Author, r.owner.Login))
		who := author.person()
		who.Email = cmp.Or(c.Email, who.Email)
		var err error
		sha, err = r.dir.commit(commitSpec{parent: parent, change: c, author: who, at: s.now(), message: c.message()})
		if err != nil {
			return "", fmt.Errorf("push to %s of %s: %w", branch, r.fullName(), err)
		}
	}
	pusher := s.user(cmp.Or(c.Pusher, c.Author, r.owner.Login))
	if err := s.moveRef(r, "refs/heads/"+branch, sha, pusher); err != nil {
		return "", fmt.Errorf("push to %s of %s: %w", branch, r.fullName(), err)
	}
	return sha, nil
}

func (c Change) message() string {
	if c.Message != "" {
		return c.Message
	}
	names := slices.Sorted(maps.Keys(c.Files))
	names = append(append(names, slices.Sorted(maps.Keys(c.Links))...), c.Delete...)
	if len(names) > 3 {
		names = append(names[:3], fmt.Sprintf("and %d more", len(names)-3))
	}
	return "Change " + strings.Join(names, ", ")
}

// DeleteBranch deletes a branch in the name of a user (default the owner). Its pull requests are closed; those based
// on it go to the base of the merged pull request that it was the head of, or are closed too.
func (s *Server) DeleteBranch(repo, branch, login string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return err
	}
	if r.tip(branch) == "" {
		return fmt.Errorf("delete branch of %s: there is no branch %q", repo, branch)
	}
	return s.moveRef(r, "refs/heads/"+branch, "", s.user(cmp.Or(login, r.owner.Login)))
}

// Tip gives the commit of a branch.
func (s *Server) Tip(repo, branch string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return "", err
	}
	sha := r.tip(branch)
	if sha == "" {
		return "", fmt.Errorf("look up branch of %s: there is no branch %q", repo, branch)
	}
	return sha, nil
}

// Message gives the message of a commit.
func (s *Server) Message(repo, sha string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return "", err
	}
	return r.dir.run("log", "-1", "--format=%B", "--end-of-options", sha)
}
