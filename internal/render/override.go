package render

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
)

// An Override is that somebody whom the operator trusts with it lets a change pass its gates.
type Override struct {
	By      forge.User
	Team    string // that lets them
	Reason  string
	Head    forge.Commit // that it was said of
	Base    string       // the branch that this was to be merged into
	Command int64        // id of the comment that says so
}

// who names a person in code, so that nobody is called.
func who(u forge.User) string { return code(clip(u.Login, maxName)) }

// maxBase is how much of a branch's name the record holds, in characters: GitHub refuses names of more than 255 bytes (its error GH002).
const maxBase = 255

const overrideMark = "<!-- tamer:override "

// record is the form of an Override in a comment.
type record struct {
	Command int64        `json:"command"`
	By      int64        `json:"by"`
	Head    forge.Commit `json:"head"`
	Base    string       `json:"base"`
}

// Overridden answers the command of an override. The answer is the record of which commit it was said of: ReadOverride finds it.
// An answer holds it in its second line, below the marker of what it answers. A base with a name longer than any of GitHub is cut, and so
// the override counts for none.
func Overridden(o Override) string {
	b, _ := json.Marshal(record{o.Command, o.By.ID, o.Head, clip(o.Base, maxBase)}) // numbers and texts
	return fmt.Sprintf("%s%s -->\n%s lets %s pass its gates:\n\n> %s\n\nThis stands in tamer/approvals, as long as what the gates govern means the same. "+
		"Delete the command to take it back; edited, it does not count.\n", overrideMark, strings.ReplaceAll(string(b), "@", `\u0040`), who(o.By), code(o.Head.Short()), code(clip(o.Reason, maxSaid)))
}

// NotOverridden tells who has asked for an override why nothing comes of it.
func NotOverridden(login, why string) string {
	return fmt.Sprintf("The gates were not overridden for %s: %s.\n", code(clip(login, maxName)), why)
}

// ReadOverride reads what Overridden has written, out of a comment of tamer's own that nobody has edited: command, person, commit and base.
func ReadOverride(comment string) (Override, bool) {
	_, rest, _ := strings.Cut(comment, "\n")
	line, _, _ := strings.Cut(rest, "\n")
	text, ok := strings.CutPrefix(line, overrideMark)
	text, closed := strings.CutSuffix(text, " -->")
	var r record
	if !ok || !closed || json.Unmarshal([]byte(text), &r) != nil {
		return Override{}, false
	}
	head, err := forge.ParseCommit(string(r.Head))
	return Override{By: forge.User{ID: r.By}, Head: head, Base: r.Base, Command: r.Command}, err == nil && r.Command > 0 && r.By > 0
}
