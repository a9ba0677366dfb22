package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/scaffold"
	"github.com/tamerhq/tamer/internal/validate"
)

type newFlags struct {
	from, fromCustomer string
	set, rename        []string
	schema, force      bool
	format             string
}

func newNew() *cobra.Command {
	var f newFlags
	cmd := &cobra.Command{
		Use:   "new CUSTOMER --from TEMPLATE",
		Short: "Begin a customer, or a type",
		Long: `new writes the configs of a customer from the template in templates/TEMPLATE/: one TYPE.yaml for each, in which ${name} stands for a
parameter, and ${customer} for the name. template.yaml there describes the parameters as a JSON Schema; those without a --set
have their default, or are asked for on a terminal.

With --from-customer it copies the configs of another customer, comments and all. A value that is just the other's name becomes the new
one's, and --rename OLD=NEW does the same for ids and other names; lines that still name the other customer are told.

With --schema it is not a customer but a type that begins: a schema to fill in, and which existing types resemble it.

No file is replaced. What is new is judged at once, and taken back where something fails, unless --force says to keep it. It exits with
0 if all is well, 1 if something fails, 2 if it could not run.`,
		Example: `  tamer new acme --from customer --set name=Acme --set tier=pro
  tamer new acme-eu --from-customer acme --rename eu-west=eu-central
  tamer new campaigns --schema`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("tamer new takes one CUSTOMER, or one TYPE with --schema; it got %s", render.Many(len(args), "argument"))
			}
			return runNew(cmd, f, args[0])
		},
	}
	cmd.Flags().StringVar(&f.from, "from", "", "the template, a directory below templates")
	cmd.Flags().StringVar(&f.fromCustomer, "from-customer", "", "the customer whose configs are copied")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "NAME=VALUE of a parameter; may be given several times")
	cmd.Flags().StringArrayVar(&f.rename, "rename", nil, "OLD=NEW, with --from-customer; may be given several times")
	cmd.Flags().BoolVar(&f.schema, "schema", false, "begin a type")
	cmd.Flags().BoolVar(&f.force, "force", false, "keep the files where something fails")
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print what was written: text, json")
	return cmd
}

// A created is what new has done.
type created struct {
	Written  []string     `json:"written"`
	Kept     bool         `json:"kept"` // false: taken back, for something fails
	Broken   []brokenFile `json:"broken"`
	Mentions []string     `json:"mentions"`
	Resemble []resembling `json:"resemble"`
}

func runNew(cmd *cobra.Command, f newFlags, name string) error {
	ways := 0
	for _, chosen := range []bool{f.from != "", f.fromCustomer != "", f.schema} {
		if chosen {
			ways++
		}
	}
	switch {
	case f.format != "text" && f.format != "json":
		return fmt.Errorf("unknown format %q; use text or json", f.format)
	case ways != 1:
		return errors.New("say what to begin with: --from TEMPLATE, --from-customer OTHER, or --schema for a type; one of them")
	case len(f.rename) > 0 && f.fromCustomer == "" || len(f.set) > 0 && f.from == "":
		return errors.New("--set goes with --from, and --rename with --from-customer")
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
	c := catalog.New(tree, p)
	done := &created{Written: []string{}, Broken: []brokenFile{}, Mentions: []string{}, Resemble: []resembling{}}
	files, err := f.files(cmd, c, name, done)
	if err != nil {
		return err
	}
	if err := done.create(root, files); err != nil {
		return err
	}
	if err := done.judge(root, f.force); err != nil {
		return err
	}
	if f.format == "json" {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(done)
	} else {
		_, err = io.WriteString(cmd.OutOrStdout(), done.text())
	}
	if err != nil {
		return fmt.Errorf("write what was done: %w", err)
	}
	if len(done.Broken) > 0 {
		return errFailures
	}
	return nil
}

func (f newFlags) files(cmd *cobra.Command, c *catalog.Catalog, name string, done *created) ([]scaffold.File, error) {
	if f.schema {
		return newType(c, name, done)
	}
	there, err := c.Find(policy.Query{Kind: policy.Config, Customer: name})
	if err != nil {
		return nil, err
	}
	if len(there) > 0 {
		return nil, fmt.Errorf("there is a customer %q already, with %s: choose another name, or change what is there with tamer set", name, there[0].Path)
	}
	if f.from != "" {
		return f.filled(cmd, c, name)
	}
	renames, err := pairs("--rename", f.rename)
	if err != nil {
		return nil, err
	}
	files, mentions, err := scaffold.Copy(c, f.fromCustomer, name, renames)
	for _, m := range mentions {
		done.Mentions = append(done.Mentions, fmt.Sprintf("%s:%d: %s", m.Path, m.Line, m.Text))
	}
	if err == nil && len(files) == 0 {
		return nil, unknownCustomer(c, f.fromCustomer)
	}
	return files, err
}

// filled makes the files of a customer from a template; what it lacks is asked for, where there is somebody to ask.
func (f newFlags) filled(cmd *cobra.Command, c *catalog.Catalog, name string) ([]scaffold.File, error) {
	t, err := scaffold.Open(c.Tree, f.from)
	if err != nil {
		return nil, err
	}
	given, err := pairs("--set", f.set)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for key, text := range given {
		values[key] = t.Read(key, text)
	}
	if isTerminalInput(cmd.InOrStdin()) {
		if err := ask(cmd.InOrStdin(), cmd.ErrOrStderr(), t, values); err != nil {
			return nil, err
		}
	}
	return t.Fill(c.Policy.Layout, name, values)
}

// ask asks for the parameters that have no value yet, again where an answer does not fit. An empty answer means the default.
func ask(in io.Reader, out io.Writer, t *scaffold.Template, values map[string]any) error {
	lines := bufio.NewReader(in)
	for _, p := range t.Params {
		if _, given := values[p.Name]; given {
			continue
		}
		for asking := true; asking; {
			fmt.Fprintf(out, "%s: ", question(p))
			answer, err := lines.ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read the answer: %w", err)
			}
			why := ""
			if answer = strings.TrimSpace(answer); answer != "" {
				values[p.Name] = t.Read(p.Name, answer)
				why = t.Unfit(p.Name, values)
			} else if p.Required && !p.HasDefault {
				why = "it has no default; write a value"
			}
			if asking = why != "" && err == nil; asking {
				fmt.Fprintln(out, why)
				delete(values, p.Name)
			}
		}
	}
	return nil
}

