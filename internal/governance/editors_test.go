package governance

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

func TestRegularEditors(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	threshold := Threshold{Within: 180 * 24 * time.Hour, Customers: 50, Merges: 10}
	var active []string
	for i := range 40 {
		active = append(active, fmt.Sprint("customer", i))
	}
	// merges are n of them by one person, each of the customers from and the next each-1 ones.
	merges := func(by forge.User, daysAgo, n, each int) []Merge {
		var all []Merge
		for i := range n {
			m := Merge{Author: by, At: now.AddDate(0, 0, -daysAgo)}
			for j := range each {
				m.Customers = append(m.Customers, active[(i*each+j)%len(active)])
			}
			all = append(all, m)
		}
		return all
	}
	ella, robot := forge.User{ID: 4, Login: "ella"}, forge.User{ID: 5, Login: "robot", Bot: true}
	for name, c := range map[string]struct {
		merges []Merge
		want   string // the evidence; empty for no regular editor
	}{
		"nobody":                           {nil, ""},
		"many merges of one customer":      {append(merges(ella, 3, 9, 1), merges(ella, 3, 1, 1)...), "10 merges, 22 % of customers in 180 days"},
		"nine merges of one customer":      {merges(ella, 3, 9, 1), ""},
		"half of the customers":            {merges(ella, 3, 4, 5), "4 merges, 50 % of customers in 180 days"},
		"too long ago":                     {merges(ella, 181, 20, 2), ""},
		"one sweep over all":               {merges(ella, 3, 1, 40), ""},
		"ten sweeps are ten merges":        {merges(ella, 3, 10, 40), "10 merges, 0 % of customers in 180 days"},
		"sweeps of thousands":              {slices.Repeat([]Merge{{Author: ella, At: now, Mass: true}}, 10), "10 merges, 0 % of customers in 180 days"},
		"a bot":                            {merges(robot, 3, 50, 3), ""},
		"merges that change no configs":    {merges(ella, 3, 20, 0), ""},
		"an account that is there no more": {merges(forge.User{}, 3, 20, 2), ""},
	} {
		var got string
		for _, e := range RegularEditors(c.merges, active, threshold, now) {
			got += e.Evidence(threshold.Within)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	gone := slices.Concat(merges(ella, 3, 4, 5))
	for i := range gone {
		for j := range gone[i].Customers {
			gone[i].Customers[j] += " of old"
		}
	}
	if got := RegularEditors(gone, active, threshold, now); len(got) > 0 {
		t.Errorf("customers that are gone count: %+v", got)
	}
}
