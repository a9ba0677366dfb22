package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/finding"
)

// conditions are what the expressions of gate rules see: one changed file.
var conditions = sync.OnceValue(func() *expr.Env {
	env, err := expr.New(expr.Variable{Name: "path", Kind: expr.Text}, expr.Variable{Name: "customer", Kind: expr.Text},
		expr.Variable{Name: "type", Kind: expr.Text}, expr.Variable{Name: "status", Kind: expr.Text},
		expr.Variable{Name: "old"}, expr.Variable{Name: "new"}, expr.Variable{Name: "changes"})
	if err != nil {
		panic(fmt.Sprintf("policy: the variables of a rule are wrong: %v", err))
	}
	return env
})

// ownGates are the names of the gates that every repository has.
var ownGates = []string{"new-type", "breaking-schema", "policy-change"}

// rules compiles the expressions of the gate rules, in place, and finds what is wrong with them. A gate is known by its name, so that each
// must have another.
func rules(all []GateRule, doc *document.Document) (found []finding.Finding) {
	first := map[string]string{} // by name, in lower case: who has it
	for _, name := range ownGates {
		first[name] = "a gate of tamer itself"
	}
	for i := range all {
		tokens := []string{"governance", "rules", strconv.Itoa(i)}
		name := strings.ToLower(all[i].Name)
		if owner, taken := first[name]; taken {
			at := append(tokens[:3:3], "name")
			found = append(found, finding.Finding{Level: finding.Failure, At: doc.Find(at).Value, Pointer: document.Pointer(at),
				Message: fmt.Sprintf("%q is the name of %s already", all[i].Name, owner), Fix: "give this rule another name"})
		}
		first[name] = fmt.Sprintf("rule %d", i+1)
		var err error
		if all[i].Holds, err = conditions().Condition(all[i].When); err != nil {
			found = append(found, wrongWhen(doc, append(tokens[:3:3], "when"), err))
		}
	}
	return found
}

// wrongWhen says what is wrong with an expression, at its own line and column where these can be told.
func wrongWhen(doc *document.Document, tokens []string, err error) finding.Finding {
	at := doc.Find(tokens).Value
	var wrong *expr.Error
	if errors.As(err, &wrong) {
		if lines := doc.Lines(tokens); wrong.Line <= len(lines) {
			start := lines[wrong.Line-1]
			start.Column += wrong.Column - 1
			at = finding.Span{Start: start, End: start}
		}
	}
	return finding.Finding{Level: finding.Failure, At: at, Pointer: document.Pointer(tokens), Message: "this condition cannot be used: " + err.Error(),
		Fix: "correct the expression (CEL); docs/approvals.md shows what it may hold"}
}
