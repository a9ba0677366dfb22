package schemas_test

import "testing"

func TestWrong(t *testing.T) {
	const (
		sha    = `"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`
		digest = `"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"`
		author = `author: {login: ana, id: 1}, `
		rel    = `repository: a/b, commit: ` + sha + `, parents: [], committed_at: "2026-11-22T20:00:00Z", pull_request: null, approvers: [], `
		chn    = `repository: a/b, channel: production, release: ` + digest + `, commit: ` + sha + `, updated_at: "2026-11-22T20:00:00Z", `
		cfg    = `path: customers/a/b.yaml, sha256: ` + digest
	)
	for _, c := range []struct{ schema, what, wrong, right string }{
		{"tamer", "unknown section", `layuot: {}`, `layout: {}`},
		{"tamer", "layout is a list", `layout: []`, `layout: {configs: []}`},
		{"tamer", "pattern is no list", `layout: {configs: "a/{customer}/{type}.yaml"}`, `layout: {configs: ["a/{customer}/{type}.yaml"]}`},
		{"tamer", "empty pattern", `layout: {shared: [""]}`, `layout: {shared: ["{type}.yaml"]}`},
		{"tamer", "unknown level", `checks: {schema-missing: error}`, `checks: {schema-missing: warning}`},
		{"tamer", "level is no text", `checks: {schema-missing: false}`, `checks: {schema-missing: off}`},
		{"tamer", "rule in the wrong case", `checks: {Schema_Missing: off}`, `checks: {schema-missing: notice}`},
		{"tamer", "reference without to", `references: [{from: {type: a, path: /b}}]`, `references: [{from: {type: a, path: /b}, to: {type: c, path: /d/*/e}}]`},
		{"tamer", "reference with a bare path", `references: [{from: {type: a, path: b}, to: {type: c, path: /d}}]`, `references: [{from: {type: a, path: /b~1c}, to: {type: c, path: /d}}]`},
		{"tamer", "unknown scope", `references: [{from: {type: a, path: /b}, to: {type: c, path: /d}, scope: all}]`, `references: [{from: {type: a, path: /b}, to: {type: c, path: /d}, scope: any}]`},
		{"tamer", "approvals in words", `governance: {new-type: {approvals: two}}`, `governance: {new-type: {approvals: 2}}`},
		{"tamer", "negative approvals", `governance: {policy-change: {approvals: -1}}`, `governance: {policy-change: {approvals: 0}}`},
		{"tamer", "unknown gate", `governance: {new-customer: {approvals: 1}}`, `governance: {breaking-schema: {approvals: 1}}`},
		{"tamer", "rule without when", `governance: {rules: [{name: privacy}]}`, `governance: {rules: [{name: privacy, when: 'type == "retention"', users: [ana], teams: [privacy], approvals: 1, regular-editors: 1}]}`},
		{"tamer", "login with @", `governance: {rules: [{name: n, when: w, users: ["@ana"]}]}`, `governance: {rules: [{name: n, when: w, users: [ana]}]}`},
		{"tamer", "duration without unit", `governance: {regular-editors: {within: 180}}`, `governance: {regular-editors: {within: 180d}}`},
		{"tamer", "duration of two parts", `deploy: {previews: {expire-after: 1d12h}}`, `deploy: {previews: {expire-after: 36h}}`},
		{"tamer", "duration of nothing", `deploy: {previews: {expire-after: 0d}}`, `deploy: {previews: {expire-after: 2w}}`},
		{"tamer", "percentage as a number", `governance: {regular-editors: {customers: 50}}`, `governance: {regular-editors: {customers: 50%}}`},
		{"tamer", "percentage over 100", `governance: {regular-editors: {customers: 101%}}`, `governance: {regular-editors: {customers: 100%}}`},
		{"tamer", "switch in words", `deploy: {previews: {branches: "yes"}}`, `deploy: {previews: {branches: false}}`},
		{"tamer", "branch is no text", `deploy: {branch: 1}`, `deploy: {branch: release/1}`},

		{"channel", "no generation", `{` + chn + `hold: null}`, `{` + chn + `hold: null, generation: 1}`},
		{"channel", "generation 0", `{` + chn + `hold: null, generation: 0}`, `{` + chn + `hold: null, generation: 42}`},
		{"channel", "hold without reason", `{` + chn + `generation: 1, hold: {by: ana, since: "2026-11-22T20:00:00Z"}}`, `{` + chn + `generation: 1, hold: {by: ana, reason: "", since: "2026-11-22T20:00:00Z"}}`},
		{"channel", "hold with local time", `{` + chn + `generation: 1, hold: {by: ana, reason: r, since: "2026-11-22T20:00:00+01:00"}}`, `{` + chn + `generation: 1, hold: {by: ana, reason: r, since: "2026-11-22T20:00:00.5Z"}}`},
		{"channel", "no release", `{repository: a/b, channel: production, release: null, commit: ` + sha + `, updated_at: "2026-11-22T20:00:00Z", generation: 1, hold: null}`, `{` + chn + `generation: 1, hold: null, resumed: {by: ana, reason: r, since: "2026-11-22T20:00:00Z"}}`},
		{"channel", "customer held by nobody", `{` + chn + `generation: 1, hold: null, holds: {acme: null}}`, `{` + chn + `generation: 1, hold: null, holds: {acme: {by: ana, reason: r, since: "2026-11-22T20:00:00Z"}}}`},
		{"channel", "unknown field", `{` + chn + `generation: 1, hold: null, etag: x}`, `{` + chn + `generation: 1, hold: null}`},

		{"release", "no author", `{` + rel + `customers: {}}`, `{` + rel + author + `customers: {}}`},
		{"release", "short digest", `{` + rel + author + `customers: {a: {bundle: abc}}}`, `{` + rel + author + `customers: {a: {bundle: ` + digest + `}}}`},
		{"release", "held without reason", `{` + rel + author + `customers: {a: {bundle: ` + digest + `, held: {commit: ` + sha + `}}}}`, `{` + rel + author + `customers: {a: {bundle: ` + digest + `, held: {commit: ` + sha + `, reason: r}}}}`},
		{"release", "nothing, and not held", `{` + rel + author + `customers: {a: {}}}`, `{` + rel + `author: null, override: {by: {login: ana, id: 1}, reason: r}, customers: {a: {bundle: null, held: {commit: null, reason: r}}}}`},
		{"release", "shared held", `{` + rel + author + `customers: {}, shared: {bundle: ` + digest + `, held: null}}`, `{` + rel + author + `customers: {}, shared: {bundle: ` + digest + `}}`},

		{"bundle", "no value", `{customer: a, configs: {b: {` + cfg + `}}}`, `{customer: a, configs: {b: {` + cfg + `, value: null}}}`},
		{"bundle", "value and documents", `{customer: a, configs: {b: {` + cfg + `, value: 1, documents: [1, 2]}}}`, `{customer: a, configs: {b: {` + cfg + `, documents: [1, 2]}}}`},
		{"bundle", "empty customer", `{customer: "", configs: {}}`, `{customer: null, configs: {}}`},

		{"consumer", "nobody answers for it", `reads: [{type: a, paths: [/b]}]`, `{owner: "@a", reads: [{type: a, paths: [/b]}]}`},
		{"consumer", "reads nothing of a type", `{owner: a, reads: [{type: a}]}`, `{owner: a, reads: [{type: a, schema: {file: b.json}}]}`},
		{"consumer", "a bare path", `{owner: a, reads: [{type: a, paths: [b]}]}`, `{owner: a, reads: [{type: a, paths: [/b/*/c]}]}`},

		{"keywords", "misspelt keyword", `{x-tamer-rfe: {type: a, path: /b}}`, `{x-tamer-ref: {type: a, path: /b}, x-other: 1, type: string}`},
		{"keywords", "reference without path", `{x-tamer-ref: {type: a}}`, `{x-tamer-ref: {type: a, path: /*}}`},
		{"keywords", "acyclic in words", `{x-tamer-ref: {type: a, path: /b, acyclic: "yes"}}`, `{x-tamer-ref: {type: a, path: "/b/*#", acyclic: true}}`},
		{"keywords", "secret in words", `{x-tamer-secret: "yes"}`, `{x-tamer-secret: true}`},
		{"keywords", "empty unit", `{x-tamer-unit: ""}`, `{x-tamer-unit: ms}`},
		{"keywords", "key is a list", `{x-tamer-key: [id]}`, `{x-tamer-key: id}`},
		{"keywords", "rule without message", `{x-tamer-rules: [{expr: "true"}]}`, `{x-tamer-rules: [{expr: "true", message: m, at: ""}]}`},
		{"keywords", "live without query", `{x-tamer-live: {source: s}}`, `{x-tamer-live: {source: s, query: q, args: {n: 1}}}`},
		{"keywords", "owner is no list", `{x-tamer-owners: "@a"}`, `{x-tamer-owners: ["@a"]}`},
		{"keywords", "deprecated is a switch", `{x-tamer-deprecated: true}`, `{x-tamer-deprecated: {since: "2026-01-31"}}`},
		{"keywords", "deprecated since spring", `{x-tamer-deprecated: {since: spring}}`, `{x-tamer-deprecated: {since: "2026-03-01", use: /a}}`},
	} {
		t.Run(c.schema+" "+c.what, func(t *testing.T) {
			s := compile(t, c.schema)
			if s.Validate(parse(t, []byte(c.wrong))) == nil {
				t.Errorf("valid, and should not be: %s", c.wrong)
			}
			if err := s.Validate(parse(t, []byte(c.right))); err != nil {
				t.Errorf("%s: %v", c.right, err)
			}
		})
	}
}
