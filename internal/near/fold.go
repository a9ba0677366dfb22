package near

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold writes alike what many stores and file systems, and most people, take for one name: in upper or lower case, and with accents
// that are part of their letter or characters of their own.
func Fold(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.ToUpper(name)
	}
	return norm.NFC.String(strings.Map(oneCase, norm.NFD.String(name)))
}

// oneCase gives the least of the runes that differ from one by case only.
func oneCase(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}
