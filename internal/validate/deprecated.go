package validate

import (
	"fmt"
	"strconv"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/evolution"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/schema"
)

// maxDeprecated bounds the uses of deprecated values that are told of one document.
const maxDeprecated = 100

// deprecated finds values that their schema calls deprecated.
func deprecated(s *schema.Schema, docs []*document.Document) []finding.Finding {
	var found []finding.Finding
	for _, doc := range docs {
		told := 0
		found = append(found, s.Walk(doc, schema.WithDeprecated, func(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
			if k.Deprecated == nil || told == maxDeprecated {
				return
			}
			told++
			found = append(found, deprecatedValue(doc, tokens, k.Deprecated))
		})...)
	}
	return found
}

func deprecatedValue(doc *document.Document, tokens []string, d *schema.Deprecated) finding.Finding {
	spot := doc.Find(tokens)
	at, what := spot.Key, "this type of config"
	if len(tokens) > 0 {
		what = strconv.Quote(tokens[len(tokens)-1])
		if _, err := strconv.Atoi(tokens[len(tokens)-1]); err == nil {
			what = "this"
		}
	}
	if at.Start.Line == 0 {
		at = spot.Value
	}
	if len(tokens) == 0 {
		at = top
	}
	f := finding.Finding{Rule: "deprecated", Level: finding.Warning, At: at, Pointer: document.Pointer(tokens), Message: what + " is deprecated",
		Fix: "look for what takes its place in the description of the schema, and remove it here"}
	if d.Since != "" {
		f.Message += " since " + d.Since
	}
	if d.Use != "" {
		f.Fix = "use " + d.Use + " instead"
	}
	return f
}

// unannounced finds what schemas of the base describe and those of the head do not, although nobody had long enough to leave it.
func (j *judge) unannounced(changes []SchemaChange) []finding.Finding {
	long := j.head.Policy.Schemas
	if long.Deprecation == 0 || j.opts.Merged || j.base == nil {
		return nil
	}
	var found []finding.Finding
	for _, c := range changes {
		for _, r := range c.Removals(j.base.Catalog, j.head.Catalog) {
			if r.Announced(j.opts.Now, long.Deprecation) {
				continue
			}
			if f := unannouncedRemoval(c, r, long.Written); under(f.File, j.opts.Only) {
				found = append(found, f)
			}
		}
	}
	return found
}

func unannouncedRemoval(c SchemaChange, r evolution.Removal, long string) finding.Finding {
	what := fmt.Sprintf("the property %q", r.Property)
	if r.Property == "" {
		what = fmt.Sprintf("the type %q", c.Type)
	}
	f := finding.Finding{Rule: "removed-undeprecated", Level: finding.Failure, File: r.Site.File, At: r.Site.At, Pointer: r.Site.Pointer,
		Message: what + " goes, and was not deprecated before",
		Fix:     fmt.Sprintf("keep it with x-tamer-deprecated and the present day as since, and remove it %s later", long)}
	if r.Since != "" {
		f.Message = fmt.Sprintf("%s goes, and was not deprecated for %s: only since %s", what, long, r.Since)
		f.Fix = fmt.Sprintf("keep it until %s after that day have passed", long)
	}
	return f
}
