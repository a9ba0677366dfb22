// Package migrate changes configuration that was written for an earlier schema into what the present one asks for, as the schema's
// keywords say. It decides on trees, and writes nothing.
package migrate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/schema"
)

// maxRounds bounds how often a document is looked at anew after values have moved: what is moved may bring others into reach.
const maxRounds = 20

// A migration is what becomes of one document.
type migration struct {
	to       *schema.Schema
	customer string
	number   int // of the document, from 0
	value    any
	root     any // as it was
	changes  []edit.Change
	copied   int  // see maxCopied
	full     bool // no more changes are made
	problems []string
	told     map[string]bool   // the problems
	renamed  map[string]bool   // the pointers of what had another place before
	origins  map[string]string // the pointers of these earlier places, and what they are now
	budget   *expr.Budget
}

// run gives the changes of all kinds. Made again on what they give, there are none.
func (m *migration) run() {
	for range maxRounds {
		if before := len(m.changes); !m.each(m.move) || len(m.changes) == before {
			break
		}
	}
	m.each(m.rename)
	m.compute()
	m.each(m.fill)
}

// each visits all that the schema says of the value as it is now; false where it cannot be told.
func (m *migration) each(visit func(schema.Migration)) bool {
	var all []schema.Migration
	for _, f := range m.to.Migrations(document.Bare(m.value), func(one schema.Migration) { all = append(all, one) }) {
		m.problem(nil, f.Message)
		return false
	}
	m.renamed, m.origins = map[string]bool{}, map[string]string{}
	for _, one := range all {
		at := document.Pointer(one.Tokens)
		for _, name := range one.RenamedFrom {
			m.renamed[at] = true
			if from, _ := origin(name, one.Tokens); from != nil {
				m.origins[document.Pointer(from)] = at
			}
		}
	}
	for _, one := range all {
		visit(one)
	}
	return true
}

// Bounds on what is done to one document, and said of it. A change copies the mappings and lists that it is in, which for many changes
// in one long list takes the square of its length: maxCopied is how many values of those are copied in all.
const (
	maxChanges  = 10_000
	maxCopied   = 20_000_000
	maxProblems = 100
)

func (m *migration) problem(at []string, why string) {
	text := why
	if len(at) > 0 {
		text = document.Pointer(at) + ": " + why
	}
	if m.told[text] || len(m.problems) > maxProblems {
		return
	}
	if len(m.problems) == maxProblems {
		text = fmt.Sprintf("there are more than %d problems, of which the others are not listed", maxProblems)
	}
	if m.told == nil {
		m.told = map[string]bool{}
	}
	m.told[text] = true
	m.problems = append(m.problems, text)
}

// do makes a change, if it can be made. After too many none is: one that follows may rest on one that was not made.
func (m *migration) do(c edit.Change) {
	if m.full {
		return
	}
	m.copied += around(m.value, c.Path) + around(m.value, c.From)
	if len(m.changes) >= maxChanges || m.copied > maxCopied {
		m.full = true
		m.problems = append(m.problems, fmt.Sprintf("more than the first %d changes take too long at once: migrate it again when they are written, or make the others by hand", len(m.changes)))
		return
	}
	c.Document = m.number
	next, err := edit.Value(m.value, c)
	if err != nil {
		m.problem(c.Path, err.Error())
		return
	}
	m.value, m.changes = next, append(m.changes, c)
}

// around counts the values of the mappings and lists on the way to a place.
func around(v any, path []string) int {
	n := 0
	for i := range path {
		switch v := v.(type) {
		case map[string]any:
			n += len(v)
		case []any:
			n += len(v)
		}
		v, _ = document.ValueAt(v, path[i:i+1])
	}
	return n
}

// move takes a value to its property from where it stood in the earlier schema.
func (m *migration) move(one schema.Migration) {
	for _, name := range one.RenamedFrom {
		from, why := origin(name, one.Tokens)
		if why != "" {
			m.problem(one.Tokens, why)
			continue
		}
		if from == nil {
			continue
		}
		if _, there := document.ValueAt(m.value, from); !there {
			continue
		}
		if m.renamed[document.Pointer(from)] {
			m.problem(one.Tokens, fmt.Sprintf("%s, its earlier place, has an earlier place too, so it cannot be told whether an old or a new value stands there: move it by hand", document.Pointer(from)))
			return
		}
		if _, there := document.ValueAt(m.value, one.Tokens); there {
			m.problem(one.Tokens, fmt.Sprintf("both this and %s, its earlier place, are there: remove one of the two by hand", document.Pointer(from)))
			return
		}
		m.do(edit.Change{Op: edit.Move, From: from, Path: one.Tokens})
		return
	}
}

