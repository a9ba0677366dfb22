package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/rewrite"
)

// setFlags are those of set, unset and move.
type setFlags struct {
	editFlags
	expr  string
	edits string
	where string
	force bool
}

// massEdits is said of all three.
const massEdits = `
GLOB is a pattern of paths, such as customers/*/plan.yaml, or of CUSTOMER/TYPE, such as */plan; ** stands for any directories. In a
pointer * stands for every item or property. Comments, order, quotes and blank lines stay as they are.

The changes are shown by what they mean, alike ones once. On a terminal tamer then asks; elsewhere it writes with --write only. What
a schema would refuse is not written, and neither is anything else then, unless --force says so. All files are written, or none.

It exits with 0 if all was done or could be, 1 if something could not or would be wrong, 2 if it could not run.`

func newSet() *cobra.Command {
	var f setFlags
	cmd := &cobra.Command{
		Use:   "set GLOB POINTER VALUE",
		Short: "Give a value in many configs",
		Long: `set gives the value at a JSON Pointer of every config that GLOB matches. VALUE is read as YAML: 5 is a number, "'5'" a text. With
--expr it is what an expression in CEL gives, over old (the value there, or null), self (what holds it), root, customer and type. What
is not there is made, with the mappings on the way; /list/- appends.

With --edits it does what a list in JSON says, one edit after the other: [{"file": "acme/plan", "path": "/limits/users", "value": 50}]. Each has
a file, which is a GLOB, and a path; "op" is set, unset or move, and set where it is left out; move has "from" besides.
` + massEdits,
		Example: `  tamer set '*/plan' /limits/users 50 --where 'root.tier == "pro"'
  tamer set 'customers/*/segments.yaml' '/segments/*/threshold' --expr 'old * 2'
  tamer set acme/plan /tags '[a, b]' --write
  tamer set --edits edits.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.edits != "" {
				return runEdits(cmd, f, args)
			}
			if want := map[bool]int{true: 2, false: 3}[f.expr != ""]; len(args) != want {
				return misused("tamer set takes GLOB POINTER VALUE, or GLOB POINTER with --expr", args)
			}
			a := rewrite.Assignment{Op: edit.Set}
			var err error
			if a.Path, err = pathOf(args[1]); err != nil {
				return err
			}
			if f.expr != "" {
				if a.Expr, err = compile(f.expr, false); err != nil {
					return fmt.Errorf("--expr: %w", err)
				}
			} else if a.Value, err = valueOf(args[2]); err != nil {
				return err
			}
			return runAssignment(cmd, f, args[0], a)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w; before a value that begins with - write -- as a word of its own", err)
	})
	cmd.Flags().StringVar(&f.expr, "expr", "", "an expression in CEL that gives the value")
	cmd.Flags().StringVar(&f.edits, "edits", "", "read a list of edits in JSON from this file; - is standard input")
	f.addAll(cmd)
	return cmd
}

func newUnset() *cobra.Command {
	var f setFlags
	cmd := &cobra.Command{
		Use:     "unset GLOB POINTER",
		Short:   "Remove a value from many configs",
		Long:    "unset removes what is at a JSON Pointer of every config that GLOB matches, with the comments that belong to it.\n" + massEdits,
		Example: `  tamer unset '*/plan' /legacy`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return misused("tamer unset takes GLOB POINTER", args)
			}
			path, err := pathOf(args[1])
			if err != nil {
				return err
			}
			return runAssignment(cmd, f, args[0], rewrite.Assignment{Op: edit.Unset, Path: path})
		},
	}
	f.addAll(cmd)
	return cmd
}

func newMove() *cobra.Command {
	var f setFlags
	cmd := &cobra.Command{
		Use:   "move GLOB FROM TO",
		Short: "Rename or move a value in many configs",
		Long: `move takes what is at one JSON Pointer to another one, where nothing may be, in every config that GLOB matches; mappings on the way
are made. The * of TO stand for what those of FROM do.
` + massEdits,
		Example: `  tamer move '*/plan' /max_users /limits/users
  tamer move '*/segments' '/segments/*/name' '/segments/*/title'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 3 {
				return misused("tamer move takes GLOB FROM TO", args)
			}
			a := rewrite.Assignment{Op: edit.Move}
			var err, err2 error
			a.From, err = pathOf(args[1])
			a.Path, err2 = pathOf(args[2])
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			if err := a.Fits(); err != nil {
				return err
			}
			return runAssignment(cmd, f, args[0], a)
		},
	}
	f.addAll(cmd)
	return cmd
}

func (f *setFlags) addAll(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.where, "where", "", "only where this condition in CEL is true")
	cmd.Flags().BoolVar(&f.force, "force", false, "write also what a schema refuses, and leave out what cannot be changed")
	f.add(cmd)
}

