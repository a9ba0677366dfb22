package document

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// Bounds of the search for a line that is indented wrongly.
const (
	linesAbove = 12      // lines with content that are looked at, up from where the parser could not go on
	linesBelow = 8       // lines with content below it that must be readable too, once the line is mended
	trialBytes = 1 << 20 // read in all trials together: some 50 ms
	oneKind    = 1 << 10 // what a kind of step costs, shared by all lines that stand so
)

// An outline is the lines of a text that have content, and how each begins.
type outline struct {
	src   []byte
	lines []outlined
	usual map[step]int // how many lines stand so that are out of the fault's reach
	depth int          // of nesting that is allowed
}

type outlined struct {
	number   int // from 1
	from, to int // byte offsets: the begin of the line, and the begin of the next
	spaces   int
	key      int  // column, from 0, of what follows the dashes
	step     step // how it stands to the line that it belongs to
	root     bool // it belongs to no other
}

// A step is how much deeper a line stands than what it belongs to, and whether it is an item.
type step struct {
	columns int
	item    bool
}

// misindented tells which line is indented wrongly, where the parser could not go on at a place: the line of the place, or
// one above it on which the parser builds. It is one of those that, put elsewhere, make the text readable: the one with which
// the fewest keys are left without a value and the fewest lines at the top are indented, and lines stand to their parents in the
// fewest ways, most of them as others do.
func misindented(src []byte, at finding.Place, depth int) (where finding.Place, ok bool) {
	o := outlineOf(src)
	o.depth = depth
	here := slices.IndexFunc(o.lines, func(l outlined) bool { return l.number == at.Line })
	if here < 0 {
		return at, false
	}
	o.usual = map[step]int{{2, false}: 2, {2, true}: 2} // most files have two columns: that decides where nothing else does
	for _, l := range o.lines[min(here+linesBelow+1, len(o.lines)):] {
		o.usual[l.step]++
	}
	wrong, least, budget := o.lines[here], []int(nil), trialBytes
	for i := here; i >= max(0, here-linesAbove); i-- {
		if cost := o.mend(i, here, &budget); cost != nil && (least == nil || slices.Compare(cost, least) < 0) {
			wrong, least = o.lines[i], cost
		}
	}
	return finding.Place{Line: wrong.number, Column: wrong.spaces + 1}, least != nil
}

// mend tries other indentations of line i. It gives what speaks against the best of them, in order of weight; nil where
// none makes the text readable.
func (o *outline) mend(i, here int, budget *int) (least []int) {
	line, end := o.lines[i], o.lines[min(here+linesBelow, len(o.lines)-1)].to
	var columns []int
	for _, l := range o.lines[max(0, i-3):min(i+4, len(o.lines))] {
		columns = append(columns, l.spaces, l.key, l.key-2, l.key+2)
	}
	slices.Sort(columns)
	for _, column := range slices.Compact(columns) {
		if *budget -= end; column < 0 || column == line.spaces || *budget < 0 {
			continue
		}
		text := slices.Concat(o.src[:line.from], bytes.Repeat([]byte(" "), column), o.src[line.from+line.spaces:end])
		empty, readable := emptyValues(text, o.depth)
		if !readable {
			continue
		}
		cost := []int{empty, 0, 0, 0}
		lines, usual := outlineOf(text).lines, maps.Clone(o.usual)
		for _, l := range lines {
			usual[l.step]++
		}
		for _, l := range lines {
			if l.root && l.spaces > 0 {
				cost[1]++
			}
			cost[2] += oneKind / usual[l.step]
			cost[3] -= usual[l.step]
		}
		if least == nil || slices.Compare(cost, least) < 0 {
			least = cost
		}
	}
	return least
}

func outlineOf(src []byte) *outline {
	o := &outline{src: src}
	type mark struct {
		column int
		dash   bool
	}
	var above []mark // dashes and keys that the present line may belong to
	number, at := 0, 0
	for line := range bytes.Lines(src) {
		from := at
		at, number = at+len(line), number+1
		body := bytes.TrimLeft(line, " ")
		if rest := bytes.TrimSpace(body); len(rest) == 0 || rest[0] == '#' {
			continue
		}
		l := outlined{number: number, from: from, to: at, spaces: len(line) - len(body)}
		l.key = l.spaces
		l.step = step{l.spaces, isItem(body)}
		l.root = true
		for n := len(above); n > 0; n = len(above) {
			if top := above[n-1]; top.column < l.spaces || top.column == l.spaces && l.step.item && !top.dash {
				l.step.columns, l.root = l.spaces-top.column, false
				break
			}
			above = above[:n-1]
		}
		for isItem(body) {
			above = append(above, mark{l.key, true})
			rest := bytes.TrimLeft(body[1:], " ")
			l.key += len(body) - len(rest)
			body = rest
		}
		above = append(above, mark{l.key, false})
		o.lines = append(o.lines, l)
	}
	return o
}

func isItem(body []byte) bool { return len(body) > 1 && body[0] == '-' && body[1] == ' ' }

// emptyValues counts the keys without a value and the texts that an item seems to continue, in a text that can be read and holds
// no key twice.
func emptyValues(src []byte, depth int) (n int, readable bool) {
	roots, refused := readV4(src, depth)
	for _, root := range roots {
		if root == nil {
			continue
		}
		below, ok := emptyIn(root)
		if n += below; !ok {
			return 0, false
		}
	}
	return n, refused == nil
}

func emptyIn(node *yaml.Node) (n int, ok bool) {
	seen := map[string]bool{}
	for i, c := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			if c.Kind == yaml.ScalarNode && seen[c.Value] {
				return 0, false
			}
			seen[c.Value] = true
		}
		if c.Kind == yaml.ScalarNode && c.Style == 0 && (c.Value == "" || strings.Contains(c.Value, " - ")) {
			n++
		}
		below, ok := emptyIn(c)
		if n += below; !ok {
			return 0, false
		}
	}
	return n, true
}
