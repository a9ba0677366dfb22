// Package catalog is the model of one tree of files: customers and types, and what a change of files means for them.
package catalog

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A Catalog reads one tree by one policy. It reads files only when asked, and is safe for concurrent use.
type Catalog struct {
	Tree    fs.FS
	Policy  *policy.Policy
	schemas *schema.Set

	mu        sync.Mutex
	paths     map[string]string // type → path of its schema, "" for none
	irregular map[string]bool   // schema files, by path

	names names

	defining    sync.Once
	definitions *Definitions
	undefined   error
}

// New makes the catalog of a tree.
func New(tree fs.FS, p *policy.Policy) *Catalog { return NewKept(tree, p, nil) }

// NewKept is New that takes compiled schemas from a shelf, and puts them there.
func NewKept(tree fs.FS, p *policy.Policy, shelf *schema.Shelf) *Catalog {
	c := &Catalog{Tree: tree, Policy: p, paths: map[string]string{}, irregular: map[string]bool{}}
	c.schemas = schema.NewListedSet(tree, c.SchemaFiles, shelf)
	return c
}

// Configs gives all configs and shared configs of the tree.
func (c *Catalog) Configs() ([]policy.File, error) {
	configs, err := c.Find(policy.Query{Kind: policy.Config})
	if err != nil {
		return nil, err
	}
	shared, err := c.Find(policy.Query{Kind: policy.Shared})
	return append(configs, shared...), err
}

// Listing is Configs, and besides what no pattern of the layout covers and may be meant for one; see policy.Query.Beside.
func (c *Catalog) Listing() (configs, beside []policy.File, err error) {
	for _, kind := range []policy.Kind{policy.Config, policy.Shared, policy.Schema, policy.Consumer} {
		found, err := c.Find(policy.Query{Kind: kind, Beside: true})
		if err != nil {
			return nil, nil, err
		}
		for _, f := range found {
			switch f.Kind {
			case policy.Config, policy.Shared:
				configs = append(configs, f)
			case policy.Other:
				beside = append(beside, f)
			}
		}
	}
	slices.SortFunc(beside, func(a, b policy.File) int { return strings.Compare(a.Path, b.Path) })
	return configs, slices.CompactFunc(beside, func(a, b policy.File) bool { return a.Path == b.Path }), nil
}

// SchemaFiles gives the paths of all schema files of the tree, sorted.
func (c *Catalog) SchemaFiles() ([]string, error) {
	files, err := c.Find(policy.Query{Kind: policy.Schema})
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	return paths, err
}

// Find gives the files that the query asks for, sorted by path.
func (c *Catalog) Find(q policy.Query) ([]policy.File, error) {
	var files []policy.File
	err := c.Policy.Layout.Find(c.Tree, q, func(f policy.File) bool {
		files = append(files, f)
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	slices.SortFunc(files, func(a, b policy.File) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(files, func(a, b policy.File) bool { return a.Path == b.Path }), nil
}

// SchemaPath gives the file that holds the schema of a type, or "" where there is none.
func (c *Catalog) SchemaPath(typ string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, known := c.paths[typ]; known {
		return p
	}
	found := ""
	for _, p := range c.Policy.Layout.SchemaPaths(typ) {
		if e, err := policy.Entry(c.Tree, p); err == nil && !e.IsDir() {
			found = p
			break
		}
	}
	c.paths[typ] = found
	return found
}

// Schema compiles the schema in the file at path; see schema.Set. A link is not followed.
func (c *Catalog) Schema(path string) (*schema.Schema, []finding.Finding) {
	c.mu.Lock()
	irregular, known := c.irregular[path]
	if !known {
		e, err := policy.Entry(c.Tree, path)
		irregular = err == nil && e.Type() != 0
		c.irregular[path] = irregular
	}
	c.mu.Unlock()
	if irregular {
		return nil, []finding.Finding{Irregular(path)}
	}
	return c.schemas.Compile(path)
}

// SchemaOf gives the schema of a type, nil where there is none that can be used.
func (c *Catalog) SchemaOf(typ string) *schema.Schema {
	path := c.SchemaPath(typ)
	if path == "" {
		return nil
	}
	compiled, _ := c.Schema(path)
	return compiled
}

// Irregular is the finding at what is no regular file and stands where one is read.
func Irregular(path string) finding.Finding {
	return finding.Finding{Rule: "file-kind", Level: finding.Failure, File: path, Message: "this is a link or a submodule, and tamer follows neither",
		Fix: "put the file itself here"}
}

// Place tells where in a file of the tree the tokens of a JSON Pointer lead; see document.Document.Find. It is zero where the file
// cannot be read. doc is the document's number.
func (c *Catalog) Place(name string, tokens []string, doc int) document.Spot {
	src, err := fs.ReadFile(c.Tree, name)
	if err != nil {
		return document.Spot{}
	}
	docs, _ := document.Parse(src, document.Limits{})
	if doc >= len(docs) {
		return document.Spot{}
	}
	return docs[doc].Find(tokens)
}
