package validate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/schema"
)

// Looked says what follows from the answers to the questions, which are in the same order. Rows are never named: whoever may
// write configs would read them.
func Looked(questions []Question, answers []outside.Answer) []finding.Finding {
	var found []finding.Finding
	unknown := map[schema.Site]bool{}
	unanswered := map[gap]int{}
	for i, q := range questions {
		switch a := answers[i]; a.Fault {
		case outside.Answered:
			if !a.Values.Has(q.Value) {
				found = append(found, absent(q))
			}
		case outside.UnknownSource, outside.UnknownQuery, outside.WrongArgs:
			if !unknown[q.Schema] {
				unknown[q.Schema] = true
				found = append(found, undeclared(q, a))
			}
		case outside.Unusable:
			unanswered[gap{a.Fault, q.String()}]++
		default:
			unanswered[gap{a.Fault, q.Source}]++
		}
	}
	for g, n := range unanswered {
		found = append(found, g.finding(many(n, "value")+" could not be looked up"))
	}
	finding.Sort(found)
	return found
}

// Unasked says that nothing was asked, because the change comes from a fork: whoever writes there could find out by asking what
// is in the company's data. It gives nothing where there is nothing to ask.
func Unasked(questions []Question, postings []Posting) []finding.Finding {
	var what []string
	if len(questions) > 0 {
		what = append(what, many(len(questions), "value")+" could not be looked up")
	}
	for i, p := range postings { // sorted by check
		if i == 0 || postings[i-1].Check != p.Check {
			what = append(what, "the check "+p.Check+" was not made")
		}
	}
	if what == nil {
		return nil
	}
	return []finding.Finding{{Rule: "unanswered", Level: finding.Failure,
		Message: "for a pull request from a fork the company's own systems are not asked: " + strings.Join(what, "; "),
		Fix:     "a maintainer who has read the change pushes the branch to this repository, and opens the pull request from there"}}
}

// A gap is a reason why something was not evaluated: that of one source, query or check.
type gap struct {
	fault outside.Fault
	who   string
}

// finding is one of the change as a whole: at no line, for nobody who edits has done wrong. See Reason.
func (g gap) finding(so string) finding.Finding {
	f := finding.Finding{Rule: "unanswered", Level: finding.Failure}
	reason := g.who + " did not answer"
	f.Fix = "nothing is to be mended in the change: press Re-run in a while, and tell the operator of tamer if it stays so"
	switch g.fault {
	case outside.Unusable:
		reason = g.who + " gave no usable answer"
		f.Fix = "nothing is to be mended in the change: tell the operator of tamer, whose log says more, and press Re-run when it is mended"
	case outside.Spent:
		reason = g.who + " is asked more than one pull request may"
		f.Fix = "split the change into several, or ask the operator of tamer for a larger budget"
	}
	f.Message = reason + ": " + so
	return f
}

// Reason gives the short reason of a finding that says that something was not evaluated, for titles.
func Reason(f finding.Finding) (string, bool) {
	reason, _, _ := strings.Cut(f.Message, ": ")
	return reason, f.Rule == "unanswered"
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func absent(q Question) finding.Finding {
	args := ""
	if len(q.Args) > 0 {
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(q.Args)) {
			parts = append(parts, fmt.Sprintf("%s %s", name, quoted(q.Args[name])))
		}
		args = " for " + strings.Join(parts, ", ")
	}
	return finding.Finding{Rule: "live", Level: q.Level, File: q.File, At: q.At, Pointer: q.Pointer,
		Message: veiled(fmt.Sprintf("%s is not in %s%s", quoted(q.Value), q.Query, args), q.secrets),
		Fix:     fmt.Sprintf("correct the spelling, or have it added to %s first and then press Re-run", q.Source)}
}

// undeclared speaks of the schema, where the names stand.
func undeclared(q Question, a outside.Answer) finding.Finding {
	f := finding.Finding{Rule: "live-unknown", Level: finding.Failure, File: q.Schema.File, At: q.Schema.At, Pointer: q.Schema.Pointer}
	switch a.Fault {
	case outside.UnknownSource:
		f.Message = fmt.Sprintf("the operator has declared no source %q for this repository, so nothing can be looked up there", q.Source)
		f.Fix = "ask the operator of tamer which sources there are"
	case outside.UnknownQuery:
		f.Message = fmt.Sprintf("the operator has declared no query %q of the source %s, so nothing can be looked up by it", q.Name, q.Source)
		f.Fix = "ask the operator of tamer which queries there are"
	default:
		f.Message = fmt.Sprintf("the query %s takes %s, and is given %s", q.Query, argNames(a.Args), argNames(slices.Sorted(maps.Keys(q.Args))))
		f.Fix = "give each of the arguments that it takes under args, and no other"
	}
	if a.Near != "" {
		f.Message += fmt.Sprintf("; did you mean %q?", a.Near)
		f.Fix = fmt.Sprintf("write %q, or %s", a.Near, f.Fix)
	}
	return f
}

// veiled hides secrets in a message.
func veiled(message string, secrets []string) string {
	for _, s := range secrets {
		message = strings.ReplaceAll(message, s, "•••")
	}
	return message
}

func argNames(names []string) string {
	switch len(names) {
	case 0:
		return "no arguments"
	case 1:
		return "the argument " + names[0]
	}
	return "the arguments " + strings.Join(names, ", ")
}

// quoted shows a value in a message, shortened.
func quoted(value any) string {
	text, ok := value.(string)
	if !ok {
		b, _ := json.Marshal(value)
		return string(b)
	}
	const most = 80
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
