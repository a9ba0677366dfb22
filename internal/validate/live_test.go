package validate_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/validate"
)

const audience = `
properties:
  table: {type: string}
  columns:
    items:
      properties:
        name:
          x-tamer-live: {source: warehouse, query: columns, args: {table: {from: /table}, customer: {from: customer}}}
        like: {type: string}
        limit:
          x-tamer-live: {source: warehouse, query: limits, args: {name: {from: 1/name}, strict: true, self: {from: 0}}}
  regions:
    x-tamer-live: {source: crm, query: regions}
`

// files are the paths and texts of a tree, which change may change; "" removes a file.
func tree(files map[string]string, changes ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for i := 0; i < len(changes); i += 2 {
		all[changes[i]] = &fstest.MapFile{Data: []byte(changes[i+1])}
		if changes[i+1] == "" {
			delete(all, changes[i])
		}
	}
	return all
}

// changed judges the change that the pairs of path and text make.
func changed(t *testing.T, files map[string]string, opts validate.Options, changes ...string) validate.Result {
	t.Helper()
	base, head := tree(files), tree(files, changes...)
	opts.Base = base
	for i := 0; i < len(changes); i += 2 {
		kind := forge.Modified
		switch name := changes[i]; {
		case base[name] == nil:
			kind = forge.Added
		case head[name] == nil:
			kind = forge.Removed
		}
		opts.Changes = append(opts.Changes, forge.Change{Path: changes[i], Kind: kind})
	}
	r, err := validate.Tree(head, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// asked is a list of questions, one in a line.
func asked(questions []validate.Question) string {
	var b strings.Builder
	for _, q := range questions {
		fmt.Fprintf(&b, "%s:%d:%d %s %v in %s", q.File, q.At.Start.Line, q.At.Start.Column, q.Pointer, q.Value, q.Query)
		for _, name := range slices.Sorted(maps.Keys(q.Args)) {
			fmt.Fprintf(&b, " %s=%s", name, q.Args[name])
		}
		fmt.Fprintf(&b, " by %s:%d\n", q.Schema.File, q.Schema.At.Start.Line)
	}
	return b.String()
}

func TestQuestions(t *testing.T) {
	const schema, acme, beta = "schemas/audience.schema.yaml", "customers/acme/audience.yaml", "customers/beta/audience.yaml"
	files := map[string]string{schema: audience, acme: "table: sales\ncolumns:\n  - name: spend\n  - {name: day, limit: 3}\nregions: [eu, null, us]\n", beta: "regions: {eu: 1}\n"}
	for name, c := range map[string]struct {
		changes     []string
		want, found string
	}{
		"what a touched file asks": {[]string{acme, files[acme] + "# touched\n"}, `
customers/acme/audience.yaml:3:11 /columns/0/name spend in warehouse/columns customer=acme table=sales by schemas/audience.schema.yaml:8
customers/acme/audience.yaml:4:12 /columns/1/name day in warehouse/columns customer=acme table=sales by schemas/audience.schema.yaml:8
customers/acme/audience.yaml:4:24 /columns/1/limit 3 in warehouse/limits name=day self=3 strict=true by schemas/audience.schema.yaml:11
customers/acme/audience.yaml:5:11 /regions/0 eu in crm/regions by schemas/audience.schema.yaml:13
customers/acme/audience.yaml:5:21 /regions/2 us in crm/regions by schemas/audience.schema.yaml:13
`, ""},
		"keys of a mapping": {[]string{beta, "regions: {us: 1}\n"}, `
customers/beta/audience.yaml:1:11 /regions/us us in crm/regions by schemas/audience.schema.yaml:13
`, ""},
		"only the new file of a customer": {[]string{"customers/acme/other.yaml", "", "shared/audience.yaml", "regions: eu\n"}, `
shared/audience.yaml:1:10 /regions eu in crm/regions by schemas/audience.schema.yaml:13
`, ""},
		"a schema that asks what it asked": {[]string{schema, audience + "  more: true\n"}, "\n", ""},
		"a schema that asks something else": {[]string{schema, strings.Replace(audience, "query: regions", "query: zones", 1)}, `
customers/acme/audience.yaml:5:11 /regions/0 eu in crm/zones by schemas/audience.schema.yaml:13
customers/acme/audience.yaml:5:21 /regions/2 us in crm/zones by schemas/audience.schema.yaml:13
customers/beta/audience.yaml:1:11 /regions/eu eu in crm/zones by schemas/audience.schema.yaml:13
`, ""},
		"arguments that are missing": {[]string{acme, "columns:\n  - {name: a, limit: 1}\n  - {limit: 1}\n"}, `
customers/acme/audience.yaml:2:22 /columns/0/limit 1 in warehouse/limits name=a self=1 strict=true by schemas/audience.schema.yaml:11
`, `customers/acme/audience.yaml:2: "a" cannot be looked up in warehouse/columns: its "table" is to be taken from /table, where there is no text, number or boolean
customers/acme/audience.yaml:3: 1 cannot be looked up in warehouse/limits: its "name" is to be taken from /columns/1/name, where there is no text, number or boolean
`},
		"a secret is not shown": {[]string{schema, "properties:\n  key:\n    x-tamer-secret: true\n    x-tamer-live: {source: crm, query: keys, args: {of: {from: /name}}}\n", acme, "key: hunter2\n"}, "\n",
			"customers/acme/audience.yaml:1: \"•••\" cannot be looked up in crm/keys: its \"of\" is to be taken from /name, where there is no text, number or boolean\n"},
		"a policy that switches it off": {[]string{".tamer.yaml", "checks: {live: off}\n"}, "\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := changed(t, files, validate.Options{}, c.changes...)
			if got := "\n" + asked(r.Questions); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
			var found strings.Builder
			for _, f := range r.Findings {
				if f.Rule == "live" {
					fmt.Fprintf(&found, "%s:%d: %s\n", f.File, f.At.Start.Line, f.Message)
				}
			}
			if found.String() != c.found {
				t.Errorf("got %s\nwant %s", found.String(), c.found)
			}
		})
	}
	secret := map[string]string{schema: "x-tamer-secret: true\nx-tamer-live: {source: crm, query: keys, args: {key: {from: 0}}}\n", acme: "a\n"}
	r := changed(t, secret, validate.Options{}, acme, "hunter2\n")
	if found := validate.Looked(r.Questions, []outside.Answer{{}}); len(found) != 1 || found[0].Message != `"•••" is not in crm/keys for key "•••"` {
		t.Errorf("%+v", found)
	}
	r, err := validate.Tree(tree(files), validate.Options{})
	if err != nil || len(r.Questions) != 6 {
		t.Errorf("the whole tree asks %d, %v:\n%s", len(r.Questions), err, asked(r.Questions))
	}
}

// What follows from answers: no row is named, and what nobody has answered stands at no line.
func TestLooked(t *testing.T) {
	values := outside.Values{}
	values.Add("spend_eur")
	values.Add("secret row")
	q := func(source, name string, value any, args ...string) validate.Question {
		out := validate.Question{Query: outside.Query{Source: source, Name: name, Args: map[string]string{}}, File: "customers/acme/a.yaml", Value: value,
			At: finding.Span{Start: finding.Place{Line: 7, Column: 3}}, Pointer: "/x", Level: finding.Warning}
		out.Schema.File, out.Schema.Pointer, out.Schema.At.Start.Line = "schemas/a.schema.json", "/properties/"+name, 12
		for i := 0; i < len(args); i += 2 {
			out.Args[args[i]] = args[i+1]
		}
		return out
	}
	questions := []validate.Question{
		q("warehouse", "columns", "spend_eur"), q("warehouse", "columns", "spend", "table", "sales"),
		q("warehose", "columns", "a"), q("warehose", "columns", "b"), q("warehouse", "colums", "a"), q("warehouse", "args", "a", "tab", "x"),
		q("crm", "accounts", "a"), q("crm", "regions", "b"), q("erp", "orders", "a"), q("erp", "orders", "b"), q("hr", "people", "a"),
	}
	answers := []outside.Answer{
		{Values: values}, {Values: values},
		{Fault: outside.UnknownSource, Near: "warehouse"}, {Fault: outside.UnknownSource, Near: "warehouse"}, {Fault: outside.UnknownQuery}, {Fault: outside.WrongArgs, Args: []string{"table"}},
		{Fault: outside.Silent}, {Fault: outside.Silent}, {Fault: outside.Unusable}, {Fault: outside.Unusable}, {Fault: outside.Spent},
	}
	var got strings.Builder
	for _, f := range validate.Looked(questions, answers) {
		reason, _ := validate.Reason(f)
		fmt.Fprintf(&got, "%s %s:%d %s\n\t%s\n", f.Level, f.File, f.At.Start.Line, f.Rule, f.Message)
		if f.Rule == "unanswered" {
			fmt.Fprintf(&got, "\t(%s)\n", reason)
		}
	}
	const want = `failure :0 unanswered
	crm did not answer: 2 values could not be looked up
	(crm did not answer)
failure :0 unanswered
	erp/orders gave no usable answer: 2 values could not be looked up
	(erp/orders gave no usable answer)
failure :0 unanswered
	hr is asked more than one pull request may: 1 value could not be looked up
	(hr is asked more than one pull request may)
warning customers/acme/a.yaml:7 live
	"spend" is not in warehouse/columns for table "sales"
failure schemas/a.schema.json:12 live-unknown
	the query warehouse/args takes the argument table, and is given the argument tab
failure schemas/a.schema.json:12 live-unknown
	the operator has declared no source "warehose" for this repository, so nothing can be looked up there; did you mean "warehouse"?
failure schemas/a.schema.json:12 live-unknown
	the operator has declared no query "colums" of the source warehouse, so nothing can be looked up by it
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}
