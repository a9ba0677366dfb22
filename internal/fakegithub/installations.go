package fakegithub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// An installation is the app on one account.
type installation struct {
	id        int64
	account   *User
	all       bool    // every repository of the account, also those to come
	repos     []int64 // the chosen ones, where not all
	suspended bool
	deleted   bool
	created   time.Time
}

func (i *installation) has(r *repo) bool {
	return !i.deleted && i.account == r.owner && (i.all || slices.Contains(i.repos, r.id))
}

// Install installs the app on an account, for the repositories named, or for all, also later ones, where none is
// named. It gives the installation's id and sends installation.created.
func (s *Server) Install(account string, repos ...string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := s.user(account)
	if s.installOn(owner) != nil {
		return 0, fmt.Errorf("install app: it is already on %s", account)
	}
	i := &installation{id: s.id(), account: owner, all: len(repos) == 0, created: s.now()}
	for _, name := range repos {
		r, err := s.repo(name)
		if err != nil {
			return 0, fmt.Errorf("install app: %w", err)
		}
		if r.owner != owner {
			return 0, fmt.Errorf("install app: %s does not belong to %s", name, account)
		}
		i.repos = append(i.repos, r.id)
	}
	s.installs = append(s.installs, i)
	s.emitInstallation(i, "created", s.reposOf(i))
	return i.id, nil
}

// Uninstall takes the app off an account: its tokens stop working, and installation.deleted is sent.
func (s *Server) Uninstall(account string) error {
	return s.changeInstall(account, func(i *installation) {
		s.emitInstallation(i, "deleted", s.reposOf(i))
		i.deleted = true
		s.installs = slices.DeleteFunc(s.installs, func(x *installation) bool { return x == i })
	})
}

// Suspend stops the installation's tokens from working, or lets them work again.
func (s *Server) Suspend(account string, suspended bool) error {
	return s.changeInstall(account, func(i *installation) {
		i.suspended = suspended
		action := "unsuspend"
		if suspended {
			action = "suspend"
		}
		s.emitInstallation(i, action, nil)
	})
}

// AddToInstallation gives a repository to the installation on its owner, as an owner does who chooses repositories.
func (s *Server) AddToInstallation(repo string) error { return s.chooseRepo(repo, true) }

// RemoveFromInstallation takes a repository from the installation on its owner, which must be for chosen ones.
func (s *Server) RemoveFromInstallation(repo string) error { return s.chooseRepo(repo, false) }

func (s *Server) chooseRepo(name string, add bool) error {
	owner, _, _ := strings.Cut(name, "/")
	s.mu.Lock()
	r, err := s.repo(name)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	var all bool
	err = s.changeInstall(owner, func(i *installation) {
		if all = i.all; all || i.has(r) == add {
			return
		}
		if add {
			i.repos = append(i.repos, r.id)
			s.emitInstallationRepos(i, "added", r)
			return
		}
		i.repos = slices.DeleteFunc(i.repos, func(id int64) bool { return id == r.id })
		s.emitInstallationRepos(i, "removed", r)
	})
	if err == nil && all {
		return fmt.Errorf("choose %s: the installation on %s is for all repositories", name, owner)
	}
	return err
}

func (s *Server) changeInstall(account string, change func(*installation)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.installOn(s.user(account))
	if i == nil {
		return fmt.Errorf("change installation: the app is not on %s", account)
	}
	change(i)
	return nil
}

func (s *Server) installOn(owner *User) *installation {
	for _, i := range s.installs {
		if i.account == owner {
			return i
		}
	}
	return nil
}

// installOf gives the installation that sees the repository; nil where none does.
func (s *Server) installOf(r *repo) *installation {
	if i := s.installOn(r.owner); i != nil && i.has(r) {
		return i
	}
	return nil
}

// reposOf gives the repositories of an installation, oldest first.
func (s *Server) reposOf(i *installation) []*repo {
	var out []*repo
	for _, r := range s.sortedRepos() {
		if i.has(r) {
			out = append(out, r)
		}
	}
	return out
}

func getApp(s *Server, _ *call) (any, error) {
	view := s.appView(s.app)
	view["installations_count"] = len(s.installs)
	return view, nil
}

func listInstallations(s *Server, c *call) (any, error) {
	return views(page(s, c, s.installs), s.installationView), nil
}

func (s *Server) installByPath(c *call) *installation {
	for _, i := range s.installs {
		if i.id == pathID(c, "installation_id") {
			return i
		}
	}
	return nil
}

func getInstallation(s *Server, c *call) (any, error) {
	i := s.installByPath(c)
	if i == nil {
		return nil, notFound
	}
	return s.installationView(i), nil
}

func getRepoInstallation(s *Server, c *call) (any, error) {
	i := s.installOf(c.repo)
	if i == nil {
		return nil, notFound
	}
	return s.installationView(i), nil
}

// createToken gives a token for an hour, narrowed to what the request names.
func createToken(s *Server, c *call) (any, error) {
	i := s.installByPath(c)
	if i == nil {
		return nil, notFound
	}
	if i.suspended {
		return nil, refuse(http.StatusForbidden, "This installation has been suspended")
	}
	var in struct {
		Repositories  []string
		RepositoryIDs []int64 `json:"repository_ids"`
		Permissions   map[string]string
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	t := &token{value: "ghs_" + randomHex(256), install: i, permissions: s.cfg.Permissions, expires: s.now().Add(time.Hour)}
	for _, name := range in.Repositories {
		r, ok := s.find(i.account.Login, name)
		if !ok {
			return nil, noSuchRepos
		}
		in.RepositoryIDs = append(in.RepositoryIDs, r.id)
	}
	for _, id := range in.RepositoryIDs {
		if r := s.repos[id]; r == nil || !i.has(r) {
			return nil, noSuchRepos
		}
	}
	t.repos, t.narrowed = in.RepositoryIDs, len(in.RepositoryIDs) > 0
	if len(in.Permissions) > 0 {
		for name, level := range in.Permissions {
			if got := s.cfg.Permissions[name]; got != level && (got != "write" || level != "read") {
				return nil, refuse(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
			}
		}
		t.permissions = in.Permissions
	}
	s.tokens[t.value] = t
	c.status = http.StatusCreated
	view := object{
		"token": t.value, "expires_at": stamp(t.expires), "permissions": t.permissions,
		"repository_selection": i.selection(),
	}
	if t.narrowed {
		view["repository_selection"] = "selected"
		view["repositories"] = views(s.reposOfToken(t), s.repoView)
	}
	return view, nil
}

var noSuchRepos = refuse(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.")

func (i *installation) selection() string {
	if i.all {
		return "all"
	}
	return "selected"
}

func (s *Server) reposOfToken(t *token) []*repo {
	repos := s.reposOf(t.install)
	if !t.narrowed {
		return repos
	}
	return slices.DeleteFunc(repos, func(r *repo) bool { return !slices.Contains(t.repos, r.id) })
}

func listInstallationRepos(s *Server, c *call) (any, error) {
	if c.actor.install == nil {
		return nil, refuse(http.StatusForbidden, "You must authenticate with an installation access token in order to list repositories for an installation.")
	}
	repos := s.reposOfToken(c.actor.token)
	return object{
		"total_count": len(repos), "repository_selection": c.actor.install.selection(),
		"repositories": views(page(s, c, repos), s.repoView),
	}, nil
}
