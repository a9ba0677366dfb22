package migrate

import (
	"fmt"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/schema"
)

// Wrong gives the findings, in the schema's files, of what a schema says about migration and cannot be used.
func Wrong(s *schema.Schema) []finding.Finding {
	var found []finding.Finding
	if !s.Carries(schema.WithMigration) {
		return nil
	}
	for _, k := range s.Keywords() {
		note := func(keyword, message, fix string) {
			found = append(found, finding.Finding{Rule: "schema-invalid", Level: finding.Failure, File: k.Site.File, At: k.Site.At,
				Pointer: k.Site.Pointer + "/" + keyword, Message: message, Fix: fix})
		}
		if k.Migrate != "" {
			if _, err := programOf(s, k.Migrate); err != nil {
				note("x-tamer-migrate", fmt.Sprintf("x-tamer-migrate cannot be used: %v", err), "correct the expression (CEL); docs/migrate.md shows what it may name")
			}
		}
		for _, now := range k.RenamedValues {
			if _, circular := k.RenamedValues[textOf(now)]; circular {
				note("x-tamer-renamed-values", "x-tamer-renamed-values has one value on both sides, so that it cannot be told whether it is an old or a new one",
					"write what each old value is now, in the end")
				break
			}
		}
	}
	return found
}
