package render

import (
	"fmt"
	"net/url"

	"github.com/tamerhq/tamer/internal/forge"
)

// AnswerMarker begins the comment that answers something, so that it is found again. HTML comments are not shown.
func AnswerMarker(to string) string { return "<!-- tamer:answer " + to + " -->" }

// Help answers a command that is not known, or with an empty one the question what there is.
func Help(unknown string) string {
	said := ""
	if unknown != "" {
		said = fmt.Sprintf("tamer does not know %s. ", code(clip(unknown, 100)))
	}
	return said + "People with write access can ask it for:\n\n" +
		"| command | what it does |\n|---|---|\n" +
		"| `/tamer check` | judges this pull request again |\n" +
		"| `/tamer explain PATH#/pointer` | tells what a value of a config is, whether this pull request changes it, and what is said of it |\n" +
		"| `/tamer preview` | serves the head of this pull request beside production, under its commit |\n" +
		"| `/tamer rollback [--customer NAME] [--to COMMIT] REASON` | puts an earlier release back into production, at once, and holds it there; for operators |\n" +
		"| `/tamer resume REASON` | ends every hold: production follows its branch again; for operators |\n" +
		"| `/tamer override REASON` | lets the change pass its gates, if you are in a team that the operator has named for that |\n" +
		"| `/tamer help` | shows this |\n"
}

// NotFixed tells who has pressed a button why nothing came of it. No mention is made of the login, so nobody is notified.
func NotFixed(action, login, why string) string {
	if action == forge.MigrateAction {
		return fmt.Sprintf("The migration that %s asked for was not made: %s.\n", code(login), why)
	}
	if action == forge.PreviewAction {
		return fmt.Sprintf("The preview that %s asked for is not served: %s.\n", code(login), why)
	}
	return fmt.Sprintf("The fixes that %s asked for were not applied: %s.\n", code(login), why)
}

// FixMessage is the message of a commit that a button makes: it names the person who asked for it as co-author, by the address that
// GitHub keeps for that purpose, and repeats nothing that others wrote. page is the address of the pull request.
func FixMessage(action string, fixes, files int, by forge.User, page string) string {
	host := "github.com"
	if u, err := url.Parse(page); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	title, what := "Apply tamer's fixes", many(fixes, "edit")+" in "+many(files, "file")
	if action == forge.MigrateAction {
		title, what = "Migrate configs to the changed schemas", many(files, "file")
	}
	return fmt.Sprintf("%s\n\n%s, asked for by %s.\n\nCo-authored-by: %s <%d+%s@users.noreply.%s>", title, what, by.Login, by.Login, by.ID, by.Login, host)
}
