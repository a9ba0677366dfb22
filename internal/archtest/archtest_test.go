// Package archtest holds the code to ARCHITECTURE.md: its tables are read here, and compared with the import lines.
package archtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The tables that are read.
var (
	packagesTable     = []string{"package", "kind", "what it is", "may import"}
	kindsTable        = []string{"kind", "what it is for", "may import kinds"}
	librariesTable    = []string{"library", "home", "also in tests of"}
	dependenciesTable = []string{"module", "version", "why this one"}
)

func TestEveryPackageHasARow(t *testing.T) {
	rows, dirs := table(t, packagesTable...), map[string]bool{}
	for _, f := range goFiles(t) {
		dirs[f.dir()] = true
	}
	for dir := range dirs {
		if _, ok := rows[dir]; !ok {
			t.Errorf("%s is a package without a row in ARCHITECTURE.md: add one to the table of packages", dir)
		}
	}
	for name, r := range rows {
		if !dirs[name] {
			t.Errorf("ARCHITECTURE.md has a row for %s, where there is no package:\n%s", name, r.line)
		}
	}
}

func TestImports(t *testing.T) {
	for _, wrong := range wrongImports(table(t, packagesTable...), goFiles(t)) {
		t.Error(wrong)
	}
}

// wrongImports gives the imports of our own packages that the table does not allow. Test files may import what their
// package may, and all words, core, hands and tests.
func wrongImports(packages map[string]row, files []file) []string {
	var wrong []string
	for _, f := range files {
		r, ok := packages[f.dir()]
		if !ok {
			continue // TestEveryPackageHasARow tells
		}
		allowed := names(r.cells[3])
		for _, imported := range f.imports {
			name, ours := strings.CutPrefix(imported, module+"/")
			if !ours || slices.Contains(allowed, strings.TrimPrefix(name, "internal/")) || name == f.dir() && f.isTest() {
				continue
			}
			kind := ""
			if to, ok := packages[name]; ok {
				kind = to.cells[1]
			}
			if f.isTest() && slices.Contains([]string{"word", "core", "hand", "test"}, kind) {
				continue
			}
			wrong = append(wrong, fmt.Sprintf("%s imports %s, which its row in ARCHITECTURE.md does not allow:\n%s", f.path, name, r.line))
		}
	}
	return wrong
}

func TestAWrongImportIsQuoted(t *testing.T) {
	packages := map[string]row{
		"internal/rule":  {"| rule | core | … | finding |", []string{"", "core", "", "`finding`"}},
		"internal/queue": {"| queue | hand | … | — |", []string{"", "hand", "", "—"}},
		"internal/forge": {"| forge | word | … | — |", []string{"", "word", "", "—"}},
	}
	for _, c := range []struct{ path, imported, want string }{
		{"internal/rule/a.go", "fmt", ""},
		{"internal/rule/a.go", module + "/internal/finding", ""},
		{"internal/rule/a_test.go", module + "/internal/rule", ""},
		{"internal/rule/a_test.go", module + "/internal/forge", ""},
		{"internal/rule/a.go", module + "/internal/forge", "| rule | core | … | finding |"},
		{"internal/rule/a.go", module + "/internal/queue", "| rule | core | … | finding |"},
		{"internal/rule/a_test.go", module + "/internal/queue", ""},
		{"internal/rule/a_test.go", module + "/internal/app", "| rule | core | … | finding |"},
		{"internal/queue/a.go", module + "/internal/rule", "| queue | hand | … | — |"},
	} {
		got := strings.Join(wrongImports(packages, []file{{c.path, []string{c.imported}}}), "\n")
		if (got == "") != (c.want == "") || !strings.HasSuffix(got, c.want) {
			t.Errorf("%s imports %s: got %q, want the end %q", c.path, c.imported, got, c.want)
		}
	}
}

// The table itself keeps to the principle: no row allows what its kind may not have.
func TestKinds(t *testing.T) {
	kinds, packages := table(t, kindsTable...), table(t, packagesTable...)
	for _, r := range packages {
		kind, ok := kinds[r.cells[1]]
		if !ok {
			t.Errorf("ARCHITECTURE.md: there is no kind %q:\n%s", r.cells[1], r.line)
			continue
		}
		for _, name := range names(r.cells[3]) {
			to, ok := packages["internal/"+name]
			if !ok {
				to, ok = packages[name]
			}
			if !ok || !slices.Contains(names(kind.cells[2]), to.cells[1]) {
				t.Errorf("ARCHITECTURE.md: %q is no package of a kind that this one may import:\n%s\n%s", name, r.line, kind.line)
			}
		}
	}
}

func TestLibrariesHaveOneHome(t *testing.T) {
	for library, r := range table(t, librariesTable...) {
		used := false
		for _, f := range goFiles(t) {
			if !slices.ContainsFunc(f.imports, func(i string) bool { return within(i, library) }) {
				continue
			}
			used = true
			homes := names(r.cells[1])
			if f.isTest() {
				homes = append(homes, names(r.cells[2])...)
			}
			if !slices.Contains(homes, strings.TrimPrefix(f.dir(), "internal/")) {
				t.Errorf("%s imports %s, which has its home elsewhere:\n%s", f.path, library, r.line)
			}
		}
		if !used {
			t.Errorf("ARCHITECTURE.md gives a home to %s, which nothing imports:\n%s", library, r.line)
		}
	}
}

// What is imported is listed with a reason, at the version that go.mod requires.
func TestDependencies(t *testing.T) {
	rows, required := table(t, dependenciesTable...), requirements(t)
	modules, direct := slices.Collect(maps.Keys(required)), map[string]bool{}
	for _, f := range goFiles(t) {
		for _, imported := range f.imports {
			if m := moduleOf(imported, modules); m != "" {
				direct[m] = true
			}
		}
	}
	for m := range direct {
		if r, ok := rows[m]; !ok {
			t.Errorf("%s is imported, and has no row in ARCHITECTURE.md: add %s with its reason to the dependencies", m, required[m])
		} else if r.cells[1] != required[m] {
			t.Errorf("go.mod requires %s %s; ARCHITECTURE.md says:\n%s", m, required[m], r.line)
		}
	}
	for m, r := range rows {
		if !direct[m] {
			t.Errorf("ARCHITECTURE.md lists %s, which nothing imports:\n%s", m, r.line)
		}
	}
}