// origin gives where a property stood that is now at tokens; nil where that is no place of this document.
func origin(name string, tokens []string) (from []string, why string) {
	if len(tokens) == 0 {
		return nil, "x-tamer-renamed-from says nothing for a document as a whole: write it in the schema of a property"
	}
	if !strings.HasPrefix(name, "/") {
		return append(slices.Clone(tokens[:len(tokens)-1]), name), ""
	}
	from = document.Tokens(name)
	for i, token := range from {
		if token != "*" {
			continue
		}
		if i >= len(tokens) || !slices.Equal(from[:i], tokens[:i]) {
			return nil, fmt.Sprintf("the * in x-tamer-renamed-from %s has nothing to stand for: what is before it must be the way to this property, too", name)
		}
		from[i] = tokens[i]
	}
	return from, ""
}

// rename writes the new one of values that the earlier schema called otherwise.
func (m *migration) rename(one schema.Migration) {
	if !one.There || one.RenamedValues == nil {
		return
	}
	now, has := one.RenamedValues[textOf(one.Value)]
	if !has || diff.Equal(now, one.Value) {
		return
	}
	if _, circular := one.RenamedValues[textOf(now)]; circular {
		m.problem(one.Tokens, fmt.Sprintf("x-tamer-renamed-values has %s on both sides, so it cannot be told whether this value is an old or a new one", textOf(now)))
		return
	}
	m.do(edit.Change{Path: one.Tokens, Value: now})
}

// textOf is how a scalar is written as a key of x-tamer-renamed-values.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return string(v)
	}
	return "\x00" // no key
}

// fill writes the default of what is required and missing. At the earlier place of something else it would be taken for an old value.
func (m *migration) fill(one schema.Migration) {
	if one.There || !one.Required || !one.HasDefault {
		return
	}
	if _, there := document.ValueAt(m.value, one.Tokens); there {
		return
	}
	if now, moved := m.origins[document.Pointer(one.Tokens)]; moved {
		m.problem(one.Tokens, fmt.Sprintf("it is required, and x-tamer-renamed-from has its value moved to %s: let the schema no longer require it, or no longer move it", now))
		return
	}
	m.do(edit.Change{Path: one.Tokens, Value: one.Default})
}

// variables are what the expressions of x-tamer-migrate can name.
var variables = []expr.Variable{{Name: "old"}, {Name: "self"}, {Name: "root"}, {Name: "customer", Kind: expr.Text}}

// compute evaluates the expressions of values that do not fit, and of those that are required and missing.
func (m *migration) compute() {
	if !m.to.Carries(schema.WithMigration) {
		return
	}
	wrong := map[string]bool{} // what does not fit, and what holds it
	for _, at := range unfit(m.to, m.value) {
		for i := range len(at) + 1 {
			wrong[document.Pointer(at[:i])] = true
		}
	}
	m.each(func(one schema.Migration) {
		if one.Migrate != "" && (one.There && wrong[document.Pointer(one.Tokens)] || !one.There && one.Required) {
			m.evaluate(one)
		}
	})
}

func (m *migration) evaluate(one schema.Migration) {
	if len(one.Tokens) == 0 {
		m.problem(nil, "x-tamer-migrate says nothing for a document as a whole: write it in the schemas of its properties")
		return
	}
	program, err := programOf(m.to, one.Migrate)
	if err != nil {
		m.problem(one.Tokens, fmt.Sprintf("x-tamer-migrate cannot be used: %s", err))
		return
	}
	self, _ := document.ValueAt(m.value, one.Tokens[:len(one.Tokens)-1])
	value, err := program.Eval(map[string]any{"old": one.Value, "self": self, "root": m.root, "customer": m.customer}, m.budget)
	if err != nil {
		m.problem(one.Tokens, fmt.Sprintf("x-tamer-migrate gives no value: %s", err))
		return
	}
	if !diff.Equal(value, one.Value) || !one.There {
		m.do(edit.Change{Path: one.Tokens, Value: value})
	}
}
