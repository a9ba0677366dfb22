package document

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
)

// Parsers stop where they cannot go on, which is seldom where the fault is: an unclosed quote swallows the lines up to the
// next one. So a refused source is searched for what may be wrong, each such suspect is mended in a copy, and the copy is
// read again. The one that lets the parser read on the furthest is what a person must change.

// A suspect is what may be wrong with a refused source.
type suspect struct {
	offset  int
	problem string // as in explanations; of no use where message says it
	message string // with fix; "" where problem says it
	fix     string
	mended  [][]byte       // the source in the ways in which this may be meant
	edits   []finding.Edit // what makes the first of these, in their order
}

// A locator looks for the fault in a refused source.
type locator struct {
	text    *text
	refused *refusal
	depth   int
	trials  int // how often a mended copy may still be read
}

// repairBytes bounds what is read again in search of the place of one fault.
const repairBytes = 8 << 20

// locate gives the finding for a refused source.
func locate(r *refusal, limits Limits) finding.Finding {
	t := newText(withLF(r.src))
	l := locator{text: t, refused: r, depth: limits.Depth, trials: min(repairBytes/(len(t.src)+1), 100)}
	f := finding.Finding{Rule: "yaml", Level: finding.Failure}
	if strings.Contains(r.problem, "exceeded max depth") {
		f.At, f.Rule = t.spanAt(l.stop()), "file-size"
		f.Message, f.Fix = tooDeep(limits.Depth)
		return f
	}
	s := l.fault()
	f.At = t.spanAt(s.offset)
	f.At.End = finding.Place{}
	f.Message, f.Fix = s.message, s.fix
	if s.message == "" {
		f.Message, f.Fix = explain(s.problem)
	}
	f.Edit = s.certain(limits.Depth)
	return f
}

// withLF gives a source whose lines end with LF or CR LF.
func withLF(src []byte) []byte {
	if !bytes.Contains(src, []byte("\r")) {
		return src
	}
	out := bytes.Clone(src)
	for i, c := range out {
		if c == '\r' && (i+1 == len(out) || out[i+1] != '\n') {
			out[i] = '\n'
		}
	}
	return out
}

// certain gives the edit that makes the source readable, if only one of them does.
func (s suspect) certain(depth int) *finding.Edit {
	var only *finding.Edit
	for i := range s.edits {
		if _, readable := emptyValues(s.mended[i], depth); !readable {
			continue
		}
		if only != nil {
			return nil
		}
		only = &s.edits[i]
	}
	return only
}

// fault is what is wrong with the source, or where the parser stopped, if that cannot be told.
func (l *locator) fault() suspect {
	if at := forbidden(l.text.src); at >= 0 {
		return suspect{offset: at, problem: "control characters are not allowed"}
	}
	for _, search := range []func() []suspect{l.tabs, l.innerQuotes, l.unclosed, l.unquoted} {
		if s, ok := l.best(search()); ok {
			return s
		}
	}
	for _, plain := range []string{"unknown anchor", "unknown escape", "directive"} {
		if strings.Contains(l.refused.problem, plain) {
			return suspect{offset: l.stop(), problem: l.refused.problem}
		}
	}
	if l.colonInValue() || strings.Contains(l.refused.problem, "comment without preceding") {
		return suspect{offset: l.stop(), problem: l.refused.problem}
	}
	if s, ok := l.best(l.missingColon()); ok {
		return s
	}
	if at, ok := misindented(l.text.src, l.text.placeOf(l.stop()), l.depth); ok {
		return suspect{offset: l.text.offset(at), problem: "did not find expected key"}
	}
	offset, problem := l.parserSays()
	return suspect{offset: offset, problem: problem}
}

// parserSays is the place that the parser gives, for a fault that no suspect explains.
func (l *locator) parserSays() (offset int, problem string) {
	r := l.refused
	if strings.Contains(r.context, "quoted scalar") && strings.Contains(r.problem, "end of stream") ||
		strings.Contains(r.context, "simple key") {
		return l.text.offset(r.from), r.problem
	}
	if strings.Contains(r.context, "flow") {
		if at, ok := firstUnclosed(l.text.src); ok {
			return at, unclosedProblem(l.text.src[at])
		}
		if before := l.before(); l.sign() == ',' && len(before) > 0 && bytes.IndexByte([]byte(",[{"), before[len(before)-1]) >= 0 {
			return l.stop(), "comma too many"
		}
		return l.stop(), "missing comma"
	}
	if before := l.before(); strings.Contains(r.problem, "did not find expected key") && len(before) > 0 {
		return l.stop(), "text after a value"
	}
	return l.stop(), r.problem
}

