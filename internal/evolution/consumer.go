package evolution

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"sync"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/schemas"
)

// A Consumer is a service that reads configs, as it declares itself.
type Consumer struct {
	Name, Owner string
	File        string
	Reads       []Read
}

// A Read is what a service reads of one type.
type Read struct {
	Type   string
	TypeAt finding.Span
	Paths  []ReadPath
	Schema string       // the file of the schema by which the service validates; "" without one
	Commit forge.Commit // in which that file counts, or without one the schema of the type; "" for the present
	At     finding.Span
}

// validates tells whether the service names a schema by which it validates.
func (r Read) validates() bool { return r.Schema != "" || r.Commit != "" }

// A ReadPath is one path of values: a JSON Pointer in which * stands for every item or property.
type ReadPath struct {
	Text string
	At   finding.Span
}

// Consumers gives those of a tree that can be read, sorted by file, and what is wrong with the others. The error is that of reading
// the tree.
func Consumers(c *catalog.Catalog) ([]Consumer, []finding.Finding, error) {
	files, err := c.Find(policy.Query{Kind: policy.Consumer})
	if err != nil {
		return nil, nil, err
	}
	var (
		all   []Consumer
		wrong []finding.Finding
	)
	for _, f := range files {
		consumer, found, err := readConsumer(c, f)
		if err != nil {
			return nil, nil, err
		}
		finding.In(f.Path, found)
		for i := range found {
			if found[i].Rule != "yaml" && found[i].Rule != "file-kind" && found[i].Rule != "file-size" && found[i].Rule != "encoding" {
				found[i].Rule = "consumer"
			}
		}
		if wrong = append(wrong, found...); len(found) == 0 {
			all = append(all, consumer)
		}
	}
	return all, wrong, nil
}

var published = sync.OnceValue(func() *schema.Schema {
	s, found := schema.NewSet(schemas.FS).Compile("consumer.schema.json")
	if s == nil {
		panic(fmt.Sprintf("evolution: the published schema is wrong: %v", found)) // it is part of the program
	}
	return s
})

func readConsumer(c *catalog.Catalog, f policy.File) (Consumer, []finding.Finding, error) {
	if f.Mode != 0 {
		return Consumer{}, []finding.Finding{catalog.Irregular(f.Path)}, nil
	}
	info, err := fs.Stat(c.Tree, f.Path)
	if err != nil {
		return Consumer{}, nil, fmt.Errorf("read %s: %w", f.Path, err)
	}
	if large := document.TooLarge(info.Size(), document.Limits{}); large != nil {
		return Consumer{}, []finding.Finding{*large}, nil
	}
	src, err := fs.ReadFile(c.Tree, f.Path)
	if err != nil {
		return Consumer{}, nil, fmt.Errorf("read %s: %w", f.Path, err)
	}
	docs, found := document.ParseFile(f.Path, src, document.Limits{})
	if len(found) > 0 {
		return Consumer{}, found, nil
	}
	if len(docs) > 1 {
		return Consumer{}, []finding.Finding{{Level: finding.Failure, At: docs[1].Find(nil).Value, Message: "a consumer is one document, and this file has several",
			Fix: "remove the second document and the line --- before it"}}, nil
	}
	if found := published().Validate(docs[0]); len(found) > 0 {
		return Consumer{}, found, nil
	}
	return consumerIn(f, docs[0]), nil, nil
}

// consumerIn takes a consumer from a document of the published form.
func consumerIn(f policy.File, doc *document.Document) Consumer {
	root := doc.Value.(map[string]any)
	c := Consumer{Name: f.Consumer, Owner: textOf(root["owner"]), File: f.Path}
	reads, _ := root["reads"].([]any)
	for i, v := range reads {
		item, _ := v.(map[string]any)
		at := []string{"reads", strconv.Itoa(i)}
		find := func(tokens ...string) finding.Span { return doc.Find(append(at[:2:2], tokens...)).Value }
		r := Read{Type: textOf(item["type"]), TypeAt: find("type"), At: find("type")}
		paths, _ := item["paths"].([]any)
		for k, p := range paths {
			r.Paths = append(r.Paths, ReadPath{textOf(p), find("paths", strconv.Itoa(k))})
		}
		if own, ok := item["schema"].(map[string]any); ok {
			r.Schema, r.Commit = textOf(own["file"]), forge.Commit(textOf(own["commit"]))
			r.At = find("schema", "file")
			if r.Commit != "" {
				r.At = find("schema", "commit")
			}
		}
		c.Reads = append(c.Reads, r)
	}
	return c
}

