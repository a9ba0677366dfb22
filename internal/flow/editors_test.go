package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

var (
	ella = forge.User{ID: 4, Login: "ella"}
	root = forge.User{ID: 9, Login: "root"}
)

// hundred is a repository with a hundred customers.
func hundred(h *hub) forge.Commit {
	files := map[string]string{planSchema: "{}"}
	for i := range 100 {
		files[plan(i)] = "name: x\n"
	}
	return h.commit("main", "", files)
}

func plan(i int) string { return fmt.Sprintf("customers/c%02d/plan.yaml", i) }

// merged merges a pull request by somebody that changes the plans of these customers; daysAgo is when.
func (h *hub) merged(by forge.User, daysAgo int, customers ...int) {
	changes := map[string]string{}
	for _, i := range customers {
		changes[plan(i)] = fmt.Sprintf("name: y%d\n", len(h.crowd.merged))
	}
	c := h.commit("main", h.heads.Tips["main"], changes)
	h.crowd.merged = append(h.crowd.merged, forge.MergedPullRequest{Number: len(h.crowd.merged) + 1, Author: by, Commit: c, Base: "main",
		MergedAt: h.now().AddDate(0, 0, -daysAgo)})
}

func (h *hub) now() time.Time { return time.Unix(1_700_000_000, 0) }

func (h *hub) editors(t *testing.T, change func(*policy.RegularEditors)) (evidence, notes string) {
	t.Helper()
	f, err := flow.New(h.config())
	if err != nil {
		t.Fatal(err)
	}
	pol := policy.Default()
	if change != nil {
		change(&pol.Governance.RegularEditors)
	}
	all, said, err := f.Editors(t.Context(), h.repo, "main", h.heads.Tips["main"], pol)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "; "), strings.Join(said, "; ")
}

func TestEditors(t *testing.T) {
	all := make([]int, 100)
	for i := range all {
		all[i] = i
	}
	for name, c := range map[string]struct {
		arrange func(h *hub)
		change  func(*policy.RegularEditors)
		want    string
		note    string // in the notes; empty: there is none
	}{
		"half of the customers": {func(h *hub) {
			for i := range 5 {
				h.merged(ella, i, all[i*10:i*10+10]...)
			}
		}, nil, "ella: 5 merges, 50 % of customers in 180 days", ""},
		"one sweep": {func(h *hub) { h.merged(ella, 1, all...) }, nil, "root: administers the repository", "Nobody has edited enough customers yet"},
		"a young repository": {func(*hub) {}, nil, "root: administers the repository",
			"50 % of them, or 10 merges, in 180 days"},
		"a team": {func(h *hub) { h.crowd.teams["peers"] = []forge.User{ella, {ID: 5, Login: "robot", Bot: true}} },
			func(r *policy.RegularEditors) { r.Teams = []string{"peers"} }, "ella: member of the team peers", ""},
		"a team that is not there": {func(*hub) {}, func(r *policy.RegularEditors) { r.Teams = []string{"peers"} }, "root: administers the repository",
			`The team "peers"`},
		"long ago": {func(h *hub) {
			for i := range 5 {
				h.merged(ella, 181, all[i*10:i*10+10]...)
			}
		}, nil, "root: administers the repository", "Nobody"},
		"customers that are gone": {func(h *hub) {
			for i := range 6 {
				h.merged(ella, 1, all[i*10:i*10+10]...)
			}
			gone := map[string]string{}
			for i := range 20 {
				gone[plan(i)] = ""
			}
			h.commit("main", h.heads.Tips["main"], gone)
		}, nil, "ella: 6 merges, 50 % of customers in 180 days", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub()
			h.crowd.admins = []forge.User{root}
			hundred(h)
			c.arrange(h)
			if got, notes := h.editors(t, c.change); got != c.want || !strings.Contains(notes, c.note) || (notes == "") != (c.note == "") {
				t.Errorf("%s; notes: %s", got, notes)
			}
		})
	}
}

// What was read once is not read again: not at the same tip, and after another merge only what is new.
func TestEditorsAreKept(t *testing.T) {
	h := newHub()
	hundred(h)
	for i := range 9 {
		h.merged(ella, 10, i)
	}
	h.crowd.admins = []forge.User{root}
	h.editors(t, nil)
	listed := h.crowd.listed
	h.editors(t, nil)
	if h.crowd.listed != listed || listed != 9 {
		t.Errorf("%d, then %d pull requests were listed, want 9 and no more", listed, h.crowd.listed)
	}
	h.merged(ella, 0, 9)
	if got, _ := h.editors(t, nil); got != "ella: 10 merges, 10 % of customers in 180 days" || h.crowd.listed != listed+1 {
		t.Errorf("%s, %d more listed", got, h.crowd.listed-listed)
	}
	h.crowd.listed = 0
	if h.editors(t, func(r *policy.RegularEditors) { r.Within *= 2 }); h.crowd.listed != 10 {
		t.Errorf("for a longer time %d were listed, want all", h.crowd.listed)
	}
	for name, lost := range map[string][]byte{"lost": nil, "garbled": []byte("x"), "with a stray number": fmt.Appendf(nil, `{"Form":1,"Active":[7],"Tip":%q,"Layout":%q}`, h.heads.Tips["main"], policy.Default().Layout),
		"of another form": []byte(`{"Form":0,"Tip":"` + string(h.heads.Tips["main"]) + `"}`)} {
		for note := range h.crowd.notes {
			h.crowd.notes[note] = lost
		}
		if got, _ := h.editors(t, nil); !strings.HasPrefix(got, "ella: 10 merges") {
			t.Errorf("%s: %s", name, got)
		}
	}
	// Another layout reads the same commits anew, and GitHub is not asked.
	h.crowd.listed = 0
	f, err := flow.New(h.config())
	if err != nil {
		t.Fatal(err)
	}
	pol, found := policy.Parse([]byte("layout: {configs: ['customers/c0{customer}/{type}.yaml']}\ngovernance: {regular-editors: {merges: 9}}\n"))
	if pol == nil {
		t.Fatal(found)
	}
	all, _, err := f.Editors(t.Context(), h.repo, "main", h.heads.Tips["main"], pol)
	if err != nil || !slices.Equal(all, []string{"ella: 10 merges, 100 % of customers in 180 days"}) || h.crowd.listed != 0 {
		t.Errorf("by another layout: %v, %v; %d listed", all, err, h.crowd.listed)
	}
}
