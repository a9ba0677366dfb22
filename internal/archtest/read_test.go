package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tamerhq/tamer"

// A file is what matters here of one Go file: where it is, and what its import lines say.
type file struct {
	path    string // from the top of the repository
	imports []string
}

func (f file) dir() string  { return path.Dir(f.path) }
func (f file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// goFiles reads the files itself: a test that asks the go command is cached although they have changed.
func goFiles(t *testing.T) []file {
	t.Helper()
	var files []file
	top := os.DirFS("../..")
	err := fs.WalkDir(top, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != "." && notOurs(top, name):
			return fs.SkipDir
		case e.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		src, err := fs.ReadFile(top, name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := file{path: name}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, imported)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// notOurs tells whether the go command takes the directory for no part of this module.
func notOurs(top fs.FS, dir string) bool {
	if base := path.Base(dir); base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := fs.Stat(top, dir+"/go.mod")
	return err == nil
}

// A row is one line of a table in ARCHITECTURE.md.
type row struct {
	line  string // as it is written
	cells []string
}

// names takes a cell that lists names apart. A dash stands for none.
func names(cell string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(cell, "`", ""), func(r rune) bool { return strings.ContainsRune(" ,—", r) })
}

// table gives the rows of the table whose header starts with these words, by their first cell.
func table(t *testing.T, header ...string) map[string]row {
	t.Helper()
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]row{}
	_, rest, ok := strings.Cut(string(text), "\n| "+strings.Join(header, " | ")+" |\n")
	if !ok {
		t.Fatalf("ARCHITECTURE.md has no table that begins with %q", header)
	}
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		name := strings.Trim(cells[0], "`")
		if strings.Trim(name, "-:") == "" {
			continue
		}
		if _, twice := rows[name]; twice || len(cells) != len(header) {
			t.Fatalf("ARCHITECTURE.md: this row is there twice, or has not %d cells:\n%s", len(header), line)
		}
		rows[name] = row{line, cells}
	}
	return rows
}

// requirements gives the version of every module in go.mod.
func requirements(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(words) >= 2 && strings.HasPrefix(words[1], "v") {
			versions[words[0]] = words[1]
		}
	}
	return versions
}

// moduleOf gives the module that an imported package is in: the longest of those that fit; "" for none.
func moduleOf(imported string, modules []string) string {
	longest := ""
	for _, m := range slices.Sorted(slices.Values(modules)) {
		if within(imported, m) && len(m) > len(longest) {
			longest = m
		}
	}
	return longest
}

// within tells whether a path is the other, or below it.
func within(name, root string) bool { return name == root || strings.HasPrefix(name, root+"/") }
