package manual_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/manual"
	"github.com/tamerhq/tamer/internal/policy"
)

// A repository with all that a page shows, and with texts that try to be more than text.
var tree = fstest.MapFS{
	"schemas/plan.schema.yaml": {Data: []byte(`
title: Plan <b>
description: What is | sold. [x](https://example.com)
x-tamer-owners: ["@shop/sales"]
required: [tier]
properties:
  tier: {enum: [free, pro], title: Tier, default: free}
  token: {type: string, x-tamer-secret: true, default: s3cret, examples: [s3cret]}
  login: {default: {user: a, token: s3cret}, properties: {user: {examples: [b]}, pass: {$ref: "#/$defs/hidden"}}, examples: [{user: c, pass: s3cret}]}
  keys: {writeOnly: true, enum: [s3cret], properties: {public: {const: s3cret, examples: [s3cret], type: string}}, default: {public: s3cret}}
  limits: {$ref: "#/$defs/limits", description: Bounds}
  old: {type: [integer, "null"], x-tamer-deprecated: {since: 2026-01-01, use: /limits}}
$defs:
  hidden: {type: string, x-tamer-secret: true}
  limits:
    type: object
    additionalProperties: {type: integer, minimum: 0, x-tamer-unit: EUR}
    properties: {next: {$ref: "#/$defs/limits"}}
examples: [{tier: pro, token: s3cret, keys: {public: s3cret}}]
`)},
	"schemas/hooks.schema.yaml": {Data: []byte(`
properties:
  headers: {additionalProperties: {x-tamer-secret: true}, default: {x-auth: s3cret}, examples: [{x-auth: s3cret}, none]}
  # A schema of its own for the property of this name.
  properties: {items: {writeOnly: true}, examples: [[s3cret]]}
`)},
	"schemas/segments.schema.yaml": {Data: []byte("properties: {plans: {items: {x-tamer-ref: {type: plan, path: /tier}}}}")},
	"schemas/broken.schema.yaml":   {Data: []byte("properties: [")},
	"customers/acme/plan.yaml":     {Data: []byte("tier: pro")},
	"customers/beta/plan.yaml":     {Data: []byte("tier: free")},
	"consumers/billing.yaml":       {Data: []byte("owner: '@shop/billing'\nreads: [{type: plan, paths: [/tier]}]\n")},
}

func TestPages(t *testing.T) {
	types, unread, err := manual.Types(catalog.New(tree, policy.Default()))
	if err != nil || !slices.Equal(unread, []string{"schemas/broken.schema.yaml"}) {
		t.Fatal(unread, err)
	}
	pages, err := manual.HTML(types)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(pages, manual.Markdown(types))
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		text := string(pages[name])
		if strings.Contains(text, "s3cret") || strings.Contains(text, "<b>\n") || strings.Contains(text, "Plan <b>") {
			t.Errorf("%s shows what it should not:\n%s", name, text)
		}
		if strings.HasSuffix(name, ".md") {
			all.WriteString("=== " + name + " ===\n" + text)
		}
	}
	golden.Check(t, "testdata/pages.golden", all.String())
	if !strings.Contains(string(pages["plan.html"]), "<td>required, one of free, pro</td>") {
		t.Errorf("plan.html lacks a property:\n%s", pages["plan.html"])
	}
}
