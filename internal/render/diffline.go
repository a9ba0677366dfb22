package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/near"
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
	name := cmp.Or(clip(ch.Name, maxName), "the whole document")
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
	return " was " + inDocument(ch.FromDocument, clip(ch.FromName, maxName))
}

// noteOf is what the schema says of a change.
func noteOf(ch diff.Change) string {
	var notes []string
	old, isText := ch.Old.(string)
	if new, both := ch.New.(string); isText && both && near.Alike(old, new) {
		notes = append(notes, "it looks the same: its letters are put together in another way")
	}
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
		notes = append(notes, ofDefault(ch.Op))
	}
	if ch.Note.Deprecated != "" {
		notes = append(notes, "deprecated "+clip(ch.Note.Deprecated, maxName))
	}
	if ch.Note.Title != "" {
		notes = append(notes, clip(ch.Note.Title, maxName))
	}
	return visible(strings.Join(notes, " · "))
}

// ofDefault says why a value changes that no line of the file says.
func ofDefault(op diff.Op) string {
	switch op {
	case diff.Add:
		return "by the schema: it has a default now, for those who leave it out"
	case diff.Remove:
		return "by the schema: it has no default any more, for those who leave it out"
	}
	return "by the schema: its default has changed, for those who leave it out"
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
