package schema

import (
	"embed"
	"path"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// The schemas that describe schemas, one for each draft, as json-schema.org publishes them. The library has them too, but lets a
// $ref only lead to the whole of one: real schemas refer to parts, as that of OpenAPI 2 does.
//
//go:embed standards/*.json
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
