// Package rule lists what tamer looks for: every rule with its id, its default level and its purpose.
package rule

import (
	"slices"

	"github.com/tamerhq/tamer/internal/finding"
)

// A Rule is one kind of finding. Its ID is stable: policies name it, and documentation is found by it.
type Rule struct {
	ID      string
	Level   finding.Level // unless the policy says otherwise
	Purpose string        // one sentence
}

// All are the rules, by id.
var All = []Rule{
	{"alternatives", finding.Failure, "A value fits exactly as many of its schema's alternatives as the schema asks for."},
	{"base-branch", finding.Failure, "The branch that a pull request wants to change exists."},
	{"branch-rewritten", finding.Failure, "The deploy branch keeps the commit that production serves in its history."},
	{"config-duplicate", finding.Failure, "A customer has one file of each type."},
	{"contains", finding.Failure, "A list holds the item that its schema asks for."},
	{"encoding", finding.Failure, "A file is text."},
	{"enum", finding.Failure, "A value is one of those that its schema lists."},
	{"file-kind", finding.Failure, "A configuration is a regular file, not a link or a submodule."},
	{"file-size", finding.Failure, "A file stays within the bounds of size, depth and number of values."},
	{"format", finding.Failure, "A text has the format that its schema names, such as a date."},
	{"layout", finding.Warning, "A new layout reads every file that the old one read."},
	{"length", finding.Failure, "A text, list or mapping has as many parts as its schema allows."},
	{"merge-conflict", finding.Failure, "A pull request can be merged into its base."},
	{"name", finding.Failure, "Customers and types have names that every store can hold."},
	{"near-miss", finding.Notice, "A file that looks like configuration is where the layout reads it."},
	{"not-allowed", finding.Failure, "Nothing stands where the schema allows nothing."},
	{"pattern", finding.Failure, "A text has the form that its schema asks for."},
	{"policy", finding.Failure, "The policy, .tamer.yaml, can be read and says what it means."},
	{"range", finding.Failure, "A number lies within its schema's bounds."},
	{"required", finding.Failure, "Every property that the schema requires is there."},
	{"schema", finding.Failure, "A configuration satisfies its schema."},
	{"schema-invalid", finding.Failure, "A schema is a valid JSON Schema that reads files of the repository only."},
	{"schema-missing", finding.Failure, "Every type of configuration has a schema."},
	{"sink-shared", finding.Failure, "A store holds the configuration of one repository."},
	{"type", finding.Failure, "A value is of the kind that its schema asks for."},
	{"unique", finding.Failure, "No item of a set is there twice."},
	{"unknown-property", finding.Failure, "Every property is known to the schema."},
	{"unreadable", finding.Failure, "A file that is named can be read."},
	{"yaml", finding.Failure, "A file is valid YAML."},
}

// ByID gives a rule.
func ByID(id string) (Rule, bool) {
	i, ok := slices.BinarySearchFunc(All, id, func(r Rule, id string) int {
		switch {
		case r.ID < id:
			return -1
		case r.ID > id:
			return 1
		}
		return 0
	})
	if !ok {
		return Rule{}, false
	}
	return All[i], true
}

// IDs are the ids of All.
func IDs() []string {
	ids := make([]string, len(All))
	for i, r := range All {
		ids[i] = r.ID
	}
	return ids
}
