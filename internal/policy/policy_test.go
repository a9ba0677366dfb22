package policy_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/policy"
)

// Mistakes that people make in .tamer.yaml, and what is said about each.
var mistakes = []string{
	"layout: 5",
	"layouts: {}",
	"layout:\n  config: [\"customers/{customer}/{type}.yaml\"]",
	"layout:\n  configs: customers/{customer}/{type}.yaml",
	"layout: {configs: [\"/customers/{customer}/{type}.yaml\"]}",
	"layout: {configs: [\"customers/../{customer}/{type}.yaml\"]}",
	"layout: {configs: [\"customers/{tenant}/{type}.yaml\"]}",
	"layout: {configs: [\"customers/{customer}/{customer}/{type}.yaml\"]}",
	"layout: {configs: [\"customers/{customer/{type}.yaml\"]}",
	"layout: {configs: [\"customers/{customer}.yaml\"]}",
	"layout: {configs: [\"customers/{type}.yaml\"]}",
	"layout: {shared: [\"shared/{customer}/{type}.yaml\"]}",
	"layout: {schemas: [\"schemas/all.json\"]}",
	"layout: {consumers: [\"consumers/{type}.yaml\"]}",
	"layout: {consumers: [services.yaml]}",
	"checks: {schema-mising: off}",
	"checks: {schema-missing: error}",
	"checks: {yaml: off}",
	"checks: {Range: off}",
	"checks:\n\trange: off",
	"a: b\n---\nc: d",
	"- a list",
	"deploy: {branch: 5}",
	"schemas: {deprecation: a month}",
	"schemas: {deprecation: 9999w}",
	"references:\n- from: {type: plan, path: segment}\n  to: {type: segments, path: /segments/*/id}\n  scope: all",
	"references: [{from: {type: plan, path: /segment}}]",
	"governance:\n  rules:\n    - {name: models, when: 'typ == \"models\"', approvals: 1}\n    - name: steps\n      when: |\n        type == \"plan\" &&\n        changes.exists(c, c.path == )\n    - {name: Models, when: size(path), approvals: 1}\n    - {name: new-type, when: path == \"a\"}",
	"governance: {rules: [{name: a, when: \"true\", users: [\"@ella\"], teams: [acme data]}]}",
	"governance: {regular-editors: {within: 99999w}}",
}

func TestMistakes(t *testing.T) {
	var b strings.Builder
	for _, src := range mistakes {
		p, found := policy.Parse([]byte(src))
		if p != nil {
			t.Errorf("%q passes", src)
		}
		fmt.Fprintf(&b, "%s\n", src)
		for _, f := range found {
			if f.File != policy.Path || f.Level != finding.Failure || f.Fix == "" {
				t.Errorf("%q: %+v", src, f)
			}
			fmt.Fprintf(&b, "    %d:%d %s [%s]\n        %s\n", f.At.Start.Line, f.At.Start.Column, f.Message, f.Rule, f.Fix)
		}
		b.WriteString("\n")
	}
	golden.Check(t, "testdata/mistakes.txt", b.String())
}

// What is left out has its default, and a list that is given replaces the whole default.
func TestDefaults(t *testing.T) {
	for _, src := range []string{"", "# nothing yet\n", "{}", "---\n", "layout: {}", "deploy: {previews: {branches: false}}"} {
		p, found := policy.Parse([]byte(src))
		if p == nil {
			t.Errorf("%q: %v", src, found)
			continue
		}
		if f := p.Layout.Read("customers/acme/plan.yaml"); f.Kind != policy.Config || f.Customer != "acme" || f.Type != "plan" {
			t.Errorf("%q reads %+v", src, f)
		}
		if got := p.Level("range", finding.Failure); got != finding.Failure {
			t.Errorf("%q makes range a %s", src, got)
		}
	}
	p, _ := policy.Parse([]byte("layout: {shared: [\"common/{type}.yaml\"]}\nchecks: {range: off, enum: notice}\ndeploy: {branch: live}"))
	for path, kind := range map[string]policy.Kind{
		"common/plan.yaml": policy.Shared, "shared/plan.yaml": policy.Other, "customers/acme/plan.yaml": policy.Config, "schemas/plan.schema.yaml": policy.Schema,
	} {
		if f := p.Layout.Read(path); f.Kind != kind {
			t.Errorf("%s is read as %+v", path, f)
		}
	}
	if p.Level("range", finding.Failure) != policy.Off || p.Level("enum", finding.Failure) != finding.Notice || p.Deploy.Branch != "live" {
		t.Errorf("got %+v", p)
	}
}

// Where there is no policy the defaults count; what is in its place and no file is a finding.
func TestReadTree(t *testing.T) {
	if p, found, err := policy.Read(fstest.MapFS{}); p == nil || len(found) > 0 || err != nil {
		t.Errorf("no file: %v, %v, %v", p, found, err)
	}
	for name, tree := range map[string]fstest.MapFS{
		"link":      {".tamer.yaml": {Data: []byte("elsewhere"), Mode: fs.ModeSymlink}, "elsewhere": {Data: []byte("{}")}},
		"directory": {".tamer.yaml/x": {}},
	} {
		if p, found, err := policy.Read(tree); p != nil || len(found) != 1 || err != nil {
			t.Errorf("%s: %v, %v, %v", name, p, found, err)
		}
	}
}

// A policy is either usable or explained, and never panics.
func FuzzParse(f *testing.F) {
	for _, src := range mistakes {
		f.Add([]byte(src))
	}
	f.Add([]byte("layout: {configs: [\"{customer...}/{type}\"]}\nchecks: {range: off}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		p, found := policy.Parse(src)
		if (p == nil) != (len(found) > 0) {
			t.Fatalf("policy %v with %d findings", p, len(found))
		}
		for _, x := range found {
			if x.Message == "" || x.Fix == "" || x.File != policy.Path {
				t.Fatalf("%+v", x)
			}
		}
		if p != nil {
			p.Layout.Read("customers/acme/plan.yaml")
			p.Layout.SchemaPaths("plan")
		}
	})
}

// References say where they stand, and have the scope that counts where they name none.
func TestReferences(t *testing.T) {
	p, found := policy.Parse([]byte(`references:
- from: {type: plan, path: /segment}
  to:
    type: segments
    path: /segments/*/id
- {from: {type: plan, path: /market}, to: {type: markets, path: /*}, scope: shared, acyclic: true}
`))
	if len(found) > 0 || len(p.References) != 2 {
		t.Fatal(p, found)
	}
	first, second := p.References[0], p.References[1]
	if to := first.To; first.Scope != policy.ScopeCustomer || first.Acyclic || to.Type != "segments" || to.Path != "/segments/*/id" ||
		to.Pointer != "/references/0/to" || to.TypeAt.Start != (finding.Place{Line: 4, Column: 11}) || to.PathAt.Start != (finding.Place{Line: 5, Column: 11}) {
		t.Errorf("%+v", first)
	}
	if second.Scope != policy.ScopeShared || !second.Acyclic || second.From.PathAt.Start != (finding.Place{Line: 6, Column: 29}) {
		t.Errorf("%+v", second)
	}
}
