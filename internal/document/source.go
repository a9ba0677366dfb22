package document

import (
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/finding"
)

// Source gives the characters of a span as they are written in the file; false for a span that does not end on the line
// where it begins.
func (d *Document) Source(at finding.Span) (string, bool) {
	if at.Start.Line < 1 || at.End.Line != at.Start.Line || at.End.Column < at.Start.Column {
		return "", false
	}
	rest := afterColumns(d.text.line(at.Start.Line), at.Start.Column-1)
	end := rest
	for range at.End.Column - at.Start.Column {
		if len(end) == 0 {
			return "", false
		}
		_, size := utf8.DecodeRune(end)
		end = end[size:]
	}
	return string(rest[:len(rest)-len(end)]), true
}