func textOf(v any) string { s, _ := v.(string); return s }

// Unfit finds what a consumer declares and the tree does not have: types, paths, and schemas of its own.
func (s Consumer) Unfit(c *catalog.Catalog, copies *Copies) []finding.Finding {
	var found []finding.Finding
	tell := func(at finding.Span, pointer, message, fix string) {
		found = append(found, finding.Finding{Rule: "consumer", Level: finding.Failure, File: s.File, At: at, Pointer: pointer, Message: message, Fix: fix})
	}
	for i, r := range s.Reads {
		pointer := "/reads/" + strconv.Itoa(i)
		if r.Schema != "" {
			if !fs.ValidPath(r.Schema) {
				tell(r.At, pointer+"/schema/file", fmt.Sprintf("%q is no path in the repository", r.Schema), "write the path of a schema from the top of the repository")
			} else if own, why := c.Schema(r.Schema); own == nil && r.Commit == "" {
				tell(r.At, pointer+"/schema/file", fmt.Sprintf("the schema %s cannot be used: %s", r.Schema, why[0].Message), "mend that file, or name another one")
			}
		}
		if r.Commit != "" {
			if why := copies.at(r).why; why != "" {
				tell(r.At, pointer+"/schema/commit", why, "write the full name of a commit of the branch, as git log shows it, in which the type has a schema")
			}
		}
		path := c.SchemaPath(r.Type)
		if path == "" {
			tell(r.TypeAt, pointer+"/type", fmt.Sprintf("there is no schema of the type %q", r.Type), "name a type that has a schema, or remove this item")
			continue
		}
		compiled, _ := c.Schema(path)
		tree, err := treeOf(compiled)
		if err != nil || tree == nil {
			continue // the schema's own findings say why
		}
		for k, p := range r.Paths {
			if now := reached(tree, document.Tokens(p.Text)); now.kinds == 0 || !now.described {
				tell(p.At, pointer+"/paths/"+strconv.Itoa(k), fmt.Sprintf("%s describes nothing at %s", path, p.Text),
					"write a path that leads to values of that schema, or describe them there first")
			}
		}
	}
	return found
}

// Without gives the service with what it declares of a type and those of the list that bear its name do not: paths, and the schema by
// which it validates.
func (s Consumer) Without(typ string, declared []Consumer) Consumer {
	var now []Read
	for _, d := range declared {
		if d.Name == s.Name {
			now = append(now, d.Reads...)
		}
	}
	now = slices.DeleteFunc(now, func(r Read) bool { return r.Type != typ })
	left := s
	left.Reads = nil
	for _, r := range s.Reads {
		if r.Type != typ {
			continue
		}
		r.Paths = slices.DeleteFunc(slices.Clone(r.Paths), func(p ReadPath) bool {
			return slices.ContainsFunc(now, func(n Read) bool {
				return slices.ContainsFunc(n.Paths, func(o ReadPath) bool { return o.Text == p.Text })
			})
		})
		if slices.ContainsFunc(now, func(n Read) bool { return n.Schema == r.Schema && n.Commit == r.Commit }) {
			r.Schema, r.Commit = "", ""
		}
		if len(r.Paths) > 0 || r.validates() {
			left.Reads = append(left.Reads, r)
		}
	}
	return left
}

func treeOf(s *schema.Schema) (*schema.Node, error) {
	if s == nil {
		return nil, nil
	}
	return s.Tree()
}
