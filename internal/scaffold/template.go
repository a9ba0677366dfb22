// Package scaffold makes the files of a new customer: from a template with parameters, or from the files of another customer.
package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// Directory holds the templates, each in a directory of its name.
const Directory = "templates"

// described is the file of a template that describes its parameters, as a JSON Schema.
var described = []string{"template.yaml", "template.yml", "template.json"}

// A File is a new one.
type File struct {
	Path string
	Text []byte
}

// A Template is what new customers are made from.
type Template struct {
	Name   string
	Title  string
	Params []Param // in the order of the file; customer, which every template has, is none of them
	files  []string
	judge  *schema.Schema // nil where nothing is described
	tree   fs.FS
	path   string // of the description
}

// A Param is what a template needs to know.
type Param struct {
	Name, Title, Description string
	Required                 bool
	Default                  any // HasDefault tells one of null from none
	HasDefault               bool
	Choices                  []any
	text                     bool // it is a text, whatever it looks like
}

// Names are those of the templates of a tree, sorted.
func Names(tree fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(tree, Directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// Open reads a template of a tree. The error tells people what to write.
func Open(tree fs.FS, name string) (*Template, error) {
	names, err := Names(tree)
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	if !slices.Contains(names, name) {
		if len(names) == 0 {
			return nil, fmt.Errorf("there are no templates: put configs into %s/NAME/TYPE.yaml, or begin with --from-customer", Directory)
		}
		meant := ""
		if like, ok := near.Name(name, names); ok {
			meant = fmt.Sprintf(": did you mean %q?", like)
		}
		return nil, fmt.Errorf("there is no template %q%s; there are %s", name, meant, strings.Join(names, ", "))
	}
	t := &Template{Name: name, tree: tree}
	entries, err := fs.ReadDir(tree, path.Join(Directory, name))
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	for _, e := range entries {
		at := path.Join(Directory, name, e.Name())
		switch ext := path.Ext(e.Name()); {
		case !e.Type().IsRegular():
		case slices.Contains(described, e.Name()):
			t.path = at
		case ext == ".yaml" || ext == ".yml" || ext == ".json":
			t.files = append(t.files, at)
		}
	}
	if len(t.files) == 0 {
		return nil, fmt.Errorf("the template %q holds no config: put some into %s/%s/TYPE.yaml", name, Directory, name)
	}
	return t, t.describe()
}

// describe reads what is said of the parameters.
func (t *Template) describe() error {
	if t.path == "" {
		return nil
	}
	compiled, found := schema.NewSet(t.tree).Compile(t.path)
	if compiled == nil {
		return fmt.Errorf("%s: %s", t.path, found[0].Message)
	}
	src, err := fs.ReadFile(t.tree, t.path)
	if err != nil {
		return fmt.Errorf("read the template: %w", err)
	}
	docs, _ := document.Parse(src, document.Limits{})
	t.judge = compiled
	root, _ := docs[0].Value.(map[string]any)
	t.Title, _ = root["title"].(string)
	props, _ := root["properties"].(map[string]any)
	required, _ := root["required"].([]any)
	for _, name := range docs[0].Keys([]string{"properties"}) {
		m, _ := props[name].(map[string]any)
		p := Param{Name: name, Required: slices.Contains(required, any(name)), text: m["type"] == "string"}
		p.Title, _ = m["title"].(string)
		p.Description, _ = m["description"].(string)
		p.Default, p.HasDefault = m["default"]
		p.Choices, _ = m["enum"].([]any)
		if name != "customer" {
			t.Params = append(t.Params, p)
		}
	}
	return nil
}

// Read gives the value that a person means for a parameter: YAML, or a text where only that can be meant.
func (t *Template) Read(name, text string) any {
	for _, p := range t.Params {
		if p.Name == name && (p.text || slices.Contains(p.Choices, any(text))) {
			return text
		}
	}
	docs, found := document.Parse([]byte(text), document.Limits{})
	if len(found) > 0 || len(docs) != 1 {
		return text
	}
	return docs[0].Value
}

// Fill gives the files of a customer. values are the parameters' by name; those that are missing have their default.
func (t *Template) Fill(l policy.Layout, customer string, values map[string]any) ([]File, error) {
	var known []string
	for _, p := range t.Params {
		known = append(known, p.Name)
	}
	for name := range values {
		if t.judge != nil && !slices.Contains(known, name) {
			meant := ""
			if like, ok := near.Name(name, known); ok {
				meant = fmt.Sprintf(": did you mean %q?", like)
			}
			return nil, fmt.Errorf("the template %q has no parameter %q%s", t.Name, name, meant)
		}
	}
	all := t.withDefaults(values)
	if found := t.failures(all); len(found) > 0 {
		f := found[0]
		return nil, fmt.Errorf("the parameters do not fit %s: %s: %s; %s", t.path, strings.TrimPrefix(f.Pointer+" ", "/"), f.Message, f.Fix)
	}
	all["customer"] = customer
	var files []File
	for _, name := range t.files {
		f, err := t.fill(l, name, customer, all)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func (t *Template) withDefaults(values map[string]any) map[string]any {
	all := map[string]any{}
	for _, p := range t.Params {
		if p.HasDefault {
			all[p.Name] = p.Default
		}
	}
	maps.Copy(all, values)
	return all
}

func (t *Template) failures(values map[string]any) []finding.Finding {
	if t.judge == nil {
		return nil
	}
	return t.judge.Failures(document.Bare(values))
}

// Unfit tells what is wrong with the value of one parameter, and what to write; "" where nothing is. Others may still be missing.
func (t *Template) Unfit(name string, values map[string]any) string {
	at := document.Pointer([]string{name})
	for _, f := range t.failures(t.withDefaults(values)) {
		if f.Pointer == at || strings.HasPrefix(f.Pointer, at+"/") {
			return f.Message + "; " + f.Fix
		}
	}
	return ""
}

func (t *Template) fill(l policy.Layout, name, customer string, values map[string]any) (File, error) {
	ext := path.Ext(name)
	to, err := PathOf(l, customer, strings.TrimSuffix(path.Base(name), ext), ext)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", name, err)
	}
	src, err := fs.ReadFile(t.tree, name)
	if err != nil {
		return File{}, fmt.Errorf("read the template: %w", err)
	}
	text, err := replaced(to, src, func(s string) (any, error) { return interpolated(s, values) })
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", name, err)
	}
	return File{to, text}, nil
}

// PathOf is where the config of a customer and a type is to stand, with an extension as far as the layout has it.
func PathOf(l policy.Layout, customer, typ, ext string) (string, error) {
	paths := l.ConfigPaths(customer, typ)
	for _, p := range paths {
		if path.Ext(p) == ext {
			return p, nil
		}
	}
	if len(paths) == 0 {
		return "", fmt.Errorf("the layout has no place for a config %q of a customer %q: choose another name, or change layout in %s", typ, customer, policy.Path)
	}
	return paths[0], nil
}

// replaced changes the texts of a file, and leaves all else as it is written.
func replaced(name string, src []byte, change func(string) (any, error)) ([]byte, error) {
	docs, found := document.Parse(src, document.Limits{})
	if len(found) > 0 {
		return nil, fmt.Errorf("line %d: %s", found[0].At.Start.Line, found[0].Message)
	}
	var changes []edit.Change
	for i, doc := range docs {
		err := eachText(doc.Value, nil, func(tokens []string, s string) error {
			to, err := change(s)
			if err != nil {
				return fmt.Errorf("%s: %w", document.Pointer(tokens), err)
			}
			if to != any(s) {
				changes = append(changes, edit.Change{Document: i, Path: slices.Clone(tokens), Value: to})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return edit.Apply(name, src, changes, document.Limits{})
}

// eachText visits the texts of a value, in the order of keys and items.
func eachText(v any, at []string, visit func(tokens []string, s string) error) error {
	switch v := v.(type) {
	case string:
		return visit(at, v)
	case map[string]any:
		for _, name := range sorted(v) {
			if err := eachText(v[name], append(at, name), visit); err != nil {
				return err
			}
		}
	case []any:
		for i, item := range v {
			if err := eachText(item, append(at, strconv.Itoa(i)), visit); err != nil {
				return err
			}
		}
	}
	return nil
}
