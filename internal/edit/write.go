package edit

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tamerhq/tamer/internal/document"
)

// A fragment is how a value is written in a block: what stands on the line of its key or dash, and the lines below that, which
// are indented from the column of the key or dash.
type fragment struct {
	head string
	body []string
}

// block writes a value as what a key, or a dash, has before it.
func (p *page) block(v any, old *document.Node, afterDash bool) fragment {
	if lines := p.blockLines(v); lines != nil {
		_, isList := v.([]any)
		switch width := len(p.styleOf().unit); {
		case afterDash:
			return fragment{lines[0], indented(lines[1:], 2)}
		case isList:
			return fragment{"", indented(lines, p.styleOf().inset)}
		default:
			return fragment{"", indented(lines, width)}
		}
	}
	if s, ok := v.(string); ok {
		if f, ok := p.literal(s, old); ok {
			return f
		}
	}
	return fragment{head: p.inline(v, old, false)}
}

func indented(lines []string, width int) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		if out[i] = line; line != "" {
			out[i] = strings.Repeat(" ", width) + line
		}
	}
	return out
}

// blockLines writes a mapping or list that holds something; nil for other values.
func (p *page) blockLines(v any) []string {
	var lines []string
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			lines = append(lines, p.pairLines(key, v[key])...)
		}
	case []any:
		for _, item := range v {
			f := p.block(item, nil, true)
			lines = append(append(lines, spaced("-", f.head)), f.body...)
		}
	}
	return lines
}

// pairLines writes a key and its value.
func (p *page) pairLines(key string, v any) []string {
	f := p.block(v, nil, false)
	return append([]string{spaced(p.key(key, nil, false)+":", f.head)}, f.body...)
}

func spaced(before, after string) string {
	if after == "" {
		return before
	}
	return before + " " + after
}

// inline writes a value within one line.
func (p *page) inline(v any, old *document.Node, flow bool) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return string(v)
	case string:
		return p.text(v, old, flow)
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, p.key(key, nil, true)+": "+p.inline(v[key], nil, true))
		}
		return "{" + strings.Join(all, ", ") + "}"
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, p.inline(item, nil, true))
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	return p.text(fmt.Sprint(v), old, flow)
}

func (p *page) key(name string, old *document.Node, flow bool) string {
	if old == nil && !p.json && plainIn(name, flow) && (safe(name) || wholeNumber.MatchString(name)) {
		return name
	}
	return p.text(name, old, flow)
}

var wholeNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

// text writes a text in the quotes that the old value has, or without where it has none, as far as the text allows.
func (p *page) text(s string, old *document.Node, flow bool) string {
	form := document.Plain
	if old != nil {
		form = old.Form
	}
	odd := old != nil && form == document.Plain && document.PlainText(old.Text) && !safe(old.Text) // such as a date
	printable := !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	switch {
	case p.json || form == document.DoubleQuoted:
	case form == document.SingleQuoted && printable:
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	case plainIn(s, flow) && document.PlainText(s) && (safe(s) || odd):
		return s
	case p.styleOf().single && printable:
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return double(s)
}

// double writes a text in double quotes, as JSON and YAML do.
func double(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case !unicode.IsPrint(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// plainIn tells whether characters can stand without quotes (yaml.org/spec/1.2.2, section 7.3.3).
func plainIn(s string, flow bool) bool {
	if s == "" || strings.TrimSpace(s) != s || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return false
	}
	if strings.ContainsRune("-?:,[]{}#&*!|>'\"%@`", rune(s[0])) {
		if s[0] != '-' || len(s) < 2 || s[1] == ' ' || s[1] == '-' {
			return false
		}
	}
	if strings.HasPrefix(s, "...") || strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") {
		return false
	}
	return !flow || !strings.ContainsAny(s, ",[]{}:")
}

// unsafe are texts that readers of YAML 1.1 take for something else: booleans, times, numbers in other bases, merge keys.
var unsafe = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null|~|=|<<|[-+.]?[0-9][-+0-9_,.:eE]*([tT ][0-9:.zZ+-]+)?|0[box][0-9a-f_]+|[-+]?\.(inf|nan)|[-+]?\.?[0-9_]+e?[0-9]*)$`)

func safe(s string) bool { return !unsafe.MatchString(s) }

// literal writes a text of several lines after |; ok is false for one that is better off in quotes.
func (p *page) literal(s string, old *document.Node) (fragment, bool) {
	wasBlock := old != nil && (old.Form == document.Literal || old.Form == document.Folded)
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	sign := "|"
	switch {
	case p.json || old != nil && !wasBlock && old.Form != document.Plain || !wasBlock && len(lines) < 2:
		return fragment{}, false
	case strings.TrimSpace(s) == "" || lines[0] == "" || lines[0][0] == ' ' || lines[0][0] == '\t' || strings.HasSuffix(s, "\n\n"):
		return fragment{}, false
	case strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }):
		return fragment{}, false
	case wasBlock && old.Form == document.Folded && len(lines) == 1:
		sign = ">"
	}
	if !strings.HasSuffix(s, "\n") {
		sign += "-"
	}
	return fragment{sign, indented(lines, len(p.styleOf().unit))}, true
}
