package render

import (
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/governance"
)

// approvalsMark stands above the line of the one comment that tells of approvals. HTML comments are not shown.
const approvalsMark = "<!-- tamer:approvals -->"

// alone is what the one comment says above that line where there is nothing else to say yet.
const alone = "### Who approves this change"

// lineRoom bounds that line, in bytes: the rest of the comment leaves as much room.
const lineRoom = 1_000

// Line is what the one comment of a pull request says of its gates; empty where there is nothing to say.
func (g Gated) Line() string {
	if line := g.line(); len(line) <= lineRoom-100 {
		return line
	}
	return "**Approvals**: see the check run tamer/approvals."
}

func (g Gated) line() string {
	check := g.Page.checks("tamer/approvals")
	switch state := g.State(); {
	case g.Override != nil:
		return fmt.Sprintf("**Approvals**: overridden by %s, see %s.", who(g.Override.By), check)
	case g.Problem == "" && len(g.Verdict.Gates) == 0:
		return ""
	case state == governance.Met:
		return fmt.Sprintf("**Approvals**: given by %s.", and(inCode(approvedBy(g.Verdict))))
	case state == governance.Refused:
		return fmt.Sprintf("**Approvals**: %s%sfor changes, see %s.", and(inCode(loginsOf(g.Verdict.Refusing))), asks(len(g.Verdict.Refusing)), check)
	case state == governance.Waiting:
		return fmt.Sprintf("**Approvals**: waits for %s; who could give that stands in %s.", g.waited(), check)
	}
	return fmt.Sprintf("**Approvals**: cannot be decided, see %s.", check)
}

// WithLine gives the text of the one comment with another line about approvals; an empty line takes it out. An empty text is that of a
// comment that does not exist yet.
func WithLine(comment, line string) string {
	headline, rest := alone, ""
	if comment != "" {
		comment = strings.TrimPrefix(comment, CommentMarker+"\n")
		headline, rest, _ = strings.Cut(comment, "\n\n")
		if strings.HasPrefix(rest, approvalsMark) {
			_, rest, _ = strings.Cut(rest, "\n\n")
		}
	}
	text := CommentMarker + "\n" + headline
	if line != "" {
		text += "\n\n" + approvalsMark + "\n" + line
	}
	if rest != "" {
		text += "\n\n" + rest
	}
	return text
}

// LineOf gives the line about approvals of a comment that WithLine has made; empty where there is none.
func LineOf(comment string) string {
	_, rest, _ := strings.Cut(comment, "\n\n")
	line, _, _ := strings.Cut(rest, "\n\n")
	line, ok := strings.CutPrefix(line, approvalsMark+"\n")
	if !ok {
		return ""
	}
	return line
}
