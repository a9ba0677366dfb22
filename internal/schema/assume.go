package schema

import (
	"io/fs"

	"github.com/tamerhq/tamer/internal/document"
)

// Assuming is NewSet for files that follow a standard, such as "http://json-schema.org/draft-07/schema#", where their $schema
// names none.
func Assuming(standard string, files fs.FS) *Set {
	s := NewSet(files)
	s.named = standard
	return s
}

// assume writes the assumed standard into a schema that names none.
func (s *Set) assume(doc *document.Document) {
	if m := asObject(doc.Value); m != nil && m["$schema"] == nil && s.named != "" {
		m["$schema"] = s.named
	}
}
