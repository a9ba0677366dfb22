package github

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// maxSessions bounds the sessions kept. One that is dropped costs a new token when it is wanted again.
const maxSessions = 2048

// A purpose is what a token is for, and so what it may do.
type purpose int

const (
	forREST    purpose = iota // what flows read and write, in one repository
	forTalk                   // comments on the pull requests of one repository
	forCommit                 // a commit on a branch of one repository
	forGit                    // reading one repository by git
	forPeople                 // members of the organization's teams
	forListing                // listing the installation's repositories
	purposes   = iota
)

// permissions are the least that each purpose needs. The app must have been granted them.
func (p purpose) permissions() *github.InstallationPermissions {
	read, write := github.String("read"), github.String("write")
	switch p {
	case forREST:
		return &github.InstallationPermissions{Checks: write, Deployments: write, Issues: read, PullRequests: read, Metadata: read}
	case forTalk:
		return &github.InstallationPermissions{PullRequests: write, Metadata: read}
	case forCommit:
		return &github.InstallationPermissions{Contents: write, Metadata: read}
	case forGit:
		return &github.InstallationPermissions{Contents: read, Metadata: read}
	case forPeople:
		return &github.InstallationPermissions{Members: read, Metadata: read}
	default:
		return &github.InstallationPermissions{Metadata: read}
	}
}

// A scope is what one token reaches.
type scope struct {
	installation int64
	repo         int64 // 0 only for forListing
	purpose      purpose
}

// A session is a token and a client that uses it, of one scope.
type session struct {
	token *token
	rest  *github.Client
	used  uint64 // when it was last taken, by sessions' count
}

// sessions are at most maxSessions; the one that was not used for longest gives way.
type sessions struct {
	open  map[scope]*session
	count uint64 // of takings so far
}

func (s *sessions) take(at scope, open func() *session) *session {
	found := s.open[at]
	if found == nil {
		if len(s.open) >= maxSessions {
			s.drop()
		}
		found = open()
		s.open[at] = found
	}
	s.count++
	found.used = s.count
	return found
}

func (s *sessions) drop() {
	oldest := slices.MinFunc(slices.Collect(maps.Keys(s.open)), func(a, b scope) int {
		return cmp.Compare(s.open[a].used, s.open[b].used)
	})
	delete(s.open, oldest)
}

// nameOK is what GitHub allows in the names of owners and repositories.
var nameOK = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// checkNames refuses names that would reach other paths of the API.
func checkNames(repo forge.Repo) error {
	for _, name := range []string{repo.Owner, repo.Name} {
		if !nameOK.MatchString(name) || name == "." || name == ".." {
			return work.Permanent(fmt.Errorf("repository %q: not a name that GitHub gives", repo))
		}
	}
	return nil
}

// in gives the session for the repository. Without both ids the token would reach further than the repository: that is refused.
func (c *Client) in(repo forge.Repo, p purpose) (*session, error) {
	if repo.Installation <= 0 || repo.ID <= 0 {
		return nil, work.Permanent(fmt.Errorf("repository %s: installation %d and id %d must both be known", repo, repo.Installation, repo.ID))
	}
	if err := checkNames(repo); err != nil {
		return nil, err
	}
	return c.session(scope{repo.Installation, repo.ID, p}), nil
}
