package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

const (
	// historyForm changes with the form of history, so that what an older program has noted is not misread.
	historyForm = 1

	// overlap is how far back what was read before is read again: GitHub's lists are not always up to date.
	overlap = time.Hour

	// maxNamed is how many customers of one merge are kept by name. Whoever touches more has run a script.
	maxNamed = 1000

	// commitsAtOnce bounds the paths that are held in memory.
	commitsAtOnce = 200
)

// A history is what was merged into a branch, and whose configs that has changed. It is kept in Notes from time to time: reading it
// from the beginning takes a call of GitHub for 100 pull requests.
type history struct {
	Form      int
	From      time.Time    // all merges since then are here
	Read      time.Time    // when GitHub was asked last
	Tip       forge.Commit // of the branch, by which Active was found, and up to which Merges are complete
	Layout    string       // by which paths were read
	Customers []string     // names, for the numbers elsewhere
	Active    []int        // those who have configs at the tip
	Merges    []noted

	numbers map[string]int // by customer; made when it is needed
}

// A noted is one merged pull request.
type noted struct {
	Number    int
	By        forge.User
	At        time.Time
	Commit    forge.Commit
	Looked    bool  `json:",omitempty"` // Customers have been found
	Customers []int `json:",omitempty"`
	Mass      bool  `json:",omitempty"` // too many customers for a person's edit; Customers is empty
}

// history gives the history of the branch up to its tip: the one that was noted, brought up to date.
func (f *Flow) history(ctx context.Context, repo forge.Repo, base string, tip forge.Commit, pol *policy.Policy) (*history, error) {
	name := fmt.Sprintf("merges into %q", base)
	was, err := f.Notes.Recall(ctx, repo, name)
	if err != nil {
		return nil, err
	}
	now := f.Now()
	since := now.Add(-pol.Governance.RegularEditors.Within)
	h := readHistory(was, since)
	layout := pol.Layout.String()
	if h.Tip == tip && h.Layout == layout {
		return h, nil
	}
	if h.Tip != tip {
		merged, err := f.People.MergedSince(ctx, repo, base, h.Read.Add(-overlap))
		if err != nil {
			return nil, err
		}
		h.note(merged, since)
		h.Read = now
	}
	h.readBy(layout)
	if err := f.lookAtMerges(ctx, repo, h, pol); err != nil {
		return nil, err
	}
	if err := f.lookForActive(ctx, repo, h, tip, pol); err != nil {
		return nil, err
	}
	h.Tip = tip
	text, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("note %s: %w", name, err)
	}
	return h, f.Notes.Remember(ctx, repo, name, text)
}

// readHistory gives the history in text; an empty one where there is none, or it does not reach back to since.
func readHistory(text []byte, since time.Time) *history {
	h := &history{}
	if len(text) == 0 || json.Unmarshal(text, h) != nil || h.Form != historyForm || h.From.After(since) || !h.whole() {
		return &history{Form: historyForm, From: since, Read: since.Add(overlap)}
	}
	return h
}

// whole tells whether every number stands for a customer.
func (h *history) whole() bool {
	stray := func(n int) bool { return n < 0 || n >= len(h.Customers) }
	return !slices.ContainsFunc(h.Active, stray) &&
		!slices.ContainsFunc(h.Merges, func(m noted) bool { return slices.ContainsFunc(m.Customers, stray) })
}

// note adds what was merged, and forgets what was merged before since.
func (h *history) note(merged []forge.MergedPullRequest, since time.Time) {
	known := map[int]bool{}
	for _, m := range h.Merges {
		known[m.Number] = true
	}
	for _, m := range merged {
		if !known[m.Number] {
			known[m.Number] = true
			h.Merges = append(h.Merges, noted{Number: m.Number, By: m.Author, At: m.MergedAt, Commit: m.Commit})
		}
	}
	h.Merges = slices.DeleteFunc(h.Merges, func(m noted) bool { return m.At.Before(since) })
	if h.From.Before(since) {
		h.From = since
	}
}

// readBy forgets what was found by another layout.
func (h *history) readBy(layout string) {
	if h.Layout == layout {
		return
	}
	h.Layout, h.Customers, h.numbers = layout, nil, nil
	for i := range h.Merges {
		m := &h.Merges[i]
		m.Looked, m.Customers, m.Mass = false, nil, false
	}
}

// lookAtMerges finds the customers of the merges that were not looked at. Of a pull request that was rebased only the last commit is
// seen; a commit that is not there, as after a forced push, is looked for again the next time.
func (f *Flow) lookAtMerges(ctx context.Context, repo forge.Repo, h *history, pol *policy.Policy) error {
	var todo []*noted
	for i := range h.Merges {
		if !h.Merges[i].Looked {
			todo = append(todo, &h.Merges[i])
		}
	}
	for part := range slices.Chunk(todo, commitsAtOnce) {
		commits := make([]forge.Commit, len(part))
		for i, m := range part {
			commits[i] = m.Commit
		}
		paths, err := f.History.Paths(ctx, repo, commits)
		if err != nil {
			return err
		}
		for _, m := range part {
			changed, there := paths[m.Commit]
			if m.Looked = there; there {
				m.Customers, m.Mass = h.customersOf(pol.Layout, changed)
			}
		}
	}
	return nil
}

// customersOf gives the numbers of those whose configs stand at the paths, sorted; none where they are more than maxNamed.
func (h *history) customersOf(layout policy.Layout, paths []string) (numbers []int, mass bool) {
	names := map[string]bool{}
	for _, p := range paths {
		if file := layout.Read(p); file.Kind == policy.Config {
			names[file.Customer] = true
		}
	}
	if len(names) > maxNamed {
		return nil, true
	}
	for name := range names {
		numbers = append(numbers, h.number(name))
	}
	slices.Sort(numbers)
	return numbers, false
}

func (h *history) number(customer string) int {
	if h.numbers == nil {
		h.numbers = map[string]int{}
		for i, name := range h.Customers {
			h.numbers[name] = i
		}
	}
	n, ok := h.numbers[customer]
	if !ok {
		n = len(h.Customers)
		h.numbers[customer] = n
		h.Customers = append(h.Customers, customer)
	}
	return n
}

// lookForActive finds the customers that have configs at the tip.
func (f *Flow) lookForActive(ctx context.Context, repo forge.Repo, h *history, tip forge.Commit, pol *policy.Policy) error {
	tree, err := f.Trees.Snapshot(ctx, repo, tip.Tree())
	if err != nil {
		return err
	}
	files, err := catalog.New(tree, pol).Find(policy.Query{Kind: policy.Config})
	if err != nil {
		return err
	}
	h.Active = nil
	seen := map[int]bool{}
	for _, file := range files {
		if n := h.number(file.Customer); !seen[n] {
			seen[n] = true
			h.Active = append(h.Active, n)
		}
	}
	return nil
}
