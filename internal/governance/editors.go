package governance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// A Merge is one merged pull request.
type Merge struct {
	Author    forge.User // of the pull request, as the API names it: a commit's e-mail can be forged
	At        time.Time
	Customers []string // whose configs it has changed
	// Mass says that it has changed so many that it counts as a script's edit, whatever their share; Customers may be empty then.
	Mass bool
}

// A Threshold is what makes somebody a regular editor.
type Threshold struct {
	Within    time.Duration // how far to look back
	Customers int           // percent of the active customers, whose configs somebody has edited
	Merges    int           // or so many merged pull requests that changed configs
}

// An Editor is a regular editor, with the evidence.
type Editor struct {
	User    forge.User
	Merges  int
	Percent int // of the active customers
}

// Evidence is the editor's record in words.
func (e Editor) Evidence(within time.Duration) string {
	merges := fmt.Sprintf("%d merges", e.Merges)
	if e.Merges == 1 {
		merges = "1 merge"
	}
	return fmt.Sprintf("%s, %d %% of customers in %d days", merges, e.Percent, int(within.Hours()/24))
}

// A merge of more customers than both of these is a mass edit, as scripts make: it counts as one merge and shows no knowledge
// of the customers that it touched. Both are a judgement: one deliberate change spans a handful of customers, a sweep most.
const (
	massCustomers = 10
	massPercent   = 25
)

// RegularEditors gives those who regularly edit the configuration of all customers, by login. active are the customers that are
// there now. Pull requests of bots count for nobody.
func RegularEditors(merges []Merge, active []string, t Threshold, now time.Time) []Editor {
	there := map[string]bool{}
	for _, c := range active {
		there[c] = true
	}
	type record struct {
		Editor
		customers map[string]bool
	}
	records := map[int64]*record{}
	for _, m := range merges {
		if m.Author.Bot || m.Author.ID == 0 || len(m.Customers) == 0 && !m.Mass || m.At.Before(now.Add(-t.Within)) {
			continue
		}
		r := records[m.Author.ID]
		if r == nil {
			r = &record{Editor: Editor{User: m.Author}, customers: map[string]bool{}}
			records[m.Author.ID] = r
		}
		r.Merges++
		if n := len(m.Customers); m.Mass || n > massCustomers && n*100 > massPercent*len(there) {
			continue
		}
		for _, c := range m.Customers {
			if there[c] {
				r.customers[c] = true
			}
		}
	}
	var editors []Editor
	for r := range maps.Values(records) {
		if len(there) > 0 {
			r.Percent = len(r.customers) * 100 / len(there)
		}
		if r.Merges >= t.Merges || len(there) > 0 && len(r.customers)*100 >= t.Customers*len(there) {
			editors = append(editors, r.Editor)
		}
	}
	slices.SortFunc(editors, func(a, b Editor) int {
		return cmp.Or(cmp.Compare(a.User.Login, b.User.Login), cmp.Compare(a.User.ID, b.User.ID))
	})
	return editors
}
