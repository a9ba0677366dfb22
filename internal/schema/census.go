package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// A census counts what the library goes through a whole schema file for, again and again: that takes the square of its size.
type census struct {
	schemas  int
	leading  int // of them those with a reference in them, at any depth
	refs     int
	ids      int                 // $ids below the root
	anchors  map[string][]string // where each $anchor stands; nil for one that stands twice
	anchored []string            // the references by one
	counted  map[search]int
	first    map[search][]string
}

// A search is a reason to go through all schemas of a file.
type search int

const (
	forDynamic search = iota // in 2020-12, for each schema: the $dynamicAnchors below it; see apart
	forPrefix                // for each of prefixItems; see dressed
	forAnchor                // for a reference by an anchor
	forID                    // for a reference by an $id, or to another file
	forPlace                 // for a reference to what stands under no keyword of the standard
)

// searches are what is said of each, and what to write instead.
var searches = map[search]struct{ what, fix string }{
	forDynamic: {"it holds what must be looked for from each of them in all others", `write "$ref" in place of "$dynamicRef", and leave out keywords that 2020-12 does not know`},
	forPrefix:  {"each of its prefixItems is looked for in all of them", `write "items" where the items are alike`},
	forAnchor:  {"each reference by an anchor is looked for in all of them", `write references as "#/$defs/NAME"`},
	forID:      {"each reference by an $id is looked for in all of them", `write references as "#/$defs/NAME"`},
	forPlace:   {"each reference to what stands under no keyword of JSON Schema is looked for in all of them", `move what is referred to under "$defs", and write references as "#/$defs/NAME"`},
}

// maxSearched bounds how many schemas the library goes through for one file, each some 25 ns, an anchor ten times as much.
const maxSearched = 20_000_000

func takeCensus(root any) *census {
	c := &census{anchors: map[string][]string{}, counted: map[search]int{}, first: map[search][]string{}}
	c.value(root, nil)
	return c
}

// value counts what is in v, and tells whether there is a reference.
func (c *census) value(v any, at []string) (leads bool) {
	switch v := v.(type) {
	case map[string]any:
		return c.object(v, at)
	case []any:
		for i, item := range v {
			leads = c.value(item, under(at, itoa(i))) || leads
		}
	}
	return leads
}

func (c *census) object(m map[string]any, at []string) (leads bool) {
	c.schemas++
	if has(m, "$id") && len(at) > 0 {
		c.ids++
	}
	if name, ok := m["$anchor"].(string); ok {
		_, twice := c.anchors[name]
		if c.anchors[name] = at; twice || !standardPlace(at) {
			c.anchors[name] = nil
		}
	}
	if apart(m) {
		c.note(forDynamic, 1, at)
	}
	if n := len(asList(m["prefixItems"])); n > 0 {
		c.note(forPrefix, n, under(at, "prefixItems"))
	}
	for key, v := range m {
		named, isMap := v.(map[string]any)
		ref, isText := v.(string)
		switch below := under(at, key); {
		case slices.Contains(dataKeywords, key):
		case isMap && slices.Contains(schemasByName, key):
			for name, s := range named {
				leads = c.value(s, under(below, name)) || leads
			}
		case isText && slices.Contains(steps, key):
			c.reference(ref, below)
			leads = true
		default:
			leads = c.value(v, below) || leads
		}
	}
	if leads {
		c.leading++
	}
	return leads
}

func (c *census) reference(ref string, at []string) {
	c.refs++
	switch {
	case ref == "#":
	case !strings.HasPrefix(ref, "#"):
		c.note(forID, 1, at)
	case !strings.HasPrefix(ref, "#/"):
		c.anchored = append(c.anchored, ref)
		c.note(forAnchor, 1, at)
	case !standardPlace(document.Tokens(ref[1:])):
		c.note(forPlace, 1, at)
	}
}

// note keeps the first place in the order of pointers, so that a finding is the same every time.
func (c *census) note(why search, n int, at []string) {
	if c.counted[why] += n; c.first[why] == nil || slices.Compare(at, c.first[why]) < 0 {
		c.first[why] = append([]string{}, at...)
	}
}

// oneSchema are the keywords whose value is one schema, and listed those whose value is a list of them.
var (
	oneSchema = []string{"items", "additionalItems", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
		"unevaluatedProperties", "unevaluatedItems"}
	listed = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
)

// standardPlace tells whether a pointer leads from keyword to keyword of the standard.
func standardPlace(tokens []string) bool {
	for len(tokens) > 0 {
		n := 1
		switch keyword := tokens[0]; {
		case slices.Contains(schemasByName, keyword), slices.Contains(listed, keyword):
			n = 2
		case keyword == "items" && len(tokens) > 1 && strings.Trim(tokens[1], "0123456789") == "":
			n = 2
		case !slices.Contains(oneSchema, keyword):
			return false
		}
		if len(tokens) < n {
			return false
		}
		tokens = tokens[n:]
	}
	return true
}

// pointerOf gives the pointer that a reference by an anchor means, where that is certain.
func (c *census) pointerOf(ref string) (string, bool) {
	name, ok := strings.CutPrefix(ref, "#")
	at := c.anchors[name]
	if !ok || at == nil || c.ids > 0 {
		return "", false
	}
	pointer := "#"
	for _, token := range at {
		pointer += "/" + escapeLocation(token)
	}
	return pointer, true
}

// tooLarge says that the file would take too long to compile, and at which place one could begin to mend it.
func (c *census) tooLarge(given dressing) (at []string, f finding.Finding, yes bool) {
	cost := map[search]int{forID: c.counted[forID], forPlace: c.counted[forPlace]}
	for _, ref := range c.anchored {
		if _, found := c.pointerOf(ref); !found {
			cost[forAnchor] += 10
		}
	}
	if c.ids > 0 {
		cost[forID] = c.refs
	}
	switch given {
	case searched:
		cost[forDynamic] = c.schemas
	case dressed:
		cost[forPrefix] = c.counted[forPrefix]
	}
	worst, all := forDynamic, 0
	for why := range forPlace + 1 {
		if all += cost[why]; cost[why] > cost[worst] {
			worst = why
		}
	}
	if all*c.schemas <= maxSearched {
		return nil, f, false
	}
	return c.first[worst], finding.Finding{Rule: "schema-invalid", Level: finding.Failure,
		Message: fmt.Sprintf("this schema of %d parts takes too long to read: %s", c.schemas, searches[worst].what),
		Fix:     searches[worst].fix + ", or move parts into files of their own and refer to these by their paths"}, true
}
