// Package policy is .tamer.yaml as types: where things are, which findings count, who must approve, what is deployed.
package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/rule"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/schemas"
)

// Path is where the policy stands in every repository.
const Path = ".tamer.yaml"

// A Policy is what a repository decides about itself. Default gives what counts where it says nothing.
type Policy struct {
	Layout Layout
	// Checks holds the level of each rule whose default the repository has changed; Off switches a rule off.
	Checks map[string]finding.Level
	// References are those that no schema carries, in the order of the file.
	References []Reference
	Governance Governance
	Schemas    Schemas
	Deploy     Deploy
}

// Off is the level of a rule that is switched off.
const Off finding.Level = "off"

// Deploy says what is deployed from where.
type Deploy struct {
	Branch   string // empty: the repository's default branch
	Previews Previews
	Repair   bool // whether files in a store that somebody else has changed are put right, besides being reported
}

// Previews says what is served beside production.
type Previews struct {
	Branches    bool          // every other branch, under its name
	Commits     bool          // every commit that is pushed to one
	ExpireAfter time.Duration // how long one that nobody uses is kept
}

// Level gives the level of a rule: what the repository says, else def.
func (p *Policy) Level(rule string, def finding.Level) finding.Level {
	if l, ok := p.Checks[rule]; ok {
		return l
	}
	return def
}

// file is the shape of .tamer.yaml, as far as it is decided on.
type file struct {
	Layout struct {
		Configs, Shared, Schemas, Consumers []string
	}
	Checks     map[string]finding.Level
	References []Reference
	Governance governance
	Schemas    schemaRules
	Deploy     struct {
		Branch   string
		Drift    string
		Previews struct {
			Branches, Commits bool
			ExpireAfter       string `json:"expire-after"`
		}
	}
}

// defaults gives a file of its own at each call: reading a policy writes into its lists.
func defaults() file {
	var f file
	f.Layout.Configs = []string{"customers/{customer}/{type}.yaml"}
	f.Layout.Shared = []string{"shared/{type}.yaml"}
	f.Layout.Schemas = []string{"schemas/{type}.schema.json", "schemas/{type}.schema.yaml"}
	f.Layout.Consumers = []string{"consumers/{consumer}.yaml"}
	f.Governance = defaultGovernance()
	f.Deploy.Drift = "repair"
	f.Deploy.Previews.Branches, f.Deploy.Previews.Commits, f.Deploy.Previews.ExpireAfter = true, true, "14d"
	return f
}

// Default is the policy of a repository that has none.
func Default() *Policy {
	p, found := fromFile(defaults(), nil)
	if len(found) > 0 {
		panic(fmt.Sprintf("policy: the defaults are wrong: %v", found))
	}
	return p
}

// unwritten is Default, made once.
var unwritten = sync.OnceValue(Default)

// Read gives the policy of a tree: Default where it has no .tamer.yaml. Where the file cannot be used, the Policy is nil
// and the findings say why. The error is that of reading the tree. A Policy is shared by all who read the same one, and must not be
// changed.
func Read(tree fs.FS) (*Policy, []finding.Finding, error) {
	if info, err := fs.Lstat(tree, Path); err == nil && !info.Mode().IsRegular() {
		return nil, []finding.Finding{{Rule: "policy", Level: finding.Failure, File: Path,
			Message: ".tamer.yaml is no regular file", Fix: "replace the link or directory by a file"}}, nil
	}
	src, err := fs.ReadFile(tree, Path)
	if errors.Is(err, fs.ErrNotExist) {
		return unwritten(), nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", Path, err)
	}
	if p := recall(src); p != nil {
		return p, nil, nil
	}
	p, found := Parse(src)
	if len(found) == 0 {
		remember(src, p)
	}
	return p, found, nil
}

// Parse reads a .tamer.yaml. With a finding of level failure the Policy is nil.
func Parse(src []byte) (*Policy, []finding.Finding) {
	docs, found := document.Parse(src, document.Limits{})
	if len(found) == 0 && len(docs) > 1 {
		found = []finding.Finding{{Level: finding.Failure, At: docs[1].Find(nil).Value,
			Message: "the policy is one document, and this file has several", Fix: "remove the second document and the line --- before it"}}
	}
	if len(found) > 0 {
		return nil, named(found)
	}
	doc := docs[0]
	if doc.Value == nil {
		return Default(), nil
	}
	if found := published().Validate(doc); len(found) > 0 {
		return nil, named(found)
	}
	f := defaults()
	b, err := json.Marshal(doc.Value)
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	if err != nil { // the schema has let through what the types do not hold
		return nil, named([]finding.Finding{{Level: finding.Failure, Message: "this policy cannot be read: " + err.Error(), Fix: "compare it with the documentation"}})
	}
	return fromFile(f, doc)
}

