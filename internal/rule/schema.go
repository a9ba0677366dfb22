package rule

import "github.com/tamerhq/tamer/internal/finding"

var schemaRules = []Rule{
	{
		ID: "alternatives", Level: finding.Failure, Family: Schema,
		Purpose: "A value fits exactly as many of its schema's alternatives as the schema asks for.",
		Why: `A schema can offer alternatives: a discount in percent, or an amount. tamer names the fault within the alternative
that was meant wherever it can tell. This rule speaks where it cannot, or where a value fits two alternatives of which it
must fit one.`,
		Schema: `properties:
  discount:
    oneOf:
      - required: [percent]
      - required: [amount]
`,
		Bad:  "discount: {percent: 10, amount: 5}\n",
		Good: "discount: {percent: 10}\n",
	},
	{
		ID: "condition", Level: finding.Failure, Family: Schema,
		Purpose: "What a schema's own conditions ask for holds.",
		Why: `A schema can say in x-tamer-rules what goes beyond the form of one value: that a sale begins before it ends, that shares
add up to 100, that a segment is known to another config. The message is that of the schema's author. Change the value, or
have the condition changed where it is wrong.`,
		Schema: `x-tamer-rules:
  - expr: self.from < self.to
    message: the sale begins on ${self.from}, and ends on ${self.to} already
    fix: write a later day into "to"
    at: /to
`,
		Bad:  "from: 2026-06-30\nto: 2026-06-01\n",
		Good: "from: 2026-06-01\nto: 2026-06-30\n",
	},
	{
		ID: "condition-unjudged", Level: finding.Failure, Family: Schema,
		Purpose: "Every condition of a schema can be judged.",
		Why: `A condition is not met by being skipped: where it asks for a value that is not there, or compares a text with a number,
nobody can tell. Look first whether something is missing in the file, or is of the wrong kind. If the file is right, the
condition must allow for it, with has(self.to) or self.?to.orValue(…).`,
		Schema: `x-tamer-rules:
  - expr: self.from < self.to
    message: the sale ends before it begins
`,
		Bad:  "from: 2026-06-01\n",
		Good: "from: 2026-06-01\nto: 2026-06-30\n",
	},
	{
		ID: "contains", Level: finding.Failure, Family: Schema,
		Purpose: "A list holds the item that its schema asks for.",
		Why: `Some lists must have one item of a kind whatever else they hold, such as a channel that always works. Add the item that
is missing.`,
		Schema: `properties:
  channels: {contains: {const: email}}
`,
		Bad:  "channels: [sms, push]\n",
		Good: "channels: [sms, email]\n",
	},
	{
		ID: "deprecated", Level: finding.Warning, Family: Schema,
		Purpose: "No file uses what its schema calls deprecated.",
		Why: `What is deprecated goes one day, and who still uses it then breaks. A schema says so in x-tamer-deprecated, with the day since
when and what takes its place, or in deprecated. The file stays valid until then: move it in time.`,
		Schema: `properties:
  region: {type: string, x-tamer-deprecated: {since: 2026-03-01, use: /location/region}}
  location: {type: object}
`,
		Bad:  "region: north\n",
		Good: "location: {region: north}\n",
	},
	{
		ID: "enum", Level: finding.Failure, Family: Schema,
		Purpose: "A value is one of those that its schema lists.",
		Why: `Services know only the values that the schema lists. Upper and lower case matter, and so do quotes: "1" is a text, 1 a
number. Write one of the listed values, or have the schema changed before the value is used.`,
		Schema: `properties:
  schedule: {enum: [hourly, daily, monthly]}
`,
		Bad:  "schedule: weekly\n",
		Good: "schedule: daily\n",
	},
	{
		ID: "format", Level: finding.Failure, Family: Schema,
		Purpose: "A text has the format that its schema names, such as a date.",
		Why: `Dates, addresses and the like are texts that a program takes apart. Which form they have is fixed by standards: a date
is year, month and day, 2026-01-31. Write the value in that form. Under a schema of draft 2019-09 or later, where a format
is a remark and no demand, this is a warning, until the policy says "checks: {format: failure}".`,
		Schema: `$schema: http://json-schema.org/draft-07/schema#
properties:
  start: {format: date}
`,
		Bad:  "start: 31/01/2026\n",
		Good: "start: 2026-01-31\n",
	},
	{
		ID: "length", Level: finding.Failure, Family: Schema,
		Purpose: "A text, list or mapping has as many parts as its schema allows.",
		Why: `Programs have room for so many characters or items, or need at least so many. Characters are counted, not bytes: an é
is one. Shorten the value, or add what is missing.`,
		Schema: `properties:
  subject: {type: string, maxLength: 20}
`,
		Bad:  "subject: Everything must go, today and tomorrow\n",
		Good: "subject: Everything must go\n",
	},
	{
		ID: "not-allowed", Level: finding.Failure, Family: Schema,
		Purpose: "Nothing stands where the schema allows nothing.",
		Why: `A schema can exclude a property or a value, such as a name that was given up and must not come back. Remove it, or write
another value.`,
		Schema: `properties:
  name: {not: {const: default}}
`,
		Bad:  "name: default\n",
		Good: "name: loyal-customers\n",
	},
	{
		ID: "pattern", Level: finding.Failure, Family: Schema,
		Purpose: "A text has the form that its schema asks for.",
		Why: `A schema describes the form of identifiers and codes by a regular expression. The message shows the schema's own words
and examples where it has some, so write a description beside each pattern. Upper and lower case, spaces and dashes are
the usual faults.`,
		Schema: `properties:
  id:
    description: lower-case letters, digits and dashes
    pattern: ^[a-z0-9-]+$
`,
		Bad:  "id: Loyal Customers\n",
		Good: "id: loyal-customers\n",
	},
	{
		ID: "range", Level: finding.Failure, Family: Schema,
		Purpose: "A number lies within its schema's bounds.",
		Why: `A number that is too large or too small is most often a slip: a percentage for a share, days for hours. Compare the unit
that the schema expects with the one that was meant.`,
		Schema: `properties:
  threshold: {maximum: 1}
`,
		Bad:  "threshold: 80\n",
		Good: "threshold: 0.8\n",
	},
	{
		ID: "required", Level: finding.Failure, Family: Schema,
		Purpose: "Every property that the schema requires is there.",
		Why: `A property is required where services have no default for it. Add it at the place that the finding names. If it is there
already, look at the indentation: a property belongs to the key above it that is indented less.`,
		Schema: `required: [name, owner]
`,
		Bad:  "name: Acme\n",
		Good: "name: Acme\nowner: anna\n",
	},
	{
		ID: "schema", Level: finding.Failure, Family: Schema,
		Purpose: "A configuration satisfies its schema.",
		Why: `This is said where a value breaks a demand of the schema for which there is no rule of its own. Compare it with
a configuration that works, or ask whoever wrote the schema.`,
		Schema: `$schema: http://json-schema.org/draft-07/schema#
properties:
  logo: {contentEncoding: base64}
`,
		Bad:  "logo: logo.png\n",
		Good: "logo: aGVsbG8=\n",
	},
	{
		ID: "type", Level: finding.Failure, Family: Schema,
		Purpose: "A value is of the kind that its schema asks for.",
		Why: `YAML tells kinds apart by how they are written: 30 is a number, "30" and 30 days are texts, true is neither, yes and no
are texts, and nothing after the colon is no value at all. Write the value without quotes or unit, or put quotes around what is meant as text.`,
		Schema: `properties:
  keep_days: {type: integer}
`,
		Bad:  "keep_days: 30 days\n",
		Good: "keep_days: 30\n",
	},
	{
		ID: "unique", Level: finding.Failure, Family: Schema,
		Purpose: "No item of a set is there twice.",
		Why: `The list stands for a set, in which an item is or is not. One that is there twice was copied and not changed, or is not
needed. Change or remove the second.`,
		Schema: `properties:
  channels: {uniqueItems: true}
`,
		Bad:  "channels: [email, sms, email]\n",
		Good: "channels: [email, sms]\n",
	},
	{
		ID: "unknown-property", Level: finding.Failure, Family: Schema,
		Purpose: "Every property is known to the schema.",
		Why: `Services ignore a property that they do not know, so a misspelt one has no effect and nobody notices. Write it as the
schema does. A new property has to be added to the schema first.`,
		Schema: `properties:
  name: {type: string}
  threshold: {type: number}
additionalProperties: false
`,
		Bad:  "name: Acme\ntreshold: 0.8\n",
		Good: "name: Acme\nthreshold: 0.8\n",
	},
	{
		ID: "yes-no", Level: finding.Warning, Family: Schema,
		Purpose: "yes, no, on and off are in quotes where a schema takes a text as well as true and false.",
		Why: `Without quotes they are texts in YAML 1.2, which tamer reads, and booleans in YAML 1.1, which many programs still read.
Where the schema takes both, nobody else would notice that a switch is not what its author meant.`,
		Schema: `properties:
  alerts: {type: [boolean, string]}
`,
		Bad:  "alerts: off\n",
		Good: "alerts: false\n",
	},
}
