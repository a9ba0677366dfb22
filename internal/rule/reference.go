package rule

import "github.com/tamerhq/tamer/internal/finding"

var referenceRules = []Rule{
	{
		ID: "reference", Level: finding.Failure, Family: Repository,
		Purpose: "What a value refers to is there.",
		Why: `A campaign that names a segment which nobody has defined reaches nobody, and no service says so. Which values refer to
which is said in a schema (x-tamer-ref) or in the policy (references). Write a name that is there, or define it in the
same change. Upper and lower case matter, and so do quotes: "1" and 1 are two values.`,
		Bad: `-- schemas/campaign.schema.yaml --
properties:
  segment: {x-tamer-ref: {type: segments, path: /segments/*/id}}
-- schemas/segments.schema.yaml --
properties:
  segments: {items: {properties: {id: {type: string}}}}
-- customers/acme/campaign.yaml --
segment: vpi
-- customers/acme/segments.yaml --
segments:
  - id: vip
`,
		Good: `-- schemas/campaign.schema.yaml --
properties:
  segment: {x-tamer-ref: {type: segments, path: /segments/*/id}}
-- schemas/segments.schema.yaml --
properties:
  segments: {items: {properties: {id: {type: string}}}}
-- customers/acme/campaign.yaml --
segment: vip
-- customers/acme/segments.yaml --
segments:
  - id: vip
`,
	},
	{
		ID: "reference-cycle", Level: finding.Failure, Family: Repository,
		Purpose: "References that must come to an end do not lead in a circle.",
		Why: `A segment that is made of others, one of which is made of it, cannot be computed. Where a schema or the policy says
acyclic: true, following the references must come to an end. Take out one reference of the circle; the finding names all
of them.`,
		Bad: `-- schemas/segments.schema.yaml --
additionalProperties:
  properties:
    base: {x-tamer-ref: {type: segments, path: /*, acyclic: true}}
-- customers/acme/segments.yaml --
loyal: {base: recent}
recent: {base: loyal}
`,
		Good: `-- schemas/segments.schema.yaml --
additionalProperties:
  properties:
    base: {x-tamer-ref: {type: segments, path: /*, acyclic: true}}
-- customers/acme/segments.yaml --
loyal: {base: recent}
recent: {}
`,
	},
	{
		ID: "reference-removed", Level: finding.Failure, Family: Outside,
		Purpose: "What others refer to is not removed.",
		Why: `A value that was removed or renamed while others still refer to it breaks them, often in another file or with another
customer. The finding stands where the value was and names who still refers to it; each of these has a finding of its own.
Put the value back, or change what refers to it in the same change.`,
		Bad:  `A pull request that removes "vip" from segments.yaml, which campaigns.yaml refers to.`,
		Good: `The same pull request, which changes campaigns.yaml as well.`,
	},
	{
		ID: "reference-unknown", Level: finding.Failure, Family: Repository,
		Purpose: "A definition of references names a type and a path that are there.",
		Why: `A schema or policy that says where values refer to, and misspells it, would make every reference dangle, or check none.
So the type must have a schema, and the schema must know the path. A * stands for every item of a list or property of a
mapping.`,
		Bad: `-- schemas/campaign.schema.yaml --
properties:
  segment: {x-tamer-ref: {type: segments, path: /segments/id}}
-- schemas/segments.schema.yaml --
properties:
  segments: {items: {properties: {id: {type: string}}}}
`,
		Good: `-- schemas/campaign.schema.yaml --
properties:
  segment: {x-tamer-ref: {type: segments, path: /segments/*/id}}
-- schemas/segments.schema.yaml --
properties:
  segments: {items: {properties: {id: {type: string}}}}
`,
	},
	{
		ID: "target-duplicate", Level: finding.Warning, Family: Repository,
		Purpose: "A value that references name stands once.",
		Why: `Where two items have the same name, whoever refers to it means one of them, and nobody can tell which. Give one of the
two another name. The values of one customer's configs are compared with each other, not with those of others.`,
		Bad: `-- .tamer.yaml --
references:
  - from: {type: segments, path: /start}
    to: {type: segments, path: /segments/*/id}
-- schemas/segments.schema.yaml --
type: object
-- customers/acme/segments.yaml --
segments:
  - id: vip
  - id: vip
`,
		Good: `-- .tamer.yaml --
references:
  - from: {type: segments, path: /start}
    to: {type: segments, path: /segments/*/id}
-- schemas/segments.schema.yaml --
type: object
-- customers/acme/segments.yaml --
segments:
  - id: vip
  - id: loyal
`,
	},
	{
		ID: "unreferenced", Level: finding.Warning, Family: Repository, Off: true,
		Purpose: "What can be referred to is referred to.",
		Why: `A segment that no campaign uses is computed for nothing, or waits for somebody who forgot it. Not everything that can be
referred to has to be, so this is looked for only where the policy says so: "checks: {unreferenced: warning}". Remove the
value, or refer to it.`,
		Bad: `-- .tamer.yaml --
checks: {unreferenced: warning}
references:
  - from: {type: segments, path: /start}
    to: {type: segments, path: /segments/*/id}
-- schemas/segments.schema.yaml --
type: object
-- customers/acme/segments.yaml --
start: vip
segments:
  - id: vip
  - id: loyal
`,
		Good: `-- .tamer.yaml --
checks: {unreferenced: warning}
references:
  - from: {type: segments, path: /start}
    to: {type: segments, path: /segments/*/id}
-- schemas/segments.schema.yaml --
type: object
-- customers/acme/segments.yaml --
start: vip
segments:
  - id: vip
`,
	},
}
