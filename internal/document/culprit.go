package document

import (
	"bytes"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
)

// culprit looks for what misled the parser, above the place where it could not go on or there: a quote or bracket that is
// never closed, or a line that is indented wrongly. It gives the problem, in the parser's words, and the place of that; both
// as they are, where it finds neither.
func culprit(src []byte, problem string, at finding.Place) (string, finding.Place) {
	if offset, ok := firstUnclosed(src); ok {
		if opened := (&text{src: src}).spanAt(offset).Start; opened.Line <= at.Line {
			return neverClosed[src[offset]], opened
		}
	}
	switch {
	case strings.Contains(problem, "mapping values are not allowed") && beginsLine(src, at):
		return "did not find expected key", misindented(src, at)
	case strings.Contains(problem, "did not find expected key"), strings.Contains(problem, "did not find expected '-' indicator"):
		return problem, misindented(src, at)
	}
	return problem, at
}

var neverClosed = map[byte]string{
	'"': "found unexpected end of stream", '\'': "found unexpected end of stream",
	'[': "did not find expected ',' or ']'", '{': "did not find expected ',' or '}'",
}

// beginsLine tells whether the colon at a place follows the first key of its line: then not the colon is wrong, but where
// the line begins.
func beginsLine(src []byte, at finding.Place) bool {
	lines := bytes.Split(src, []byte("\n"))
	if at.Line > len(lines) {
		return false
	}
	line := []rune(string(lines[at.Line-1]))
	return !strings.Contains(string(line[:min(max(at.Column-1, 0), len(line))]), ": ")
}
