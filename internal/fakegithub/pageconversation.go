package fakegithub

import (
	"cmp"
	"html/template"
	"slices"
	"strings"
	"time"
)

// An item is one thing in the conversation.
type item struct {
	Kind   string // comment, review or event
	ID     int64  // of a review
	Author string
	Bot    bool
	When   string
	State  string        // of a review, or of what happened
	Body   template.HTML // rendered
	Text   string        // of an event
	at     time.Time
}

// conversation gives what was said and done, in order of time.
func (s *Server) conversation(p *pull) []item {
	items := []item{{Kind: "comment", Author: p.author.Login, When: s.ago(p.created), Body: rendered(cmp.Or(p.body, "*No description provided.*")), at: p.created}}
	if commits, err := p.repo.dir.log("--reverse", "--max-count=30", p.diffBase()+".."+p.headSHA); err == nil {
		for _, c := range commits {
			subject, _, _ := strings.Cut(c.message, "\n")
			items = append(items, item{Kind: "event", State: "commit", Author: c.author.Name, Text: subject + " " + short(c.sha), When: s.ago(c.commited), at: c.commited})
		}
	}
	for _, c := range p.repo.commentsOn(p.number) {
		when := s.ago(c.CreatedAt)
		if c.UpdatedAt.After(c.CreatedAt) {
			when += ", edited " + s.ago(c.UpdatedAt)
		}
		items = append(items, item{Kind: "comment", Author: c.Author, Bot: s.user(c.Author).bot(), When: when, Body: rendered(c.Body), at: c.CreatedAt})
	}
	for _, r := range p.reviews {
		items = append(items, item{Kind: "review", ID: r.ID, Author: r.Author, State: r.State, When: s.ago(r.SubmittedAt), Body: rendered(r.Body), Text: r.Body, at: r.SubmittedAt})
	}
	switch {
	case p.merged:
		items = append(items, item{Kind: "event", State: "merged", Author: p.mergedBy.Login, Text: "merged this into " + p.base + " as " + short(p.mergeSHA), When: s.ago(p.mergedAt), at: p.mergedAt})
	case p.state == "closed":
		items = append(items, item{Kind: "event", State: "closed", Author: p.closedBy.Login, Text: "closed this", When: s.ago(p.closed), at: p.closed})
	}
	slices.SortStableFunc(items[1:], func(a, b item) int { return a.at.Compare(b.at) })
	return items
}