// before is what stands on the line before the place where the parser stopped.
func (l *locator) before() []byte {
	at := l.stop()
	return bytes.TrimSpace(l.text.src[l.text.split()[l.line()-1].start:at])
}

// stop is the offset at which the parser stopped: the last character with content, if that is the end of the source.
func (l *locator) stop() int {
	if l.refused.at.Line == 0 {
		return 0
	}
	return min(l.text.offset(l.refused.at), len(bytes.TrimRight(l.text.src, " \t\r\n")))
}

// sign is the byte at which the parser stopped; 0 at the end of the source.
func (l *locator) sign() byte {
	if at := l.stop(); at < len(l.text.src) {
		return l.text.src[at]
	}
	return 0
}

// line is the line, from 1, at which the parser stopped.
func (l *locator) line() int { return l.text.placeOf(l.stop()).Line }

// best gives the suspect without which the parser reads on the furthest, the first of equals; false if it never does.
func (l *locator) best(suspects []suspect) (found suspect, ok bool) {
	reach := place{l.refused.at}
	for _, s := range suspects {
		for _, source := range s.mended {
			if l.trials--; l.trials < 0 {
				return found, ok
			}
			_, r := readV4(source, l.depth)
			if r == nil {
				return s, true
			}
			if reach.before(r.at) && r.at.Line > l.refused.at.Line {
				found, ok, reach = s, true, place{r.at}
			}
		}
	}
	return found, ok
}

type place struct{ finding.Place }

func (p place) before(q finding.Place) bool {
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column)) < 0
}

// forbidden is the offset of the first character that YAML forbids (yaml.org/spec/1.2.2, section 5.1), or -1.
func forbidden(src []byte) int {
	return bytes.IndexFunc(src, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff
	})
}

// splice gives the source with the part from start to end replaced.
func (l *locator) splice(start, end int, by string) []byte {
	out := make([]byte, 0, len(l.text.src)+len(by))
	out = append(append(out, l.text.src[:start]...), by...)
	return append(out, l.text.src[end:]...)
}

// tabs suspects the first line that has a tab in its indentation, up to where the parser stopped.
func (l *locator) tabs() []suspect {
	lines := l.text.split()
	for i, line := range lines[:min(l.line()+1, len(lines))] {
		now := l.text.src[line.start:line.end]
		blank := now[:len(now)-len(bytes.TrimLeft(now, " \t"))]
		tab := bytes.IndexByte(blank, '\t')
		if tab < 0 || len(blank) == len(now) {
			continue
		}
		s := suspect{offset: line.start + tab, problem: "found a tab character"}
		whole := finding.Span{Start: l.text.placeOf(line.start), End: l.text.placeOf(line.start + len(blank))}
		widths := l.indentsAround(i)
		for _, width := range widths[:min(len(widths), l.trials)] {
			s.edits = append(s.edits, finding.Edit{At: whole, Text: strings.Repeat(" ", width)})
			s.mended = append(s.mended, l.splice(line.start, line.start+len(blank), strings.Repeat(" ", width)))
		}
		if len(s.mended) < l.trials {
			s.mended = append(s.mended, untabbed(l.text.src, "  "))
		}
		return []suspect{s}
	}
	return nil
}

// untabbed gives the source with the tabs in the indentation of each line replaced.
func untabbed(src []byte, by string) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(src) {
		rest := bytes.TrimLeft(line, " \t")
		out.Write(bytes.ReplaceAll(line[:len(line)-len(rest)], []byte("\t"), []byte(by)))
		out.Write(rest)
	}
	return out.Bytes()
}

