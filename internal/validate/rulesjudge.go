package validate

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
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
	found      []finding.Finding
}

// judgeAlone judges the conditions that a file decides by itself.
func judgeAlone(s *schema.Schema, docs []*document.Document) []finding.Finding {
	c := conditionsOf(s)
	if !c.alone {
		return nil
	}
	r := &ruling{conditions: c, vars: map[string]any{"customer": "", "type": "", "configs": map[string]any{}}}
	r.judge(s, docs)
	return r.found
}

func (r *ruling) judge(s *schema.Schema, docs []*document.Document) {
	r.budget = expr.NewBudget(maxEvaluations)
	for _, doc := range docs {
		r.vars["root"] = doc.Value
		r.found = append(r.found, s.Walk(doc, schema.WithRules, func(tokens []string, _ bool, value any, k *schema.Keywords) {
			for i := range r.conditions.of[k] {
				if c := &r.conditions.of[k][i]; c.among == r.among && len(r.found) <= maxUnmet && !r.budget.Spent() {
					r.ask(c, doc, tokens, value)
				}
			}
		})...)
	}
	if len(r.found) > maxUnmet {
		r.found = append(r.found[:maxUnmet], unfinished(fmt.Sprintf("more than %d conditions do not hold in this file; the others are not listed", maxUnmet),
			"mend those that are listed, and check it again"))
	}
	if r.budget.Spent() {
		r.found = append(r.found, unfinished("the conditions of the schema take too many steps on this file: not all of them were judged",
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
	f.At, f.Pointer = doc.Find(tokens).Value, document.Pointer(tokens)
	r.found = append(r.found, f)
}

func unfinished(message, fix string) finding.Finding {
	return finding.Finding{Rule: "condition-unjudged", Level: finding.Failure, At: top, Message: message, Fix: fix}
}

// conditions judges those of the unit's files that look at the customer, or at its other configs.
func (u *unit) conditions(files []policy.File) ([]finding.Finding, error) {
	var (
		found []finding.Finding
		near  *neighbours
	)
	for _, f := range files {
		s, _ := schemaOf(u.side.Catalog, f.Type)
		if s == nil || !conditionsOf(s).among || badName(f) != nil || f.Mode.Type() != 0 {
			continue
		}
		if near == nil {
			near = &neighbours{unit: u, read: map[string][]*document.Document{}, values: map[string]any{}, unread: map[string]string{}}
		}
		docs, err := near.documents(f)
		if err != nil {
			return nil, err
		}
		r := &ruling{conditions: conditionsOf(s), among: true, missing: near.missing,
			vars: map[string]any{"customer": u.customer, "type": f.Type, "configs": near.values}}
		r.judge(s, docs)
		if near.failed != nil {
			return nil, near.failed
		}
		for _, x := range r.found {
			x.File = f.Path
			found = append(found, x)
		}
	}
	return found, nil
}

// neighbours are the configs of one unit, read as conditions ask for them.
type neighbours struct {
	unit   *unit
	read   map[string][]*document.Document // by path
	values map[string]any                  // by type: the value, or a list of those of several documents
	unread map[string]string               // type → the file that is not wholly readable
	failed error
}

func (n *neighbours) documents(f policy.File) ([]*document.Document, error) {
	if docs, known := n.read[f.Path]; known {
		return docs, nil
	}
	src, large, err := read(n.unit.side.Tree, f.Path, n.unit.side.opts.Limits)
	if err != nil {
		return nil, err
	}
	var found []finding.Finding
	if large != nil {
		found = append(found, *large)
	}
	docs, wrong := document.Parse(src, n.unit.side.opts.Limits)
	if len(found)+len(wrong) > 0 { // said by the file itself
		docs, n.unread[f.Type] = nil, f.Path
	}
	n.read[f.Path] = docs
	return docs, nil
}

// missing reads the configs that a condition asks for.
func (n *neighbours) missing(c *condition) error {
	files, err := n.unit.all()
	if err != nil {
		n.failed = err
		return err
	}
	for _, f := range files {
		if !c.allTypes && !slices.Contains(c.types, f.Type) {
			continue
		}
		if err := n.have(f); err != nil {
			n.failed = err
			return err
		}
		if path := n.unread[f.Type]; path != "" {
			return &unreadable{path}
		}
	}
	return nil
}

// have puts the value of a config where expressions find it.
func (n *neighbours) have(f policy.File) error {
	if _, known := n.values[f.Type]; known || n.unread[f.Type] != "" {
		return nil
	}
	if badName(f) != nil || f.Mode.Type() != 0 {
		n.unread[f.Type] = f.Path
		return nil
	}
	docs, err := n.documents(f)
	if err != nil || n.unread[f.Type] != "" {
		return err
	}
	if len(docs) == 1 {
		n.values[f.Type] = docs[0].Value
		return nil
	}
	list := make([]any, len(docs))
	for i, doc := range docs {
		list[i] = doc.Value
	}
	n.values[f.Type] = list
	return nil
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
