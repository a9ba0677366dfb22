package evolution

import (
	"maps"
	"slices"
	"strconv"
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

// Removals gives what the change takes away: the type as a whole, or properties that the new schema describes no more, where that
// changes what it accepts, and those that it has nothing stand at any more. new is the tree of the new schema.
func (c Change) Removals(old, new *catalog.Catalog) []Removal {
	switch {
	case c.Gone:
		return []Removal{{Since: sinceOf(old, c.File), Site: c.Culprit}}
	case c.views == nil:
		return nil
	}
	v := c.views
	var all []Removal
	told := map[string]bool{}
	for _, ch := range v.report.Changes {
		if ch.Kind == "property-removed" && len(ch.Breaks) > 0 {
			pointer := strings.TrimPrefix(ch.Path, "#")
			tokens := document.Tokens(pointer)
			told[ch.File+"#"+pointer] = true
			all = append(all, Removal{tokens[len(tokens)-1], deprecatedSince(v.was, ch.File, pointer), site(new, c.File, v.is, ch)})
		}
	}
	if v.report.Breaks(compat.Backward) {
		eachProperty(v.before, func(tokens []string, n *schema.Node) (within bool) {
			if told[n.File+"#"+n.Pointer] {
				return false
			}
			if lost(reached(v.before, tokens), reached(v.after, tokens)) != gone && v.meant(tokens) != gone {
				return true
			}
			told[n.File+"#"+n.Pointer] = true
			all = append(all, Removal{tokens[len(tokens)-1], deprecatedSince(v.was, n.File, n.Pointer), v.nearest(new, c.File, tokens)})
			return false
		})
	}
	return all
}

// eachProperty visits the named properties that a schema describes, each definition where it is met first, and goes on within those of
// which visit says so. There is a bound on how many.
func eachProperty(root *schema.Node, visit func(tokens []string, n *schema.Node) (within bool)) {
	seen := map[*schema.Node]bool{}
	left := maxAsked
	var walk func(n *schema.Node, tokens []string)
	walk = func(n *schema.Node, tokens []string) {
		if n == nil || seen[n] || len(tokens) > maxDepth {
			return
		}
		seen[n] = true
		for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
			at := append(slices.Clip(tokens), name)
			if left--; left >= 0 && visit(at, n.Properties[name]) {
				walk(n.Properties[name], at)
			}
		}
		for _, list := range [][]*schema.Node{n.Refs, n.AllOf, n.AnyOf, n.OneOf, {n.Then, n.Else}} {
			for _, one := range list {
				walk(one, tokens)
			}
		}
		for i, one := range n.Prefix {
			walk(one, append(slices.Clip(tokens), strconv.Itoa(i)))
		}
		some := append(slices.Clip(tokens), "*")
		walk(n.Rest, some)
		walk(n.Additional, some)
		for _, p := range n.Patterns {
			walk(p.Node, some)
		}
	}
	walk(root, nil)
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
