package document

import "github.com/tamerhq/tamer/internal/finding"

// Source gives the characters of a span as they are written in the file; false for a span that does not end on the line
// where it begins.
func (d *Document) Source(at finding.Span) (string, bool) {
	if at.Start.Line < 1 || at.End.Line != at.Start.Line || at.End.Column < at.Start.Column {
		return "", false
	}
	start, end := d.text.offset(at.Start), d.text.offset(at.End)
	if d.text.placeOf(end) != at.End {
		return "", false // beyond the end of the line
	}
	return string(d.text.src[start:end]), true
}
