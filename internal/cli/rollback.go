package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/ship"
)

func newRollback() *cobra.Command {
	var store storeFlags
	var why reasonFlags
	var r ship.Rollback
	cmd := &cobra.Command{
		Use:   "rollback",
		Short: "Put an earlier release back, at once, and hold it there",
		Long: `rollback points production to an earlier release, or puts one customer back to what an earlier release served it, and holds that
there until "tamer resume". It works on the store alone, without git and without the server.

Without --to it goes back to what was served before. "tamer status" lists what it can go back to.`,
		Example: `  tamer rollback --reason "prices were wrong"
  tamer rollback --customer acme --to 9fceb02 --reason "prices were wrong"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return store.with(cmd, func(ctx context.Context, s *ship.Store) error {
				r.By, r.Reason = why.who(), why.reason
				st, err := s.Rollback(ctx, r)
				if err != nil {
					return err
				}
				if r.Customer != "" {
					e := st.Release.Customers[r.Customer]
					fmt.Fprintf(cmd.OutOrStdout(), "%s is served what commit %s says, and held there.\n", r.Customer, e.Held.Commit.Short())
					return nil
				}
				fmt.Fprintf(cmd.OutOrStdout(), "Production serves commit %s again (generation %d), and is held there.\n", st.Channel.Commit.Short(), st.Channel.Generation)
				return nil
			})
		},
	}
	store.add(cmd)
	why.add(cmd)
	cmd.Flags().StringVar(&r.Customer, "customer", "", "put only this customer back")
	cmd.Flags().StringVar(&r.To, "to", "", "what to go back to: a commit, a release, or the number of a generation")
	return cmd
}

func newResume() *cobra.Command {
	var store storeFlags
	var why reasonFlags
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "End every hold: production follows its branch again",
		Long: `resume ends what holds production, and every customer that was put back by itself. The server deploys the tip of the branch within
a minute, also where the branch was rewritten meanwhile.`,
		Example: `  tamer resume --reason "mended in #12"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return store.with(cmd, func(ctx context.Context, s *ship.Store) error {
				st, err := s.Resume(ctx, why.who(), why.reason)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "Nothing holds production any more. It serves commit %s until the next deploy.\n", st.Channel.Commit.Short())
				return nil
			})
		},
	}
	store.add(cmd)
	why.add(cmd)
	return cmd
}
