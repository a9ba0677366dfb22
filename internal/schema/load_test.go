package schema

import (
	"testing"
	"testing/fstest"
)

// Of two parts that are both wrong the one that cannot be read is always told, whichever the library comes to first.
func TestEveryUnreadablePartIsTold(t *testing.T) {
	files := fstest.MapFS{
		"a.yaml":       {Data: []byte("properties: {x: {$ref: parts/p.json}, y: {$ref: parts/q.json}, z: {$ref: parts/r.json}}\n")},
		"parts/p.json": {Data: []byte(`{"type":`)},
		"parts/q.json": {Data: []byte(`{"type":3}`)},
		"parts/r.json": {Data: []byte(`{"$ref":"s.json"}`)},
		"parts/s.json": {Data: []byte(`{"type":`)},
	}
	for range 20 {
		_, found := NewSet(files).Compile("a.yaml")
		told := map[string]bool{}
		for _, f := range found {
			told[f.File] = true
		}
		if !told["parts/p.json"] || !told["parts/s.json"] {
			t.Fatalf("told of %v", told)
		}
	}
}
