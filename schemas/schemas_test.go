package schemas_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/schemas"
)

var names = []string{"bundle", "channel", "consumer", "keywords", "release", "settings", "tamer"}

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	src, err := schemas.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	if err := c.AddResource("mem:///"+name, bytes.NewReader(src)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mem:///" + name)
	if err != nil {
		t.Fatalf("compile %s: %v", name, err)
	}
	return s
}

func parse(t *testing.T, src []byte) any {
	t.Helper()
	docs, found := document.Parse(src, document.Limits{})
	if len(docs) != 1 || len(found) > 0 {
		t.Fatalf("%s\nis %d documents, with findings %v", src, len(docs), found)
	}
	return docs[0].Value
}

func TestEverySchemaIsListed(t *testing.T) {
	files, err := fs.Glob(schemas.FS, "*")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, name := range names {
		listed = append(listed, name+".schema.json")
		compile(t, name)
	}
	if !slices.Equal(files, listed) {
		t.Errorf("schemas %q, want %q", files, listed)
	}
	if _, err := schemas.Read("nonesuch"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of a schema that is not there: %v", err)
	}
}

// Each file of testdata is an example of the object that its name says, as the documentation shows it.
func TestExamples(t *testing.T) {
	files, err := fs.Glob(os.DirFS("testdata"), "*.yaml")
	if err != nil || len(files) < len(names) {
		t.Fatalf("examples %q, %v; want one of each of %q at least", files, err, names)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			src, err := os.ReadFile(path.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(strings.TrimSuffix(file, ".yaml"), "-")
			if err := compile(t, name).Validate(parse(t, src)); err != nil {
				t.Errorf("%#v", err)
			}
		})
	}
}

// The examples and defaults within a schema satisfy the part that they stand in.
func TestExamplesWithin(t *testing.T) {
	for _, name := range names {
		src, err := schemas.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource("mem:///"+name, bytes.NewReader(src)); err != nil {
			t.Fatal(err)
		}
		checked := 0
		walk(parse(t, src), "", func(pointer string, part map[string]any) {
			samples, _ := part["examples"].([]any)
			if d, ok := part["default"]; ok {
				samples = append(samples, d)
			}
			for _, sample := range samples {
				checked++
				s, err := c.Compile("mem:///" + name + "#" + pointer)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Validate(sample); err != nil {
					t.Errorf("%s%s: %v: %v", name, pointer, sample, err)
				}
			}
		})
		if checked == 0 && name != "bundle" {
			t.Errorf("%s has no examples", name)
		}
	}
}

// walk visits the objects below v by way of objects: lists hold no part with samples.
func walk(v any, pointer string, visit func(pointer string, part map[string]any)) {
	part, ok := v.(map[string]any)
	if !ok {
		return
	}
	visit(pointer, part)
	for key, child := range part {
		walk(child, pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key), visit)
	}
}
