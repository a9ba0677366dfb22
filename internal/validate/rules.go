package validate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/migrate"
	"github.com/tamerhq/tamer/internal/schema"
)

// maxConditions bounds the x-tamer-rules of one schema: each is compiled.
const maxConditions = 1000

// conditions are the x-tamer-rules of one schema, compiled. They are safe for concurrent use.
type conditions struct {
	of    map[*schema.Keywords][]condition
	wrong []finding.Finding // in the schema's files: those that cannot be compiled
	alone bool              // there are some that a file decides by itself
	among bool              // there are some that also look at the customer, or at its other configs
}

// A condition is one rule.
type condition struct {
	schema.Rule
	holds        *expr.Program
	message, fix *expr.Template
	among        bool     // it needs to know the customer, the type or the customer's other configs
	types        []string // of configs that it asks for
	allTypes     bool
}

type conditionsKey struct{}

// conditionsOf gives those of a schema; they are compiled once.
func conditionsOf(s *schema.Schema) *conditions {
	return s.Keep(conditionsKey{}, func() any { return compileConditions(s) }).(*conditions)
}

// ruleVariables are what expressions in schemas can name.
var ruleVariables = []expr.Variable{
	{Name: "self"}, {Name: "root"}, {Name: "customer", Kind: expr.Text}, {Name: "type", Kind: expr.Text}, {Name: "configs", Kind: expr.Map},
}

func compileConditions(s *schema.Schema) *conditions {
	c := &conditions{of: map[*schema.Keywords][]condition{}}
	if !s.Carries(schema.WithRules) {
		return c
	}
	env, err := expr.New(ruleVariables...)
	if err != nil {
		panic(err) // the names are constants
	}
	n := 0
	for _, k := range s.Keywords() {
		for _, r := range k.Rules {
			if n++; n > maxConditions {
				c.wrong = append(c.wrong, finding.Finding{Rule: "schema-invalid", Level: finding.Failure, File: r.Site.File, At: r.Site.At, Pointer: r.Site.Pointer,
					Message: fmt.Sprintf("this schema has more than %d conditions in x-tamer-rules", maxConditions), Fix: "split the schema into several types, or write several conditions as one"})
				return c
			}
			one, wrong := compileCondition(env, r)
			if c.wrong = append(c.wrong, wrong...); len(wrong) > 0 {
				continue
			}
			c.of[k] = append(c.of[k], one)
			c.among = c.among || one.among
			c.alone = c.alone || !one.among
		}
	}
	return c
}

func compileCondition(env *expr.Env, r schema.Rule) (condition, []finding.Finding) {
	c := condition{Rule: r}
	var wrong []finding.Finding
	note := func(text string, err error) {
		var bad *expr.Error
		if errors.As(err, &bad) {
			at := r.PlaceIn(text, bad.Line, bad.Column)
			wrong = append(wrong, finding.Finding{Rule: "schema-invalid", Level: finding.Failure, File: r.Site.File, At: finding.Span{Start: at, End: at},
				Pointer: r.Site.Pointer + "/" + text, Message: "this condition cannot be used: " + bad.Message, Fix: "correct the expression (CEL); docs/rules-in-schemas.md shows what it may hold"})
		}
	}
	var err error
	c.holds, err = env.Condition(r.Expr)
	note("expr", err)
	c.message, err = env.Template(r.Message)
	note("message", err)
	c.fix, err = env.Template(r.Fix)
	note("fix", err)
	if len(wrong) > 0 {
		return c, wrong
	}
	types := map[string]bool{}
	for _, part := range []interface {
		Uses(string) bool
		Fields(string) ([]string, bool)
	}{c.holds, c.message, c.fix} {
		fields, all := part.Fields("configs")
		for _, f := range fields {
			types[f] = true
		}
		c.allTypes = c.allTypes || all
		c.among = c.among || part.Uses("configs") || part.Uses("customer") || part.Uses("type")
	}
	c.types = slices.Sorted(maps.Keys(types))
	return c, nil
}

// unsaid is the finding, without File, for a file some of whose conditions could not be compiled; nil where all could.
func (c *conditions) unsaid() *finding.Finding {
	if len(c.wrong) == 0 {
		return nil
	}
	first := c.wrong[0]
	return &finding.Finding{Rule: "schema-invalid", Level: finding.Failure, At: top,
		Message: fmt.Sprintf("this file cannot be judged wholly: %s:%d has a condition that cannot be used", first.File, first.At.Start.Line),
		Fix:     fmt.Sprintf("mend %s first", first.File)}
}

// level is what a condition does to the verdict where the policy says nothing.
func (c *condition) level() finding.Level { return cmp.Or(c.Level, finding.Failure) }

// failed is the finding, without File and place, that the condition does not hold.
func (c *condition) failed(vars map[string]any, b *expr.Budget) finding.Finding {
	f := finding.Finding{Rule: "condition", Level: c.level(), Cause: c.Expr, Message: c.message.Text(vars, b)}
	if f.Fix = c.fix.Text(vars, b); f.Fix == "" {
		f.Fix = "change the value so that this holds: " + c.shown()
	}
	return f
}

// shown is the expression in one line.
func (c *condition) shown() string { return expr.Show(strings.Join(strings.Fields(c.Expr), " ")) }

// An unreadable is the error that a condition looks at a config that has a fault of its own.
type unreadable struct{ path string }

func (u *unreadable) Error() string { return u.path + ", which it looks at, has a fault of its own" }

// unjudged is the finding, without File and place, that nobody can tell whether it holds. configs are those that are there.
func (c *condition) unjudged(why error, configs map[string]any) finding.Finding {
	f := finding.Finding{Rule: "condition-unjudged", Level: finding.Failure, Cause: c.Expr}
	where := fmt.Sprintf("the condition in %s:%d", c.Site.File, c.ExprAt.Start.Line)
	var (
		missing *expr.Missing
		broken  *unreadable
	)
	switch {
	case errors.As(why, &broken):
		f.Fix = "mend " + broken.path + " first"
	case errors.Is(why, expr.ErrCost):
		f.Fix = fmt.Sprintf("make the value smaller, or have %s made simpler", where)
	case errors.As(why, &missing) && configs[missing.Name] == nil && slices.Contains(c.types, missing.Name):
		why = fmt.Errorf("there is no config of the type %q beside it", missing.Name)
		f.Fix = fmt.Sprintf("add that config; if it may be left out, %s must allow for it, with has()", where)
	default:
		f.Fix = fmt.Sprintf("look whether something is missing here, or is of another kind than it should be; if all is right, %s must allow for it, with has() or .?", where)
	}
	f.Message = fmt.Sprintf("a condition of the schema could not be judged here: %v (%s)", why, c.shown())
	return f
}

// schemaFaults are the findings in a schema itself: why it cannot be used, or what in it is doubtful, and which of its conditions, or of what it says of migration,
// cannot be used.
func schemaFaults(c *catalog.Catalog, path string) []finding.Finding {
	compiled, found := c.Schema(path)
	if compiled == nil {
		return found
	}
	return slices.Concat(compiled.Doubts(), conditionsOf(compiled).wrong, migrate.Wrong(compiled))
}
