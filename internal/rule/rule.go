// Package rule lists what tamer looks for: every rule with its id, its default level, its purpose, why it is there, and an
// example of what it refuses beside one of what it wants. Documentation is written from this list, and a test judges the examples.
package rule

import (
	"cmp"
	"slices"

	"github.com/tamerhq/tamer/internal/finding"
)

// A Rule is one kind of finding. Its ID is stable: policies name it, and documentation is found by it.
type Rule struct {
	ID      string
	Level   finding.Level // unless the policy says otherwise
	Family  Family
	Off     bool   // not looked for, unless the policy gives it a level; Level is then a proposal
	Purpose string // one sentence: what holds
	Why     string // what goes wrong without it, and how to mend it; a few sentences
	Schema  string // in YAML: what Bad and Good of the family Schema are judged by
	Bad     string // gives a finding of this rule, and no other
	Good    string // the same, mended: gives none
}

// Default is the level where the policy says nothing: "off" for a rule that is not looked for.
func (r Rule) Default() finding.Level {
	if r.Off {
		return "off"
	}
	return r.Level
}

// A Family says where a rule looks, and so what its examples are.
type Family string

const (
	File       Family = "file"       // at the text of one file; the examples are files, for which any schema does
	Schema     Family = "schema"     // at a file by its schema; the examples are files
	Repository Family = "repository" // at the files of a repository; the examples are txtar: a tree, or with before/PATH a change of one
	Outside    Family = "outside"    // at what no file shows; the examples are told
)

// Title is the family's heading, for lists.
func (f Family) Title() string {
	return map[Family]string{
		File: "The text of a file", Schema: "A file and its schema", Repository: "The files of the repository", Outside: "Around the files",
	}[f]
}

// Families are all of them, in the order of documentation.
var Families = []Family{File, Schema, Repository, Outside}

// All are the rules, by id.
var All = sorted(fileRules, schemaRules, repositoryRules, referenceRules, outsideRules)

func sorted(families ...[]Rule) []Rule {
	all := slices.Concat(families...)
	slices.SortFunc(all, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// ByID gives a rule.
func ByID(id string) (Rule, bool) {
	i, ok := slices.BinarySearchFunc(All, id, func(r Rule, id string) int { return cmp.Compare(r.ID, id) })
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
