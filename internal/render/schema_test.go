package render_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/evolution"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
)

// schemaChanges are altered schemas of which people have chosen all the words.
func schemaChanges(text string) []validate.SchemaChange {
	report := compat.Report{Compatibility: compat.None, Changes: []compat.Change{{Path: "#/" + text, File: text, Kind: text, Message: text,
		Breaks: []compat.Direction{compat.Backward, compat.Forward}, Witnesses: map[compat.Direction]any{compat.Backward: text}}}}
	causes := []validate.Breakage{{Finding: finding.Finding{Rule: "type", Message: text, File: text}, Customers: []string{text, text + "2"}}}
	return []validate.SchemaChange{
		{Change: evolution.Change{Type: text, File: text, Report: report}, Customers: 3, Broken: []string{text, text + "2"}, Causes: causes, Fixed: []string{text},
			Services: []evolution.Consumer{{Name: text, Owner: text}}},
		{Change: evolution.Change{Type: text, File: text, Problem: text}},
		{Change: evolution.Change{Type: text, File: text, Gone: true, Problem: text}},
	}
}

// A schema that breaks hundreds of customers: whom, how many of how many, and why, in the comment and in the check run.
func TestSchemaThatBreaks(t *testing.T) {
	const schema = `{"type":"object","properties":{"limit":{"type":"integer","maximum":%d},"mode":{"enum":[%s]}}}`
	before := fstest.MapFS{"schemas/plan.schema.json": {Data: fmt.Appendf(nil, schema, 100, `"a","b"`)}}
	after := fstest.MapFS{"schemas/plan.schema.json": {Data: fmt.Appendf(nil, schema, 50, `"a","c"`)}}
	before["consumers/web.yaml"] = &fstest.MapFile{Data: []byte("owner: \"@shop/web\"\nreads: [{type: plan, schema: {file: consumers/web/plan.json}}]\n")}
	before["consumers/web/plan.json"] = &fstest.MapFile{Data: []byte(`{"properties":{"mode":{"enum":["a","b"]}}}`)}
	after["consumers/web.yaml"], after["consumers/web/plan.json"] = before["consumers/web.yaml"], before["consumers/web/plan.json"]
	changes := []forge.Change{{Path: "schemas/plan.schema.json", Kind: forge.Modified}}
	for i := range 120 {
		path := fmt.Sprintf("customers/c%03d/plan.yaml", i)
		before[path] = &fstest.MapFile{Data: fmt.Appendf(nil, "limit: %d\nmode: %c\n", i%60, "ab"[i%10/9])}
		after[path] = before[path]
		if i == 9 {
			after[path] = &fstest.MapFile{Data: []byte("limit: 9\nmode: c\n")}
			changes = append(changes, forge.Change{Path: path, Kind: forge.Modified})
		}
	}
	v, err := validate.Tree(after, validate.Options{Base: before, Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	r := render.Report{Verdict: v, Page: page, Customer: func(path string) string { return strings.Split(path, "/")[1] }}
	run := r.CheckRun()
	summary, _, _ := strings.Cut(run.Summary, "| customer")
	text, _, _ := strings.Cut(run.Text, "### The same")
	golden.Check(t, "testdata/schema-breaks.golden", r.Comment().Body+"\n\n=== check run\n"+summary+"\n"+text)
	atSchema := func(a forge.Annotation) bool {
		return a.Path == "schemas/plan.schema.json" && a.Title == "schema-breaks"
	}
	if !slices.ContainsFunc(run.Annotations, atSchema) {
		t.Error("no annotation stands at the schema")
	}
}

// What a new default gives to customers who write nothing is counted, by customer.
func TestNewDefaults(t *testing.T) {
	unwritten := diff.Compare(diff.One(map[string]any{"days": 1}), diff.One(map[string]any{"days": 2}))
	file := func(customer, typ string, changes []diff.Change) diff.File {
		return diff.File{Path: customer + typ, Customer: customer, Type: typ, Unwritten: changes}
	}
	r := render.Report{
		Verdict: validate.Result{Schemas: []validate.SchemaChange{{Change: evolution.Change{Type: "plan", Report: compat.Report{Compatibility: compat.Full}}, Customers: 4}}},
		Diff:    diff.Report{Files: []diff.File{file("acme", "plan", unwritten), file("beta", "plan", unwritten), file("beta", "other", unwritten), file("gamma", "plan", nil), file("", "plan", unwritten)}},
	}
	if body, want := r.Comment().Body, "By its new defaults 2 customers get values that no file says."; !strings.Contains(body, want) {
		t.Errorf("no %q in\n%s", want, body)
	}
}
