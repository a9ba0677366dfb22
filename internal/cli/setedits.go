package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rewrite"
)

// maxEdits bounds a list of edits, in bytes.
const maxEdits = 64 << 20

// A listedEdit is one of --edits.
type listedEdit struct {
	File  string          `json:"file"`
	Op    string          `json:"op"`
	Path  *string         `json:"path"`
	From  *string         `json:"from"`
	Value json.RawMessage `json:"value"`
}

// runEdits does what a list says, all of it or nothing.
func runEdits(cmd *cobra.Command, f setFlags, args []string) error {
	if len(args) > 0 || f.expr != "" || f.where != "" {
		return errors.New("--edits says what to change where; leave out GLOB, POINTER, VALUE, --expr and --where")
	}
	err := f.check()
	var listed []listedEdit
	if err == nil {
		listed, err = readEdits(cmd.InOrStdin(), f.edits)
	}
	if err != nil {
		return err
	}
	root, c, configs, err := openToEdit(cmd)
	if err != nil {
		return err
	}
	all := map[string][]rewrite.Assignment{}
	for i, l := range listed {
		matched, err := l.among(configs, root)
		a, err2 := l.assignment()
		if err := errors.Join(err, err2); err != nil {
			return fmt.Errorf("edit %d of --edits: %w", i+1, err)
		}
		for _, file := range matched {
			all[file.Path] = append(all[file.Path], a)
		}
	}
	var files []policy.File
	for _, file := range configs {
		if len(all[file.Path]) > 0 {
			files = append(files, file)
		}
	}
	changed, err := jobOf(cmd, c).Files(files, func(file policy.File, docs []*document.Document) ([]edit.Change, []string) {
		return rewrite.InOrder(all[file.Path]...)(file, docs)
	})
	if err != nil {
		return err
	}
	return editing{root: root, files: changed, whole: !f.force, nothing: "nothing to change: all is so already"}.carryOut(cmd, f.editFlags)
}

func readEdits(stdin io.Reader, name string) (listed []listedEdit, err error) {
	in, err := openInput(name, stdin)
	if err != nil {
		return nil, fmt.Errorf("--edits: %w", err)
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, maxEdits+1))
	if err != nil {
		return nil, fmt.Errorf("--edits: %w", err)
	}
	if len(text) > maxEdits {
		return nil, fmt.Errorf("--edits: more than %d MiB: make several lists of it", maxEdits>>20)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err = d.Decode(&listed); err == nil && d.More() {
		err = errors.New("there is more behind the list")
	}
	if err != nil {
		return nil, fmt.Errorf(`--edits is no list of edits: %w; write [{"file": "acme/plan", "path": "/limits/users", "value": 50}]`, err)
	}
	return listed, nil
}

func (l listedEdit) among(configs []policy.File, root string) ([]policy.File, error) {
	if l.File == "" {
		return nil, errors.New(`it has no "file": write a path such as customers/acme/plan.yaml, or CUSTOMER/TYPE`)
	}
	glob, err := rewrite.ParseGlob(l.File)
	if err != nil {
		return nil, err
	}
	files := glob.Among(configs)
	if len(files) == 0 {
		return nil, unmatched(l.File, root, configs)
	}
	return files, nil
}

// assignment is what the edit says; each op has what it needs, and nothing else.
func (l listedEdit) assignment() (a rewrite.Assignment, err error) {
	op, known := map[string]edit.Op{"": edit.Set, "set": edit.Set, "unset": edit.Unset, "move": edit.Move}[l.Op]
	switch {
	case !known:
		return a, fmt.Errorf("the op %q is not known: write set, unset or move", l.Op)
	case l.Path == nil:
		return a, errors.New(`it has no "path": write a JSON Pointer such as "/limits/users"`)
	case (l.Value != nil) != (op == edit.Set):
		return a, errors.New(`"value" belongs to set, and only to set`)
	case (l.From != nil) != (op == edit.Move):
		return a, errors.New(`"from" belongs to move, and only to move`)
	}
	a.Op = op
	if a.Path, err = pathOf(*l.Path); err != nil {
		return a, err
	}
	switch op {
	case edit.Set:
		a.Value, err = valueOf(string(l.Value))
	case edit.Move:
		if a.From, err = pathOf(*l.From); err == nil {
			err = a.Fits()
		}
	}
	return a, err
}
