package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
)

// A cause is one thing that is wrong in one place, or alike in many.
type cause struct {
	finding.Finding                   // the first of them
	all             []finding.Finding // in their order
}

// causes groups findings of the same rule with the same words, in the order of the first of each; failures first.
func causes(found []finding.Finding) []cause {
	type key struct {
		level             finding.Level
		rule, message, by string
	}
	at := map[key]int{}
	var all []cause
	for _, f := range found {
		k := key{f.Level, f.Rule, f.Message, f.Fix}
		i, known := at[k]
		if !known {
			i = len(all)
			at[k] = i
			all = append(all, cause{Finding: f})
		}
		all[i].all = append(all[i].all, f)
	}
	levels := []finding.Level{finding.Failure, finding.Warning, finding.Notice}
	slices.SortStableFunc(all, func(a, b cause) int { return slices.Index(levels, a.Level) - slices.Index(levels, b.Level) })
	return all
}

// reach says in how many customers and places a cause is found: "in 41 customers", "at 3 places of 2 files".
func (r Report) reach(c cause) string {
	files, customers := map[string]bool{}, map[string]bool{}
	for _, f := range c.all {
		files[f.File] = true
		if r.Customer != nil {
			customers[r.Customer(f.File)] = true
		}
	}
	delete(customers, "")
	switch {
	case len(customers) > 1:
		return "in " + many(len(customers), "customer")
	case len(files) > 1:
		return "in " + many(len(files), "file")
	}
	return "at " + many(len(c.all), "place")
}

// places links to some of the places of a cause, and counts the others.
func (r Report) places(c cause, most int) string {
	var b strings.Builder
	shown := 0
	for _, f := range c.all {
		if f.File == "" {
			continue
		}
		if shown == most {
			break
		}
		if shown > 0 {
			b.WriteString(", ")
		}
		b.WriteString(r.Page.place(f.File, f.At))
		shown++
	}
	if n := len(c.all) - shown; shown > 0 && n > 0 {
		fmt.Fprintf(&b, " and %s more", digits(n))
	}
	return b.String()
}
