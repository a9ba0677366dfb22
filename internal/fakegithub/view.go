package fakegithub

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Views are what the server's things look like as JSON, in REST answers and webhooks alike.

// stamp is a time as GitHub writes it; null for the zero time.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func idOrNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func nodeID(kind string, id int64) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s%d", kind, id))
}

// api is the address of something in the REST API.
func (s *Server) api(format string, args ...any) string {
	return s.url + apiPrefix + fmt.Sprintf(format, args...)
}

func (s *Server) repoAPI(r *repo, format string, args ...any) string {
	return s.api("/repos/%s", r.fullName()) + fmt.Sprintf(format, args...)
}

// html is the address of a page of the repository.
func (s *Server) html(r *repo, format string, args ...any) string {
	return s.url + "/" + r.fullName() + fmt.Sprintf(format, args...)
}

func (s *Server) userView(u *User) object {
	if u == nil {
		return nil
	}
	self := s.api("/users/%s", u.Login)
	return object{
		"login": u.Login, "id": u.ID, "node_id": nodeID("User", u.ID), "avatar_url": s.url + "/avatars/" + u.Login,
		"gravatar_id": "", "url": self, "html_url": s.url + "/" + u.Login, "followers_url": self + "/followers",
		"following_url": self + "/following{/other_user}", "gists_url": self + "/gists{/gist_id}",
		"starred_url": self + "/starred{/owner}{/repo}", "subscriptions_url": self + "/subscriptions",
		"organizations_url": self + "/orgs", "repos_url": self + "/repos", "events_url": self + "/events{/privacy}",
		"received_events_url": self + "/received_events", "type": u.kind(), "site_admin": false,
	}
}

func (s *Server) publicUserView(u *User) object {
	view := s.userView(u)
	maps.Copy(view, object{
		"name": u.Name, "company": nil, "blog": "", "location": nil, "email": u.Email, "hireable": nil, "bio": nil,
		"user_view_type": "public", "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
		"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
	})
	return view
}

func (s *Server) appView(a *app) object {
	return object{
		"id": a.id, "slug": a.slug, "node_id": nodeID("App", a.id), "owner": s.userView(s.user(appOwner)),
		"name": a.slug, "description": "", "external_url": "https://" + a.slug + ".example.com",
		"html_url": s.url + "/apps/" + a.slug, "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
		"permissions": s.cfg.Permissions, "events": s.cfg.Events,
	}
}

func (s *Server) installationView(i *installation) object {
	view := object{
		"id": i.id, "account": s.userView(i.account), "repository_selection": i.selection(),
		"access_tokens_url": s.api("/app/installations/%d/access_tokens", i.id),
		"repositories_url":  s.api("/installation/repositories"),
		"html_url":          s.url + "/settings/installations/" + fmt.Sprint(i.id),
		"app_id":            s.cfg.AppID, "app_slug": s.cfg.AppSlug, "target_id": i.account.ID, "target_type": i.account.kind(),
		"permissions": s.cfg.Permissions, "events": s.cfg.Events, "created_at": stamp(i.created), "updated_at": stamp(i.created),
		"single_file_name": nil, "has_multiple_single_files": false, "single_file_paths": []string{},
		"suspended_by": nil, "suspended_at": nil,
	}
	if i.suspended {
		view["suspended_by"], view["suspended_at"] = s.userView(i.account), stamp(s.now())
	}
	return view
}

// repoLinks are the addresses that a repository's JSON holds, below its own.
var repoLinks = map[string]string{
	"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
	"branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
	"commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}", "contents_url": "/contents/{+path}",
	"contributors_url": "/contributors", "deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
	"forks_url": "/forks", "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
	"hooks_url": "/hooks", "issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
	"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}", "languages_url": "/languages",
	"merges_url": "/merges", "milestones_url": "/milestones{/number}", "notifications_url": "/notifications{?since,all,participating}",
	"pulls_url": "/pulls{/number}", "releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
	"subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams",
	"trees_url": "/git/trees{/sha}",
}

func (s *Server) repoView(r *repo) object {
	view := object{
		"id": r.id, "node_id": nodeID("Repository", r.id), "name": r.name, "full_name": r.fullName(), "owner": s.userView(r.owner),
		"private": true, "visibility": "private", "html_url": s.html(r, ""), "description": nil, "fork": r.parent != nil,
		"url": s.repoAPI(r, ""), "git_url": s.html(r, ".git"), "ssh_url": s.html(r, ".git"), "clone_url": s.html(r, ".git"), "svn_url": s.html(r, ""),
		"mirror_url": nil, "homepage": nil, "language": nil, "default_branch": r.defaultBranch, "forks": 0, "forks_count": 0,
		"stargazers_count": 0, "watchers": 0, "watchers_count": 0, "size": 0, "open_issues": r.openPulls(), "open_issues_count": r.openPulls(),
		"is_template": false, "topics": []string{}, "has_issues": true, "has_projects": true, "has_wiki": false, "has_pages": false,
		"has_downloads": true, "has_discussions": false, "archived": false, "disabled": false, "license": nil, "allow_forking": true,
		"web_commit_signoff_required": false, "pushed_at": stamp(r.pushed), "created_at": stamp(r.created), "updated_at": stamp(r.pushed),
	}
	for name, link := range repoLinks {
		view[name] = s.repoAPI(r, "") + link
	}
	return view
}

