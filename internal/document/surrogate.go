package document

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf16"

	"gopkg.in/yaml.v3"
)

// JSON writes a character beyond the first 65,536 as two escapes, such as \ud83d\udca9 (RFC 8259, section 7); to YAML each is one
// character, which is none (yaml.org/spec/1.2.2, section 5.7). While the parsers read, escapes of private characters stand in for
// them: with e in place of d.
var (
	surrogates   = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)
	surrogatesIn = regexp.MustCompile(`\\u[eE][89a-fA-F][0-9a-fA-F]{2}`)
	asSurrogates = strings.NewReplacer(`\ue`, `\ud`, `\uE`, `\uD`)
)

// hideSurrogates puts the private escapes in place; false where there is nothing to do, or the source has such of its own.
func hideSurrogates(src []byte) ([]byte, bool) {
	if !bytes.Contains(src, []byte(`\ud`)) && !bytes.Contains(src, []byte(`\uD`)) {
		return src, false
	}
	if surrogatesIn.Match(src) || bytes.ContainsFunc(src, isHidden) {
		return src, false
	}
	out, hidden := src, false
	for _, at := range surrogates.FindAllIndex(src, -1) {
		before := src[:at[0]]
		if escaped := len(before) - len(bytes.TrimRight(before, `\`)); escaped%2 == 1 {
			continue // the backslash is one that was escaped itself
		}
		if !hidden {
			out, hidden = bytes.Clone(src), true
		}
		for _, letter := range []int{at[0] + 2, at[0] + 8} {
			out[letter]++ // e in place of d
		}
	}
	return out, hidden
}

func isHidden(r rune) bool { return r >= 0xe800 && r <= 0xefff }

// showSurrogates gives a node and those below it their characters: in "double quotes" those that the escapes mean, elsewhere what
// is written.
func showSurrogates(n *yaml.Node) {
	if n == nil {
		return
	}
	switch {
	case n.Kind != yaml.ScalarNode:
	case n.Style&yaml.DoubleQuotedStyle != 0:
		n.Value = joined(n.Value)
	default:
		n.Value = surrogatesIn.ReplaceAllStringFunc(n.Value, asSurrogates.Replace)
	}
	for _, child := range n.Content {
		showSurrogates(child)
	}
}

// joined makes one character of each two that stand in for halves of it.
func joined(s string) string {
	if !strings.ContainsFunc(s, isHidden) {
		return s
	}
	in := []rune(s)
	out := in[:0]
	for i := 0; i < len(in); i++ {
		if isHidden(in[i]) && i+1 < len(in) && isHidden(in[i+1]) {
			out = append(out, utf16.DecodeRune(in[i]-0x1000, in[i+1]-0x1000))
			i++
			continue
		}
		out = append(out, in[i])
	}
	return string(out)
}