// unclosed suspects the quote or bracket that the indentation tells to be never closed.
func (l *locator) unclosed() []suspect {
	src := l.text.src
	at, ok := firstUnclosed(src)
	if !ok || l.trials == 0 {
		return nil
	}
	end := at + lineEnd(src[at:])
	body := bytes.TrimRight(src[at:end], " \t\r")
	stop := at + len(body)
	c := src[at]
	if c != '"' && c != '\'' {
		s := suspect{offset: at, problem: unclosedProblem(c)}
		s.mended = append(s.mended, l.splice(stop, stop, string(c+2)), l.splice(at, stop, "x"))
		if last := l.lastOfFlow(at); last > stop {
			s.mended = append(s.mended, l.splice(last, last, string(c+2)))
		}
		return []suspect{s}
	}
	s := suspect{offset: at, problem: "found unexpected end of stream"}
	if n := quotedEnd(body); n > 0 && bytes.IndexByte(body[n:], c) < 0 {
		s.offset, s.problem = at+n, "text after a value"
	}
	trailing := at + 1 + len(bytes.TrimRight(body[1:], "]}, "))
	s.mended = append(s.mended, l.splice(stop, stop, string(c)), l.splice(trailing, trailing, string(c)), l.splice(at, stop, "x"))
	for _, sign := range ",]}:" {
		if i := bytes.IndexByte(body, byte(sign)); i > 0 {
			s.mended = append(s.mended, l.splice(at+i, at+i, string(c)))
		}
	}
	if i := len(body) - 1; body[i] == ':' { // a key that holds colons too
		s.mended = append(s.mended, l.splice(at+i, at+i, string(c)))
	}
	return []suspect{s}
}

func unclosedProblem(c byte) string {
	switch c {
	case '[':
		return "did not find expected ',' or ']'"
	case '{':
		return "did not find expected ',' or '}'"
	}
	return "found unexpected end of stream"
}

// lastOfFlow is the end of the last line that may belong to the bracket at an offset: the one before a line that begins
// as far left as the bracket's.
func (l *locator) lastOfFlow(at int) int {
	lines := l.text.split()
	first := l.text.placeOf(at).Line - 1
	indent := l.indent(first)
	last := first
	for i := first + 1; i < len(lines); i++ {
		if !l.holds(i) {
			continue
		}
		if l.indent(i) <= indent {
			break
		}
		last = i
	}
	return lines[last].end
}

// colonInValue tells whether the parser stopped at the second colon of a line: it then stands in a value.
func (l *locator) colonInValue() bool {
	if !strings.Contains(l.refused.problem, "mapping values are not allowed") {
		return false
	}
	at := l.stop()
	start := l.text.split()[l.line()-1].start
	return bytes.Contains(l.text.src[start:at], []byte(": "))
}

// missingColon suspects that the line at which the parser stopped, or began the key that it could not end, or the one
// above, is a key without a colon.
func (l *locator) missingColon() []suspect {
	if l.trials == 0 {
		return nil
	}
	var suspects []suspect
	here := l.line() - 1
	lines := []int{here, l.above(here)}
	if strings.Contains(l.refused.context, "simple key") {
		lines = []int{l.refused.from.Line - 1}
	}
	for _, i := range lines {
		if i < 0 || !l.holds(i) {
			continue
		}
		start := l.text.split()[i].start + l.indent(i)
		body := l.text.src[start:l.text.split()[i].end]
		if rest, item := bytes.CutPrefix(body, []byte("- ")); item {
			start, body = start+2, rest
		}
		body = bytes.TrimRight(body, " \t")
		word := bytes.IndexAny(body, " :\"'[{")
		if bytes.Contains(body, []byte(": ")) || bytes.HasSuffix(body, []byte(":")) || word == 0 || l.afterText(i) {
			continue
		}
		s := suspect{offset: start, problem: "could not find expected ':'"}
		switch {
		case word > 0 && body[word] == ':':
			s.offset, s.message = start+word, "a space is missing after this colon"
			rest, noBreak := strings.CutPrefix(string(body[word+1:]), "\u00a0")
			if noBreak {
				s.message = "what follows this colon is a no-break space, which is no space in YAML"
			}
			s.fix = "write " + strconv.Quote(short(strings.TrimSpace(string(body[:word])+": "+rest)))
			l.replace(&s, start+word, start+len(body)-len(rest), ": ")
		case word > 0:
			s.mended = append(s.mended, l.splice(start+word, start+word, ": "))
		}
		if word < 0 {
			s.mended = append(s.mended, l.splice(start+len(body), start+len(body), ":"))
		}
		suspects = append(suspects, s)
	}
	return suspects
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// afterText tells whether the line above begins a block text: then this one is not a key, but not indented.
func (l *locator) afterText(i int) bool {
	above := l.above(i)
	if above < 0 {
		return false
	}
	line := l.text.split()[above]
	body := bytes.TrimRight(l.text.src[line.start:line.end], "+-0123456789 \t")
	return bytes.HasSuffix(body, []byte(" |")) || bytes.HasSuffix(body, []byte(" >"))
}
