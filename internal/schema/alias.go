package schema

import (
	"cmp"
	"fmt"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// fromElsewhere says of a value that came through an alias or a merge where it is written: it is mended there, for all that use it, or
// written out where it is wrong. No edit does either.
func fromElsewhere(doc *document.Document, f *finding.Finding) {
	tokens := document.Tokens(f.Pointer)
	origin, ok := doc.Origin(tokens)
	if !ok {
		return
	}
	what := "this value"
	if n := len(tokens); n > 0 && asList(lookup(doc.Value, tokens[:n-1])) == nil {
		what = quote(tokens[n-1])
	}
	at := cmp.Or(origin.Spot.Key, origin.Spot.Value)
	f.Message += fmt.Sprintf("; %s comes from &%s in line %d", what, origin.Anchor, origin.Line)
	f.Fix += fmt.Sprintf("; do so in line %d, for all that use &%s, or write out here what belongs here", at.Start.Line, origin.Anchor)
	f.Edit = nil
	f.Related = append(f.Related, finding.Related{At: at, Message: "it is written here"})
}
