package rule

import "github.com/tamerhq/tamer/internal/finding"

var repositoryRules = []Rule{
	{
		ID: "config-duplicate", Level: finding.Failure, Family: Repository,
		Purpose: "A customer has one file of each type.",
		Why: `Two files, such as one in YAML and one in JSON, cannot both be the customer's configuration: which of them services
read would be left to chance. Keep the one that is meant and remove the other.`,
		Bad: `-- .tamer.yaml --
layout:
  configs: ["customers/{customer}/{type}.yaml", "customers/{customer}/{type}.json"]
-- schemas/plan.schema.yaml --
type: object
-- customers/acme/plan.yaml --
name: Acme
-- customers/acme/plan.json --
{"name": "Acme Ltd"}
`,
		Good: `-- .tamer.yaml --
layout:
  configs: ["customers/{customer}/{type}.yaml", "customers/{customer}/{type}.json"]
-- schemas/plan.schema.yaml --
type: object
-- customers/acme/plan.yaml --
name: Acme
`,
	},
	{
		ID: "consumer", Level: finding.Failure, Family: Repository,
		Purpose: "What a service declares that it reads is there to be read.",
		Why: `A file of consumers says for a service which types and paths it reads, who answers for it, and by which schema it validates.
What is misspelt there protects nobody: so the types must have a schema, the schema must describe the paths, and the service's own
schema must be a file of the repository that can be used.`,
		Bad: `-- schemas/plan.schema.yaml --
properties: {price: {type: number}}
-- consumers/billing.yaml --
owner: "@shop/billing"
reads: [{type: plan, paths: [/prize]}]
`,
		Good: `-- schemas/plan.schema.yaml --
properties: {price: {type: number}}
-- consumers/billing.yaml --
owner: "@shop/billing"
reads: [{type: plan, paths: [/price]}]
`,
	},
	{
		ID: "consumer-broken", Level: finding.Failure, Family: Repository,
		Purpose: "No change of a schema breaks a service that has declared what it reads.",
		Why: `A service meets every value that its type's schema accepts. It breaks where a path that it reads is described no more, may be
missing, or may hold another kind of value, and where its own schema refuses what is accepted now. Keep the schema as it was there,
or have the service changed first. Its declaration goes in a change of its own: who alters a schema does not speak for its readers.`,
		Bad: `-- before/consumers/billing.yaml --
owner: "@shop/billing"
reads: [{type: plan, paths: [/price]}]
-- before/schemas/plan.schema.yaml --
properties: {price: {type: number}}
-- schemas/plan.schema.yaml --
properties: {price: {type: [number, string]}}
`,
		Good: `-- before/consumers/billing.yaml --
owner: "@shop/billing"
reads: [{type: plan, paths: [/price]}]
-- before/schemas/plan.schema.yaml --
properties: {price: {type: number}}
-- schemas/plan.schema.yaml --
properties: {price: {type: number, minimum: 0}, label: {type: string}}
`,
	},
	{
		ID: "customer-case", Level: finding.Failure, Family: Repository,
		Purpose: "The names of customers differ by more than upper and lower case, and look different.",
		Why: `Many stores and file systems take acme and Acme for one name, so one customer's configuration would overwrite the
other's, and people mix them up anyhow. The same holds for an accented letter, which can be written as one character or as a letter
and an accent: nobody sees the difference. Most often the second is a slip: put its files where the others are.`,
		Bad: `-- schemas/plan.schema.yaml --
type: object
-- before/schemas/plan.schema.yaml --
type: object
-- before/customers/acme/plan.yaml --
name: Acme
-- customers/Acme/plan.yaml --
name: Acme
`,
		Good: `-- schemas/plan.schema.yaml --
type: object
-- customers/acme/plan.yaml --
name: Acme
`,
	},
	{
		ID: "layout", Level: finding.Warning, Family: Repository,
		Purpose: "A new layout reads every file that the old one read.",
		Why: `A file that the new layout does not read is judged no more, and the next deploy takes it out of production. That can
be meant; more often a pattern was forgotten. Add a pattern for the file, move it, or remove it in the same change.`,
		Bad: `-- before/schemas/plan.schema.yaml --
type: object
-- before/customers/acme/plan.yaml --
name: Acme
-- .tamer.yaml --
layout:
  configs: ["tenants/{customer}/{type}.yaml"]
`,
		Good: `-- before/schemas/plan.schema.yaml --
type: object
-- before/customers/acme/plan.yaml --
name: Acme
-- .tamer.yaml --
layout:
  configs: ["tenants/{customer}/{type}.yaml", "customers/{customer}/{type}.yaml"]
`,
	},
	{
		ID: "name", Level: finding.Failure, Family: Repository,
		Purpose: "Customers and types have names that every store can hold.",
		Why: `The names of customer and type become a key in every store. Names that begin with a dot are what tamer keeps for
itself there, and no store is certain to hold backslashes, control characters, spaces at the end or very long names. Nobody sees such a
space, or one at the beginning. Rename the directory or file.`,
		Bad: `-- schemas/plan.schema.yaml --
type: object
-- customers/.acme/plan.yaml --
name: Acme
`,
		Good: `-- schemas/plan.schema.yaml --
type: object
-- customers/acme/plan.yaml --
name: Acme
`,
	},
	{
		ID: "near-miss", Level: finding.Notice, Family: Repository,
		Purpose: "A file that looks like configuration is where the layout reads it.",
		Why: `A file beside the patterns of the layout is ignored, so with a wrong ending, in a misspelt directory or in one too
deep it would be taken for configuration by people and by nobody else. Move it to where the pattern looks. If it is meant to be
something else, leave it: a notice fails nothing.`,
		Bad: `-- before/schemas/plan.schema.yaml --
type: object
-- customers/acme/plan.yml --
name: Acme
`,
		Good: `-- before/schemas/plan.schema.yaml --
type: object
-- customers/acme/plan.yaml --
name: Acme
`,
	},
	{
		ID: "policy", Level: finding.Failure, Family: Repository,
		Purpose: "The policy, .tamer.yaml, can be read and says what it means.",
		Why: `The policy decides what is judged. A misspelt word in it would be a check that nobody runs, so an unknown setting,
rule or placeholder is a failure and not ignored. The words are those of schemas/tamer.schema.json.`,
		Bad: `-- .tamer.yaml --
checks:
  near-mis: warning
`,
		Good: `-- .tamer.yaml --
checks:
  near-miss: warning
`,
	},
	{
		ID: "removed-undeprecated", Level: finding.Failure, Family: Repository,
		Purpose: "What a schema drops was deprecated before, for as long as the policy says.",
		Why: `Whoever writes a property, or reads it, needs time to leave it. Where the policy says for how long, such as
"schemas: {deprecation: 30d}", a property or a type goes in three steps: x-tamer-deprecated in the schema with the day as since,
the files move to what takes its place, and after that time the schema drops it. The day counts as the branch has it that the
change goes into, and not as the change itself writes it.`,
		Bad: `-- before/.tamer.yaml --
schemas: {deprecation: 30d}
-- before/schemas/plan.schema.yaml --
properties:
  name: {type: string}
  region: {type: string}
-- schemas/plan.schema.yaml --
properties:
  name: {type: string}
`,
		Good: `-- before/.tamer.yaml --
schemas: {deprecation: 30d}
-- before/schemas/plan.schema.yaml --
properties:
  name: {type: string}
  region: {type: string}
-- schemas/plan.schema.yaml --
properties:
  name: {type: string}
  region: {type: string, x-tamer-deprecated: {since: 2026-11-23}}
`,
	},
	{
		ID: "schema-breaks", Level: finding.Notice, Family: Outside,
		Purpose: "A change of a schema is told whose configs it breaks.",
		Why: `The configs that a schema refuses from now on stand in other files than the schema, of customers of whom the author of the
change may not have thought. So the line of the schema says how many there are and whose, beside the findings in the configs
themselves. Mend them in the same pull request, or let the schema accept what they say.`,
		Bad:  "schemas/plan.schema.json gets \"maximum\": 10, and two of three customers have a limit of 20",
		Good: "the same change, which lowers the limits of the two as well",
	},
	{
		ID: "schema-invalid", Level: finding.Failure, Family: Repository,
		Purpose: "A schema is a valid JSON Schema that reads files of the repository only.",
		Why: `While a schema cannot be used, no configuration of its type is judged, so the schema itself fails. It may refer to
other files of the same commit with $ref, and to nothing else: what an address serves can change without a review.`,
		Bad: `-- schemas/plan.schema.yaml --
properties:
  name: {type: text}
`,
		Good: `-- schemas/plan.schema.yaml --
properties:
  name: {type: string}
`,
	},
	{
		ID: "schema-keyword", Level: finding.Warning, Family: Repository,
		Purpose: "A schema holds no keyword that is misspelt, or that its version of JSON Schema does not know.",
		Why: `JSON Schema passes over what it does not know, so that nothing is checked by "propertys", and nothing says so. Write the
keyword that was meant, or name a version that knows it in "$schema". Words of other tools, such as markdownDescription, may
stand in a schema; one that looks like a keyword by chance can begin with "x-".`,
		Bad: `-- schemas/plan.schema.yaml --
propertys:
  name: {type: string}
`,
		Good: `-- schemas/plan.schema.yaml --
properties:
  name: {type: string}
`,
	},
	{
		ID: "schema-missing", Level: finding.Failure, Family: Repository,
		Purpose: "Every type of configuration has a schema.",
		Why: `Without a schema nothing can be wrong with a configuration, which is never true. Often the file's name is a misspelt
type. Otherwise write a schema for the new type; one that names its properties and their kinds is enough to begin with.`,
		Bad: `-- schemas/plan.schema.yaml --
type: object
-- customers/acme/plans.yaml --
name: Acme
`,
		Good: `-- schemas/plan.schema.yaml --
type: object
-- customers/acme/plan.yaml --
name: Acme
`,
	},
	{
		ID: "type-duplicate", Level: finding.Warning, Family: Repository,
		Purpose: "A new type is not what another type is already.",
		Why: `Two types for the same thing drift apart, and whoever reads configuration has to ask for both. A new schema is compared
with those that are there: paths, types and titles of the properties. Where three paths or more and six tenths of it all are
the same, use the type that exists, or extend it. If both are meant, leave them: it is a warning.`,
		Bad: `-- before/schemas/segment.schema.yaml --
properties: {id: {type: string}, label: {type: string}, rule: {type: string}}
-- schemas/audience.schema.yaml --
properties: {id: {type: string}, label: {type: string}, rule: {type: string}}
`,
		Good: `-- before/schemas/segment.schema.yaml --
properties: {id: {type: string}, label: {type: string}, rule: {type: string}}
-- schemas/segment.schema.yaml --
properties: {id: {type: string}, label: {type: string}, rule: {type: string}, size: {type: integer}}
`,
	},
}
