package fakegithub

import (
	"net/http"
	"slices"
	"strings"
)

// reactionContents are all that GitHub knows. Source: docs.github.com, REST API, "Reactions".
var reactionContents = []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}

// createReaction adds a reaction to a comment. The same one of the same user is not added again, and answered with 200.
func createReaction(s *Server, c *call) (any, error) {
	found, _, err := commentByPath(c)
	if err != nil {
		return nil, err
	}
	var in struct{ Content string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if !slices.Contains(reactionContents, in.Content) {
		return nil, malformed("%q is not a member of [%s].", in.Content, strings.Join(reactionContents, ", "))
	}
	r := Reaction{Author: c.actor.user.Login, Content: in.Content}
	if !slices.Contains(found.Reactions, r) {
		found.Reactions = append(found.Reactions, r)
		c.status = http.StatusCreated
	}
	id := found.ID*10 + int64(slices.Index(reactionContents, in.Content))
	return object{"id": id, "node_id": nodeID("Reaction", id), "user": s.userView(c.actor.user), "content": in.Content, "created_at": stamp(s.now())}, nil
}

// reactionsView counts the reactions to a comment.
func reactionsView(self string, all []Reaction) object {
	view := noReactions(self)
	view["total_count"] = len(all)
	for _, r := range all {
		view[r.Content] = view[r.Content].(int) + 1
	}
	return view
}
