package document

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/finding"
)

// innerQuotes suspects that a quote which ends a text is meant to stand in it, as in 'it's'.
func (l *locator) innerQuotes() []suspect {
	src := l.text.src
	at, ok := firstUnclosed(src)
	if !ok || l.trials == 0 || src[at] != '"' && src[at] != '\'' {
		return nil
	}
	body := bytes.TrimRight(src[at:at+lineEnd(src[at:])], " \t\r")
	var suspects []suspect
	ends := laterEnds(body)
	for _, end := range ends[:min(len(ends), maxEnds)] {
		inner := string(body[1:end])
		doubled, other := `"`+backslashed(inner)+`"`, "'"+inner+"'"
		if body[0] == '\'' {
			doubled, other = "'"+strings.ReplaceAll(inner, "'", "''")+"'", `"`+inner+`"`
		}
		s := suspect{offset: at + 1 + strings.IndexByte(inner, body[0]), message: "this quote ends the text before its end"}
		if strings.ContainsRune(inner, rune(other[0])) || strings.Contains(inner, `\`) {
			s.fix = "write " + short(doubled)
			l.replace(&s, at, at+end+1, doubled)
		} else {
			s.fix = fmt.Sprintf("write %s, or %s", short(other), short(doubled))
			l.replace(&s, at, at+end+1, other)
		}
		suspects = append(suspects, s)
	}
	return suspects
}

// maxEnds bounds how many ends of one text are tried.
const maxEnds = 3

// laterEnds gives the offsets of quotes that may end the quoted text which a line begins with, though another stands before them.
// Those before come in pairs, but for apostrophes: else one is the begin of the next text.
func laterEnds(line []byte) (ends []int) {
	quote, paired, inner := line[0], false, false
	for i := 1; i < len(line); i++ {
		if quote == '"' && line[i] == '\\' {
			i++
			continue
		}
		if line[i] != quote {
			continue
		}
		before, _ := utf8.DecodeLastRune(line[:i])
		after, _ := utf8.DecodeRune(line[i+1:])
		rest := bytes.TrimLeft(line[i+1:], " \t")
		last := len(rest) == 0 || rest[0] == '#' || strings.IndexByte(",]}:", rest[0]) >= 0
		if last && inner && !paired {
			ends = append(ends, i)
		}
		if !unicode.IsLetter(before) || !unicode.IsLetter(after) {
			paired = !paired
		}
		inner = true
	}
	return ends
}

// backslashed writes a backslash before each quote that has none.
func backslashed(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			out.WriteByte(s[i])
			i++
		case s[i] == '"':
			out.WriteByte('\\')
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// replace adds to what a suspect may mean that the part from start to end is another text.
func (l *locator) replace(s *suspect, start, end int, by string) {
	s.mended = append(s.mended, l.splice(start, end, by))
	s.edits = append(s.edits, finding.Edit{At: finding.Span{Start: l.text.placeOf(start), End: l.text.placeOf(end)}, Text: by})
}

// unquoted suspects that the value at which the parser stopped is a text which needs quotes.
func (l *locator) unquoted() []suspect {
	at, template := l.unquotedStart()
	if at < 0 || l.trials == 0 {
		return nil
	}
	src := l.text.src
	line := src[at : at+lineEnd(src[at:])]
	if i := bytes.Index(line, []byte(" #")); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimRight(line, " \t\r")
	first, size := utf8.DecodeRune(line)
	if size == 0 || unicode.IsSpace(first) {
		return nil
	}
	s := suspect{offset: at, message: fmt.Sprintf("a text that begins with %c needs quotes", first)}
	from := size
	switch {
	case template && l.indent(l.line()-1) == at-l.text.split()[l.line()-1].start:
		s.message, s.fix = "this line belongs to a template, and nobody fills it in", "write what the template would give"
		s.mended = append(s.mended, l.splice(at, at+len(line), ""))
		return []suspect{s}
	case template:
		s.message = "a template needs quotes"
		from = max(bytes.LastIndex(line, []byte("}}")), bytes.LastIndex(line, []byte("%}")), 0) + 2
	}
	ends := []int{len(line)}
	if i := bytes.IndexAny(line[min(from, len(line)):], ",]}"); i >= 0 {
		ends = append(ends, from+i)
	}
	var suspects []suspect
	for _, end := range ends {
		text := inQuotes(string(bytes.TrimRight(line[:end], " \t")))
		one := s
		one.fix = "put it in quotes: " + short(text)
		l.replace(&one, at, at+end, text)
		suspects = append(suspects, one)
	}
	return suspects
}

// unquotedStart is where a text may begin that has no quotes, and is no YAML without them; -1 where there is none.
func (l *locator) unquotedStart() (at int, template bool) {
	r := l.refused
	if r.at.Line == 0 {
		return -1, false
	}
	stop, here := l.stop(), l.line()-1
	start := l.text.split()[here].start
	if at, found := templateIn(l.text.src[start:min(stop+1, len(l.text.src))]); found {
		return start + at, true
	}
	switch below := l.below(here); {
	case strings.Contains(r.context, "flow") && l.sign() == ',':
		return -1, false // a comma too many
	case strings.Contains(r.context, "scanning an anchor"), strings.Contains(r.context, "scanning an alias"),
		strings.Contains(r.context, "block scalar") && (below < 0 || l.indent(below) <= l.indent(here)):
		return l.text.offset(r.from), false
	}
	for _, problem := range []string{"cannot start any token", "did not find expected node content", "mapping keys are not allowed"} {
		if strings.Contains(r.problem, problem) {
			return stop, false
		}
	}
	return -1, false
}

// templateIn finds what other programs fill in, {{ name }} or {% if %}, where a value of a line may begin.
func templateIn(line []byte) (at int, found bool) {
	for _, sign := range []string{"{{", "{%"} {
		at := bytes.Index(line, []byte(sign))
		if at == 0 && sign == "{%" || at > 0 && (isBlank(line[at-1]) || line[at-1] == '[' || line[at-1] == ',') {
			return at, true
		}
	}
	return 0, false
}
