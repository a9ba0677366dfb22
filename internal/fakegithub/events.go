package fakegithub

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// DefaultEvents are the events that the app gets when Config says nothing else.
var DefaultEvents = []string{
	"check_run", "check_suite", "create", "delete", "deployment", "deployment_status", "issue_comment", "merge_group",
	"pull_request", "pull_request_review", "push", "repository",
}

// emit queues an event of a repository for the installation that sees it, if any. Its body gets what every event has.
func (s *Server) emit(r *repo, event, action string, by *User, body object) {
	i := s.installOf(r)
	if i == nil || i.suspended {
		return
	}
	payload := object{"repository": s.repoView(r)}
	maps.Copy(payload, body)
	s.post(i, event, action, by, payload, r.id)
}

// unasked are the events that every app gets.
var unasked = []string{"installation", "installation_repositories", "ping"}

// post queues an event for an installation, if the app gets events of that kind.
func (s *Server) post(i *installation, event, action string, by *User, payload object, repo int64) {
	if !slices.Contains(unasked, event) && !slices.Contains(s.cfg.Events, event) {
		return
	}
	if action != "" {
		payload["action"] = action
	}
	payload["sender"] = s.userView(by)
	d := &Delivery{Event: event, Action: action, Repository: repo}
	if i != nil {
		d.Installation = i.id
		if payload["installation"] == nil {
			payload["installation"] = object{"id": i.id, "node_id": nodeID("Installation", i.id)}
		}
		if i.account.Org {
			self := s.api("/orgs/%s", i.account.Login)
			payload["organization"] = object{
				"login": i.account.Login, "id": i.account.ID, "node_id": nodeID("Organization", i.account.ID), "url": self,
				"repos_url": self + "/repos", "events_url": self + "/events", "hooks_url": self + "/hooks", "issues_url": self + "/issues",
				"members_url": self + "/members{/member}", "public_members_url": self + "/public_members{/member}",
				"avatar_url": s.url + "/avatars/" + i.account.Login, "description": "",
			}
		}
	}
	body, err := json.Marshal(payload)
	if err != nil {
		panic(err) // a view that is no JSON is a mistake in this package
	}
	d.Payload = body
	s.hooks.add(d)
}

func (s *Server) emitPing() {
	s.post(nil, "ping", "", s.user(appOwner), object{
		"zen": "Keep it logically awesome.", "hook_id": 1,
		"hook": object{
			"type": "App", "id": 1, "name": "web", "active": true, "events": s.cfg.Events, "app_id": s.cfg.AppID,
			"config":     object{"content_type": "json", "insecure_ssl": "0", "url": "", "secret": "********"},
			"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
		},
	}, 0)
}

func (s *Server) shortRepoView(r *repo) object {
	return object{"id": r.id, "node_id": nodeID("Repository", r.id), "name": r.name, "full_name": r.fullName(), "private": true}
}

func (s *Server) emitInstallation(i *installation, action string, repos []*repo) {
	s.post(i, "installation", action, i.account, object{
		"installation": s.installationView(i), "repositories": views(repos, s.shortRepoView), "requester": nil,
	}, 0)
}

func (s *Server) emitInstallationRepos(i *installation, action string, r *repo) {
	added, removed := []*repo{r}, []*repo(nil)
	if action == "removed" {
		added, removed = removed, added
	}
	payload := object{
		"installation": s.installationView(i), "repository_selection": i.selection(), "requester": nil,
		"repositories_added": views(added, s.shortRepoView), "repositories_removed": views(removed, s.shortRepoView),
	}
	s.post(i, "installation_repositories", action, i.account, payload, 0)
}

// maxPushCommits is how many commits a push lists. Source: docs.github.com, "Webhook events and payloads", push.
const maxPushCommits = 2048

// emitPush sends push, and create or delete beside it. An empty commit stands for none.
func (s *Server) emitPush(r *repo, ref, before, after string, by *User) {
	if i := s.installOf(r); i == nil || i.suspended {
		return // spares the listing of commits
	}
	kind, short := "branch", strings.TrimPrefix(ref, "refs/heads/")
	if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
		kind, short = "tag", tag
	}
	if before == "" {
		s.emit(r, "create", "", by, object{
			"ref": short, "ref_type": kind, "master_branch": r.defaultBranch, "description": nil, "pusher_type": "user",
		})
	}
	commits := s.pushedCommits(r, before, after)
	var head any
	if after != "" {
		if tip, err := r.dir.log("--max-count=1", after); err == nil && len(tip) == 1 {
			head = s.pushCommitView(r, tip[0])
		}
	}
	s.emit(r, "push", "", by, object{
		"ref": ref, "before": orZeros(before), "after": orZeros(after), "base_ref": nil,
		"created": before == "", "deleted": after == "", "forced": before != "" && after != "" && !r.dir.isAncestor(before, after),
		"compare": s.html(r, "/compare/%.12s...%.12s", orZeros(before), orZeros(after)),
		"commits": views(commits, func(c logged) object { return s.pushCommitView(r, c) }), "head_commit": head,
		"pusher": object{"name": by.Login, "email": by.Email}, "repository": s.pushRepoView(r),
	})
	if after == "" {
		s.emit(r, "delete", "", by, object{"ref": short, "ref_type": kind, "pusher_type": "user"})
	}
}

