package fakegithub

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// A User is an account: a person, an organization, or the bot of an app.
type User struct {
	ID    int64 // given by the server
	Login string
	Name  string // default the login
	Email string // default LOGIN@users.example.com; commits are matched to users by it
	Org   bool
}

func (u *User) bot() bool { return strings.HasSuffix(u.Login, "[bot]") }

func (u *User) kind() string {
	switch {
	case u.Org:
		return "Organization"
	case u.bot():
		return "Bot"
	}
	return "User"
}

func (u *User) person() person { return person{u.Name, u.Email} }

// appOwner is the account that owns the apps.
const appOwner = "app-owner"

// The account that commits what is done on GitHub's pages. Source of the id: api.github.com/users/web-flow.
const (
	webFlowID    = 19864447
	webFlowEmail = "noreply@github.example.com"
)

// An app is a GitHub App that makes check runs: the one that the server is for, or another.
type app struct {
	id   int64
	slug string
	bot  *User
}

// AddUser makes the account known, or changes name, e-mail and kind of one that is, and gives it as the server sees it.
func (s *Server) AddUser(u User) (User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.Login == "" {
		return User{}, errors.New("add user: the login is empty")
	}
	known := s.user(u.Login)
	known.Org = u.Org
	if u.Name != "" {
		known.Name = u.Name
	}
	if u.Email != "" {
		known.Email = u.Email
	}
	return *known, nil
}

// Roles that a user can have in a repository, weakest first.
var Roles = []string{"none", "read", "triage", "write", "maintain", "admin"}

// SetRole gives a user a role in a repository, one of Roles. The owner is always admin.
func (s *Server) SetRole(repo, login, role string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return err
	}
	if !slices.Contains(Roles, role) {
		return fmt.Errorf("set role of %s: %q is none of %s", login, role, strings.Join(Roles, ", "))
	}
	r.roles[s.user(login).ID] = role
	return nil
}

// UserToken gives a personal access token of the user. It can do over REST and git what the user's roles allow.
func (s *Server) UserToken(login string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &token{value: "ghp_" + randomHex(18), user: s.user(login)}
	s.tokens[t.value] = t
	return t.value
}

// user gives the account of that login, which is made if it is not known.
func (s *Server) user(login string) *User {
	key := strings.ToLower(login)
	u := s.users[key]
	if u == nil {
		u = &User{ID: s.id(), Login: login, Name: login, Email: key + "@users.example.com"}
		s.users[key] = u
	}
	return u
}

// appOf gives the app that acts as the user; nil for a person.
func (s *Server) appOf(u *User) *app {
	for _, a := range s.apps {
		if a.bot == u {
			return a
		}
	}
	return nil
}

// association is what GitHub says of somebody who comments: less than the role, so that it decides nothing.
func (r *repo) association(u *User) string {
	switch {
	case u.ID == r.owner.ID:
		return "OWNER"
	case r.owner.Org && r.may(u, "read"):
		return "MEMBER"
	case r.may(u, "read"):
		return "COLLABORATOR"
	}
	return "NONE"
}

// userOf gives the account that a commit's e-mail belongs to; nil where it is nobody's.
func (s *Server) userOf(p person) *User {
	for _, u := range s.users {
		if strings.EqualFold(u.Email, p.Email) || strings.EqualFold(s.noreply(u), p.Email) {
			return u
		}
	}
	return nil
}

// noreply is the address that GitHub gives to a user who hides his or her own.
func (s *Server) noreply(u *User) string {
	host := "github.example.com"
	if at, err := url.Parse(s.url); err == nil && at.Host != "" {
		host = at.Hostname()
	}
	return fmt.Sprintf("%d+%s@users.noreply.%s", u.ID, u.Login, host)
}

// role gives the user's role in a repository.
func (r *repo) role(u *User) string {
	if u.ID == r.owner.ID {
		return "admin"
	}
	if role, ok := r.roles[u.ID]; ok {
		return role
	}
	return "none"
}

// may tells whether the user has at least that role.
func (r *repo) may(u *User, role string) bool {
	return slices.Index(Roles, r.role(u)) >= slices.Index(Roles, role)
}

// permission is the role as the older part of the API says it: maintain is write, triage is read.
func permission(role string) string {
	switch role {
	case "maintain":
		return "write"
	case "triage":
		return "read"
	}
	return role
}

func getUser(s *Server, c *call) (any, error) {
	u := s.users[strings.ToLower(c.PathValue("username"))]
	if u == nil {
		return nil, notFound
	}
	return s.publicUserView(u), nil
}

func getPermission(s *Server, c *call) (any, error) {
	u := s.users[strings.ToLower(c.PathValue("username"))]
	if u == nil {
		return nil, notFound
	}
	role := c.repo.role(u)
	view := s.userView(u)
	view["role_name"] = role
	view["permissions"] = permissionsView(role)
	return object{"permission": permission(role), "role_name": role, "user": view}, nil
}
