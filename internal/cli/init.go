package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/infer"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
)

type initFlags struct {
	dryRun bool
	format string
}

func newInit() *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Begin with tamer in this repository",
		Long: `init looks at what is in the repository: which directories hold customers, which files are configs of one type, where schemas are. It
writes .tamer.yaml with that layout, unless there is one, and a draft of a schema for each type that has none: types of values, few
values as a choice, what is required, formats, bounds, what identifies the items of lists, and what refers to what. A draft accepts
every file that it was made from. In an empty directory it writes a small start.

It prints what it decided and why, changes no file that is there, and judges everything at the end. With --dry-run it writes nothing.
It exits with 0 if all files fit, 1 if some do not, 2 if it could not run.`,
		Example: `  tamer init --dry-run
  tamer init`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runInit(cmd, f) },
	}
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would be written, and write nothing")
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print what was decided: text, json")
	return cmd
}

// A beginning is what init decides.
type beginning struct {
	Policy  string        `json:"policy"` // new, or there already
	Layout  []string      `json:"layout"` // why, for each pattern
	Types   []drafted     `json:"types"`
	Written []string      `json:"written"`
	Broken  []brokenFile  `json:"broken"`
	files   []newFileText // to be written
}

type drafted struct {
	Type       string            `json:"type"`
	Schema     string            `json:"schema"`
	Files      int               `json:"files"`
	Unread     []string          `json:"unread"`
	Keys       []string          `json:"keys"`
	References []infer.Reference `json:"references"`
}

type brokenFile struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

type newFileText struct {
	path string
	text []byte
}

func runInit(cmd *cobra.Command, f initFlags) error {
	if f.format != "text" && f.format != "json" {
		return fmt.Errorf("unknown format %q; use text or json", f.format)
	}
	root, err := repositoryRoot(cmd)
	if err != nil {
		return err
	}
	debug.SetGCPercent(editGCPercent)
	b, err := begin(os.DirFS(root))
	if err != nil {
		return err
	}
	if !f.dryRun {
		if err := b.write(root); err != nil {
			return err
		}
		if err := b.judge(os.DirFS(root)); err != nil {
			return err
		}
	}
	return f.tell(cmd, b)
}

// begin decides what a tree begins with.
func begin(tree fs.FS) (*beginning, error) {
	b := &beginning{Policy: "there already", Layout: []string{}, Types: []drafted{}, Written: []string{}, Broken: []brokenFile{}}
	p, err := b.layout(tree)
	if err != nil || p == nil {
		return b, err
	}
	drafts, err := infer.Schemas(catalog.New(tree, p), document.Limits{})
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		b.files = append(b.files, newFileText{d.Path, d.Text})
		b.Types = append(b.Types, drafted{d.Type, d.Path, d.Files, append([]string{}, d.Unread...), append([]string{}, d.Keys...), append([]infer.Reference{}, d.Refs...)})
	}
	return b, nil
}

// layout gives the policy by which files are read; nil where the tree holds no configuration and the small start is written.
func (b *beginning) layout(tree fs.FS) (*policy.Policy, error) {
	if _, err := fs.Lstat(tree, policy.Path); err == nil {
		return layoutOf(tree)
	}
	b.Policy = "new"
	l, err := infer.FindLayout(tree)
	if err != nil {
		return nil, err
	}
	if len(l.Configs)+len(l.Shared) == 0 {
		start := infer.Start()
		for _, path := range slices.Sorted(maps.Keys(start)) {
			if _, err := fs.Lstat(tree, path); errors.Is(err, fs.ErrNotExist) {
				b.files = append(b.files, newFileText{path, start[path]})
			}
		}
		b.Layout = []string{"there is no YAML or JSON file in a directory here yet: this is a small start"}
		return nil, nil
	}
	b.Layout = l.Why
	text := l.Policy()
	p, found := policy.Parse(text)
	if p == nil {
		return nil, fmt.Errorf("no layout covers what is here, for %s: write %s by hand, as docs/checks.md shows", found[0].Message, policy.Path)
	}
	b.files = append(b.files, newFileText{policy.Path, text})
	return p, nil
}

// write makes the new files, and never replaces one.
func (b *beginning) write(root string) error {
	for _, f := range b.files {
		if err := createFile(root, f.path, f.text); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
		b.Written = append(b.Written, f.path)
	}
	return nil
}

func (b *beginning) judge(tree fs.FS) error {
	r, err := validate.Tree(tree, validate.Options{})
	if err != nil {
		return err
	}
	for _, f := range r.Findings {
		if f.Level == finding.Failure {
			b.Broken = append(b.Broken, brokenFile{f.File, f.Message})
		}
	}
	return nil
}

func (f initFlags) tell(cmd *cobra.Command, b *beginning) error {
	out := cmd.OutOrStdout()
	if f.format == "json" {
		if err := json.NewEncoder(out).Encode(b); err != nil {
			return fmt.Errorf("write what was decided: %w", err)
		}
	} else if _, err := fmt.Fprint(out, b.text(f.dryRun)); err != nil {
		return fmt.Errorf("write what was decided: %w", err)
	}
	if len(b.Broken) > 0 {
		return errFailures
	}
	return nil
}

func (b *beginning) text(dryRun bool) string {
	var s strings.Builder
	if b.Policy != "new" {
		fmt.Fprintf(&s, "layout: as %s says, which is there already\n", policy.Path)
	}
	for _, why := range b.Layout {
		fmt.Fprintf(&s, "layout: %s\n", why)
	}
	for _, d := range b.Types {
		fmt.Fprintf(&s, "type %s: %s, made from %s\n", d.Type, d.Schema, render.Many(d.Files, "file"))
		for _, key := range d.Keys {
			fmt.Fprintf(&s, "  items of %s\n", key)
		}
		for _, r := range d.References {
			fmt.Fprintf(&s, "  %s is one of %s of %s (%s): so are all %s\n", r.From, r.Path, r.To, r.Scope, render.Many(r.Seen, "value"))
		}
		for _, path := range d.Unread {
			fmt.Fprintf(&s, "  %s cannot be read, and was left out\n", path)
		}
	}
	for _, x := range b.Broken {
		fmt.Fprintf(&s, "%s: failure: %s\n", x.Path, x.Message)
	}
	switch {
	case len(b.files) == 0:
		s.WriteString("nothing to write: there are a policy and schemas for all types\n")
	case dryRun:
		for _, f := range b.files {
			fmt.Fprintf(&s, "would write %s\n", f.path)
		}
	default:
		for _, path := range b.Written {
			fmt.Fprintf(&s, "wrote %s\n", path)
		}
		if len(b.Broken) == 0 {
			s.WriteString("all files fit; next: read the schemas, say in them what things mean, and run tamer check --all\n")
		}
	}
	return s.String()
}
