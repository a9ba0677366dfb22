package validate

import (
	"io/fs"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// Relocate moves the findings in one file to where the same values stand in another version of it. A finding whose value is
// not there, or that has none, is kept within the file as well as it can be.
func Relocate(version fs.FS, name string, found []finding.Finding) {
	var doc *document.Document
	for i := range found {
		f := &found[i]
		if f.File != name || f.At.Start.Line == 0 {
			continue
		}
		if doc == nil {
			src, large, err := read(version, name, document.Limits{})
			if err != nil || large != nil {
				f.At = top
				continue
			}
			docs, _ := document.Parse(src, document.Limits{})
			if len(docs) == 0 {
				f.At = top
				continue
			}
			doc = docs[0]
		}
		spot := doc.Find(document.Tokens(f.Pointer))
		f.At = spot.Value
		if spot.Key.Start.Line > 0 && (f.Rule == "unknown-property" || f.Rule == "required") {
			f.At = spot.Key
		}
	}
}
