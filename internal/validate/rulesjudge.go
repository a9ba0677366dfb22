package validate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/schema"
)

const (
	// maxUnmet bounds how many findings of conditions one file gets: a list of a million is one mistake.
	maxUnmet = 1000
	// maxEvaluations bounds what the conditions of one file may cost together, as so many of the dearest: about a second.
	maxEvaluations = 100
)

// A ruling judges the conditions of one file.
type ruling struct {
	conditions *conditions
	among      bool // those that look beyond the file, and only those
	vars       map[string]any
	budget     *expr.Budget
	missing    func(c *condition) error // why a condition has not all that it needs; nil for those of one file
	secrets    func() []string          // texts that must not be shown
	found      []finding.Finding
}

// judgeAlone judges the conditions that a file decides by itself.
func judgeAlone(s *schema.Schema, docs []*document.Document) []finding.Finding {
	c := conditionsOf(s)
	if !c.alone {
		return nil
	}
	r := &ruling{conditions: c, vars: map[string]any{"customer": "", "type": "", "configs": map[string]any{}}}
	r.secrets = sync.OnceValue(func() []string { return secretsIn(s, docs) })
	r.judge(s, docs)
	return r.found
}

func (r *ruling) judge(s *schema.Schema, docs []*document.Document) {
	r.budget = expr.NewBudget(maxEvaluations)
	for _, doc := range docs {
		r.vars["root"] = doc.Value
		undone := s.Walk(doc, schema.WithRules, func(tokens []string, _ bool, value any, k *schema.Keywords) {
			for i := range r.conditions.of[k] {
				if c := &r.conditions.of[k][i]; c.among == r.among && len(r.found) <= maxUnmet && !r.budget.Spent() {
					r.ask(c, doc, tokens, value)
				}
			}
		})
		r.found = append(r.found, undone...)
	}
	if len(r.found) > maxUnmet {
		r.found = append(r.found[:maxUnmet], unfinished("condition", fmt.Sprintf("more than %d conditions do not hold in this file; the others are not listed", maxUnmet),
			"mend those that are listed, and check it again"))
	}
	if r.budget.Spent() {
		r.found = append(r.found, unfinished("condition-unjudged", "the conditions of the schema take too many steps on this file: not all of them were judged",
			"make the file smaller, or have the conditions in x-tamer-rules made simpler"))
	}
}

// ask judges one condition at one value.
func (r *ruling) ask(c *condition, doc *document.Document, tokens []string, value any) {
	r.vars["self"] = value
	var err error
	if r.missing != nil {
		err = r.missing(c)
	}
	holds := false
	if err == nil {
		holds, err = c.holds.Holds(r.vars, r.budget)
	}
	if errors.Is(err, expr.ErrBudget) || err == nil && holds {
		return
	}
	var f finding.Finding
	if err != nil {
		f = c.unjudged(err, r.vars["configs"].(map[string]any))
	} else {
		f = c.failed(r.vars, r.budget)
		tokens = slices.Concat(tokens, document.Tokens(c.At))
	}
	for _, secret := range r.secrets() {
		f.Message, f.Fix = strings.ReplaceAll(f.Message, secret, "•••"), strings.ReplaceAll(f.Fix, secret, "•••")
	}
	f.At, f.Pointer = doc.Find(tokens).Value, document.Pointer(tokens)
	r.found = append(r.found, f)
}

func unfinished(rule, message, fix string) finding.Finding {
	return finding.Finding{Rule: rule, Level: finding.Failure, At: top, Message: message, Fix: fix}
}

// settled leaves out that conditions could not be judged where the same file has another failure: that is what must be mended
// first, and mostly it is why.
func settled(found []finding.Finding) []finding.Finding {
	failing := map[string]bool{}
	for _, f := range found {
		if f.Level == finding.Failure && f.Rule != "condition-unjudged" {
			failing[f.File] = true
		}
	}
	return slices.DeleteFunc(found, func(f finding.Finding) bool { return f.Rule == "condition-unjudged" && failing[f.File] })
}
