package fakegithub

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A team is people of an organization. Members of its child teams are members too.
type team struct {
	org     *User
	slug    string
	parent  *team
	members map[int64]*User
}

// SetTeam makes a team of an organization, or gives one that is there other members. A parent, if not empty, is the slug of a team
// that is there.
func (s *Server) SetTeam(org, slug, parent string, logins ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := s.user(org)
	if !owner.Org {
		return fmt.Errorf("set team %s/%s: %s is no organization", org, slug, org)
	}
	above := s.team(owner, parent)
	if parent != "" && above == nil {
		return fmt.Errorf("set team %s/%s: there is no team %q to be its parent", org, slug, parent)
	}
	t := s.team(owner, slug)
	if t == nil {
		t = &team{org: owner, slug: slug}
		s.teams = append(s.teams, t)
	}
	t.parent, t.members = above, map[int64]*User{}
	for _, login := range logins {
		u := s.user(login)
		t.members[u.ID] = u
	}
	return nil
}

func (s *Server) team(org *User, slug string) *team {
	for _, t := range s.teams {
		if t.org == org && strings.EqualFold(t.slug, slug) {
			return t
		}
	}
	return nil
}

// below tells whether the team is the other one, or below it.
func (t *team) below(other *team) bool {
	for ; t != nil; t = t.parent {
		if t == other {
			return true
		}
	}
	return false
}

func listTeamMembers(s *Server, c *call) (any, error) {
	org := s.users[strings.ToLower(c.PathValue("org"))]
	var of *team
	if org != nil && (c.actor.install == nil || c.actor.install.account == org) {
		of = s.team(org, c.PathValue("team_slug"))
	}
	if of == nil {
		return nil, notFound
	}
	members := map[int64]*User{}
	for _, t := range s.teams {
		if t.below(of) {
			maps.Copy(members, t.members)
		}
	}
	return views(page(s, c, byID(members)), s.userView), nil
}

func byID(users map[int64]*User) []*User {
	return slices.SortedFunc(maps.Values(users), func(a, b *User) int { return cmp.Compare(a.ID, b.ID) })
}

// rolesAsked are the words by which the list of collaborators may be narrowed, with the least role that each means.
var rolesAsked = map[string]string{"": "read", "pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}

func listCollaborators(s *Server, c *call) (any, error) {
	least, ok := rolesAsked[c.URL.Query().Get("permission")]
	if !ok {
		return nil, refuse(http.StatusUnprocessableEntity, "Validation Failed")
	}
	found := map[int64]*User{}
	for _, u := range s.users {
		if !u.Org && !u.bot() && c.repo.may(u, least) {
			found[u.ID] = u
		}
	}
	return views(page(s, c, byID(found)), func(u *User) object {
		view := s.userView(u)
		view["role_name"], view["permissions"] = c.repo.role(u), permissionsView(c.repo.role(u))
		return view
	}), nil
}
