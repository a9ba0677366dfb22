package edit

import (
	"bytes"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// stream writes all documents, and what stands between them.
func (f *formatter) stream() {
	at := 0
	for i, root := range f.roots {
		if root == nil || root.Empty() && root.Anchor == "" && root.Tag == "" {
			continue
		}
		f.doc, f.path = i, nil
		from := f.lastMarker(at, root.Start)
		f.signs(at, from)
		stop := f.nextMarker(max(root.End, root.Start))
		f.root(root, from, stop)
		at = stop
	}
	f.signs(at, len(f.src))
}

// sign tells whether a line begins, ends or directs a document.
func (f *formatter) sign(start int) bool {
	line := f.src[start:f.lineEnd(start)]
	for _, sign := range []string{"---", "..."} {
		if rest, ok := bytes.CutPrefix(line, []byte(sign)); ok && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t') {
			return true
		}
	}
	return false
}

// lastMarker is behind the last sign of a document before an offset: on its line, where the document begins there.
func (f *formatter) lastMarker(from, to int) int {
	last := from
	for at := from; at < to; at = f.nextLine(at) {
		if f.sign(at) {
			last = min(f.nextLine(at), to)
			if f.nextLine(at) > to {
				last = at + len("---")
			}
		}
	}
	return last
}

// nextMarker is where the next line begins that is the sign of a document; else the end.
func (f *formatter) nextMarker(from int) int {
	for at := f.nextLine(from); at < len(f.src); at = f.nextLine(at) {
		if f.sign(at) {
			return at
		}
	}
	return len(f.src)
}

// signs writes the lines between documents: their signs, directives and comments.
func (f *formatter) signs(from, to int) {
	for at := from; at < to; at = f.nextLine(at) {
		line := strings.TrimSpace(string(f.src[at:min(f.lineEnd(at), to)]))
		switch {
		case line == "":
			continue
		case f.sign(at):
			f.line(0, strings.TrimSpace(line[:min(3, len(line))]+" "+strings.TrimSpace(line[min(3, len(line)):])))
			continue
		}
		f.blank(at)
		f.line(0, line)
	}
}

// root writes the value of a document.
func (f *formatter) root(n *document.Node, from, to int) {
	onSign := f.lineStart(from) < from && from <= f.lineEnd(n.Start) && f.lineStart(from) == f.lineStart(n.Start)
	if n.Form == document.BlockMapping || n.Form == document.BlockList {
		if before := strings.TrimSpace(f.properties(n)); before != "" {
			f.comments(from, n.Start, 0, false)
			if from = n.Start; onSign {
				f.add(" " + before)
			} else {
				f.line(0, before)
			}
		}
		f.block(n, from, to, 0)
		return
	}
	own := f.comments(from, n.Start, 0, false)
	switch {
	case onSign && !own:
		f.add(" ")
	default:
		if own {
			f.blank(n.Start)
		}
		f.line(0, "")
	}
	if n.Form == document.FlowMapping || n.Form == document.FlowList {
		f.value(n, 0, 0)
	} else {
		f.verbatim(n)
	}
	f.comments(n.End, to, 0, false)
}

// verbatim writes a text that is a document, line by line as it stands.
func (f *formatter) verbatim(n *document.Node) {
	for i, line := range splitLines(string(f.src[n.Start:n.End])) {
		if i > 0 {
			f.lines = append(f.lines, line)
		} else {
			f.add(line)
		}
	}
	f.kept = n.Form == document.Literal || n.Form == document.Folded
}

// splitLines splits at any end of line.
func splitLines(text string) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
}
