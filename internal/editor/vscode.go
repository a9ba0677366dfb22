package editor

import (
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/policy"
)

type object = map[string]any

// vscode sets up VS Code with its YAML extension (redhat.vscode-yaml), which is yaml-language-server.
func vscode(r repository) ([]File, error) {
	var files []File
	for _, one := range []struct {
		path   string
		change func(*settings)
	}{
		{".vscode/settings.json", r.vscodeSettings},
		{".vscode/tasks.json", vscodeTasks},
		{".vscode/extensions.json", vscodeExtensions},
	} {
		was, err := r.read(one.path)
		if err != nil {
			return nil, err
		}
		s := &settings{text: was}
		one.change(s)
		if s.err != nil {
			return nil, fmt.Errorf("%s: %w: mend it first", one.path, s.err)
		}
		files = append(files, File{one.path, was, s.text})
	}
	schema, err := r.copyOfPolicySchema()
	return append(files, schema), err
}

// vscodeSettings has each schema describe its files. Lines for schemas of this layout that are not there any more go.
func (r repository) vscodeSettings(s *settings) {
	r.dropOld(s)
	for _, a := range r.schemas {
		if globs := a.of(false); len(globs) > 0 {
			s.set(listed(globs), "yaml.schemas", "./"+a.schema)
		}
	}
	s.set(policy.Path, "yaml.schemas", "./"+policySchema)
	for _, a := range r.schemas {
		globs := a.of(true)
		if len(globs) == 0 {
			continue
		}
		for i := range globs {
			globs[i] = "/" + globs[i] // else any directory may stand before it
		}
		url := "./" + a.schema
		s.add(object{"fileMatch": listed(globs), "url": url}, func(old any) bool { m, _ := old.(object); return m["url"] == url }, "json.schemas")
	}
	// What a generic client of language servers needs, if one is installed; see docs/editors.md.
	s.setNew("tamer", "glspc.server.command")
	s.setNew([]any{"lsp"}, "glspc.server.commandArguments")
	s.setNew([]any{"yaml", "json"}, "glspc.server.languageId")
}

func (r repository) dropOld(s *settings) {
	gone := func(schema string) bool {
		name, ours := strings.CutPrefix(schema, "./")
		f := r.catalog.Policy.Layout.Read(name)
		return ours && f.Kind == policy.Schema && r.catalog.SchemaPath(f.Type) != name
	}
	s.remove(func(name string, _ any) bool { return gone(name) }, "yaml.schemas")
	s.remove(func(_ string, v any) bool {
		m, _ := v.(object)
		url, _ := m["url"].(string)
		return gone(url)
	}, "json.schemas")
}

func listed(globs []string) any {
	if len(globs) == 1 {
		return globs[0]
	}
	list := make([]any, len(globs))
	for i, g := range globs {
		list[i] = g
	}
	return list
}

// The lines of `tamer check` as VS Code's problem matcher reads them (code.visualstudio.com/docs/editor/tasks): a matcher has one
// severity, so there is one for each level. matched is an expression of JavaScript's.
const matched = `^(.+?):(\d+):(\d+): %s: (.*) \[([a-z-]+)\]$`

var matchedLevels = []struct{ level, severity string }{{"failure", "error"}, {"warning", "warning"}, {"notice", "info"}}

func vscodeTasks(s *settings) {
	s.setNew("2.0.0", "version")
	var matchers []any
	for _, m := range matchedLevels {
		matchers = append(matchers, object{
			"owner": "tamer-" + m.level, "source": "tamer", "severity": m.severity, "fileLocation": []any{"relative", "${workspaceFolder}"},
			"pattern": object{"regexp": fmt.Sprintf(matched, m.level), "file": 1, "line": 2, "column": 3, "message": 4, "code": 5},
		})
	}
	for _, t := range []struct {
		label string
		args  []any
	}{{"tamer check", []any{"check"}}, {"tamer check --all", []any{"check", "--all"}}} {
		s.add(object{"label": t.label, "type": "process", "command": "tamer", "args": t.args, "group": "test", "problemMatcher": matchers},
			func(old any) bool { m, _ := old.(object); return m["label"] == t.label }, "tasks")
	}
}

func vscodeExtensions(s *settings) {
	const extension = "redhat.vscode-yaml"
	s.add(extension, func(old any) bool { return old == extension }, "recommendations")
}
