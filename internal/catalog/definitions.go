package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// A Definition says that values in configs of one type refer to values in those of another: a reference of the policy, or an
// x-tamer-ref in a schema.
type Definition struct {
	From    string // type
	path    Path   // of a policy's: which values; a schema says it itself
	FromAt  *policy.Values
	To      Selection
	Scope   policy.Scope
	Acyclic bool
	Words   Words
}

// Words are where a definition names its target.
type Words struct {
	File           string
	Pointer        string // of the object with "type" and "path"
	TypeAt, PathAt finding.Span
}

// Definitions are all definitions of references in one tree.
type Definitions struct {
	All   []Definition
	specs map[string]*Spec
}

// A Spec is what is asked of a file of one type: which of its values refer by the policy, and which others refer to. What its
// schema says comes with the schema.
type Spec struct {
	out    []outward
	in     []Path // sorted
	items  []Path // those of in that acyclic definitions name
	Digest string // equal for equal Specs
}

type outward struct {
	Path    string
	To      Selection
	Scope   policy.Scope
	Acyclic bool
	path    Path
}

// Of gives the Spec of a type, which may be one that nothing refers to. It is not nil.
func (d *Definitions) Of(typ string) *Spec {
	if s, ok := d.specs[typ]; ok {
		return s
	}
	return &Spec{}
}

// Item gives the pointer of what a pointer in a file of the type lies in: the smallest item or property that a path of an acyclic
// definition selects from. It is "" for the document as a whole.
func (s *Spec) Item(pointer string) string {
	longest := ""
	for _, p := range s.items {
		if at, ok := p.Item(pointer); ok && len(at) > len(longest) {
			longest = at
		}
	}
	return longest
}

// Types are the types that a definition names at either end, sorted.
func (d *Definitions) Types() []string { return slices.Sorted(maps.Keys(d.specs)) }

// Definitions gives those of the policy and of all schemas that can be used. Each call after the first gives the same.
func (c *Catalog) Definitions() (*Definitions, error) {
	c.defining.Do(func() { c.definitions, c.undefined = c.define() })
	return c.definitions, c.undefined
}

func (c *Catalog) define() (*Definitions, error) {
	d := &Definitions{specs: map[string]*Spec{}}
	for _, r := range c.Policy.References {
		from := r.From
		d.All = append(d.All, Definition{From: r.From.Type, path: ParsePath(r.From.Path), FromAt: &from, To: Selection{r.To.Type, r.To.Path}, Scope: r.Scope,
			Acyclic: r.Acyclic, Words: Words{policy.Path, r.To.Pointer, r.To.TypeAt, r.To.PathAt}})
	}
	types, err := c.SchemaTypes()
	if err != nil {
		return nil, err
	}
	for _, typ := range types {
		compiled, _ := c.Schema(c.SchemaPath(typ))
		if compiled == nil {
			continue
		}
		for _, k := range compiled.Keywords() {
			if k.Ref == nil {
				continue
			}
			d.All = append(d.All, Definition{From: typ, To: Selection{k.Ref.Type, k.Ref.Path}, Scope: policy.Scope(k.Ref.Scope), Acyclic: k.Ref.Acyclic,
				Words: Words{k.Ref.Site.File, k.Ref.Site.Pointer, k.Ref.TypeAt, k.Ref.PathAt}})
		}
	}
	d.specify()
	return d, nil
}

// SchemaTypes are the types that have a schema, sorted.
func (c *Catalog) SchemaTypes() ([]string, error) {
	files, err := c.Find(policy.Query{Kind: policy.Schema})
	var types []string
	for _, f := range files {
		types = append(types, f.Type)
	}
	slices.Sort(types)
	return slices.Compact(types), err
}

// specify sorts what the definitions ask for by type.
func (d *Definitions) specify() {
	in, items := map[string][]string{}, map[string][]string{}
	for _, def := range d.All {
		if def.Acyclic {
			items[def.To.Type] = append(items[def.To.Type], def.To.Path)
		}
		in[def.To.Type] = append(in[def.To.Type], def.To.Path)
		in[def.From] = append(in[def.From], []string{}...)
	}
	for typ, paths := range in {
		s := &Spec{}
		slices.Sort(paths)
		paths = slices.Compact(paths)
		for _, p := range paths {
			s.in = append(s.in, ParsePath(p))
		}
		for _, p := range items[typ] {
			s.items = append(s.items, ParsePath(p))
		}
		for _, def := range d.All {
			if def.From == typ && def.FromAt != nil {
				s.out = append(s.out, outward{def.path.text, def.To, def.Scope, def.Acyclic, def.path})
			}
		}
		b, _ := json.Marshal([]any{s.out, paths}) // strings and booleans only
		sum := sha256.Sum256(b)
		s.Digest = hex.EncodeToString(sum[:])
		d.specs[typ] = s
	}
}
