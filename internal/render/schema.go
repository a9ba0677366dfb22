package render

import (
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/validate"
)

// Bounds of what is said of one schema that a change alters.
const (
	maxReasons  = 5  // changes of it
	maxCauses   = 20 // things that are wrong in configs
	maxTheCause = 50 // customers of each
	maxServices = 20
)

// schemas says of each altered schema whom that can hurt, what shows it, and which configs it does break.
func (r Report) schemas() []string {
	var blocks []string
	for _, s := range r.Verdict.Schemas {
		blocks = append(blocks, r.schema(s))
	}
	return blocks
}

func (r Report) schema(s validate.SchemaChange) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Schema of %s** (%s): %s.", code(clip(s.Type, maxName)), verdictOn(s), s.Words())
	if !s.Gone && s.Problem == "" {
		b.WriteString(" " + proofOn(s) + r.defaults(s.Type) + servicesOf(s))
	}
	b.WriteString("\n\n")
	if s.Gone {
		return b.String()
	}
	reasons := s.Why(maxReasons)
	for _, why := range reasons {
		fmt.Fprintf(&b, "- %s\n", code(clip(why, maxName)))
	}
	if len(reasons) > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// verdictOn is the word for the change of a schema.
func verdictOn(s validate.SchemaChange) string {
	switch {
	case s.Gone:
		return "removed"
	case s.Problem != "":
		return "not compared"
	case len(s.Beyond) > 0 && s.Whom() != "":
		return "breaking: " + s.Whom()
	case s.Whom() == "":
		return "breaks nothing"
	}
	return "can break " + s.Whom()
}

// proofOn says what judging every config by the new schema has shown.
func proofOn(s validate.SchemaChange) string {
	text := fmt.Sprintf("Judged by it: %s.", many(s.Customers, "customer"))
	switch {
	case len(s.Broken) > 0:
		text = fmt.Sprintf("**It breaks %s of %s.**", digits(len(s.Broken)), many(s.Customers, "customer"))
	case s.Customers > 0 && s.HurtsFiles():
		text = fmt.Sprintf("It breaks none of %s.", many(s.Customers, "customer"))
	}
	if n := len(s.Fixed); n > 0 {
		text += fmt.Sprintf(" The configs of %s are mended here.", many(n, "customer"))
	}
	return text
}

// servicesOf names the services that the change breaks, and who answers for them.
func servicesOf(s validate.SchemaChange) string {
	var names []string
	for _, c := range s.Services {
		if len(names) == maxServices {
			break
		}
		names = append(names, code(clip(c.Name, maxName))+" of "+code(clip(c.Owner, maxName)))
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" **It breaks %s**: %s%s.", many(len(s.Services), "service"), strings.Join(names, ", "), andMore(len(s.Services)-len(names)))
}

// defaults says how many customers get another value because the schema has another default.
func (r Report) defaults(typ string) string {
	filled := map[string]bool{}
	for _, f := range r.Diff.Files {
		if f.Type == typ && f.Customer != "" && len(f.Unwritten) > 0 {
			filled[f.Customer] = true
		}
	}
	if len(filled) == 0 {
		return ""
	}
	return fmt.Sprintf(" By its new defaults %s values that no file says.", gets(len(filled)))
}

func gets(n int) string {
	if n == 1 {
		return "1 customer gets"
	}
	return many(n, "customer") + " get"
}

// broken lists, for the details, by cause whose configs the altered schemas break.
func (r Report) broken(text *bounded) {
	for _, s := range r.Verdict.Schemas {
		if len(s.Broken) == 0 {
			continue
		}
		text.add(fmt.Sprintf("### Whom the schema of %s breaks\n\n", code(clip(s.Type, maxName))), 0)
		for i, c := range s.Causes {
			if i == maxCauses {
				text.add(fmt.Sprintf("- and %s more\n", many(len(s.Causes)-i, "cause")), 0)
				break
			}
			text.add(fmt.Sprintf("- %s: %s\\\n  %s\n", many(len(c.Customers), "customer"), code(clip(strings.TrimPrefix(c.Where+": ", ": ")+c.Message, maxName)), listed(c.Customers, maxTheCause)), 0)
		}
		text.add("\n", 0)
	}
}
