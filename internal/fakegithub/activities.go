package fakegithub

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An activity is that of a branch: somebody has moved it.
type activity struct {
	id            int64
	ref           string
	before, after string // empty where the branch began or ended
	by            *User
	at            time.Time
}

// noteActivity remembers who has moved a branch.
func (s *Server) noteActivity(r *repo, ref, before, after string, by *User) {
	r.activities = append(r.activities, activity{s.id(), ref, before, after, by, s.now()})
}

func (a activity) kind(r *repo) string {
	switch {
	case a.before == "":
		return "branch_creation"
	case a.after == "":
		return "branch_deletion"
	case slices.ContainsFunc(r.pulls, func(p *pull) bool { return p.merged && p.mergeSHA == a.after }):
		return "pr_merge"
	case !r.dir.isAncestor(a.before, a.after):
		return "force_push"
	}
	return "push"
}

// listActivities gives them by cursor, the newest first.
func listActivities(s *Server, c *call) (any, error) {
	q := c.URL.Query()
	ref := q.Get("ref")
	if ref != "" && !strings.HasPrefix(ref, "refs/") {
		ref = "refs/heads/" + ref
	}
	found := slices.Clone(c.repo.activities)
	slices.Reverse(found)
	found = slices.DeleteFunc(found, func(a activity) bool {
		return ref != "" && a.ref != ref || q.Get("actor") != "" && !strings.EqualFold(a.by.Login, q.Get("actor"))
	})
	if last, err := strconv.ParseInt(q.Get("after"), 10, 64); err == nil {
		found = slices.DeleteFunc(found, func(a activity) bool { return a.id >= last })
	}
	if size := min(number(q.Get("per_page"), 30), 100); len(found) > size {
		found = found[:size]
		q.Set("after", strconv.FormatInt(found[size-1].id, 10))
		c.reply.Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, s.url+c.URL.EscapedPath(), q.Encode()))
	}
	return views(found, func(a activity) object {
		return object{"id": a.id, "node_id": nodeID("Activity", a.id), "before": orZeros(a.before), "after": orZeros(a.after), "ref": a.ref,
			"timestamp": stamp(a.at), "activity_type": a.kind(c.repo), "actor": s.userView(a.by)}
	}), nil
}
