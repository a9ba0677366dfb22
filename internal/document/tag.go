package document

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// A tagged is what a tag of YAML asks for: in words, and which content it fits.
type tagged struct {
	wants string
	fits  func(*yaml.Node) bool
}

// tags are those that say nothing that JSON could not: of the core schema (yaml.org/spec/1.2.2, section 10.3), and of YAML 1.1
// those whose content is a value by itself (yaml.org/type).
var tags = map[string]tagged{
	"!!str":       {"a text", isKind(yaml.ScalarNode)},
	"!!int":       {"a whole number", isWhole},
	"!!float":     {"a number", isScalar(kindNumber, kindNotJSON)},
	"!!bool":      {"true or false", isScalar(kindTrue, kindFalse)},
	"!!null":      {"null", isScalar(kindNull)},
	"!!map":       {"a mapping", isKind(yaml.MappingNode)},
	"!!seq":       {"a list", isKind(yaml.SequenceNode)},
	"!!binary":    {"a text", isKind(yaml.ScalarNode)},
	"!!timestamp": {"a date", isKind(yaml.ScalarNode)},
	"!!set":       {"a mapping", isKind(yaml.MappingNode)},
	"!!omap":      {"a list", isKind(yaml.SequenceNode)},
	"!!pairs":     {"a list", isKind(yaml.SequenceNode)},
}

func isKind(kind yaml.Kind) func(*yaml.Node) bool {
	return func(n *yaml.Node) bool { return n.Kind == kind }
}

func isScalar(kinds ...scalarKind) func(*yaml.Node) bool {
	return func(n *yaml.Node) bool {
		kind, _ := resolvePlain(n.Value)
		return n.Kind == yaml.ScalarNode && slices.Contains(kinds, kind)
	}
}

func isWhole(n *yaml.Node) bool {
	kind, number := resolvePlain(n.Value)
	return n.Kind == yaml.ScalarNode && kind == kindNumber && !strings.ContainsAny(number, ".e")
}

// tag judges the tag of a node. What it would add to the value is lost in JSON, in which stores hold configuration.
func (b *builder) tag(n *yaml.Node) {
	if n.Style&yaml.TaggedStyle == 0 {
		return
	}
	t, known := tags[n.ShortTag()]
	if known && t.fits(n) {
		return
	}
	b.unreadable(n)
	start, tag := b.text.tagOf(n)
	end := finding.Place{Line: start.Line, Column: start.Column + utf8.RuneCountInString(tag)}
	f := finding.Finding{Rule: "yaml", Level: finding.Failure, At: finding.Span{Start: start, End: end}}
	if known {
		f.Message = fmt.Sprintf("%s asks for %s, and here is %s", tag, t.wants, shown(n))
		f.Fix = fmt.Sprintf("write %s after %s, or remove %s", t.wants, tag, tag)
	} else {
		f.Message = tag + " is read as a tag of YAML, which is no part of the value and would be lost"
		f.Fix = "remove it; put a text that begins with ! in quotes"
		if n.Kind == yaml.ScalarNode && n.Style&quoted == 0 && isShort(n.Value) {
			whole := strings.TrimSpace(tag + " " + n.Value)
			f.Fix = "put a text that begins with ! in quotes: " + inQuotes(whole)
			if whole == tag { // of nothing it can be no tag
				f.Edit = &finding.Edit{At: f.At, Text: inQuotes(tag)}
			}
		}
	}
	b.found = append(b.found, f)
}

// shown is the content of a node in short.
func shown(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch {
	case n.Value == "":
		return "nothing"
	case !isShort(n.Value):
		return "another text"
	}
	return strconv.Quote(n.Value)
}

// isShort tells whether a text can be shown as a whole.
func isShort(s string) bool { return len(s) <= maxShort && !strings.Contains(s, "\n") }

// maxShort is how many bytes of a text messages show.
const maxShort = 80

// short is a text of one line as messages show it.
func short(s string) string {
	if len(s) <= maxShort {
		return s
	}
	return strings.ToValidUTF8(s[:maxShort], "") + "…"
}

// inQuotes writes a text of one line in quotes.
func inQuotes(s string) string {
	if strings.ContainsAny(s, `"\`) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return `"` + s + `"`
}

// tagOf gives the tag of a node as it is written, and where.
func (t *text) tagOf(n *yaml.Node) (start finding.Place, tag string) {
	p := parts{src: t.src}
	start = finding.Place{Line: n.Line, Column: n.Column}
	at := t.offset(start)
	if p.at(at) == '&' {
		behind := p.trivia(at + 1 + len(n.Anchor))
		if between := t.src[at:behind]; bytes.ContainsAny(between, "\r\n") {
			start = t.placeOf(behind)
		} else {
			start.Column += utf8.RuneCount(between)
		}
		at = behind
	}
	if p.at(at) != '!' {
		return start, n.ShortTag()
	}
	return start, string(t.src[at : at+p.tag(at, true)])
}

// hasNonSpecific tells whether the tag "!" may stand somewhere in the text: it seldom does.
func (t *text) hasNonSpecific() bool {
	if t.bang == nil {
		has := anyAt(t.src, '!', func(src []byte, i int) bool { return i+1 == len(src) || isBlank(src[i+1]) })
		t.bang = &has
	}
	return *t.bang
}

// nonSpecific tells whether a scalar has the tag "!", which makes it a text (yaml.org/spec/1.2.2, section 6.9.1). The parser
// drops it.
func (t *text) nonSpecific(n *yaml.Node) bool {
	rest := t.rest(finding.Place{Line: n.Line, Column: n.Column})
	for property := range bytes.FieldsSeq(rest[:min(len(rest), 256)]) {
		switch {
		case string(property) == "!":
			return true
		case property[0] != '&':
			return false
		}
	}
	return false
}