func orZeros(sha string) string {
	if sha == "" {
		return zeros
	}
	return sha
}

// pushedCommits gives the commits that a push brought, oldest first.
func (s *Server) pushedCommits(r *repo, before, after string) []logged {
	if after == "" {
		return nil
	}
	revs := []string{"--reverse", "--max-count=2048", after}
	switch tip := r.tip(r.defaultBranch); {
	case before != "":
		revs = append(revs, "^"+before)
	case tip != "" && tip != after:
		revs = append(revs, "^"+tip)
	}
	commits, err := r.dir.log(revs...)
	if err != nil {
		return nil
	}
	return commits[:min(len(commits), maxPushCommits)]
}

// pushRepoView is a repository as a push has it: with times in seconds.
func (s *Server) pushRepoView(r *repo) object {
	view := s.repoView(r)
	view["created_at"], view["pushed_at"] = r.created.Unix(), r.pushed.Unix()
	view["master_branch"], view["stargazers"] = r.defaultBranch, 0
	owner := s.userView(r.owner)
	owner["name"], owner["email"] = r.owner.Login, r.owner.Email
	view["owner"] = owner
	if r.owner.Org {
		view["organization"] = r.owner.Login
	}
	return view
}

func (s *Server) pushCommitView(r *repo, c logged) object {
	sign := func(p person) object {
		view := object{"name": p.Name, "email": p.Email}
		if u := s.userOf(p); u != nil {
			view["username"] = u.Login
		}
		return view
	}
	list := func(paths []string) []string { return append([]string{}, paths[:min(len(paths), maxPullFiles)]...) }
	return object{
		"id": c.sha, "tree_id": c.tree, "distinct": true, "message": c.message, "timestamp": stamp(c.commited),
		"url": s.html(r, "/commit/%s", c.sha), "author": sign(c.author), "committer": sign(c.committer),
		"added": list(c.added), "removed": list(c.removed), "modified": list(c.modified),
	}
}

// emitPull sends an event of a pull request. Extra holds what the action has besides.
func (s *Server) emitPull(p *pull, action string, by *User, extra object) {
	body := object{"number": p.number, "pull_request": s.fullPullView(p)}
	maps.Copy(body, extra)
	s.emit(p.repo, "pull_request", action, by, body)
}

// emitReview sends an event of a review, whose state is in lower case there.
func (s *Server) emitReview(p *pull, r *Review, action string, by *User) {
	view := s.reviewView(p, r)
	view["state"] = strings.ToLower(r.State)
	s.emit(p.repo, "pull_request_review", action, by, object{"review": view, "pull_request": s.pullView(p)})
}

// RequestMergeGroup makes the merge queue's commit for a pull request and asks for its checks, as adding it to the queue
// does: the branch gh-readonly-queue/BASE/pr-N-SHA is pushed, then merge_group.checks_requested is sent. It gives the commit.
func (s *Server) RequestMergeGroup(repo string, number int) (string, error) {
	var sha string
	err := s.onPull(repo, number, func(p *pull) error {
		base := p.repo.tip(p.base)
		tree, ok := p.tryMerge()
		if p.state != "open" || !ok {
			return refuse(http.StatusMethodNotAllowed, "Pull Request is not mergeable")
		}
		bot := s.user("github-merge-queue[bot]")
		var err error
		sha, err = p.repo.dir.commitTree(tree, "Merge pull request", p.author.person(), bot.person(), s.now(), base, p.headSHA)
		if err != nil {
			return err
		}
		branch := "gh-readonly-queue/" + p.base + "/pr-" + strconv.Itoa(p.number) + "-" + base
		if err := s.moveRef(p.repo, "refs/heads/"+branch, sha, bot); err != nil {
			return err
		}
		commits, err := p.repo.dir.log("--max-count=1", sha)
		if err != nil {
			return err
		}
		s.emit(p.repo, "merge_group", "checks_requested", bot, object{"merge_group": object{
			"head_sha": sha, "head_ref": "refs/heads/" + branch, "base_sha": base, "base_ref": "refs/heads/" + p.base,
			"head_commit": s.pushCommitView(p.repo, commits[0]),
		}})
		return nil
	})
	return sha, err
}
