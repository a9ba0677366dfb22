package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// A page is the text of a file, and how it is written.
type page struct {
	name  string
	src   []byte
	docs  []*document.Document
	roots []*document.Node // of each document; nil for one that holds nothing
	json  bool
	eol   string
	used  map[string]int // how many aliases use an anchor; nil before study
	style *style         // nil until asked for
}

// A style is how the author of a file writes.
type style struct {
	unit   string // of indentation
	inset  int    // how far the dashes of a list stand to the right of its key
	single bool   // quotes are single ones
}

// newPage makes the page of a file that has been read.
func newPage(name string, src []byte, docs []*document.Document) (*page, error) {
	p := &page{name: name, src: docs[0].Text(), docs: docs}
	if len(src) != len(p.src) && !bytes.HasPrefix(src, []byte(mark)) {
		return nil, errors.New("the file is not saved with the encoding UTF-8: save it anew with that")
	}
	return p, nil
}

// study looks how the file is written, once.
func (p *page) study() {
	if p.used != nil {
		return
	}
	p.eol, p.used = "\n", map[string]int{}
	if i := bytes.IndexAny(p.src, "\r\n"); i >= 0 && p.src[i] == '\r' {
		p.eol = "\r"
		if bytes.HasPrefix(p.src[i:], []byte("\r\n")) {
			p.eol = "\r\n"
		}
	}
	for _, d := range p.docs {
		root := d.Syntax()
		p.roots = append(p.roots, root)
		look(root, func(n *document.Node) {
			if n.Form == document.Alias {
				p.used[n.Text]++
			}
		})
	}
	p.json = strings.HasSuffix(p.name, ".json") || len(p.roots) == 1 && p.roots[0] != nil && len(p.roots[0].Items) > 0 && json.Valid(p.src)
}

// look visits a value, its keys and all that is below.
func look(n *document.Node, visit func(*document.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, item := range n.Items {
		look(item.Key, visit)
		look(item.Value, visit)
	}
}

// native gives a text with the ends of lines that the file has.
func (p *page) native(text string) string {
	if p.eol == "\n" {
		return text
	}
	return strings.ReplaceAll(text, "\n", p.eol)
}

// A place is where a value is written.
type place struct {
	node   *document.Node
	around *document.Node // nil for a document as a whole
	index  int            // among the items of around
	flow   bool           // it is in brackets
}

func (at place) item() document.Item { return at.around.Items[at.index] }

// find leads to the value at a path, which is to be changed: it must be nobody else's.
func (p *page) find(doc int, path []string) (place, error) {
	p.study()
	at := place{node: p.roots[doc]}
	for i, token := range path {
		if err := p.own(doc, at.node, path[:i]); err != nil {
			return at, err
		}
		if at.node.Form == document.Alias {
			return at, p.shared(doc, at.node, path[:i], "stands here for a value that is written elsewhere, and a change of it would change every place that uses it")
		}
		below := p.below(at.node, token)
		if below < 0 {
			for _, item := range at.node.Items {
				if item.Merge {
					return at, p.shared(doc, item.Value, path[:i+1], "merges this value from elsewhere, and a change of it would change every place that uses it")
				}
			}
			return at, errGone
		}
		at = place{node: at.node.Items[below].Value, around: at.node, index: below, flow: at.flow || at.node.Form == document.FlowMapping || at.node.Form == document.FlowList}
	}
	return at, nil
}

// own refuses a value that aliases stand for.
func (p *page) own(doc int, n *document.Node, path []string) error {
	if n == nil {
		return errGone
	}
	if n.Anchor != "" && p.used[n.Anchor] > 0 {
		return fmt.Errorf("%s (line %d) has the anchor &%s, which aliases use, so a change would change other places too: write the value out where *%s stands, first",
			pointer(path), p.line(doc, n.Start), n.Anchor, n.Anchor)
	}
	return nil
}

// ownAll refuses a value, which is to go, if aliases outside of it stand for something in it.
func (p *page) ownAll(doc int, n *document.Node, path []string) error {
	within := map[string]int{}
	look(n, func(n *document.Node) {
		if n.Form == document.Alias {
			within[n.Text]++
		}
	})
	var err error
	look(n, func(n *document.Node) {
		if err == nil && n.Anchor != "" && p.used[n.Anchor] > within[n.Anchor] {
			err = p.own(doc, n, path)
		}
	})
	return err
}

func (p *page) shared(doc int, n *document.Node, path []string, why string) error {
	written := p.src[n.Start:n.End]
	return fmt.Errorf("%s (line %d): %s %s: write the value out here first", pointer(path), p.line(doc, n.Start), written, why)
}

func (p *page) line(doc, offset int) int { return p.docs[doc].PlaceOf(offset).Line }

// below gives the index of the item that a token names; -1 where there is none.
func (p *page) below(n *document.Node, token string) int {
	for i, item := range n.Items {
		if item.Key == nil {
			if at, err := strconv.Atoi(token); err == nil && at >= 0 && at < len(n.Items) {
				return at
			}
			return -1
		}
		if !item.Merge && p.keyOf(item) == token {
			return i
		}
	}
	return -1
}

// keyOf is what a key says.
func (p *page) keyOf(item document.Item) string {
	if item.Key.Form != document.Alias {
		return item.Key.Text
	}
	for _, root := range p.roots {
		if n := anchored(root, item.Key.Text); n != nil {
			return n.Text
		}
	}
	return ""
}

func anchored(n *document.Node, name string) *document.Node {
	if n == nil || n.Anchor == name {
		return n
	}
	for _, item := range n.Items {
		if item.Key != nil {
			if found := anchored(item.Key, name); found != nil {
				return found
			}
		}
		if found := anchored(item.Value, name); found != nil {
			return found
		}
	}
	return nil
}

// styleOf tells how the author writes, as far as the file shows it.
func (p *page) styleOf() style {
	if p.style == nil {
		p.style = &style{inset: -1}
		singles, doubles := 0, 0
		for _, root := range p.roots {
			p.count(root, &singles, &doubles)
		}
		if p.style.single = singles > doubles; p.style.unit == "" {
			p.style.unit = "  "
		}
		if p.style.inset < 0 {
			p.style.inset = len(p.style.unit)
		}
	}
	return *p.style
}

func (p *page) count(n *document.Node, singles, doubles *int) {
	if n == nil {
		return
	}
	switch n.Form {
	case document.SingleQuoted:
		*singles++
	case document.DoubleQuoted:
		*doubles++
	}
	for _, item := range n.Items {
		v, width := item.Value, 0
		if item.Key != nil && len(v.Items) > 0 && p.first(v.Items[0].Start) {
			width = p.column(v.Items[0].Start) - p.column(p.indentEnd(item.Start))
			if n.Form == document.BlockMapping {
				width = p.column(v.Items[0].Start) - p.column(item.Start)
			}
		}
		switch {
		case v.Form == document.BlockList && p.style.inset < 0 && width >= 0 && item.Key != nil:
			p.style.inset = width
		case v.Form != document.BlockList && p.style.unit == "" && width > 0:
			p.style.unit = strings.Repeat(" ", width)
			if start := p.lineStart(v.Items[0].Start); p.src[start] == '\t' {
				p.style.unit = "\t"
			}
		}
		if n.Form == document.FlowMapping && p.style.unit == "" && n.Braces && p.first(item.Start) && p.column(item.Start) > 0 {
			p.style.unit = string(p.src[p.lineStart(item.Start):item.Start])[len(p.margin(n.Content)):]
		}
		p.count(v, singles, doubles)
	}
}
