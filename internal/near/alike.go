package near

import "golang.org/x/text/unicode/norm"

// Alike tells whether two texts are not the same and yet look so: an é is one character, or an e and its accent (Unicode, annex 15).
func Alike(a, b string) bool { return a != b && norm.NFC.String(a) == norm.NFC.String(b) }
