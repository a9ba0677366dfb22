package validate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/validate"
)

const anyPlan = "schemas/plan.schema.yaml"

// shop is a repository of two customers.
var shop = map[string]string{
	anyPlan: "type: object\n", "schemas/audience.schema.yaml": "{}\n",
	"customers/acme/plan.yaml": "name: Acme\nlimit: 1\n", "customers/acme/audience.yaml": "a: 1\n", "customers/beta/plan.yaml": "name: Beta\n",
	"shared/plan.yaml": "name: All\n",
}

// What is posted to a check, as it goes over the wire.
func TestBody(t *testing.T) {
	r := changed(t, shop, validate.Options{Checks: []outside.Check{{Name: "credit", Types: []string{"plan"}}}},
		"customers/acme/plan.yaml", "name: Acme\nlimit: 12.50\n", "customers/acme/audience.yaml", "a: 2\n", "customers/new/plan.yaml", "- 1\n---\n- 2\n")
	var all strings.Builder
	for _, p := range r.Postings {
		b, err := p.Body(forge.Repo{Owner: "acme", Name: "config"}, "0123456789012345678901234567890123456789", "d1", time.Unix(1_800_000_000, 5))
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		pretty, _ := json.MarshalIndent(v, "", "  ")
		fmt.Fprintf(&all, "%s\n", pretty)
	}
	golden.Check(t, "testdata/posting.json", all.String())
}

