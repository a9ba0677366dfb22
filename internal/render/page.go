package render

import (
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
)

// A Page is where on GitHub something is said: what its links lead to. The zero Page has no links.
type Page struct {
	Repository string       // address of the repository's page
	Pull       int          // number of the pull request; 0 for none
	Head       forge.Commit // at whose lines the findings stand
}

// PageOf is the page of a pull request.
func PageOf(pr forge.PullRequest) Page {
	repository, _, ok := strings.Cut(pr.URL, "/pull/")
	if !ok {
		return Page{}
	}
	return Page{Repository: repository, Pull: pr.Number, Head: pr.Head}
}

// place names a place in a file, as code that links to it.
func (p Page) place(file string, at finding.Span) string {
	name := clip(file, maxName)
	if at.Start.Line > 0 {
		name += fmt.Sprintf(":%d", at.Start.Line)
	}
	return p.link(code(name), file, at)
}

// maxLinked is how long a path may be that is linked to, in bytes: so that one finding cannot fill the whole text.
const maxLinked = 1_000

// link makes a text, which is Markdown already, lead to a place in a file.
func (p Page) link(text, file string, at finding.Span) string {
	if p.Repository == "" || file == "" || len(file) > maxLinked {
		return text
	}
	lines := ""
	if at.Start.Line > 0 {
		lines = fmt.Sprintf("#L%d", at.Start.Line)
		if at.End.Line > at.Start.Line {
			lines += fmt.Sprintf("-L%d", at.End.Line)
		}
	}
	return fmt.Sprintf("[%s](%s/blob/%s/%s%s)", text, p.Repository, p.Head, escaped(file), lines)
}

// checks links to the check runs of the pull request.
func (p Page) checks(text string) string {
	if p.Repository == "" || p.Pull == 0 {
		return text
	}
	return fmt.Sprintf("[%s](%s/pull/%d/checks)", text, p.Repository, p.Pull)
}

// escaped writes a path so that it can stand in an address and in the brackets of a link: only what RFC 3986 calls unreserved
// stays, and the slash.
func escaped(path string) string {
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
