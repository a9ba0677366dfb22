package render

import (
	"strconv"
	"strings"
	"unicode"
)

// visible makes one line of text safe to show: whatever moves a cursor, turns the direction of text or cannot be seen is
// written as an escape, such as \x1b or \u202e. Tabs become spaces.
func visible(s string) string {
	if !strings.ContainsFunc(s, hidden) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteString(visibleRune(r))
	}
	return b.String()
}

func visibleRune(r rune) string {
	switch {
	case r == '\t':
		return tab
	case hidden(r):
		q := strconv.QuoteRune(r)
		return q[1 : len(q)-1]
	}
	return string(r)
}

// tab is what a tab is shown as.
const tab = "    "

// hidden tells whether a character needs an escape. The joiners stay: they are part of words and of emoji.
func hidden(r rune) bool {
	return !unicode.IsPrint(r) && r != '\u200c' && r != '\u200d'
}
