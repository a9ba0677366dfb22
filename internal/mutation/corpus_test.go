package mutation

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/schema"
)

// A collection is valid files of one origin.
type collection struct {
	name  string
	files []*file
}

// A file is valid by its schema, for which there are two judges: ours, and the library alone.
type file struct {
	name  string
	text  string
	judge *judge
	root  *yaml.Node
	sites []site
}

// A judge is one schema.
type judge struct {
	ours *schema.Schema
	raw  map[string]any
	peer *jsonschema.Schema
	part func(pointer string) *jsonschema.Schema // the library's judge of a part of the schema
}

func newJudge(t *testing.T, text []byte) *judge {
	t.Helper()
	const name = "own.schema.json"
	ours, found := schema.NewSet(fstest.MapFS{name: {Data: text}}).Compile(name)
	if ours == nil {
		t.Fatalf("schema: %v", found)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	j := &judge{ours: ours, peer: c.MustCompile(name), part: func(pointer string) *jsonschema.Schema { return c.MustCompile(name + "#" + pointer) }}
	if err := json.Unmarshal(text, &j.raw); err != nil {
		t.Fatal(err)
	}
	return j
}

// valid tells whether the YAML library reads the text and the schema library accepts it, without any of our own code.
func (j *judge) valid(text string) bool {
	var plain any // decoding into plain values refuses keys that are there twice
	if yaml.Unmarshal([]byte(text), &plain) != nil {
		return false
	}
	var root yaml.Node
	if yaml.Unmarshal([]byte(text), &root) != nil || len(root.Content) == 0 {
		return false
	}
	return j.peer.Validate(value(root.Content[0])) == nil
}

// value is what JSON would make of a node.
func value(n *yaml.Node) any {
	switch n.Kind {
	case yaml.AliasNode:
		return value(n.Alias)
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = value(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		l := []any{}
		for _, c := range n.Content {
			l = append(l, value(c))
		}
		return l
	}
	switch n.ShortTag() {
	case "!!int", "!!float", "!!bool", "!!null":
		var v any
		if n.Decode(&v) == nil {
			return v
		}
	}
	return n.Value
}

// load reads the collections that there are.
func load(t *testing.T) []collection {
	t.Helper()
	all := []collection{{"shop", shop(t)}, {"alternatives", alternatives(t)}}
	if aqua := aqua(t); aqua != nil {
		all = append(all, collection{"aqua", aqua})
	}
	return all
}

func shop(t *testing.T) []*file {
	tree := examples.Shop()
	judges := map[string]*judge{}
	var files []*file
	for _, pattern := range []string{"customers/*/*.yaml", "shared/*.yaml"} {
		names, err := fs.Glob(tree, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			typ := strings.TrimSuffix(filepath.Base(name), ".yaml")
			if judges[typ] == nil {
				judges[typ] = newJudge(t, read(t, tree, "schemas/"+typ+".schema.json"))
			}
			files = append(files, &file{name: name, text: string(read(t, tree, name)), judge: judges[typ]})
		}
	}
	return files
}

// alternatives are files of our own: neither of the other two has oneOf or anyOf.
func alternatives(t *testing.T) []*file {
	tree := os.DirFS("testdata")
	j := newJudge(t, read(t, tree, "pipeline.schema.json"))
	var files []*file
	for _, name := range []string{"orders.yaml", "visits.yaml"} {
		files = append(files, &file{name: name, text: string(read(t, tree, name)), judge: j})
	}
	return files
}

// aqua is files of the aqua registry, where that is at hand.
func aqua(t *testing.T) []*file {
	tree, text := golden.Aqua(t)
	if tree == nil {
		return nil
	}
	j := newJudge(t, text)
	var files []*file
	for _, name := range golden.AquaFiles(t, tree) {
		files = append(files, &file{name: name, text: string(read(t, tree, name)), judge: j})
	}
	return files
}

func read(t *testing.T, tree fs.FS, name string) []byte {
	t.Helper()
	b, err := fs.ReadFile(tree, name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// open finds the sites of a file, when it is first drawn. It gives false for one that holds an alias or a text over
// several lines: where a value ends there is more than this test can tell.
func (f *file) open(t *testing.T) bool {
	if f.root != nil {
		return f.sites != nil
	}
	if !f.judge.valid(f.text) {
		t.Fatalf("%s is not valid to begin with", f.name)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(f.text), &doc); err != nil {
		t.Fatal(err)
	}
	f.root = doc.Content[0]
	w := walker{file: f, lines: lineStarts(f.text)}
	w.walk(site{value: f.root, pointer: ""}, false)
	if !w.odd {
		f.sites = w.sites
	}
	return f.sites != nil
}
