package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
)

func newStatus() *cobra.Command {
	var store storeFlags
	var asJSON, compare, repair bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell what a store serves, who is held, and what it can go back to",
		Long: `status shows the channel of production: its commit, since when, what holds it, which customers are held back and why, the latest
releases before it, and the previews beside it.

With --compare it also reads all that production serves, at most 500 objects a second, and lists the files that somebody else has
changed, removed or added, and lost bundles; the exit code is 1 where there are any. --repair puts such files right, too.`,
		Example: `  tamer status --sink s3://bucket/prefix
  tamer status --json
  tamer status --compare`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return store.with(cmd, func(ctx context.Context, s *ship.Store) error {
				st, err := s.Read(ctx, release.Production)
				if err != nil {
					return err
				}
				previews, err := s.Previews(ctx)
				if err != nil {
					return err
				}
				var found *comparison
				if compare || repair {
					if found, err = compareStore(ctx, s, st, repair); err != nil {
						return err
					}
				}
				if asJSON {
					err = writeStatusJSON(cmd.OutOrStdout(), st, previews, found)
				} else {
					writeStatus(cmd.OutOrStdout(), st, previews, found)
				}
				if err == nil && found != nil && found.differs() {
					err = errFailures
				}
				return err
			})
		},
	}
	store.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.Flags().BoolVar(&compare, "compare", false, "compare the store with what it should hold")
	cmd.Flags().BoolVar(&repair, "repair", false, "compare it, and put plain files right that somebody else has changed, removed or added")
	return cmd
}

func writeStatusJSON(w io.Writer, st ship.State, previews []release.Channel, found *comparison) error {
	type held struct {
		release.Held
		Customer string `json:"customer"`
	}
	all := struct {
		Channel     *release.Channel  `json:"channel"`
		Held        []held            `json:"held"`
		Interrupted bool              `json:"interrupted"`
		History     []release.Move    `json:"history"`
		Previews    []release.Channel `json:"previews"`
		Comparison  *comparison       `json:"comparison,omitempty"` // where it was asked for
	}{Comparison: found, Held: []held{}, History: listed(release.History(st.Channel, st.Journal)), Previews: listed(previews), Interrupted: st.Interrupted()}
	if st.Channel.Exists() {
		all.Channel = &st.Channel
	}
	for _, unit := range st.Release.Held() {
		e, _ := st.Release.Entry(unit)
		all.Held = append(all.Held, held{*e.Held, unit})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}

// shownMoves is how many releases the text lists; JSON has all.
const shownMoves = 10

func writeStatus(w io.Writer, st ship.State, previews []release.Channel, found *comparison) {
	c := st.Channel
	if !c.Exists() {
		fmt.Fprintln(w, "Nothing was ever deployed to production of this store.")
	} else {
		fmt.Fprintf(w, "production of %s serves commit %s (generation %d) since %s: %d customers\n", c.Repository, c.Commit.Short(), c.Generation, c.UpdatedAt.Format(time.RFC3339), len(st.Release.Customers))
	}
	if c.Hold != nil {
		fmt.Fprintf(w, "  held by %s since %s: %s\n", c.Hold.By, c.Hold.Since.Format(time.RFC3339), c.Hold.Reason)
	}
	if st.Interrupted() {
		fmt.Fprintf(w, "  a deploy of commit %s was cut off, or is running: plain files may be of either\n", st.Journal.Commit.Short())
	}
	for _, unit := range st.Release.Held() {
		e, _ := st.Release.Entry(unit)
		keeps := "nothing yet"
		if e.Held.Commit != nil {
			keeps = "commit " + e.Held.Commit.Short()
		}
		fmt.Fprintf(w, "  held back: %s, served %s: %s\n", unitName(unit), keeps, e.Held.Reason)
	}
	if moves := release.History(c, st.Journal); len(moves) > 1 {
		fmt.Fprintln(w, "\nbefore:")
		for _, m := range moves[1:min(len(moves), shownMoves+1)] {
			fmt.Fprintf(w, "  %6d  %s  release %s  since %s\n", m.Generation, m.Commit.Short(), m.Release[:7], m.Since.Format(time.RFC3339))
		}
	}
	if len(previews) > 0 {
		fmt.Fprintln(w, "\npreviews:")
		for _, p := range previews {
			fmt.Fprintf(w, "  %s  %s  since %s\n", p.Channel, p.Commit.Short(), p.UpdatedAt.Format(time.RFC3339))
		}
	}
	if found != nil {
		found.write(w)
	}
}
