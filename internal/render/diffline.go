package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
)

// Bounds of what is shown of one change. What is left out is counted.
const (
	maxDiffText  = 80 // characters of one scalar
	maxDiffFlow  = 60 // characters of a list or mapping on one line
	maxDiffBlock = 16 // lines of one value
)

// A diffLine is one line of a difference: a sign, what has changed, and what the schema says of it. Nothing in it can leave the line.
type diffLine struct {
	sign byte // + - ~ >, or a space below one of them
	text string
	note string
}

// diffLines writes one change, on one line if it can be.
func diffLines(ch diff.Change) []diffLine {
	name := ch.Name
	if name == "" {
		name = "the whole document"
	}
	name = inDocument(ch.Document, name)
	head := diffLine{note: noteOf(ch)}
	switch ch.Op {
	case diff.Add:
		return withValue('+', name, ch.New, ch.Note.Unit, head.note)
	case diff.Remove:
		return withValue('-', name, ch.Old, ch.Note.Unit, head.note)
	case diff.Move:
		head.sign, head.text = '>', visible(name+moved(ch))
	default:
		old, new := twoValues(ch.Old, ch.New)
		head.sign, head.text = '~', visible(fmt.Sprintf("%s: %s → %s", name, old, withUnit(new, ch.Note.Unit)))
		if _, secret := ch.New.(diff.Secret); secret {
			head.text = visible(name + ": changed " + new)
		}
	}
	return []diffLine{head}
}

func inDocument(n int, name string) string {
	if n == 0 {
		return name
	}
	return fmt.Sprintf("document %d: %s", n, name)
}

// moved says where a value was.
func moved(ch diff.Change) string {
	last := len(ch.Path) - 1
	switch {
	case last < 0:
		return fmt.Sprintf(" was document %d", ch.FromDocument)
	case ch.FromDocument == ch.Document && ch.Path[last] != ch.From[len(ch.From)-1] && slices.Equal(ch.Path[:last], ch.From[:len(ch.From)-1]) && strings.HasSuffix(ch.Name, "]"):
		return fmt.Sprintf(" moved from [%s] to [%s]", ch.From[last], ch.Path[last])
	}
	return " was " + inDocument(ch.FromDocument, ch.FromName)
}

// noteOf is what the schema says of a change.
func noteOf(ch diff.Change) string {
	var notes []string
	switch {
	case ch.Effect == diff.None && ch.Op == diff.Add:
		notes = append(notes, "no change in effect: the default, written out")
	case ch.Effect == diff.None && ch.Op == diff.Remove:
		notes = append(notes, "no change in effect: it was the default")
	case ch.Effect == diff.None:
		notes = append(notes, "no change in effect")
	case ch.Effect == diff.Filled && ch.Op == diff.Add:
		notes = append(notes, "before: the default "+value(ch.Default))
	case ch.Effect == diff.Filled:
		notes = append(notes, "now: the default "+value(ch.Default))
	case ch.Effect == diff.Unwritten:
		notes = append(notes, "by the schema: its default has changed")
	}
	if ch.Note.Deprecated != "" {
		notes = append(notes, "deprecated "+ch.Note.Deprecated)
	}
	if ch.Note.Title != "" {
		notes = append(notes, ch.Note.Title)
	}
	return visible(strings.Join(notes, " · "))
}

func withUnit(text, unit string) string {
	if unit == "" {
		return text
	}
	return text + " " + unit
}

// withValue writes a value behind its name, or below it where it is long.
func withValue(sign byte, name string, v any, unit, note string) []diffLine {
	if flow, ok := onOneLine(v); ok {
		return []diffLine{{sign, visible(name + ": " + withUnit(flow, unit)), note}}
	}
	return append([]diffLine{{sign, visible(name + ":"), note}}, blockLines(sign, v, "  ")...)
}

// blockLines writes a value as YAML, and says how many lines it leaves out.
func blockLines(sign byte, v any, indent string) []diffLine {
	body := block(v, indent, maxDiffBlock+1)
	if len(body) == 0 {
		body = []string{indent + value(v)}
	}
	if len(body) > maxDiffBlock {
		more := "many more lines"
		if all := len(block(v, indent, maxCounted)); all < maxCounted {
			more = many(all-maxDiffBlock+1, "more line")
		}
		body = append(body[:maxDiffBlock-1], indent+"… "+more)
	}
	lines := make([]diffLine, len(body))
	for i, text := range body {
		lines[i] = diffLine{sign, visible(text), ""}
	}
	return lines
}

