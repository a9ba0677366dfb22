package finding

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"
)

// Apply makes the edits in a text of UTF-8 and tells how many of them it made: one that overlaps an earlier one, or whose
// place is not there, is left out. All else stays byte for byte. Lines end with LF, whatever stands before it.
func Apply(text []byte, edits []Edit) (out []byte, made int) {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return compare(a.At.Start, b.At.Start) })
	at := cursor{text: text, place: Place{Line: 1, Column: 1}}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		at.offset = len("\ufeff") // a byte order mark is no character of the first line
	}
	kept := 0 // up to here the text is in out
	for _, e := range edits {
		if compare(e.At.Start, at.place) < 0 || compare(e.At.End, e.At.Start) < 0 {
			continue
		}
		from, to := at, at
		if !from.seek(e.At.Start) {
			continue
		}
		if to = from; !to.seek(e.At.End) {
			continue
		}
		out = append(append(out, text[kept:from.offset]...), e.Text...)
		at, kept = to, to.offset
		made++
	}
	return append(out, text[kept:]...), made
}

func compare(a, b Place) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// A cursor is a place of a text, and where it stands in bytes.
type cursor struct {
	text   []byte
	offset int
	place  Place
}

// seek moves on to a place; false where the text does not have it.
func (c *cursor) seek(p Place) bool {
	for c.place.Line < p.Line {
		end := bytes.IndexByte(c.text[c.offset:], '\n')
		if end < 0 {
			return false
		}
		c.offset += end + 1
		c.place = Place{c.place.Line + 1, 1}
	}
	for c.place.Column < p.Column {
		if c.offset == len(c.text) || c.text[c.offset] == '\n' {
			return false
		}
		_, size := utf8.DecodeRune(c.text[c.offset:])
		c.offset += size
		c.place.Column++
	}
	return true
}
