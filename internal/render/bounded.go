package render

import "strings"

// A bounded text takes whole blocks as long as they fit, and counts the things in those that it does not take. Once one does not fit,
// none is taken any more: what is shown is the beginning.
type bounded struct {
	b     strings.Builder
	limit int // bytes
	left  int // things left out
	full  bool
}

// add takes a block that holds so many things, and tells whether it did.
func (t *bounded) add(block string, things int) bool {
	if t.full || t.b.Len()+len(block) > t.limit {
		t.full = true
		t.left += things
		return false
	}
	t.b.WriteString(block)
	return true
}

// clip cuts a text after so many characters.
func clip(text string, most int) string {
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// Bounds of one text within Markdown, in characters.
const (
	maxName = 300   // a path
	maxSaid = 2_000 // a message
)
