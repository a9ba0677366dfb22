package github

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// A Budget is what GitHub said last of the calls that are left in an hour on behalf of one installation.
type Budget struct {
	Installation int64 // 0: of the app itself
	Limit        int64
	Remaining    int64
	Reset        time.Time
}

// Budgets gives those that are known, by installation. Nothing is asked.
func (c *Client) Budgets() []Budget {
	var all []Budget
	for installation, g := range c.gates() {
		g.mu.Lock()
		b := g.budget
		g.mu.Unlock()
		if b.limit > 0 {
			all = append(all, Budget{installation, b.limit, b.remaining, b.reset})
		}
	}
	slices.SortFunc(all, func(a, b Budget) int { return cmp.Compare(a.Installation, b.Installation) })
	return all
}

// Open tells what keeps calls of GitHub back now, on behalf of any installation; nil for nothing. Nothing is asked.
func (c *Client) Open() error {
	all := c.gates()
	for _, installation := range slices.Sorted(maps.Keys(all)) {
		if err := all[installation].closed(work.Verdicts); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) gates() map[int64]*gate {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[int64]*gate, len(c.desks))
	for installation, d := range c.desks {
		all[installation] = d.gate
	}
	return all
}
