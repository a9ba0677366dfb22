package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/editor"
	"github.com/tamerhq/tamer/internal/worktree"
)

func newEditor() *cobra.Command {
	var dryRun bool
	var names, kinds []string
	for _, k := range editor.All {
		names = append(names, k.Name)
		kinds = append(kinds, fmt.Sprintf("  %-9s  %s", k.Name, k.What))
	}
	cmd := &cobra.Command{
		Use:   "editor " + strings.Join(names, "|"),
		Short: "Set editors up: which schema describes which files",
		Long: "editor writes what an editor needs for completion and checks while you write. What you have set yourself stays, with comments;\nrun it again when types have come or gone.\n\n" +
			strings.Join(kinds, "\n"),
		Example: "  tamer editor vscode\n  tamer editor vscode --dry-run",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runEditor(cmd, args[0], dryRun) },
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "name the files that would change, and write nothing")
	return cmd
}

func runEditor(cmd *cobra.Command, kind string, dryRun bool) error {
	root, err := repositoryRoot(cmd)
	if err != nil {
		return err
	}
	if err := resume(cmd, root); err != nil {
		return err
	}
	tree := os.DirFS(root)
	p, err := layoutOf(tree)
	if err != nil {
		return err
	}
	files, k, err := editor.Files(catalog.New(tree, p), kind)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, f := range files {
		what := "changed"
		if f.Was == nil {
			what = "new"
		}
		fmt.Fprintf(out, "%s: %s\n", f.Path, what)
	}
	if len(files) == 0 {
		fmt.Fprintln(out, "nothing is to be changed")
		return nil
	}
	if dryRun {
		return nil
	}
	if err := writeEditorFiles(cmd, root, files); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "next: %s\n", k.Then)
	return nil
}

// writeEditorFiles writes new files one by one, and those that are there all or none.
func writeEditorFiles(cmd *cobra.Command, root string, files []editor.File) error {
	var changed []worktree.NewFile
	for _, f := range files {
		if f.Was != nil {
			changed = append(changed, worktree.NewFile{Path: f.Path, Was: f.Was, Now: f.Now})
			continue
		}
		if err := createFile(root, f.Path, f.Now); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return worktree.Replace(cmd.Context(), root, changed, nil)
}