var published = sync.OnceValue(func() *schema.Schema {
	s, found := schema.NewSet(schemas.FS).Compile("tamer.schema.json")
	if s == nil {
		panic(fmt.Sprintf("policy: the published schema is wrong: %v", found))
	}
	return s
})

// fromFile makes the policy, and finds what no schema can see. doc gives the places; nil for the defaults.
func fromFile(f file, doc *document.Document) (*Policy, []finding.Finding) {
	p := &Policy{Checks: f.Checks, References: placed(f.References, doc), Deploy: Deploy{Branch: f.Deploy.Branch, Repair: f.Deploy.Drift == "repair", Previews: Previews{Branches: f.Deploy.Previews.Branches, Commits: f.Deploy.Previews.Commits}}}
	var found []finding.Finding
	p.Governance, found = governed(f.Governance, doc)
	var err error
	if p.Schemas, err = f.Schemas.read(); err != nil {
		tokens := []string{"schemas", "deprecation"}
		found = append(found, finding.Finding{Level: finding.Failure, At: doc.Find(tokens).Value, Pointer: document.Pointer(tokens),
			Message: err.Error(), Fix: "write it like 30d"})
	}
	if p.Deploy.Previews.ExpireAfter, err = duration(f.Deploy.Previews.ExpireAfter); err != nil {
		tokens := []string{"deploy", "previews", "expire-after"}
		found = append(found, finding.Finding{Level: finding.Failure, At: doc.Find(tokens).Value, Pointer: document.Pointer(tokens), Message: err.Error(), Fix: "write it like 14d"})
	}
	for _, part := range []struct {
		kind       Kind
		name, like string
		list       []string
	}{
		{Schema, "schemas", "schemas/{type}.schema.json", f.Layout.Schemas},
		{Shared, "shared", "shared/{type}.yaml", f.Layout.Shared},
		{Config, "configs", "customers/{customer}/{type}.yaml", f.Layout.Configs},
		{Consumer, "consumers", "consumers/{consumer}.yaml", f.Layout.Consumers},
	} {
		for i, text := range part.list {
			pat, err := compilePattern(part.kind, text)
			if err != nil {
				tokens := []string{"layout", part.name, strconv.Itoa(i)}
				found = append(found, finding.Finding{Level: finding.Failure, At: doc.Find(tokens).Value, Pointer: document.Pointer(tokens),
					Message: "the layout " + err.Error(), Fix: fmt.Sprintf("write it like %q", part.like)})
				continue
			}
			p.Layout.patterns = append(p.Layout.patterns, pat)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.Checks)) {
		if message, fix := checkLevel(id, f.Checks[id]); message != "" {
			tokens := []string{"checks", id}
			found = append(found, finding.Finding{Level: finding.Failure, At: doc.Find(tokens).Key, Pointer: document.Pointer(tokens), Message: message, Fix: fix})
		}
	}
	if len(found) > 0 {
		return nil, named(found)
	}
	return p, nil
}

// checkLevel says what is wrong with giving a rule this level; nothing where it is right.
func checkLevel(id string, level finding.Level) (message, fix string) {
	if _, known := rule.ByID(id); !known {
		fix = "remove it: tamer knows no such rule"
		if meant, ok := near.Name(id, rule.IDs()); ok {
			fix = fmt.Sprintf("write %q instead", meant)
		}
		return fmt.Sprintf("there is no rule %q", id), fix
	}
	if rule.Fixed(id) && level != finding.Failure {
		return fmt.Sprintf("the rule %q cannot be %s: it tells of what could not be judged, and that is never green", id, level), "remove this line"
	}
	return "", ""
}

// named makes the findings those of the policy file, whatever found them.
func named(found []finding.Finding) []finding.Finding {
	finding.In(Path, found)
	for i := range found {
		if found[i].Rule != "yaml" {
			found[i].Rule = "policy"
		}
	}
	return found
}
