package policy

import (
	"strconv"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// A Scope says where the target of a reference is looked for.
type Scope string

const (
	// ScopeCustomer is the default: in configs of the same customer; for a shared config, in shared configs.
	ScopeCustomer Scope = "customer"
	ScopeShared   Scope = "shared" // in shared configs
	ScopeAny      Scope = "any"    // in any config of any customer, and in shared configs
)

// A Reference says that the values in one place must be among those in another.
type Reference struct {
	From, To Values
	Scope    Scope
	Acyclic  bool // following the references must come to an end
}

// Values are some values in configs of one type: a JSON Pointer in which * stands for every item or property. See package
// catalog for what exactly a path selects.
type Values struct {
	Type, Path string

	Pointer string       `json:"-"` // where it stands in the policy
	TypeAt  finding.Span `json:"-"`
	PathAt  finding.Span `json:"-"`
}

// placed fills in what a policy leaves out, and where it says the rest.
func placed(refs []Reference, doc *document.Document) []Reference {
	for i := range refs {
		r := &refs[i]
		if r.Scope == "" {
			r.Scope = ScopeCustomer
		}
		for end, v := range map[string]*Values{"from": &r.From, "to": &r.To} {
			tokens := []string{"references", strconv.Itoa(i), end}
			v.Pointer = document.Pointer(tokens)
			v.TypeAt = doc.Find(append(tokens[:3:3], "type")).Value
			v.PathAt = doc.Find(append(tokens[:3:3], "path")).Value
		}
	}
	return refs
}
