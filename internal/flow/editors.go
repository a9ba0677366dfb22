package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
	"github.com/tamerhq/tamer/internal/policy"
)

// editorsFacts are those who count as regular editors of a branch.
type editorsFacts struct {
	Editors  []regularEditor // those with the most merges first, then members of teams
	Fallback bool            // nobody has edited enough yet, so those who administer the repository count
	Notes    []string        // what a reviewer should know about it
}

// A regularEditor is one of them, and why.
type regularEditor struct {
	User     forge.User
	Evidence string // such as "41 merges, 87 % of customers in 180 days"
}

// editors tells who regularly edits the configuration of all customers: by the pull requests that were merged into the base, and by
// the teams that the policy names. tip is that of the base, and has been fetched. Where it is still the one of the last time GitHub
// is not asked about pull requests.
func (f *Flow) editors(ctx context.Context, repo forge.Repo, base string, tip forge.Commit, pol *policy.Policy) (editorsFacts, error) {
	rules := pol.Governance.RegularEditors
	done, err := f.turns.take(ctx, fmt.Sprintf("history/%d", repo.ID))
	if err != nil {
		return editorsFacts{}, err
	}
	h, err := f.history(ctx, repo, base, tip, pol)
	done()
	if err != nil {
		return editorsFacts{}, err
	}
	var all editorsFacts
	for _, e := range h.editors(rules, f.Now()) {
		all.Editors = append(all.Editors, regularEditor{e.User, e.Evidence(rules.Within)})
	}
	for _, team := range rules.Teams {
		members, err := f.People.TeamMembers(ctx, repo, team)
		if errors.Is(err, fs.ErrNotExist) {
			all.Notes = append(all.Notes, fmt.Sprintf("The team %q, whose members count as regular editors, is not there, or tamer may not see it.", team))
			continue
		}
		if err != nil {
			return editorsFacts{}, err
		}
		all.add(members, "member of the team "+team)
	}
	if len(all.Editors) > 0 {
		return all, nil
	}
	admins, err := f.People.Admins(ctx, repo)
	if err != nil {
		return editorsFacts{}, err
	}
	all.Fallback = true
	all.Notes = append(all.Notes, fmt.Sprintf("Nobody has edited enough customers yet to be a regular editor (%d %% of them, or %d merges, in %d days): those who administer the repository count instead.",
		rules.Customers, rules.Merges, int(rules.Within/(24*time.Hour))))
	all.add(admins, "administers the repository")
	return all, nil
}

// add adds people who are not there yet. A bot is nobody.
func (e *editorsFacts) add(people []forge.User, evidence string) {
	for _, u := range people {
		if !u.Bot && !slices.ContainsFunc(e.Editors, func(r regularEditor) bool { return r.User.ID == u.ID }) {
			e.Editors = append(e.Editors, regularEditor{u, evidence})
		}
	}
}

// editors gives those who are that by what they have merged, those with the most merges first.
func (h *history) editors(rules policy.RegularEditors, now time.Time) []governance.Editor {
	names := func(numbers []int) []string {
		all := make([]string, len(numbers))
		for i, n := range numbers {
			all[i] = h.Customers[n]
		}
		return all
	}
	merges := make([]governance.Merge, len(h.Merges))
	for i, m := range h.Merges {
		merges[i] = governance.Merge{Author: m.By, At: m.At, Customers: names(m.Customers), Mass: m.Mass}
	}
	all := governance.RegularEditors(merges, names(h.Active), governance.Threshold{Within: rules.Within, Customers: rules.Customers, Merges: rules.Merges}, now)
	slices.SortStableFunc(all, func(a, b governance.Editor) int { return cmp.Compare(b.Merges, a.Merges) })
	return all
}
