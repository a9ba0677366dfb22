package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/validate"
)

// CommentMarker begins the one comment of a pull request, so that it is found again. HTML comments are not shown.
const CommentMarker = "<!-- tamer:report -->"

// A Comment is what the one comment of a pull request should say.
type Comment struct {
	Body string
	// Quiet tells that there is nothing to say: where no comment is, none is needed.
	Quiet bool
}

// Bounds of the comment.
const (
	maxAsked  = 10 // causes that wait for the author
	maxAskedP = 3  // places of each
	screenful = 30 // lines of the difference that are not collapsed
	maxOfFile = 60 // lines of one file
)

// Comment tells reviewers what changes for whom, and the author what to do next. It holds nothing that changes without them: the
// same change with the same verdict gives the same text.
func (r Report) Comment() Comment {
	c := Comment{Quiet: len(r.Verdict.Findings) == 0 && len(r.Diff.Files) == 0 && r.Uncompared == 0 && len(r.Verdict.Schemas) == 0}
	text := bounded{limit: forge.MaxComment - roomForMore - lineRoom}
	text.add(CommentMarker+"\n### "+r.headline()+"\n\n", 0)
	for _, block := range slices.Concat(r.schemas(), r.awaits()) {
		text.add(block, 0)
	}
	r.changes(&text)
	if text.left > 0 {
		fmt.Fprintf(&text.b, "\nand %s more, left out because GitHub shows no longer texts. `tamer diff` shows all.\n", many(text.left, "changed line"))
	}
	c.Body = strings.TrimSpace(text.b.String())
	return c
}

// headline says the change in one line: whom it reaches, and whether it can be merged.
func (r Report) headline() string {
	reach := "No configuration changes"
	switch blast := r.Diff.Blast(); {
	case r.Uncompared > 0:
		reach = fmt.Sprintf("More than %s change", many(len(r.Diff.Files), "config"))
	case blast.Configs > 0:
		reach = reached(blast)
	case len(r.Diff.Files) > 0:
		reach = "No configuration changes in effect"
	}
	reasons, failures := unevaluated(r.Verdict.Findings)
	if failures > 0 {
		reach += " · " + many(failures, "failure") + " to mend"
	}
	if reasons != "" {
		reach += " · could not be checked"
	}
	return reach
}

// awaits says what is waited for, and by whom.
func (r Report) awaits() []string {
	blocks, theirs := gaps(r.Verdict.Findings)
	count := finding.CountOf(theirs)
	all := causes(theirs)
	check := r.Page.checks("tamer/validate")
	if count.Failures == 0 {
		switch {
		case count != (finding.Count{}):
			return append(blocks, fmt.Sprintf("Nothing is to be mended; %s in %s.\n\n", counts(count), check))
		}
		return append(blocks, "Nothing is to be mended.\n\n")
	}
	blocks = append(blocks, fmt.Sprintf("**The author** mends %s:\n\n", many(count.Failures, "failure")))
	for i, c := range all {
		if c.Level != finding.Failure || i == maxAsked {
			break
		}
		where := ""
		if places := r.places(c, maxAskedP); places != "" {
			where = "\\\n  " + places
		}
		if len(c.all) > 1 {
			where = ", " + r.reach(c) + where
		}
		blocks = append(blocks, fmt.Sprintf("- %s%s\n", code(clip(c.Message, maxName)), where))
	}
	return append(blocks, fmt.Sprintf("\nWhat to write instead, and all that was found: %s.\n\n", check))
}

// gaps says what was not evaluated, for which the author waits and mends nothing, and gives the other findings.
func gaps(found []finding.Finding) (blocks []string, others []finding.Finding) {
	for _, f := range found {
		if _, gap := validate.Reason(f); !gap {
			others = append(others, f)
		} else if len(blocks) < maxAsked {
			blocks = append(blocks, fmt.Sprintf("**Could not be checked**: %s\n\n", said(f)))
		}
	}
	return blocks, others
}

// changes adds the difference: a screenful of it as it is, and the rest collapsed.
func (r Report) changes(text *bounded) {
	sections := diffSections(r.Diff)
	for i := range sections {
		sections[i].cut(maxOfFile)
	}
	if len(sections) == 0 {
		return
	}
	if owners := r.Diff.Blast().Owners; len(owners) > 0 {
		text.add("Of interest to "+listed(owners, maxDiffNames)+".\n\n", 0)
	}
	lines, open, hidden := 0, 0, 0
	for _, s := range sections {
		if lines += len(s.lines) + 3; open > 0 && lines > screenful {
			hidden++
			continue
		}
		open++
		text.add(s.markdown()+"\n", max(1, len(s.lines)))
	}
	if hidden == 0 {
		return
	}
	const end = "</details>\n"
	text.limit -= len(end)
	opened := text.add(fmt.Sprintf("<details><summary>%s of other files</summary>\n\n", many(hidden, "change")), 0)
	for _, s := range sections[open:] {
		text.add(s.markdown()+"\n", max(1, len(s.lines)))
	}
	if opened {
		text.b.WriteString(end)
	}
}

// cut leaves out the lines after so many, and counts them.
func (s *diffSection) cut(most int) {
	if left := len(s.lines) - most; left > 1 {
		s.lines = append(slices.Clone(s.lines[:most-1]), diffLine{' ', fmt.Sprintf("… and %s", many(left+1, "more line")), ""})
	}
}

// listed names some in code, and counts the others.
func listed(names []string, most int) string {
	var some []string
	for _, name := range names[:min(len(names), most)] {
		some = append(some, code(clip(name, maxName)))
	}
	return strings.Join(some, ", ") + andMore(len(names)-len(some))
}

// reached says whom a change reaches: "3 configs of 2 customers change".
func reached(b diff.Blast) string {
	own := b.Configs - b.Shared
	what := many(own, "config") + " of " + many(len(b.Customers), "customer")
	switch {
	case own == 0:
		what = many(b.Shared, "shared config")
	case b.Shared > 0:
		what += " and " + many(b.Shared, "shared config")
	}
	if b.Configs == 1 {
		return what + " changes"
	}
	return what + " change"
}
