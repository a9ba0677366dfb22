package fakegithub

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const apiPrefix = "/api/v3"

// Who may send a request.
type as int

const (
	byToken  as = iota // an installation, or a user, that sees the repository
	byApp              // the app, with its JWT
	byAnyone           // also without credentials
)

// A route is one REST operation.
type route struct {
	pattern string // METHOD /path, as in http.ServeMux
	as      as
	need    string // permission:level, or several of which one is enough with "|"; empty: any token
	free    bool   // not counted against the rate limit
	handle  func(*Server, *call) (any, error)
}

// table is every operation served. What is not in it is answered with 404.
var table = []route{
	{pattern: "GET /rate_limit", as: byAnyone, free: true, handle: getRateLimit},
	{pattern: "GET /users/{username}", handle: getUser},
	{pattern: "GET /orgs/{org}/teams/{team_slug}/members", need: "members:read", handle: listTeamMembers},

	{pattern: "POST /app-manifests/{code}/conversions", as: byAnyone, handle: convertManifest},
	{pattern: "GET /app", as: byApp, handle: getApp},
	{pattern: "GET /app/installations", as: byApp, handle: listInstallations},
	{pattern: "GET /app/installations/{installation_id}", as: byApp, handle: getInstallation},
	{pattern: "POST /app/installations/{installation_id}/access_tokens", as: byApp, handle: createToken},
	{pattern: "GET /app/hook/config", as: byApp, handle: getHookConfig},
	{pattern: "GET /app/hook/deliveries", as: byApp, handle: listDeliveries},
	{pattern: "GET /app/hook/deliveries/{delivery_id}", as: byApp, handle: getDelivery},
	{pattern: "POST /app/hook/deliveries/{delivery_id}/attempts", as: byApp, handle: redeliver},
	{pattern: "GET /repos/{owner}/{repo}/installation", as: byApp, handle: getRepoInstallation},
	{pattern: "GET /installation/repositories", handle: listInstallationRepos},

	{pattern: "GET /repos/{owner}/{repo}", need: "metadata:read", handle: getRepo},
	{pattern: "GET /repos/{owner}/{repo}/activity", need: "contents:read", handle: listActivities},
	{pattern: "GET /repos/{owner}/{repo}/branches/{branch...}", need: "contents:read", handle: getBranch},
	{pattern: "GET /repos/{owner}/{repo}/rules/branches/{branch...}", need: "metadata:read", handle: listRules},
	{pattern: "GET /repos/{owner}/{repo}/collaborators", need: "metadata:read", handle: listCollaborators},
	{pattern: "GET /repos/{owner}/{repo}/collaborators/{username}/permission", need: "metadata:read", handle: getPermission},
	{pattern: "GET /repos/{owner}/{repo}/commits/{ref...}", handle: getCommitOr},

	{pattern: "GET /repos/{owner}/{repo}/pulls", need: "pull_requests:read", handle: listPulls},
	{pattern: "GET /repos/{owner}/{repo}/pulls/{pull_number}", need: "pull_requests:read", handle: getPull},
	{pattern: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", need: "pull_requests:read", handle: listReviews},
	{pattern: "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits", need: "pull_requests:read", handle: listPullCommits},
	{pattern: "GET /repos/{owner}/{repo}/pulls/{pull_number}/files", need: "pull_requests:read", handle: listPullFiles},
	{pattern: "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", need: "pull_requests:write", handle: requestReviewers},
	{pattern: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", need: "contents:write", handle: mergePull},

	{pattern: "POST /repos/{owner}/{repo}/check-runs", need: "checks:write", handle: createCheckRun},
	{pattern: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}", need: "checks:read", handle: getCheckRun},
	{pattern: "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", need: "checks:write", handle: updateCheckRun},
	{pattern: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", need: "checks:read", handle: listAnnotations},
	{pattern: "POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", need: "checks:write", handle: rerequestCheckRun},

	{pattern: "GET /repos/{owner}/{repo}/issues/{issue_number}/{comment_id}", need: "issues:read|pull_requests:read", handle: listOrGetComments},
	{pattern: "GET /repos/{owner}/{repo}/issues/{issue_number}/events", need: "issues:read", handle: listIssueEvents},
	{pattern: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", need: "issues:write|pull_requests:write", handle: createComment},
	{pattern: "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", need: "issues:write|pull_requests:write", handle: updateComment},
	{pattern: "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", need: "issues:write|pull_requests:write", handle: deleteComment},

	{pattern: "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", need: "issues:write|pull_requests:write", handle: createReaction},

	{pattern: "POST /repos/{owner}/{repo}/git/trees", need: "contents:write", handle: createTree},
	{pattern: "POST /repos/{owner}/{repo}/git/commits", need: "contents:write", handle: createCommit},
	{pattern: "PATCH /repos/{owner}/{repo}/git/refs/{ref...}", need: "contents:write", handle: updateRef},

	{pattern: "GET /repos/{owner}/{repo}/deployments", need: "deployments:read", handle: listDeployments},
	{pattern: "POST /repos/{owner}/{repo}/deployments", need: "deployments:write", handle: createDeployment},
	{pattern: "GET /repos/{owner}/{repo}/deployments/{deployment_id}", need: "deployments:read", handle: getDeployment},
	{pattern: "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", need: "deployments:read", handle: listDeploymentStatuses},
	{pattern: "POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", need: "deployments:write", handle: createDeploymentStatus},
}

// routes puts REST, git and pages on one handler.
func (s *Server) routes() http.Handler {
	rest := http.NewServeMux()
	for _, rt := range table {
		method, path, _ := strings.Cut(rt.pattern, " ")
		rest.HandleFunc(method+" "+apiPrefix+path, s.serve(rt))
	}
	rest.HandleFunc(apiPrefix+"/", s.serve(route{as: byAnyone, handle: func(*Server, *call) (any, error) { return nil, notFound }}))
	pages := s.pageRoutes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, apiPrefix+"/"):
			rest.ServeHTTP(w, s.byID(r))
		case isGit(r.URL.Path):
			s.serveGit(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	})
}

// byID turns a path below /repositories/ID, which survives renames, into one below /repos/OWNER/REPO.
func (s *Server) byID(r *http.Request) *http.Request {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), apiPrefix+"/repositories/")
	if !ok {
		return r
	}
	text, rest, _ := strings.Cut(rest, "/")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return r
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.repos[id]
	if found == nil {
		return r
	}
	raw := apiPrefix + "/repos/" + found.owner.Login + "/" + found.name
	if rest != "" {
		raw += "/" + rest
	}
	path, err := url.PathUnescape(raw)
	if err != nil {
		return r
	}
	clone := r.Clone(r.Context())
	clone.URL.Path, clone.URL.RawPath = path, raw
	return clone
}

// pathID reads a number from the path; 0, which nothing has, where it is none.
func pathID(c *call, name string) int64 {
	id, _ := strconv.ParseInt(c.PathValue(name), 10, 64)
	return id
}
