package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/schema"
)

func newSchema() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Compare schemas, and look into their history",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSchemaDiff(), newSchemaLog())
	return cmd
}

type schemaDiffFlags struct {
	format  string
	require string
}

func newSchemaDiff() *cobra.Command {
	var f schemaDiffFlags
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Show what a change of a schema breaks",
		Long: `diff compares two schemas by what they accept, however they are written.

backward  the new schema accepts everything that the old one accepts: no file breaks
forward   the old schema accepts everything that the new one accepts: no reader breaks
full      both
none      neither

What breaks is shown with a value that one schema accepts and the other refuses. What could neither be proven nor shown counts
as breaking, and says so. A $ref reads files beside the schema.

It exits with 0 whatever it finds, and with 2 if the schemas could not be compared. With --require it exits with 1 if the
change is not compatible in that way.`,
		Example: `  tamer schema diff old.schema.json new.schema.json
  tamer schema diff --require backward --format json old.schema.json new.schema.json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return runSchemaDiff(cmd, f, args) },
	}
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print changes: text, json")
	cmd.Flags().StringVar(&f.require, "require", "", "exit with 1 unless the change is: backward, forward, full")
	return cmd
}

func runSchemaDiff(cmd *cobra.Command, f schemaDiffFlags, args []string) error {
	write, known := map[string]func(io.Writer, compat.Report) error{"text": writeCompatText, "json": writeCompatJSON}[f.format]
	required, sensible := map[string][]compat.Direction{"": nil, "backward": {compat.Backward}, "forward": {compat.Forward},
		"full": {compat.Backward, compat.Forward}}[f.require]
	switch {
	case !known:
		return fmt.Errorf("unknown format %q; use text or json", f.format)
	case !sensible:
		return fmt.Errorf("--require is %q; use backward, forward or full", f.require)
	case len(args) != 2:
		return fmt.Errorf("tamer schema diff takes two schema files; it got %d", len(args))
	}
	old, new, err := readSchemas(args[0], args[1])
	if err != nil {
		return err
	}
	report, err := compareSchemas(cmd.Context(), old, new)
	if err != nil {
		return fmt.Errorf("compare %s with %s: %w", args[0], args[1], err)
	}
	if err := write(cmd.OutOrStdout(), report); err != nil {
		return fmt.Errorf("write the changes: %w", err)
	}
	for _, d := range required {
		if report.Breaks(d) {
			return errFailures
		}
	}
	return nil
}

// compareSchemas compares until ctx ends.
func compareSchemas(ctx context.Context, old, new *schema.Schema) (compat.Report, error) {
	report, err := compat.NewBudget(compat.MaxTime).StopWith(ctx.Done()).Compare(old, new)
	if ctx.Err() != nil {
		return compat.Report{}, context.Cause(ctx)
	}
	return report, err
}

// olderStandards are tried in turn for schemas that name no standard and are not valid in that of today.
var olderStandards = []string{"http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-04/schema#"}

// readSchemas compiles both schemas. Where one names no standard and is written in the words of an older one, it is read as that,
// and the other too if it names none: two standards would differ where the schemas do not. What has prefixItems is of today.
func readSchemas(oldPath, newPath string) (old, new *schema.Schema, err error) {
	for _, path := range []string{oldPath, newPath} {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("there is no %s", path)
		}
	}
	today := func(path string) (*schema.Schema, error) { return compileSchema(schema.NewSet, path) }
	old, new, err = compileBoth(today, oldPath, newPath)
	for _, standard := range olderStandards {
		if err == nil {
			break
		}
		older := func(path string) (*schema.Schema, error) {
			if s, err := today(path); err == nil && hasWord(s.Contents(), "prefixItems") {
				return s, nil
			}
			return compileSchema(func(files fs.FS) *schema.Set { return schema.Assuming(standard, files) }, path)
		}
		if o, n, again := compileBoth(older, oldPath, newPath); again == nil {
			return o, n, nil
		}
	}
	return old, new, err
}

func compileBoth(compile func(path string) (*schema.Schema, error), oldPath, newPath string) (old, new *schema.Schema, err error) {
	if old, err = compile(oldPath); err != nil {
		return nil, nil, err
	}
	if new, err = compile(newPath); err != nil {
		return nil, nil, err
	}
	return old, new, nil
}

// hasWord tells whether a key stands anywhere in a value.
func hasWord(v any, word string) bool {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if k == word || hasWord(inner, word) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return hasWord(inner, word) })
	}
	return false
}

func compileSchema(set func(fs.FS) *schema.Set, path string) (*schema.Schema, error) {
	dir, name, err := schemaRoot(path)
	if err != nil {
		return nil, err
	}
	s, found := set(os.DirFS(dir)).Compile(name)
	if s == nil {
		f := found[0]
		return nil, fmt.Errorf("the schema %s cannot be used: %s:%d: %s; %s", path, f.File, f.At.Start.Line, f.Message, f.Fix)
	}
	return s, nil
}

func writeCompatJSON(w io.Writer, r compat.Report) error {
	type change struct {
		Path    string                   `json:"path"`
		Kind    string                   `json:"kind"`
		Breaks  []compat.Direction       `json:"breaks"`
		Message string                   `json:"message"`
		Witness map[compat.Direction]any `json:"witness,omitempty"`
	}
	out := struct {
		Compatibility compat.Compatibility `json:"compatibility"`
		Changes       []change             `json:"changes"`
	}{r.Compatibility, []change{}}
	for _, c := range r.Changes {
		out.Changes = append(out.Changes, change{c.Path, c.Kind, c.Breaks, c.Message, c.Witnesses})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

var compatWords = map[compat.Compatibility]string{
	compat.Identical:    "identical: nothing changes",
	compat.Full:         "full: both schemas accept the same",
	compat.OnlyBackward: "backward: no file breaks; readers that know the old schema may",
	compat.OnlyForward:  "forward: no reader breaks; files that fit the old schema may",
	compat.None:         "none: files that fit the old schema may break, and readers that know it",
}

func writeCompatText(w io.Writer, r compat.Report) error {
	var b strings.Builder
	fmt.Fprintln(&b, compatWords[r.Compatibility])
	for _, c := range r.Changes {
		mark := ""
		if len(c.Breaks) > 0 {
			var words []string
			for _, d := range c.Breaks {
				words = append(words, string(d))
			}
			mark = " [breaks " + strings.Join(words, ", ") + "]"
		}
		fmt.Fprintf(&b, "%s: %s%s\n", printable(c.Path), printable(c.Message), mark)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printable takes out what would steer a terminal: names in a schema may hold anything.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