// maxCounted bounds the counting of lines that are left out.
const maxCounted = 10_000

// onOneLine writes a scalar, or a small list or mapping in flow style; false if it is too long for that.
func onOneLine(v any) (string, bool) {
	switch v := v.(type) {
	case map[string]any:
		parts := []string{}
		for _, key := range keysOf(v) {
			text, ok := onOneLine(v[key])
			if parts = append(parts, scalar(key)+": "+text); !ok || len(strings.Join(parts, ", ")) > maxDiffFlow {
				return "", false
			}
		}
		return "{" + strings.Join(parts, ", ") + "}", true
	case []any:
		parts := []string{}
		for _, item := range v {
			text, ok := onOneLine(item)
			if parts = append(parts, text); !ok || len(strings.Join(parts, ", ")) > maxDiffFlow {
				return "", false
			}
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	}
	return scalar(v), true
}

// value writes any value on one line, however short that must be.
func value(v any) string {
	if text, ok := onOneLine(v); ok {
		return text
	}
	if list, ok := v.([]any); ok {
		return "a list of " + many(len(list), "item")
	}
	m, _ := v.(map[string]any)
	return "a mapping of " + many(len(m), "key")
}

// block writes a list or mapping as YAML in block style, at most so many lines.
func block(v any, indent string, most int) []string {
	var lines []string
	add := func(head string, below any, deeper string) {
		if flow, ok := onOneLine(below); ok {
			lines = append(lines, head+" "+flow)
			return
		}
		lines = append(lines, head)
		lines = append(lines, block(below, deeper, most-len(lines))...)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range keysOf(v) {
			if len(lines) >= most {
				break
			}
			add(indent+scalar(key)+":", v[key], indent+"  ")
		}
	case []any:
		for _, item := range v {
			if len(lines) >= most {
				break
			}
			from := len(lines)
			add(indent+"-", item, indent+"  ")
			if len(lines) > from+1 { // the item begins behind its dash
				lines = slices.Delete(lines, from, from+1)
				lines[from] = indent + "- " + strings.TrimPrefix(lines[from], indent+"  ")
			}
		}
	}
	return lines[:min(len(lines), max(most, 0))]
}

// keysOf gives the keys of a mapping: what tells it from others first.
func keysOf(m map[string]any) []string {
	keys := slices.Sorted(maps.Keys(m))
	front := []string{}
	for _, key := range []string{"id", "name", "key", "title"} {
		if i := slices.Index(keys, key); i >= 0 {
			front = append(front, key)
			keys = slices.Delete(keys, i, i+1)
		}
	}
	return append(front, keys...)
}

var (
	plainText = regexp.MustCompile(`^[A-Za-z]([A-Za-z0-9 _./@-]*[A-Za-z0-9_./@-])?$`)
	notAText  = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n)$`)
)

// scalar writes a scalar so that a number, a text and null cannot be taken for one another.
func scalar(v any) string {
	text, isText := v.(string)
	if !isText {
		if s, ok := v.(fmt.Stringer); ok {
			return short(s.String())
		}
		b, _ := json.Marshal(v)
		return string(b)
	}
	if plainText.MatchString(text) && !notAText.MatchString(text) {
		return short(text)
	}
	return quoteText(short(text))
}

func quoteText(s string) string {
	b := new(strings.Builder)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return "?"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func short(s string) string {
	runes := []rune(s)
	if len(runes) <= maxDiffText {
		return s
	}
	return string(runes[:maxDiffText]) + "…"
}

// twoValues writes what was there and what is. Of long texts it shows the part where they begin to differ.
func twoValues(old, new any) (string, string) {
	a, isText := old.(string)
	b, both := new.(string)
	if !isText || !both || len(a) <= maxDiffText && len(b) <= maxDiffText {
		return value(old), value(new)
	}
	x, y := []rune(a), []rune(b)
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	from := max(0, same-maxDiffText/4)
	part := func(runes []rune) string {
		text := string(runes[min(from, len(runes)):])
		if from > 0 {
			text = "…" + text
		}
		return quoteText(short(text))
	}
	return part(x), part(y)
}