func (r *repo) openPulls() int {
	n := 0
	for _, p := range r.pulls {
		if p.state == "open" {
			n++
		}
	}
	return n
}

func permissionsView(role string) object {
	at := slices.Index(Roles, role)
	return object{"pull": at >= 1, "triage": at >= 2, "push": at >= 3, "maintain": at >= 4, "admin": at >= 5}
}

// commitView is a commit in lists.
func (s *Server) commitView(r *repo, c logged) object {
	sign := func(p person, at time.Time) object {
		return object{"name": p.Name, "email": p.Email, "date": stamp(at)}
	}
	parents := []object{}
	for _, p := range c.parents {
		parents = append(parents, object{"sha": p, "url": s.repoAPI(r, "/commits/%s", p), "html_url": s.html(r, "/commit/%s", p)})
	}
	return object{
		"sha": c.sha, "node_id": nodeID("Commit", r.id) + c.sha, "url": s.repoAPI(r, "/commits/%s", c.sha),
		"html_url": s.html(r, "/commit/%s", c.sha), "comments_url": s.repoAPI(r, "/commits/%s/comments", c.sha),
		"author": nullable(s.userView(s.userOf(c.author))), "committer": nullable(s.userView(s.userOf(c.committer))), "parents": parents,
		"commit": object{
			"url": s.repoAPI(r, "/git/commits/%s", c.sha), "message": c.message, "comment_count": 0,
			"author": sign(c.author, c.authored), "committer": sign(c.committer, c.commited),
			"tree":         object{"sha": c.tree, "url": s.repoAPI(r, "/git/trees/%s", c.tree)},
			"verification": object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil},
		},
	}
}

// nullable makes an absent object null, not {}.
func nullable(o object) any {
	if o == nil {
		return nil
	}
	return o
}

func (s *Server) fileView(r *repo, sha string, f fileDiff) object {
	view := object{
		"sha": f.blob, "filename": f.path, "status": f.status, "additions": f.additions, "deletions": f.deleted,
		"changes": f.additions + f.deleted, "blob_url": s.html(r, "/blob/%s/%s", sha, f.path),
		"raw_url": s.html(r, "/raw/%s/%s", sha, f.path), "contents_url": s.repoAPI(r, "/contents/%s?ref=%s", escapePath(f.path), sha),
	}
	if f.patch != "" {
		view["patch"] = f.patch
	}
	if f.from != "" {
		view["previous_filename"] = f.from
	}
	return view
}

func (s *Server) reviewView(p *pull, r *Review) object {
	page := s.html(p.repo, "/pull/%d#pullrequestreview-%d", p.number, r.ID)
	return object{
		"id": r.ID, "node_id": nodeID("Review", r.ID), "user": s.userView(s.user(r.Author)), "body": r.Body, "state": r.State,
		"html_url": page, "pull_request_url": s.repoAPI(p.repo, "/pulls/%d", p.number), "author_association": "COLLABORATOR",
		"_links":       object{"html": object{"href": page}, "pull_request": object{"href": s.repoAPI(p.repo, "/pulls/%d", p.number)}},
		"submitted_at": stamp(r.SubmittedAt), "commit_id": r.Commit,
	}
}

func (s *Server) commentView(r *repo, c *comment) object {
	var by any
	if a := s.apps[c.App]; a != nil {
		by = s.appView(a)
	}
	return object{
		"id": c.ID, "node_id": nodeID("IssueComment", c.ID), "url": s.repoAPI(r, "/issues/comments/%d", c.ID),
		"html_url": s.html(r, "/pull/%d#issuecomment-%d", c.Pull, c.ID), "body": c.Body, "user": s.userView(s.user(c.Author)),
		"created_at": stamp(c.CreatedAt), "updated_at": stamp(c.UpdatedAt), "issue_url": s.repoAPI(r, "/issues/%d", c.Pull),
		"author_association": r.association(s.user(c.Author)), "performed_via_github_app": by,
		"reactions": reactionsView(s.repoAPI(r, "/issues/comments/%d", c.ID), c.Reactions),
	}
}

// noReactions is what a thing has that nobody has reacted to.
func noReactions(self string) object {
	return object{
		"url": self + "/reactions", "total_count": 0, "+1": 0, "-1": 0, "laugh": 0, "hooray": 0, "confused": 0, "heart": 0, "rocket": 0, "eyes": 0,
	}
}

func escapePath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = urlEscape(p)
	}
	return strings.Join(parts, "/")
}
