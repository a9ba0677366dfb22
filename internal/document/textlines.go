package document

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// Lines tells for a text where each of its lines begins in the file, so that a place in the text is a place in the file. It is
// nil where the file writes the text in other characters: with escapes, folded, or through an alias.
func (d *Document) Lines(tokens []string) []finding.Place {
	n := d.node(tokens)
	switch {
	case n == nil || n.Kind != yaml.ScalarNode:
		return nil
	case n.Style&yaml.LiteralStyle != 0:
		return d.literalLines(n)
	case n.Style&yaml.FoldedStyle != 0:
		return nil
	}
	at := d.text.spanOf(n)
	written, ok := d.Source(at)
	switch {
	case !ok:
		return nil
	case written == n.Value:
		return []finding.Place{at.Start}
	case len(written) >= 2 && written[1:len(written)-1] == n.Value:
		return []finding.Place{{Line: at.Start.Line, Column: at.Start.Column + 1}}
	}
	return nil
}

// literalLines finds the lines of a text after "|" below it.
func (d *Document) literalLines(n *yaml.Node) []finding.Place {
	lines := d.text.split()
	var places []finding.Place
	for i, want := range strings.Split(strings.TrimRight(n.Value, "\n"), "\n") {
		at := n.Line + i // lines counts from 0: this is the line after the sign
		if at >= len(lines) {
			return nil
		}
		written := string(d.text.src[lines[at].start:lines[at].end])
		indent, ok := strings.CutSuffix(written, want)
		if want == "" && strings.TrimLeft(written, " ") == "" {
			indent, ok = "", true
		}
		if !ok || strings.Trim(indent, " ") != "" {
			return nil
		}
		places = append(places, finding.Place{Line: at + 1, Column: utf8.RuneCountInString(indent) + 1})
	}
	return places
}

// node gives what tokens lead to; nil where nothing is written there itself.
func (d *Document) node(tokens []string) *yaml.Node {
	n := d.root
	for _, token := range tokens {
		if n == nil {
			return nil
		}
		_, val, via := d.child(n, token)
		if via != nil {
			return nil
		}
		n = val
	}
	return n
}