// Which customers are posted to which checks.
func TestPostings(t *testing.T) {
	checks := []outside.Check{{Name: "all"}, {Name: "beta", Paths: []string{"customers/beta/*"}}, {Name: "plans", Types: []string{"plan"}}}
	for name, c := range map[string]struct {
		changes []string
		want    string
	}{
		"one file":                        {[]string{"customers/acme/plan.yaml", "name: A\n"}, "all acme: audience unchanged, plan modified; plans acme: plan modified"},
		"another type":                    {[]string{"customers/acme/audience.yaml", "a: 2\n"}, "all acme: audience modified, plan unchanged"},
		"by its path":                     {[]string{"customers/beta/plan.yaml", "name: B\n"}, "all beta: plan modified; beta beta: plan modified; plans beta: plan modified"},
		"removed":                         {[]string{"customers/beta/plan.yaml", ""}, "all beta: plan removed; beta beta: plan removed; plans beta: plan removed"},
		"shared":                          {[]string{"shared/plan.yaml", "name: B\n"}, "all -: plan modified; plans -: plan modified"},
		"no configuration":                {[]string{"README.md", "x", anyPlan, "{}\n"}, ""},
		"a layout that the change brings": {[]string{".tamer.yaml", "layout: {configs: ['{customer}/{type}.yaml']}\n", "x/plan.yaml", "name: X\n"}, ""},
	} {
		r := changed(t, shop, validate.Options{Checks: checks}, c.changes...)
		var all []string
		for _, p := range r.Postings {
			customer := "-"
			if p.Customer != nil {
				customer = *p.Customer
			}
			var files []string
			for _, f := range p.Files {
				files = append(files, f.Type+" "+f.Status)
			}
			all = append(all, p.Check+" "+customer+": "+strings.Join(files, ", "))
		}
		if got := strings.Join(all, "; "); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestReadAnswer(t *testing.T) {
	r := changed(t, shop, validate.Options{Checks: []outside.Check{{Name: "credit"}}}, "customers/acme/plan.yaml", "name: Acme\nlimit: 12\n", "customers/acme/audience.yaml", "")
	p := r.Postings[0]
	answer := func(file, finding string) string {
		return fmt.Sprintf(`{"files":[{"path":"customers/acme/%s","findings":[%s]}],"summary":{}}`, file, finding)
	}
	for name, c := range map[string]struct{ answer, want string }{
		"nothing wrong": {`{"files":[]}`, ""},
		"by line": {answer("plan.yaml", `{"rule":"limit","level":"failure","line":2,"column":8,"end_line":2,"end_column":10,"path":"/limit","message":"more than\nthe contract","fix":"write 10"}`),
			"customers/acme/plan.yaml:2:8-2:10 failure credit/limit /limit: more than the contract; write 10"},
		"by pointer":          {answer("plan.yaml", `{"rule":"limit","level":"warning","path":"/limit","message":"m"}`), "customers/acme/plan.yaml:2:8-2:10 warning credit/limit /limit: m; ask who looks after the check credit"},
		"of the file":         {answer("plan.yaml", `{"rule":"limit","level":"notice","message":"m","fix":"f"}`), "customers/acme/plan.yaml:1:1-0:0 notice credit/limit : m; f"},
		"beyond the file":     {answer("plan.yaml", `{"rule":"limit","level":"notice","line":99,"column":-3,"end_line":100,"end_column":1,"message":"m","fix":"f"}`), "customers/acme/plan.yaml:2:1-0:0 notice credit/limit : m; f"},
		"in a removed file":   {answer("audience.yaml", `{"rule":"gone","level":"failure","line":7,"message":"m","fix":"f"}`), "customers/acme/audience.yaml:1:1-0:0 failure credit/gone : m; f"},
		"no JSON":             {"<html>", "error: the answer is no JSON of the shape that docs/external-checks.md shows"},
		"two JSONs":           {`{"files":[]}{}`, "error: the answer is no JSON of the shape that docs/external-checks.md shows"},
		"empty":               {"", "error: the answer is no JSON of the shape that docs/external-checks.md shows"},
		"no files":            {"{}", `error: the answer has no "files"; write {"files": []} where nothing is wrong`},
		"null":                {"null", `error: the answer has no "files"; write {"files": []} where nothing is wrong`},
		"another customer's":  {strings.Replace(answer("plan.yaml", ""), "acme", "beta", 1), "error: the answer names a file that was not posted"},
		"a rule of tamer's":   {answer("plan.yaml", `{"rule":"../yaml","level":"failure","message":"m"}`), `error: finding 1 of the answer: "rule" must be 1 to 64 of a-z, 0-9, - and _`},
		"an unknown level":    {answer("plan.yaml", `{"rule":"x","level":"off","message":"m"}`), `error: finding 1 of the answer: "level" must be failure, warning or notice`},
		"no message":          {answer("plan.yaml", `{"rule":"x","level":"notice","message":" \n"}`), `error: finding 1 of the answer: "message" must say what is wrong`},
		"a path of a kind":    {answer("plan.yaml", `{"rule":"x","level":"notice","message":"m","path":"limit"}`), `error: finding 1 of the answer: "path" must be a JSON Pointer`},
		"a line that is text": {answer("plan.yaml", `{"rule":"x","level":"notice","message":"m","line":"2"}`), "error: the answer is no JSON of the shape that docs/external-checks.md shows"},
	} {
		found, err := p.Read([]byte(c.answer))
		var lines []string
		for _, f := range found {
			lines = append(lines, fmt.Sprintf("%s:%d:%d-%d:%d %s %s %s: %s; %s", f.File, f.At.Start.Line, f.At.Start.Column, f.At.End.Line, f.At.End.Column, f.Level, f.Rule, f.Pointer, f.Message, f.Fix))
		}
		if err != nil {
			lines = append(lines, "error: "+err.Error())
		}
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if _, err := p.Read([]byte(answer("plan.yaml", strings.Repeat(`{"rule":"x","level":"notice","message":"m"},`, 1000)+`{"rule":"x","level":"notice","message":"m"}`))); err == nil {
		t.Error("1,001 findings are taken")
	}
}

// What is not asked for a fork is said, and findings of others are counted with those of their customer.
func TestUnasked(t *testing.T) {
	files := map[string]string{"schemas/a.schema.yaml": "x-tamer-live: {source: s, query: q}\n", "customers/acme/a.yaml": "x\n"}
	r := changed(t, files, validate.Options{Checks: []outside.Check{{Name: "credit"}}}, "customers/acme/a.yaml", "y\n")
	if got := validate.Unasked(nil, nil); got != nil {
		t.Errorf("nothing was to be asked: %v", got)
	}
	found := validate.Unasked(r.Questions, r.Postings)
	r.Add(found)
	if want := "for a pull request from a fork the company's own systems are not asked: 1 value could not be looked up; the check credit was not made"; len(found) != 1 || found[0].Message != want || found[0].File != "" || r.OK() {
		t.Errorf("%+v", found)
	}
	r.Add(validate.Looked(r.Questions, []outside.Answer{{}}))
	if r.Customers[0].Failures != 1 {
		t.Errorf("%+v", r.Customers)
	}
}
