package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
)

func newGet() *cobra.Command {
	var store storeFlags
	var channel, at string
	var shared, asJSON bool
	cmd := &cobra.Command{
		Use:   "get CUSTOMER TYPE",
		Short: "Print a config as a store serves it, now or at a time",
		Long: `get follows channel, release and bundle as a service does, and prints the file as it was committed, or what it says as JSON.

With --at it prints what the channel served then, as long as the release of that time is kept.`,
		Example: `  tamer get acme segments
  tamer get acme segments --at 2026-10-01T10:00Z
  tamer get --shared markets --channel branch/new-markets`,
		Args: func(_ *cobra.Command, args []string) error {
			want := 2
			if shared {
				want = 1
			}
			if len(args) != want {
				return errors.New("tamer get takes a customer and a type, such as tamer get acme segments; with --shared, only a type")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			unit, typ := release.Shared, args[len(args)-1]
			if !shared {
				unit = args[0]
			}
			when, err := moment(at)
			if err != nil {
				return err
			}
			return store.with(cmd, func(ctx context.Context, s *ship.Store) error {
				c, err := find(ctx, s, channel, unit, typ, when)
				if err != nil {
					return err
				}
				return writeConfig(cmd, c, asJSON)
			})
		},
	}
	store.add(cmd)
	cmd.Flags().StringVar(&channel, "channel", release.Production, "production, branch/NAME or commit/SHA")
	cmd.Flags().StringVar(&at, "at", "", "what was served at this time, such as 2026-10-01T10:00Z; default: now")
	cmd.Flags().BoolVar(&shared, "shared", false, "a shared config")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what it says, as JSON; of several documents a list")
	return cmd
}

// moment reads a time; the zero time for none.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--at %q is no time; write it like 2026-10-01T10:00Z", text)
}

// find follows the channel to one config.
func find(ctx context.Context, s *ship.Store, channel, unit, typ string, when time.Time) (release.Config, error) {
	st, err := s.Read(ctx, channel)
	if err != nil {
		return release.Config{}, err
	}
	if !st.Channel.Exists() {
		return release.Config{}, fmt.Errorf("the store has no channel %q; \"tamer status\" lists those that it has", channel)
	}
	r, m, err := s.AsOf(ctx, st, when)
	if err != nil {
		return release.Config{}, err
	}
	b, ok, err := s.Bundle(ctx, r, unit)
	if err != nil {
		return release.Config{}, err
	}
	if !ok {
		return release.Config{}, fmt.Errorf("commit %s serves nothing to %q%s", m.Commit.Short(), unit, suggest(unit, slices.Collect(maps.Keys(r.Customers))))
	}
	c, ok := b.Configs[typ]
	if !ok {
		return release.Config{}, fmt.Errorf("commit %s has no config of the type %q for it%s", m.Commit.Short(), typ, suggest(typ, slices.Collect(maps.Keys(b.Configs))))
	}
	return c, nil
}

func suggest(name string, known []string) string {
	slices.Sort(known)
	if meant, ok := near.Name(name, known); ok {
		return fmt.Sprintf("; did you mean %q?", meant)
	}
	return ""
}

func writeConfig(cmd *cobra.Command, c release.Config, asJSON bool) error {
	out := cmd.OutOrStdout()
	if !asJSON {
		_, err := out.Write(c.Source())
		return err
	}
	text := string(c.Value)
	if c.Documents != nil {
		var all []string
		for _, doc := range c.Documents {
			all = append(all, string(doc))
		}
		text = "[" + strings.Join(all, ",") + "]"
	}
	_, err := fmt.Fprintln(out, text)
	return err
}
