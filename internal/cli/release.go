package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/validate"
)

type releaseFlags struct{ to, repository, commit, channel string }

func newRelease() *cobra.Command {
	var f releaseFlags
	cmd := &cobra.Command{
		Use:   "release --to ADDRESS",
		Short: "Deploy a commit of this clone to a store",
		Long: `release judges a commit and brings a store to it, as the server does on a merge: customers that fail keep what they are served.

Production moves only to commits of the deploy branch, as far as the clone knows it, that have what it serves in their history;
"tamer rollback" goes back. Any commit can be served under a channel of its own: --channel branch/NAME, or --channel commit.

docs/sinks.md lists the addresses; TAMER_SINK_SECRET holds a password where one is needed.`,
		Example: `  tamer release --to file:/srv/config --repository acme/config
  tamer release --to s3://bucket/prefix --commit 9fceb02 --channel branch/try`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRelease(cmd, f) },
	}
	cmd.Flags().StringVar(&f.to, "to", "", "address of the store")
	cmd.Flags().StringVar(&f.repository, "repository", "", "OWNER/NAME; default: what the store says, else the remote origin")
	cmd.Flags().StringVar(&f.commit, "commit", "HEAD", "the commit to serve")
	cmd.Flags().StringVar(&f.channel, "channel", release.Production, "production, branch/NAME or commit")
	if err := cmd.MarkFlagRequired("to"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

func runRelease(cmd *cobra.Command, f releaseFlags) (err error) {
	ctx := cmd.Context()
	wd, err := os.Getwd()
	if err != nil {
		return err
	}
	clone, err := mirror.Local(ctx, wd)
	if err != nil {
		return fmt.Errorf("tamer release works in a clone of the repository: %w", err)
	}
	defer clone.Close()
	commit, err := clone.Resolve(ctx, f.commit)
	if err != nil {
		return err
	}
	channel, err := channelOf(f.channel, commit)
	if err != nil {
		return err
	}
	opened, err := app.NewSink(ctx, f.to, os.Getenv("TAMER_SINK_SECRET"))
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	owner, err := ship.OwnerOf(ctx, opened)
	if f.repository != "" || errors.Is(err, ship.ErrNothing) {
		owner, err = ownerHere(ctx, clone, f.repository)
	}
	if err != nil {
		return err
	}
	s, err := ship.New(ship.Config{Sink: opened, Owner: owner, Now: time.Now})
	if err != nil {
		return err
	}
	out, err := serveCommit(ctx, s, clone, channel, commit, owner)
	if err != nil {
		return err
	}
	return tellRelease(cmd, out, commit)
}

// channelOf reads the name of a channel.
func channelOf(name string, commit forge.Commit) (string, error) {
	branch, ok := strings.CutPrefix(name, "branch/")
	switch {
	case name == release.Production:
		return name, nil
	case name == "commit":
		return release.CommitChannel(commit), nil
	case ok && branch != "":
		return name, nil
	}
	return "", fmt.Errorf("there is no channel %q to deploy to; write production, branch/NAME or commit", name)
}

// ownerHere is the repository of a clone, where the store belongs to nobody yet.
func ownerHere(ctx context.Context, clone *mirror.Clone, name string) (release.Owner, error) {
	if name == "" {
		if web, _, err := app.GitHubAddress(os.Getenv); err == nil {
			if repo, ok := repositoryAt(clone.Remote(ctx), web); ok {
				name = repo.String()
			}
		}
	}
	if owner, repo, ok := strings.Cut(name, "/"); !ok || owner == "" || repo == "" || strings.Contains(repo, "/") {
		return release.Owner{}, errors.New("nobody has deployed to this store yet: say to which repository it belongs, with --repository OWNER/NAME")
	}
	return release.Owner{Repository: name}, nil
}

func serveCommit(ctx context.Context, s *ship.Store, clone *mirror.Clone, channel string, commit forge.Commit, owner release.Owner) (ship.Outcome, error) {
	c, err := commitOf(ctx, clone, commit, owner)
	if err != nil {
		return ship.Outcome{}, err
	}
	if channel != release.Production {
		return s.Preview(ctx, channel, c)
	}
	if err := onDeployBranch(ctx, clone, commit); err != nil {
		return ship.Outcome{}, err
	}
	st, err := s.Read(ctx, channel)
	if err != nil {
		return ship.Outcome{}, err
	}
	if h := st.Channel.Hold; h != nil {
		return ship.Outcome{}, fmt.Errorf("production is held by %s: %s; \"tamer resume\" lets it go on", h.By, h.Reason)
	}
	if st.Channel.Exists() && st.Channel.Resumed == nil {
		if held, err := clone.Holds(ctx, commit, st.Channel.Commit); err != nil || !held {
			return ship.Outcome{}, errors.Join(err, fmt.Errorf("production serves %s, which %s does not have in its history: deploy a later commit, or use \"tamer rollback\"",
				st.Channel.Commit.Short(), commit.Short()))
		}
	}
	return s.Deploy(ctx, st, c)
}

// onDeployBranch refuses a commit that the deploy branch does not hold, as far as this clone can tell: as it was fetched last, else as it
// is here. Where the clone has no such branch, anybody's word counts.
func onDeployBranch(ctx context.Context, clone *mirror.Clone, commit forge.Commit) error {
	ref, err := clone.DefaultBranch(ctx)
	if err != nil {
		return nil
	}
	tip, err := clone.Resolve(ctx, ref)
	if err != nil {
		return err
	}
	tree, err := clone.Snapshot(ctx, tip)
	if err != nil {
		return err
	}
	p, _, err := policy.Read(tree)
	if err != nil {
		return err
	}
	if p != nil && p.Deploy.Branch != "" {
		for _, place := range []string{"refs/remotes/origin/", "refs/heads/"} {
			ref = place + p.Deploy.Branch
			if tip, err = clone.Resolve(ctx, ref); err == nil {
				break
			}
		}
		if err != nil {
			return nil
		}
	}
	held, err := clone.Holds(ctx, tip, commit)
	if err != nil || held {
		return err
	}
	return fmt.Errorf("%s does not hold commit %s, and production serves nothing but that branch: merge it there first, and fetch; or serve it beside production with --channel commit",
		strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/remotes/"), commit.Short())
}

// commitOf is a commit of the clone as a store is handed it.
func commitOf(ctx context.Context, clone *mirror.Clone, commit forge.Commit, owner release.Owner) (c ship.Commit, err error) {
	info, err := clone.CommitInfo(ctx, commit)
	if err != nil {
		return c, err
	}
	c.Provenance = release.Provenance{Repository: owner.Repository, Commit: commit, Parents: info.Parents, CommittedAt: info.Committed}
	if c.Tree, err = clone.Snapshot(ctx, commit); err != nil {
		return c, err
	}
	c.Since = func(ctx context.Context, old forge.Commit) (fs.FS, []forge.Change, error) {
		before, err := clone.Snapshot(ctx, old)
		if err != nil {
			return nil, nil, err
		}
		changes, err := clone.Between(ctx, old, commit)
		return before, changes, err
	}
	c.Judge = func(served, tree fs.FS, changes []forge.Change) ([]finding.Finding, error) {
		r, err := validate.Tree(tree, validate.Options{Base: served, Changes: changes, Now: time.Now(), Merged: true,
			Released: releasedBefore(ctx, clone, clone.Top())})
		return r.Findings, err
	}
	return c, nil
}

// tellRelease says what became of it; the findings say why customers are held.
func tellRelease(cmd *cobra.Command, out ship.Outcome, commit forge.Commit) error {
	for _, f := range out.Findings {
		if f.Level == finding.Failure {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s:%d: %s [%s]\n", f.File, max(1, f.At.Start.Line), f.Message, f.Rule)
		}
	}
	if out.Stopped {
		fmt.Fprintf(cmd.ErrOrStderr(), "tamer: nothing of commit %s can be served; the store was left as it is\n", commit.Short())
		return errFailures
	}
	j, c := out.State.Journal, out.State.Channel
	if out.Moved {
		fmt.Fprintf(cmd.OutOrStdout(), "%s serves commit %s (generation %d); files written: %d, removed: %d.\n", c.Channel, c.Commit.Short(), c.Generation, j.Written, j.Removed)
	} else {
		fmt.Fprintf(cmd.OutOrStdout(), "%s serves commit %s already (generation %d).\n", c.Channel, c.Commit.Short(), c.Generation)
	}
	if held := out.State.Release.Held(); len(held) > 0 {
		for _, unit := range held {
			e, _ := out.State.Release.Entry(unit)
			fmt.Fprintf(cmd.OutOrStdout(), "held back: %s: %s\n", unitName(unit), e.Held.Reason)
		}
		return errFailures
	}
	return nil
}

func unitName(unit string) string {
	if unit == release.Shared {
		return "shared configs"
	}
	return unit
}
