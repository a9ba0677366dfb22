package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/render"
)

func newExplain() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "explain FILE#/JSON/POINTER",
		Short: "Tell what a value is, who last changed it, and since when it counts",
		Long: `Explain shows one value of a file: its line, what the schema says of it, and who last changed that value: not who last touched
its line. Formatting, comments, the order of keys, moves within the file and a new name of the file do not count.

Of a value that is not there any more it tells who removed it. Without a pointer it explains the whole document.

With GITHUB_TOKEN or GH_TOKEN set, and a remote at GitHub, it asks there for the pull request, who approved it, and when it
reached production; TAMER_GITHUB_URL and TAMER_GITHUB_API_URL name another GitHub than github.com. Else it takes the
pull request from the messages of commits, and says what it did not ask.`,
		Example: `  tamer explain customers/acme/plan.yaml#/limits/0
  tamer explain customers/acme/plan.yaml#/days --format json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("tamer explain takes one value, such as customers/acme/plan.yaml#/days; it got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runExplain(cmd, format, args[0]) },
	}
	cmd.Flags().StringVar(&format, "format", "text", "how to print it: "+strings.Join(explainFormats(), ", "))
	return cmd
}

func explainFormats() []string {
	names := make([]string, len(render.ExplainFormats))
	for i, f := range render.ExplainFormats {
		names[i] = f.Name
	}
	return names
}

func runExplain(cmd *cobra.Command, format, object string) error {
	at := slices.Index(explainFormats(), format)
	if at < 0 {
		return fmt.Errorf("unknown format %q; use %s", format, strings.Join(explainFormats(), " or "))
	}
	file, tokens, err := splitObject(object)
	if err != nil {
		return err
	}
	subject, err := openSubject(cmd.Context(), file)
	if err != nil {
		return err
	}
	defer subject.close()
	e, err := subject.explain(cmd.Context(), tokens, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	shown := render.Options{Colour: isTerminal(out) && os.Getenv("NO_COLOR") == ""}
	if err := render.ExplainFormats[at].Write(out, e, shown); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

// splitObject takes FILE#/JSON/POINTER apart. A file may have a # in its name.
func splitObject(object string) (file string, tokens []string, err error) {
	file, pointer, found := strings.Cut(object, "#/")
	if found {
		return file, document.Tokens("/" + pointer), nil
	}
	file = strings.TrimSuffix(object, "#")
	if name, wrong, has := strings.Cut(file, "#"); has {
		if _, err := os.Lstat(file); err != nil {
			return "", nil, fmt.Errorf("%q is no JSON Pointer: it begins with a slash, as in %s#/%s", wrong, name, wrong)
		}
	}
	if file == "" {
		return "", nil, errors.New("name a file before the #, as in customers/acme/plan.yaml#/days")
	}
	return file, nil, nil
}

// explain tells all that is known of a value. What GitHub would not tell goes to stderr.
func (s *subject) explain(ctx context.Context, tokens []string, stderr io.Writer) (render.Explanation, error) {
	e := render.Explanation{File: s.shown, Pointer: document.Pointer(tokens), Since: &render.Provenance{}}
	number, there := s.documentWith(tokens)
	if there {
		doc := s.docs[number]
		spot := doc.Find(tokens)
		e.At, e.Value = spot.Value, doc.Value
		if len(tokens) > 0 {
			e.Value = doc.At(tokens).Value
		}
		e.Note = s.guide.about(doc, tokens)
	}
	e.Absent = !there
	if s.clone == nil {
		if e.Absent {
			return e, s.nowhere(tokens)
		}
		e.Since.Notes = []string{"who changed it is not known: the file is in no Git repository"}
		return e, nil
	}
	h := history{subject: s, e: &e, stderr: stderr}
	h.trace = tracer{clone: s.clone, schema: s.guide.schema, current: s.src, path: s.path, head: s.head}
	if isTerminal(stderr) {
		h.trace.progress = versionsProgress(stderr)
		defer fmt.Fprint(stderr, "\r\033[K")
	}
	found, err := h.follow(ctx, number, tokens)
	if err == nil && !found {
		err = s.nowhere(tokens)
	}
	return e, err
}

// versionsProgress shows how many versions were looked at, where it takes long.
func versionsProgress(w io.Writer) func(int) {
	return func(n int) {
		if n%100 == 0 {
			fmt.Fprintf(w, "\r%d versions looked at", n)
		}
	}
}
