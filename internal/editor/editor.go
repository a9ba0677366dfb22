// Package editor writes what editors need to know of a configuration repository: which schema describes which files. It reads what is
// there, and gives what should stand there instead; what a person has set stays.
package editor

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/schemas"
)

// A File is what is to stand at a path.
type File struct {
	Path string
	Was  []byte // nil: there is none
	Now  []byte
}

// A Kind is one kind of editors.
type Kind struct {
	Name  string
	What  string // it writes, for help
	Then  string // what is left to the person
	files func(repository) ([]File, error)
}

// All are the kinds, as help lists them.
var All = []Kind{
	{"vscode", ".vscode/settings.json, tasks.json and extensions.json", "install the recommended extension, and run the task \"tamer check\" (Terminal, Run Task); docs/editors.md says how to run tamer lsp", vscode},
	{"neovim", ".nvim.lua", "install yaml-language-server (npm install --global yaml-language-server), and allow the file: :set exrc, and :trust when you are asked", neovim},
	{"jetbrains", ".idea/jsonSchemas.xml", "open the project anew; docs/editors.md says how to run tamer lsp", jetbrains},
	{"modelines", "a first line in each config that names its schema, for any editor with yaml-language-server", "run it again where configs are new", modelines},
}

// Files gives what is to be written for a kind of editors: those files only that change. The error says what to mend.
func Files(c *catalog.Catalog, kind string) ([]File, Kind, error) {
	at := slices.IndexFunc(All, func(k Kind) bool { return k.Name == kind })
	if at < 0 {
		var names []string
		for _, k := range All {
			names = append(names, k.Name)
		}
		err := fmt.Errorf("there is no editor %q; there are %s", kind, strings.Join(names, ", "))
		if m := near.NewNames(names).Nearest(kind); m.Name != "" {
			err = fmt.Errorf("%w; did you mean %s?", err, m.Name)
		}
		return nil, Kind{}, err
	}
	r := repository{catalog: c}
	if err := r.associate(); err != nil {
		return nil, Kind{}, err
	}
	files, err := All[at].files(r)
	files = slices.DeleteFunc(files, func(f File) bool { return f.Was != nil && string(f.Was) == string(f.Now) })
	return files, All[at], err
}

// A repository is what editors are to know.
type repository struct {
	catalog *catalog.Catalog
	schemas []association
}

// An association is a schema and the files that it describes.
type association struct {
	typ    string
	schema string   // path
	globs  []string // of configs and shared configs; see policy.Layout.Globs
}

func (r *repository) associate() error {
	types, err := r.catalog.SchemaTypes()
	if err != nil {
		return err
	}
	layout := r.catalog.Policy.Layout
	for _, typ := range types {
		globs := slices.Concat(layout.Globs(policy.Config, typ), layout.Globs(policy.Shared, typ))
		r.schemas = append(r.schemas, association{typ, r.catalog.SchemaPath(typ), globs})
	}
	if len(types) == 0 {
		return errors.New("there are no schemas yet, so there is nothing to tell an editor; see layout in .tamer.yaml")
	}
	return nil
}

// of gives the globs of YAML files, or those of JSON files.
func (a association) of(inJSON bool) []string {
	var globs []string
	for _, g := range a.globs {
		if (path.Ext(g) == ".json") == inJSON {
			globs = append(globs, g)
		}
	}
	return globs
}

// read gives a file that is there, or nil. A link is not followed: what it leads to may be another person's.
func (r repository) read(name string) ([]byte, error) {
	info, err := fs.Lstat(r.catalog.Tree, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file: replace it by one", name)
	}
	if err == nil {
		var src []byte
		if src, err = fs.ReadFile(r.catalog.Tree, name); err == nil {
			return append([]byte{}, src...), nil
		}
	}
	return nil, fmt.Errorf("read %s: %w", name, err)
}

// policySchema is where the schema of .tamer.yaml is put for editors.
const policySchema = ".vscode/tamer.schema.json"

// copyOfPolicySchema has editors know .tamer.yaml.
func (r repository) copyOfPolicySchema() (File, error) {
	now, err := fs.ReadFile(schemas.FS, "tamer.schema.json")
	if err != nil {
		return File{}, err
	}
	was, err := r.read(policySchema)
	return File{policySchema, was, now}, err
}
