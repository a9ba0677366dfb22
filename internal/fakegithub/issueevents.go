package fakegithub

import "time"

// An issueEvent is what happened to a pull request, of the kinds that are kept here.
type issueEvent struct {
	id   int64
	kind string // as GitHub names it
	by   *User
	at   time.Time
}

// Events of a change of base. Source: docs.github.com, "Issue event types".
const (
	baseChanged = "base_ref_changed"                // by somebody
	baseMoved   = "automatic_base_change_succeeded" // by GitHub, because the base was merged and deleted
)

func (s *Server) happened(p *pull, kind string, by *User) {
	p.events = append(p.events, issueEvent{id: s.id(), kind: kind, by: by, at: s.now()})
}

// listIssueEvents gives those of a pull request, the oldest first.
func listIssueEvents(s *Server, c *call) (any, error) {
	p := c.repo.pull(int(pathID(c, "issue_number")))
	if p == nil {
		return nil, notFound
	}
	return views(page(s, c, p.events), func(e issueEvent) object {
		return object{
			"id": e.id, "node_id": nodeID("IssueEvent", e.id), "url": s.repoAPI(p.repo, "/issues/events/%d", e.id),
			"actor": s.userView(e.by), "event": e.kind, "commit_id": nil, "commit_url": nil, "created_at": stamp(e.at),
			"performed_via_github_app": nil,
		}
	}), nil
}
