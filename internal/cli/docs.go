package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/manual"
	"github.com/tamerhq/tamer/internal/render"
)

func newDocs() *cobra.Command {
	var format, out string
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Write a handbook of all types",
		Long: `docs writes a page for each type that has a schema, and an index: what it is, who owns and reads it, what refers to it, which
customers have it, and each of its properties with what is allowed, its meaning, default and examples, as the schema says. What is
secret has no examples.

The pages go to a directory, which other files may be in, and replace those of the same names. With --format json all of it goes to
standard output.`,
		Example: `  tamer docs --out handbook
  tamer docs --format html --out site
  tamer docs --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDocs(cmd, format, out) },
	}
	cmd.Flags().StringVar(&format, "format", "markdown", "what to write: markdown, html, json")
	cmd.Flags().StringVar(&out, "out", "", "the directory for the pages")
	return cmd
}

func runDocs(cmd *cobra.Command, format, out string) error {
	switch {
	case format != "markdown" && format != "html" && format != "json":
		return fmt.Errorf("unknown format %q; use markdown, html or json", format)
	case format != "json" && out == "":
		return fmt.Errorf("say where the pages are to go: --out DIRECTORY")
	}
	root, err := repositoryRoot(cmd)
	if err != nil {
		return err
	}
	tree := os.DirFS(root)
	p, err := layoutOf(tree)
	if err != nil {
		return err
	}
	types, unread, err := manual.Types(catalog.New(tree, p))
	if err != nil {
		return err
	}
	for _, path := range unread {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s cannot be read, and is left out; tamer check tells why\n", path)
	}
	if format == "json" {
		if err := json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"types": append([]manual.Type{}, types...)}); err != nil {
			return fmt.Errorf("write the handbook: %w", err)
		}
		return nil
	}
	pages := manual.Markdown(types)
	if format == "html" {
		if pages, err = manual.HTML(types); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("write the handbook: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		if err := os.WriteFile(filepath.Join(out, name), pages[name], 0o644); err != nil {
			return fmt.Errorf("write the handbook: %w", err)
		}
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s written to %s\n", render.Many(len(pages), "page"), out)
	return nil
}
