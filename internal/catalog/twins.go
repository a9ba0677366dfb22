package catalog

import (
	"slices"
	"sync"

	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
)

// names are the customers of a tree by their names as near.Fold writes them.
type names struct {
	mu    sync.Mutex
	all   map[string][]string // nil until so many are asked for that sorting all is less work
	asked map[string][]string // until then: customer → those like it
}

// manyTwins is from how many customers on all names are sorted: looking for the namesakes of one is looking at all names.
const manyTwins = 16

// Twins gives the other customers whose names near.Fold writes as it writes one, sorted.
func (c *Catalog) Twins(customer string) ([]string, error) {
	n := &c.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.all != nil {
		return others(n.all, customer), nil
	}
	if twins, known := n.asked[customer]; known {
		return twins, nil
	}
	q := policy.Query{Kind: policy.Config, Customer: customer, Fold: true}
	if len(n.asked) == manyTwins {
		q = policy.Query{Kind: policy.Config}
	}
	files, err := c.Find(q)
	if err != nil {
		return nil, err
	}
	found := byName(files)
	if len(n.asked) == manyTwins {
		n.all = found
	}
	if n.asked == nil {
		n.asked = map[string][]string{}
	}
	n.asked[customer] = others(found, customer)
	return n.asked[customer], nil
}

// Name tells the catalog all of its files, where somebody has listed them, so that Twins need not.
func (c *Catalog) Name(files []policy.File) {
	found := byName(files)
	c.names.mu.Lock()
	defer c.names.mu.Unlock()
	c.names.all = found
}

func others(found map[string][]string, customer string) []string {
	twins := slices.Clone(found[near.Fold(customer)])
	slices.Sort(twins)
	return slices.DeleteFunc(twins, func(name string) bool { return name == customer })
}

func byName(files []policy.File) map[string][]string {
	found := map[string][]string{}
	for _, f := range files {
		name := near.Fold(f.Customer)
		if f.Kind == policy.Config && !slices.Contains(found[name], f.Customer) {
			found[name] = append(found[name], f.Customer)
		}
	}
	return found
}
