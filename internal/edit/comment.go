package edit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// A comment belongs to an item if it stands behind it, right above it in its column, below it to the right of its column, or within
// its value. It goes where the item goes, and with it. All other comments stay.

// A remark is a comment and where it begins.
type remark struct {
	at   int
	text string
}

// remarks lists the comments of a file, in their order.
func (p *page) remarks() []remark {
	p.study()
	var all []remark
	at := 0
	between := func(end int) {
		for ; at < end; at++ {
			if p.src[at] == '#' && (at == 0 || strings.IndexByte(" \t\r\n", p.src[at-1]) >= 0) {
				stop := p.lineEnd(at)
				all = append(all, remark{at, strings.TrimSpace(string(p.src[at:stop]))})
				at = stop - 1
			}
		}
	}
	for _, root := range p.roots {
		look(root, func(n *document.Node) {
			if !n.Scalar() {
				return
			}
			between(n.Content)
			if n.Form == document.Literal || n.Form == document.Folded {
				between(min(p.lineEnd(n.Content), n.End))
			}
			at = max(at, n.End)
		})
	}
	between(len(p.src))
	return all
}

// remarked gives the comments of a part of the text.
func (p *page) remarked(from, to int) []string {
	var all []string
	if p.noted(from, to) {
		for _, r := range p.remarks() {
			if from <= r.at && r.at < to {
				all = append(all, r.text)
			}
		}
	}
	return all
}

// lost gives the first comment of a page that another one has not as often.
func (p *page) lost(next *page) (remark, bool) {
	if !p.noted(0, len(p.src)) {
		return remark{}, false
	}
	left := map[string]int{}
	for _, r := range next.remarks() {
		left[r.text]++
	}
	for _, r := range p.remarks() {
		if left[r.text]--; left[r.text] < 0 {
			return r, true
		}
	}
	return remark{}, false
}

// keeps refuses splices by which comments are lost that stand outside of the bytes from one offset up to another.
func (p *page) keeps(splices []splice, from, to int) error {
	gone := func(r remark) bool {
		return (r.at < from || r.at >= to) && slices.ContainsFunc(splices, func(s splice) bool {
			return s.from <= r.at && r.at < s.to && !strings.Contains(s.text, r.text)
		})
	}
	if !slices.ContainsFunc(splices, func(s splice) bool { return p.noted(s.from, s.to) }) {
		return nil
	}
	if i := slices.IndexFunc(p.remarks(), gone); i >= 0 {
		return p.losing(p.remarks()[i])
	}
	return nil
}

// losing is said where a comment that belongs to something else cannot be kept.
func (p *page) losing(r remark) error {
	return fmt.Errorf("the comment %q in line %d would be lost: change it by hand", r.text, p.docs[0].PlaceOf(r.at).Line)
}

// ownOf gives where an item with its comments begins and ends.
func (p *page) ownOf(around *document.Node, i int) (from, to int) {
	item := around.Items[i]
	from, to = item.Start, item.End()
	if around.Form != document.FlowMapping && around.Form != document.FlowList {
		to = p.lineEnd(p.ownedEnd(to, p.column(from)))
	} else if line, alone := p.alone(around, i); alone {
		return line.from, line.to
	}
	if p.first(from) {
		from = p.commentStart(from)
	}
	return from, to
}

// ownOfValue gives where a value begins and ends with the comments within it.
func (p *page) ownOfValue(n *document.Node) (from, to int) {
	if n.Form == document.BlockMapping || n.Form == document.BlockList {
		from = n.Items[0].Start
		if p.first(from) {
			from = p.commentStart(from)
		}
		return from, p.lineEnd(n.End)
	}
	return n.Start, n.End
}

// ruled tells whether the comment that begins at an offset is a heading over several items, such as "# ---- limits ----".
func (p *page) ruled(at int) bool {
	line := string(p.src[at:p.lineEnd(at)])
	return slices.ContainsFunc([]string{"---", "===", "####", "***", "~~~", "___"}, func(rule string) bool { return strings.Contains(line, rule) })
}
