package evolution

import (
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
)

// A Removal is something that a schema said of files and says no more.
type Removal struct {
	Property string // its name; empty for the type as a whole
	Since    string // year-month-day since which the old schema called it deprecated; empty where it did not
	Site     Culprit
}

// Announced tells whether it had been deprecated for so long at a moment. Where the moment is not known, nothing had.
func (r Removal) Announced(now time.Time, long time.Duration) bool {
	since, err := time.Parse(time.DateOnly, r.Since)
	return err == nil && !now.IsZero() && now.Sub(since) >= long
}

// removals gives the properties that the new schema describes no more, where that changes what it accepts.
func removals(tree *catalog.Catalog, file string, old, new *schema.Schema, r compat.Report) []Removal {
	var all []Removal
	for _, ch := range r.Changes {
		if ch.Kind != "property-removed" || len(ch.Breaks) == 0 {
			continue
		}
		pointer := strings.TrimPrefix(ch.Path, "#")
		tokens := document.Tokens(pointer)
		all = append(all, Removal{tokens[len(tokens)-1], deprecatedSince(old, ch.File, pointer), site(tree, file, new, ch)})
	}
	return all
}

// sinceOf gives the day since which a schema as a whole is deprecated.
func sinceOf(c *catalog.Catalog, path string) string {
	if s, _ := c.Schema(path); s != nil {
		return deprecatedSince(s, path, "")
	}
	return ""
}

// deprecatedSince gives the day since which a place of a schema, or one around it, is deprecated; empty where it is not, or nobody
// says since when.
func deprecatedSince(s *schema.Schema, file, pointer string) string {
	var days []string
	for _, k := range s.Keywords() {
		at := k.Site.Pointer
		if k.Deprecated != nil && k.Deprecated.Since != "" && k.Site.File == file && (at == pointer || strings.HasPrefix(pointer, at+"/")) {
			days = append(days, k.Deprecated.Since)
		}
	}
	if len(days) == 0 {
		return ""
	}
	return slices.Min(days)
}
