package cli

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/cachefile"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/lsp"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/validate"
)

func newLSP() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor: references across files, and what check finds, while you write",
		Long: `lsp is a language server: an editor starts it, and speaks to it on standard input and output. It completes references, goes to
where they lead, finds and renames what is referred to, tells who owns and who reads a value, and shows what
tamer check finds, with the fixes that are certain. Completion of keys and of fixed choices is left to a server that
knows JSON Schema, such as yaml-language-server, beside which it runs.

tamer editor sets editors up for both.`,
		Example: "  tamer editor neovim",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLSP(cmd) },
	}
	cmd.Flags().Bool("stdio", true, "speak on standard input and output, which is the only way; some editors say so")
	return cmd
}

func runLSP(cmd *cobra.Command) error {
	cfg := lsp.Config{Find: findRepository, Build: app.Build(), Version: app.Version(), Now: time.Now}
	if path := cachePath(); path != "" && cfg.Build != "" {
		file := cachefile.Open(cachefile.Config{Path: path})
		defer file.Close() // the next start takes longer, if it is not written
		cfg.Cache = validate.Cache(file)
	}
	if cfg.Build == "" {
		cfg.Build = "this process"
	}
	return lsp.Serve(cmd.Context(), cfg, cmd.InOrStdin(), cmd.OutOrStdout())
}

// findRepository gives the repository that a directory lies in, compared as tamer check does.
func findRepository(ctx context.Context, dir string) (lsp.Repository, error) {
	clone, err := mirror.Local(ctx, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return lsp.Repository{Root: rootOf(nil, dir)}, nil
	}
	if err != nil {
		return lsp.Repository{}, err
	}
	root := rootOf(clone, dir)
	compare := func(ctx context.Context) (fs.FS, []forge.Change, error) {
		var opts validate.Options
		if _, err := clone.DefaultBranch(ctx); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, nil // a clone without commits, say
		}
		err := compareWith(ctx, clone, root, "", &opts)
		return opts.Base, opts.Changes, err
	}
	return lsp.Repository{Root: root, Compare: compare, Close: clone.Close}, nil
}
