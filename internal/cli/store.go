package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
)

// aboutStores ends the help of commands that work with a store.
const aboutStores = `

The store is that of --sink, else of TAMER_SINK; docs/sinks.md lists the addresses, and TAMER_SINK_SECRET holds a password where one
is needed. Where the address holds {owner} and {repo}, --repository fills them in.`

// storeFlags say which store a command works with.
type storeFlags struct{ sink, repository string }

func (f *storeFlags) add(cmd *cobra.Command) {
	cmd.Long += aboutStores
	cmd.Flags().StringVar(&f.sink, "sink", "", "address of the store, such as s3://bucket/prefix or file:DIRECTORY")
	cmd.Flags().StringVar(&f.repository, "repository", "", "OWNER/NAME of the repository that the store belongs to; default: what the store says")
}

// open opens the store. The caller calls done.
func (f *storeFlags) open(ctx context.Context) (s *ship.Store, done func() error, err error) {
	address := cmp.Or(f.sink, os.Getenv("TAMER_SINK"))
	if address == "" {
		return nil, nil, errors.New("no store is named: write --sink ADDRESS, or set TAMER_SINK")
	}
	owner := release.Owner{Repository: f.repository}
	if owner.Repository != "" || strings.Contains(address, "{") {
		parts := strings.Split(owner.Repository, "/")
		if len(parts) != 2 {
			return nil, nil, fmt.Errorf("--repository %q is no OWNER/NAME", owner.Repository)
		}
		if address, err = (app.Sink{Address: address}).At(forge.Repo{Owner: parts[0], Name: parts[1]}); err != nil {
			return nil, nil, err
		}
	}
	opened, err := app.NewSink(ctx, address, os.Getenv("TAMER_SINK_SECRET"))
	if err != nil {
		return nil, nil, fmt.Errorf("open the store: %w", err)
	}
	if owner.Repository == "" {
		if owner, err = ship.OwnerOf(ctx, opened); err != nil {
			return nil, nil, errors.Join(err, opened.Close())
		}
	}
	if s, err = ship.New(ship.Config{Sink: opened, Owner: owner, Now: time.Now}); err != nil {
		return nil, nil, errors.Join(err, opened.Close())
	}
	return s, opened.Close, nil
}

// with opens the store for f, and closes it.
func (f *storeFlags) with(cmd *cobra.Command, do func(ctx context.Context, s *ship.Store) error) (err error) {
	s, done, err := f.open(cmd.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	return do(cmd.Context(), s)
}

// whoami names who uses the command line, for the record.
func whoami() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "somebody at the command line"
}

// reasonFlags say who does something, and why.
type reasonFlags struct{ by, reason string }

func (f *reasonFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.reason, "reason", "", "why: it is shown wherever the deploy is shown")
	cmd.Flags().StringVar(&f.by, "by", "", "who does it; default: the name of the user")
	if err := cmd.MarkFlagRequired("reason"); err != nil {
		panic(err) // the flag is defined above
	}
}

func (f *reasonFlags) who() string { return cmp.Or(f.by, whoami()) }
