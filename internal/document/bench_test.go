package document

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// realistic gives 64 KB of configuration as people write it: one document with the shop's configs, again and again.
func realistic(tb testing.TB) []byte {
	tb.Helper()
	var doc bytes.Buffer
	files := shopFiles(tb)
	for n := 0; doc.Len() < 64<<10; n++ {
		for _, path := range slices.Sorted(maps.Keys(files)) {
			doc.WriteString(strings.NewReplacer("/", "_", ".", "_").Replace(path) + "_" + strings.Repeat("x", n) + ":\n")
			for line := range strings.Lines(files[path]) {
				if line != "\n" && !strings.HasPrefix(line, "---") {
					line = "  " + line
				}
				doc.WriteString(line)
			}
		}
	}
	return doc.Bytes()
}

func BenchmarkParse(b *testing.B) {
	src := realistic(b)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, found := Parse(src, Limits{}); len(found) > 0 {
			b.Fatal(found)
		}
	}
}

// BenchmarkYAMLv3 is what the YAML library alone costs: what Parse costs above that is our own.
func BenchmarkYAMLv3(b *testing.B) {
	src := realistic(b)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		dec := yaml.NewDecoder(bytes.NewReader(src))
		for {
			var root yaml.Node
			if err := dec.Decode(&root); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
