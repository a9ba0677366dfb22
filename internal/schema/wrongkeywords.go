package schema

import (
	"fmt"
	"sync"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/schemas"
)

// keywordSchema describes the keywords of tamer in one schema object.
func keywordSchema() *Schema {
	keywordsOnce.Do(func() {
		s, found := NewSet(schemas.FS).Compile("keywords.schema.json")
		if s == nil {
			panic(fmt.Sprintf("schema: keywords.schema.json cannot be used: %v", found)) // it is part of the program
		}
		keywordsCompiled = s
	})
	return keywordsCompiled
}

var (
	keywordsOnce     sync.Once
	keywordsCompiled *Schema
)

// wrongKeywords judges the keywords of tamer in the object that tokens lead to. A schema with a wrong one is of no use: what it asks
// for would be checked nowhere.
func (l *loader) wrongKeywords(file string, tokens []string) []finding.Finding {
	var found []finding.Finding
	for _, f := range keywordSchema().Validate(l.docs[file].At(tokens)) {
		f.Rule, f.File, f.Pointer = "schema-invalid", file, document.Pointer(tokens)+f.Pointer
		found = append(found, f)
	}
	return found
}
