package validate

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// conditions judges those of the unit's files that look at the customer, or at its other configs.
func (u *unit) conditions(files []policy.File) ([]finding.Finding, error) {
	var (
		found []finding.Finding
		near  *neighbours
	)
	for _, f := range files {
		s, _ := schemaOf(u.side.Catalog, f.Type)
		if s == nil || !conditionsOf(s).among || badName(f) != nil || f.Mode.Type() != 0 {
			continue
		}
		if near == nil {
			near = &neighbours{unit: u, read: map[string][]*document.Document{}, values: map[string]any{}, unread: map[string]string{}}
		}
		docs, err := near.documents(f)
		if err != nil {
			return nil, err
		}
		r := &ruling{conditions: conditionsOf(s), among: true, missing: near.missing,
			vars: map[string]any{"customer": u.customer, "type": f.Type, "configs": near.values}, secrets: near.secrets}
		r.judge(s, docs)
		if near.failed != nil {
			return nil, near.failed
		}
		for _, x := range r.found {
			x.File = f.Path
			found = append(found, x)
		}
	}
	return found, nil
}

// neighbours are the configs of one unit, read as conditions ask for them.
type neighbours struct {
	unit   *unit
	read   map[string][]*document.Document // by path
	values map[string]any                  // by type: the value, or a list of those of several documents
	unread map[string]string               // type → the file that is not wholly readable
	failed error

	hidden   []string // the secrets of hiddenOf files
	hiddenOf int
}

func (n *neighbours) documents(f policy.File) ([]*document.Document, error) {
	if docs, known := n.read[f.Path]; known {
		return docs, nil
	}
	src, large, err := read(n.unit.side.Tree, f.Path, n.unit.side.opts.Limits)
	if err != nil {
		return nil, err
	}
	var found []finding.Finding
	if large != nil {
		found = append(found, *large)
	}
	docs, wrong := document.Parse(src, n.unit.side.opts.Limits)
	if len(found)+len(wrong) > 0 { // said by the file itself
		docs, n.unread[f.Type] = nil, f.Path
	}
	n.read[f.Path] = docs
	return docs, nil
}

// secrets are those of all configs that were read.
func (n *neighbours) secrets() []string {
	if n.hiddenOf == len(n.read) {
		return n.hidden
	}
	var all []string
	for _, path := range slices.Sorted(maps.Keys(n.read)) {
		if s, _ := schemaOf(n.unit.side.Catalog, n.unit.side.Policy.Layout.Read(path).Type); s != nil {
			all = append(all, secretsIn(s, n.read[path])...)
		}
	}
	n.hidden, n.hiddenOf = longestFirst(all), len(n.read)
	return n.hidden
}

// missing reads the configs that a condition asks for.
func (n *neighbours) missing(c *condition) error {
	files, err := n.unit.all()
	if err != nil {
		n.failed = err
		return err
	}
	for _, f := range files {
		if !c.allTypes && !slices.Contains(c.types, f.Type) {
			continue
		}
		if err := n.have(f); err != nil {
			n.failed = err
			return err
		}
		if path := n.unread[f.Type]; path != "" {
			return &unreadable{path}
		}
	}
	return nil
}

// have puts the value of a config where expressions find it.
func (n *neighbours) have(f policy.File) error {
	if _, known := n.values[f.Type]; known || n.unread[f.Type] != "" {
		return nil
	}
	if badName(f) != nil || f.Mode.Type() != 0 {
		n.unread[f.Type] = f.Path
		return nil
	}
	docs, err := n.documents(f)
	if err != nil || n.unread[f.Type] != "" {
		return err
	}
	if len(docs) == 1 {
		n.values[f.Type] = docs[0].Value
		return nil
	}
	list := make([]any, len(docs))
	for i, doc := range docs {
		list[i] = doc.Value
	}
	n.values[f.Type] = list
	return nil
}

// secretsIn gives the texts of the values that a schema calls secret, the longest first. Those of one or two characters are none.
func secretsIn(s *schema.Schema, docs []*document.Document) []string {
	var all []string
	for _, doc := range docs {
		s.Walk(doc, schema.WithSecret, func(_ []string, _ bool, value any, k *schema.Keywords) {
			if k.Secret {
				all = scalarsIn(value, all)
			}
		})
	}
	return longestFirst(all)
}

func longestFirst(all []string) []string {
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return all
}

func scalarsIn(v any, all []string) []string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			all = scalarsIn(item, all)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = scalarsIn(v[key], all)
		}
	default:
		if text := expr.Show(v); len(text) > 2 && v != true && v != false && v != nil {
			all = append(all, strings.TrimSuffix(text, "…"))
		}
	}
	return all
}
