package schema

import (
	"cmp"
	"embed"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/tamerhq/tamer/internal/document"
)

// The schemas that describe schemas, one for each draft, as json-schema.org publishes them. The library has them too, but lets a
// $ref only lead to the whole of one: real schemas refer to parts, as that of OpenAPI 2 does.
//
//go:embed standards
var standardFiles embed.FS

// standard gives the schema of a draft where that is what an address means.
func (l *loader) standard(addr string) ([]byte, bool) {
	_, bare, _ := strings.Cut(addr, "://json-schema.org/")
	name := strings.Replace(strings.TrimSuffix(bare, "/schema"), "draft/", "draft-", 1)
	src, err := standardFiles.ReadFile(path.Join("standards", name+".json"))
	if err != nil || name == bare {
		return nil, false
	}
	docs, _ := document.Parse(src, document.Limits{})
	b, err := l.rewritten(addr, docs[0].Value)
	if err != nil {
		return nil, false
	}
	l.raw[addr] = docs[0].Value
	l.served[addr] = b
	return b, true
}

// standardSchema holds all of them, for words about what is wrong by them. It judges nothing.
var standardSchema = sync.OnceValue(func() *Schema {
	s := &Schema{raw: map[string]any{}}
	fs.WalkDir(standardFiles, "standards", func(name string, _ fs.DirEntry, _ error) error {
		if src, err := standardFiles.ReadFile(name); err == nil {
			docs, _ := document.Parse(src, document.Limits{})
			m := asObject(docs[0].Value)
			s.raw[strings.TrimSuffix(cmp.Or(textOf(m["$id"]), textOf(m["id"])), "#")] = m
		}
		return nil
	})
	return s
})
