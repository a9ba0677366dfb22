package validate

import (
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/forge"
)

// A lister counts how often one directory is listed.
type lister struct {
	fstest.MapFS
	dir    string
	listed *atomic.Int64
}

func (l lister) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == l.dir {
		l.listed.Add(1)
	}
	return l.MapFS.ReadDir(name)
}

// A change of many customers does not look through all names for each of them.
func TestNamesAreSortedOnce(t *testing.T) {
	const customers = 500
	base, head := fstest.MapFS{}, fstest.MapFS{}
	var changes []forge.Change
	for i := range customers {
		path := fmt.Sprintf("customers/c%03d/plan.yaml", i)
		base[path], head[path] = &fstest.MapFile{Data: []byte("a: 1\n")}, &fstest.MapFile{Data: []byte("a: 2\n")}
		changes = append(changes, forge.Change{Path: path, Kind: forge.Modified})
	}
	head["customers/C007/plan.yaml"] = &fstest.MapFile{Data: []byte("a: 1\n")}
	changes = append(changes, forge.Change{Path: "customers/C007/plan.yaml", Kind: forge.Added})
	for _, tree := range []fstest.MapFS{base, head} {
		tree["schemas/plan.schema.json"] = &fstest.MapFile{Data: []byte(`{}`)}
	}
	var listed atomic.Int64
	r, err := Tree(lister{head, "customers", &listed}, Options{Base: base, Changes: changes})
	if err != nil || len(r.Findings) != 1 || r.Findings[0].Rule != "customer-case" {
		t.Fatal(r.Findings, err)
	}
	if n := listed.Load(); n > 100 {
		t.Errorf("the directory of %d customers was listed %d times", customers, n)
	}
}
