package edit

import (
	"bytes"
	"errors"
	"slices"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
)

// An Order gives the keys of the mapping at a path of a document, in the order in which they are to stand. Keys that it does not
// name stay behind these, in their order; nil leaves all as they are.
type Order func(doc int, path []string) []string

// ErrStyle is said of a text that is left alone, for its new form would say something else.
var ErrStyle = errors.New("this text cannot be put into the common style without changing what it says: it is left as it is")

// maxRounds bounds how often a text is formatted until nothing changes any more. Almost all texts need one.
const maxRounds = 3

// Format gives the text of a file in the one style that all files are to have: two blanks for each level, lists deeper than their
// key, one blank before a comment, at most one blank line, and words without quotes. Comments, anchors,
// tags, brackets and the lines of long texts stay. In JSON each item has a line.
//
// The new text is read again, and must mean the same, with the same comments, anchors and tags; formatted again it stays as it is.
// Else, and where order would bring an alias before its anchor, the error is for the person whose file it is.
func Format(name string, src []byte, docs []*document.Document, order Order, limits document.Limits) ([]byte, error) {
	out, err := settled(name, src, docs, order, limits)
	if err != nil && order != nil {
		return settled(name, src, docs, nil, limits)
	}
	return out, err
}

// settled formats until nothing changes any more.
func settled(name string, src []byte, docs []*document.Document, order Order, limits document.Limits) ([]byte, error) {
	first, err := newPage(name, src, docs)
	if err != nil {
		return nil, err
	}
	first.study()
	p := first
	for range maxRounds {
		out := formatted(p, order)
		if bytes.Equal(out, p.src) {
			return out, nil
		}
		again, found := document.Parse(out, limits)
		if len(found) > 0 {
			return nil, ErrStyle
		}
		next, err := newPage(name, out, again)
		if err != nil {
			return nil, err
		}
		next.study()
		if !first.says(next) {
			return nil, ErrStyle
		}
		p = next
	}
	return nil, ErrStyle
}

// says tells whether another page says the same to tamer and to any other reader: values, comments, anchors and tags.
func (p *page) says(next *page) bool {
	same := func(a, b *document.Document) bool { return diff.Equal(a.Value, b.Value) }
	if !slices.EqualFunc(p.docs, next.docs, same) {
		return false
	}
	count := map[string]int{}
	p.tally(count, 1)
	next.tally(count, -1)
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// tally counts what a page says beside its values.
func (p *page) tally(count map[string]int, by int) {
	for _, r := range p.remarks() {
		count["comment "+r.text] += by
	}
	for _, root := range p.roots {
		look(root, func(n *document.Node) {
			switch {
			case n.Form == document.Alias:
				count["alias "+n.Text] += by
			case n.Scalar() && n.Form == document.Plain:
				count["plain "+n.Text] += by * keyed(n)
			}
			if n.Anchor != "" {
				count["anchor "+n.Anchor] += by
			}
			if n.Tag != "" {
				count["tag "+n.Tag] += by
			}
		})
	}
}

// keyed is 1 for plain characters that some reader of YAML takes for no text, which must not come out of quotes or into them.
func keyed(n *document.Node) int {
	if n.Empty() || n.Text == "" || safe(n.Text) {
		return 0
	}
	return 1
}
