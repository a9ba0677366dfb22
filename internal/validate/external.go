package validate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/policy"
)

// A Posting is what one external check is to judge of one customer: its files that the check is for, before and after the change.
// docs/external-checks.md describes its JSON.
type Posting struct {
	Version    int          `json:"version"` // of this shape
	Delivery   string       `json:"delivery"`
	SentAt     time.Time    `json:"sent_at"`
	Check      string       `json:"check"`
	Repository string       `json:"repository"`
	Commit     forge.Commit `json:"commit"`   // the head of the change
	Customer   *string      `json:"customer"` // nil for shared configs
	Files      []posted     `json:"files"`
}

// posted is one file, sorted by path.
type posted struct {
	Path   string   `json:"path"`
	Type   string   `json:"type"`
	Status string   `json:"status"` // added, modified, removed or unchanged
	Base   *version `json:"base"`   // nil where there is none
	Head   *version `json:"head"`
}

// A version is one file on one side. Where the text cannot be read as YAML or JSON it has neither of the others.
type version struct {
	Text      string `json:"text"`
	Value     any    `json:"value,omitempty"`
	Documents []any  `json:"documents,omitempty"` // of a file that holds several

	docs []*document.Document
}

// postings gives what the checks are to judge of a change: each customer of which it touches a file that the check is for. What is
// whose is read by the policy of the base.
func postings(head fs.FS, opts Options) ([]Posting, error) {
	if len(opts.Checks) == 0 || opts.Base == nil {
		return nil, nil
	}
	p, _, err := policy.Read(opts.Base)
	if err == nil && p == nil {
		p, _, err = policy.Read(head)
	}
	if err != nil || p == nil {
		return nil, err
	}
	sides := [2]*catalog.Catalog{catalog.NewKept(opts.Base, p, opts.Schemas), catalog.NewKept(head, p, opts.Schemas)}
	var all []Posting
	for _, check := range opts.Checks {
		touched := map[policy.Query]bool{}
		for _, ch := range opts.Changes {
			if f := p.Layout.Read(ch.Path); isFor(check, f) {
				touched[policy.Query{Kind: f.Kind, Customer: f.Customer}] = true
			}
		}
		byName := func(a, b policy.Query) int { return cmp.Compare(a.Customer, b.Customer) }
		for _, q := range slices.SortedFunc(maps.Keys(touched), byName) {
			one := Posting{Version: 1, Check: check.Name}
			if q.Kind == policy.Config {
				one.Customer = &q.Customer
			}
			if one.Files, err = filesOf(sides, q, check, opts); err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// isFor tells whether the check is to judge a file.
func isFor(check outside.Check, f policy.File) bool {
	if f.Kind != policy.Config && f.Kind != policy.Shared {
		return false
	}
	matches := func(p string) bool { ok, err := path.Match(p, f.Path); return ok && err == nil }
	return (len(check.Types) == 0 || slices.Contains(check.Types, f.Type)) && (len(check.Paths) == 0 || slices.ContainsFunc(check.Paths, matches))
}

func filesOf(sides [2]*catalog.Catalog, q policy.Query, check outside.Check, opts Options) ([]posted, error) {
	byPath := map[string]*posted{}
	for i, side := range sides {
		files, err := side.Find(q)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if !isFor(check, f) || f.Mode.Type() != 0 {
				continue
			}
			v, err := readVersion(side.Tree, f.Path, opts.Limits)
			if err != nil {
				return nil, err
			}
			one := byPath[f.Path]
			if one == nil {
				one = &posted{Path: f.Path, Type: f.Type}
				byPath[f.Path] = one
			}
			*[]**version{&one.Base, &one.Head}[i] = v
		}
	}
	var all []posted
	for _, name := range slices.Sorted(maps.Keys(byPath)) {
		one := byPath[name]
		one.Status = status(one.Base, one.Head)
		all = append(all, *one)
	}
	return all, nil
}

func readVersion(tree fs.FS, name string, limits document.Limits) (*version, error) {
	src, large, err := read(tree, name, limits)
	if err != nil || large != nil {
		return &version{}, err
	}
	v := &version{Text: string(src)}
	docs, found := document.Parse(src, limits)
	if len(found) > 0 {
		return v, nil
	}
	v.docs = docs
	if len(docs) == 1 {
		v.Value = docs[0].Value
		return v, nil
	}
	for _, d := range docs {
		v.Documents = append(v.Documents, d.Value)
	}
	return v, nil
}

func status(base, head *version) string {
	switch {
	case base == nil:
		return "added"
	case head == nil:
		return "removed"
	case base.Text != head.Text:
		return "modified"
	}
	return "unchanged"
}

// Digest names what is to be judged.
func (p Posting) Digest() string {
	b, err := json.Marshal(p)
	if err != nil {
		return "" // texts and values of documents always have a JSON form
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Body is the posting as JSON. delivery names it, and is the same when it is posted again.
func (p Posting) Body(repo forge.Repo, commit forge.Commit, delivery string, now time.Time) ([]byte, error) {
	p.Repository, p.Commit, p.Delivery, p.SentAt = repo.String(), commit, delivery, now.UTC().Truncate(time.Second)
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write what the check %s is to judge: %w", p.Check, err)
	}
	return b, nil
}
