package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
)

// A comparison is what a store was found to hold that it should not, as JSON has it.
type comparison struct {
	Missing  []string `json:"missing"`
	Changed  []string `json:"changed"`
	Extra    []string `json:"extra"`
	Lost     []string `json:"lost"` // keys of bundles
	Repaired bool     `json:"repaired"`
}

// compareStore compares the store with what production says, and with repair puts plain files right.
func compareStore(ctx context.Context, s *ship.Store, st ship.State, repair bool) (*comparison, error) {
	if st.Interrupted() {
		return nil, fmt.Errorf("a deploy of commit %s is running, or was cut off: compare when it has ended; a running tamer goes on with it by itself", st.Journal.Commit.Short())
	}
	d, err := s.Compare(ctx, st)
	if err != nil {
		return nil, err
	}
	now, err := s.Read(ctx, release.Production)
	if err != nil {
		return nil, err
	}
	if now.Channel.Generation != st.Channel.Generation || now.Interrupted() {
		return nil, errors.New("production was moved while it was compared: do it again")
	}
	c := &comparison{Missing: listed(d.Missing), Changed: listed(d.Changed), Extra: listed(d.Extra), Lost: []string{}}
	for _, digest := range d.Lost {
		c.Lost = append(c.Lost, release.BundleKey(digest))
	}
	if repair && c.files() > 0 && len(c.Lost) == 0 {
		if _, err := s.Repair(ctx, st, d); err != nil {
			return c, fmt.Errorf("put the files right: %w", err)
		}
		c.Repaired = true
	}
	return c, nil
}

// listed gives what JSON has as [] where there is nothing, and not as null.
func listed[T any](all []T) []T { return append([]T{}, all...) }

func (c *comparison) files() int { return len(c.Missing) + len(c.Changed) + len(c.Extra) }

// differs tells whether the store is still other than it should be.
func (c *comparison) differs() bool {
	return len(c.Lost) > 0 || c.files() > 0 && !c.Repaired
}

func (c *comparison) write(w io.Writer) {
	if c.files()+len(c.Lost) == 0 {
		fmt.Fprintln(w, "\nThe store holds what production says, byte for byte.")
		return
	}
	fmt.Fprintln(w, "\nnot as production says:")
	for _, some := range []struct {
		what string
		keys []string
	}{{"missing", c.Missing}, {"changed", c.Changed}, {"added", c.Extra}, {"lost", c.Lost}} {
		for _, key := range some.keys {
			fmt.Fprintf(w, "  %-7s  %s\n", some.what, key)
		}
	}
	switch {
	case c.Repaired:
		fmt.Fprintln(w, "All of them were put right.")
	case len(c.Lost) > 0:
		fmt.Fprintln(w, "A running tamer makes lost bundles anew from git, once a day; what is else wrong can be put right after that.")
	default:
		fmt.Fprintln(w, `"tamer status --repair" puts them right. So does a running tamer, once a day, unless the policy says "deploy: {drift: report}".`)
	}
}