// question is what is asked for a parameter: its title, the values to choose from, and the default.
func question(p scaffold.Param) string {
	what := p.Name
	if p.Title != "" {
		what = fmt.Sprintf("%s (%s)", p.Title, p.Name)
	}
	if len(p.Choices) > 0 {
		what += " " + strings.Trim(fmt.Sprint(p.Choices), "[]")
	}
	if p.HasDefault {
		what += fmt.Sprintf(" [%v]", p.Default)
	}
	return what
}

// pairs reads NAME=VALUE.
func pairs(flag string, all []string) (map[string]string, error) {
	out := map[string]string{}
	for _, one := range all {
		name, value, ok := strings.Cut(one, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%s %q has no name and value; write %s NAME=VALUE", flag, one, flag)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("%s gives %q twice; leave one out", flag, name)
		}
		out[name] = value
	}
	return out, nil
}

// create writes the files, none of which may be there: all of them or none.
func (d *created) create(root string, files []scaffold.File) error {
	for _, f := range files {
		if err := createFile(root, f.Path, f.Text); err != nil {
			return errors.Join(fmt.Errorf("write %s: %w", f.Path, err), d.takeBack(root))
		}
		d.Written = append(d.Written, f.Path)
	}
	d.Kept = true
	return nil
}

// createFile writes a file that is not there, below root: links that came with the files lead nowhere else.
func createFile(root, name string, text []byte) error {
	below, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer below.Close()
	if err := below.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := below.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return errors.Join(err, out.Close())
}

// takeBack removes what was written, and the directories that are empty then.
func (d *created) takeBack(root string) error {
	var err error
	for _, name := range d.Written {
		full := filepath.Join(root, filepath.FromSlash(name))
		err = errors.Join(err, os.Remove(full))
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if os.Remove(filepath.Join(root, filepath.FromSlash(dir))) != nil {
				break // something else is in it
			}
		}
	}
	d.Kept = false
	return err
}

// judge judges what is new, and takes it back where it fails.
func (d *created) judge(root string, force bool) error {
	r, err := validate.Tree(os.DirFS(root), validate.Options{Only: d.Written})
	if err != nil {
		return errors.Join(err, d.takeBack(root))
	}
	for _, f := range r.Findings {
		if f.Level == finding.Failure {
			d.Broken = append(d.Broken, brokenFile{f.File, fmt.Sprintf("line %d: %s; %s", f.At.Start.Line, f.Message, f.Fix)})
		}
	}
	if len(d.Broken) > 0 && !force {
		return d.takeBack(root)
	}
	return nil
}

func (d *created) text() string {
	var s strings.Builder
	for _, x := range d.Broken {
		fmt.Fprintf(&s, "%s: failure: %s\n", x.Path, x.Message)
	}
	for _, name := range slices.Sorted(slices.Values(d.Written)) {
		if d.Kept {
			fmt.Fprintf(&s, "wrote %s\n", name)
		}
	}
	for _, m := range d.Mentions {
		fmt.Fprintf(&s, "still names the other customer: %s\n", m)
	}
	for _, r := range d.Resemble {
		fmt.Fprintf(&s, "%s resembles it: %s\n", r.Type, r.Why)
	}
	if !d.Kept {
		s.WriteString("nothing is kept, for the reasons above; --force keeps it all the same\n")
	}
	return s.String()
}
