package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
)

// An ExplainFormat is a way to write an explanation.
type ExplainFormat struct {
	Name  string
	Write func(w io.Writer, e Explanation, o Options) error
}

// ExplainFormats are those of tamer explain --format; the first is what people get who ask for none.
var ExplainFormats = []ExplainFormat{{"text", ExplainText}, {"json", ExplainJSON}}

// labelWidth is the width of what stands before each answer.
const labelWidth = 13

// An explainer writes labelled lines.
type explainer struct {
	*bufio.Writer
	paint paint
}

// line writes one answer; nothing for an empty one.
func (x explainer) line(label, text string) {
	if text != "" {
		fmt.Fprintf(x, "  %s%s\n", x.paint.with(faint, fmt.Sprintf("%-*s", labelWidth, label)), visible(text))
	}
}

// ExplainText writes an explanation for a terminal.
func ExplainText(w io.Writer, e Explanation, o Options) error {
	x := explainer{bufio.NewWriter(w), paint(o.Colour)}
	fmt.Fprintf(x, "%s %s\n", x.paint.with(bold, visible(spot(e.File, e.At))), visible(cmp.Or(e.Pointer, "(the whole document)")))
	x.value(e)
	x.line("title", e.Note.Title)
	x.line("description", strings.Join(strings.Fields(e.Note.Description), " "))
	x.line("deprecated", e.Note.Deprecated)
	x.line("owners", strings.Join(e.Note.Owners, ", "))
	if e.Since != nil {
		x.since(e)
	}
	return x.Flush()
}

func (x explainer) value(e Explanation) {
	switch {
	case e.Absent:
		x.line("value", "none: there is no such value")
	case e.Note.Secret:
		x.line("value", "secret, or holding something secret: not shown")
	default:
		if text, ok := onOneLine(e.Value); ok {
			x.line("value", withUnit(text, e.Note.Unit))
			return
		}
		x.line("value", value(e.Value))
		for _, l := range blockLines(' ', e.Value, "") {
			fmt.Fprintf(x, "  %*s%s\n", labelWidth+2, "", l.text)
		}
	}
}

// since writes who did what.
func (x explainer) since(e Explanation) {
	s := e.Since
	if s.Uncommitted != "" {
		x.line(s.Uncommitted, "not committed yet")
	}
	if c := s.Last; c != nil {
		x.last(e, c)
	}
	if p := s.Pull; p != nil {
		x.line("pull request", fmt.Sprintf("#%d", p.Number)+before(" ", p.Title)+before(", by ", p.Author)+before(", ", p.URL))
		x.line("approved by", approvers(p))
	}
	if p := s.Production; p != nil {
		x.line("production", fmt.Sprintf("since %s, with %s", clock(p.At), p.With.Short()))
	}
	for _, note := range s.Notes {
		x.line("note", note)
	}
}

func (x explainer) last(e Explanation, c *LastChange) {
	label, text := c.Kind, fmt.Sprintf("%s by %s%s", clock(c.At), cmp.Or(c.Author, "nobody"), angled(c.Email))
	if c.Moved {
		label = "moved"
	}
	if e.Since.Uncommitted != "" {
		label, text = "earlier", label+" "+text
	}
	x.line(label, text)
	x.line("commit", c.Commit.Short()+before(" ", c.Subject))
	if old, short := onOneLine(e.old(c)); c.Known && short {
		x.line("before", withUnit(old, e.Note.Unit))
	}
	if c.Moved {
		x.line("now at", named(c.MovedFile, c.MovedTo))
	} else if c.File != e.File || c.Pointer != e.Pointer {
		x.line("then at", named(c.File, c.Pointer))
	}
}

func named(file, pointer string) string { return file + before("#", pointer) }

// before puts a text before another one, unless that is empty.
func before(sign, text string) string {
	if text == "" {
		return ""
	}
	return sign + text
}

func angled(email string) string {
	if email == "" {
		return ""
	}
	return " <" + email + ">"
}

func clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// approvers are named; that there are none is worth knowing where GitHub was asked.
func approvers(p *PullOf) string {
	if len(p.Approvers) == 0 && p.Asked {
		return "nobody"
	}
	return strings.Join(p.Approvers, ", ")
}
