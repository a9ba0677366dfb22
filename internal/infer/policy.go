package infer

import (
	"strings"
)

// Policy writes a .tamer.yaml for a layout, with why it is so.
func (l Layout) Policy() []byte {
	var b strings.Builder
	b.WriteString("# How tamer treats this repository. What is not said here has a default.\n# A draft by tamer init: " +
		"correct what it took for something else.\nlayout:\n")
	lines := func(key string, patterns []string) {
		if len(patterns) == 0 {
			return
		}
		b.WriteString("  " + key + ":\n")
		for _, pattern := range patterns {
			b.WriteString("    - " + quoted(pattern))
			for _, why := range l.Why {
				if reason, ok := strings.CutPrefix(why, pattern+": "); ok {
					b.WriteString(" # " + reason)
				}
			}
			b.WriteString("\n")
		}
	}
	lines("configs", l.Configs)
	if len(l.Shared) == 0 {
		b.WriteString("  shared: []\n")
	}
	lines("shared", l.Shared)
	schemas := l.Schemas
	if len(schemas) == 0 {
		schemas = []string{"schemas/{type}.schema.json", "schemas/{type}.schema.yaml"}
	}
	lines("schemas", schemas)
	return []byte(b.String())
}

// Start are the files of a new repository, by their paths: one type, and one customer as an example.
func Start() map[string][]byte {
	return map[string][]byte{
		".tamer.yaml": []byte(`# How tamer treats this repository. What is not said here has a default.
layout:
  configs: ["customers/{customer}/{type}.yaml"]
  shared: ["shared/{type}.yaml"]
  schemas: ["schemas/{type}.schema.json", "schemas/{type}.schema.yaml"]
`),
		"schemas/plan.schema.json": []byte(`{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Plan",
  "description": "What a customer has bought. Say here which service reads it.",
  "type": "object",
  "additionalProperties": false,
  "required": ["name", "tier"],
  "properties": {
    "name": { "title": "Name of the customer, for people", "type": "string", "minLength": 1 },
    "tier": { "title": "What the customer pays for", "enum": ["free", "pro", "enterprise"] },
    "seats": { "title": "People who may log in", "type": "integer", "minimum": 1, "default": 5 }
  }
}
`),
		"customers/example/plan.yaml": []byte("name: Example\ntier: pro\nseats: 10\n"),
		"templates/customer/template.yaml": []byte(`# What tamer new CUSTOMER --from customer asks for: a schema of its parameters, which stand as ${name} in the other files here.
title: A new customer
required: [name, tier]
properties:
  name: { title: "Name of the customer, for people", type: string, minLength: 1 }
  tier: { title: "What the customer pays for", enum: [free, pro, enterprise], default: free }
`),
		"templates/customer/plan.yaml": []byte("name: ${name}\ntier: ${tier}\n"),
	}
}