// misused says how a command is called: most likely a shell has taken a pattern for names of files, or words for several values.
func misused(usage string, args []string) error {
	why := ""
	if len(args) > 2 {
		why = "; put a pattern with *, and a value with spaces, in quotes"
	}
	return fmt.Errorf("%s; it got %s%s", usage, render.Many(len(args), "argument"), why)
}

func pathOf(pointer string) ([]string, error) {
	if pointer != "" && !strings.HasPrefix(pointer, "/") {
		return nil, fmt.Errorf("%q is no JSON Pointer: write %q", pointer, "/"+strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(pointer))
	}
	return document.Tokens(pointer), nil
}

func valueOf(text string) (any, error) {
	docs, found := document.Parse([]byte(text), document.Limits{})
	if len(found) > 0 || len(docs) != 1 {
		why := "it holds several documents"
		if len(found) > 0 {
			why = found[0].Message
		}
		return nil, fmt.Errorf("the value %q cannot be read as YAML: %s; put a text in quotes, once more for the shell", text, why)
	}
	return docs[0].Value, nil
}

func compile(source string, condition bool) (*expr.Program, error) {
	env, err := expr.New(rewrite.Variables...)
	if err != nil {
		return nil, err
	}
	if condition {
		return env.Condition(source)
	}
	return env.Compile(source)
}

func runAssignment(cmd *cobra.Command, f setFlags, glob string, a rewrite.Assignment) error {
	pattern, err := rewrite.ParseGlob(glob)
	if err == nil {
		err = f.check()
	}
	if err == nil && f.where != "" {
		if a.Where, err = compile(f.where, true); err != nil {
			err = fmt.Errorf("--where: %w", err)
		}
	}
	if err != nil {
		return err
	}
	root, c, configs, err := openToEdit(cmd)
	if err != nil {
		return err
	}
	tree := c.Tree
	files := pattern.Among(configs)
	if len(files) == 0 {
		return unmatched(glob, root, configs)
	}
	unsaid := &unsaid{}
	a.Unsaid = unsaid.add
	changed, err := jobOf(cmd, c).Files(files, rewrite.InOrder(a))
	if err != nil {
		return err
	}
	unsaid.tell(cmd)
	nothing := fmt.Sprintf("nothing to change: %s matched, and all are so already, or lack it", render.Many(len(files), "file"))
	if f.where != "" {
		nothing += ", or are left out by --where"
	}
	at := a.Path
	if a.Op == edit.Move {
		at = a.From
	}
	if len(changed) == 0 && unsaid.n == 0 {
		nothing += missing(tree, files, at)
	}
	return editing{root: root, files: changed, whole: !f.force, nothing: nothing}.carryOut(cmd, f.editFlags)
}

func jobOf(cmd *cobra.Command, c *catalog.Catalog) rewrite.Job {
	job := rewrite.Job{Catalog: c}
	if isTerminal(cmd.ErrOrStderr()) {
		job.Progress = counter(cmd.ErrOrStderr(), "looked at")
	}
	return job
}

// unsaid counts files of which a condition cannot be told.
type unsaid struct {
	mu    sync.Mutex
	n     int
	first string
}

func (u *unsaid) add(f policy.File, why error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if text := fmt.Sprintf("%s: %v", f.Path, why); u.n == 0 || text < u.first {
		u.first = text
	}
	u.n++
}

func (u *unsaid) tell(cmd *cobra.Command) {
	if u.n > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "--where has no answer for %s, which it leaves alone, such as %s\n", render.Many(u.n, "value"), u.first)
	}
}

// openToEdit gives the repository around the present directory and its configs, after an edit that was cut off is finished.
func openToEdit(cmd *cobra.Command) (root string, c *catalog.Catalog, configs []policy.File, err error) {
	if root, err = repositoryRoot(cmd); err != nil {
		return "", nil, nil, err
	}
	if err := resume(cmd, root); err != nil {
		return "", nil, nil, err
	}
	debug.SetGCPercent(editGCPercent)
	tree := os.DirFS(root)
	p, err := layoutOf(tree)
	if err != nil {
		return "", nil, nil, err
	}
	c = catalog.New(tree, p)
	configs, err = c.Configs()
	return root, c, configs, err
}

// repositoryRoot is the root of the configuration repository around the present directory, in Git or not.
func repositoryRoot(cmd *cobra.Command) (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	clone, err := mirror.Local(cmd.Context(), wd)
	if errors.Is(err, fs.ErrNotExist) {
		return rootOf(nil, wd), nil
	}
	if err != nil {
		return "", err
	}
	defer clone.Close()
	return rootOf(clone, wd), nil
}

func layoutOf(tree fs.FS) (*policy.Policy, error) {
	p, found, err := policy.Read(tree)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, fmt.Errorf("%s cannot be read, so the layout is not known: %s; tamer check shows where", policy.Path, found[0].Message)
	}
	return p, nil
}
