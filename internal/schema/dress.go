package schema

import (
	"regexp"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Of a schema of 2020-12 the library goes, for each part, through all others for $dynamicAnchors: 2,000 properties take seconds.
// A file without them is given to it as one of 2019-09, which differs in nothing else but prefixItems, items beside them and what
// contains has evaluated. The extension compiles prefixItems, and undress makes of the result what the file means.

// ownDressed marks each object of a file that is given as one of 2019-09.
const ownDressed = "x-tamer::dressed"

const (
	standard2019 = "https://json-schema.org/draft/2019-09/schema"
	standard2020 = "https://json-schema.org/draft/2020-12/schema"
)

// A dressing says how a schema file is given to the library.
type dressing int

const (
	asItIs   dressing = iota
	dressed           // as one of 2019-09
	searched          // as one of 2020-12
)

// dressing tells whether a schema file means the same in the library's 2019-09. What stands in prefixItems is found there only by
// those who know where it is.
func (c *census) dressing(root map[string]any) dressing {
	name, _, _ := standardOf(root)
	switch {
	case name != "json-schema.org/draft/2020-12/schema" && name != "json-schema.org/schema":
		return asItIs
	case c.counted[forDynamic] > 0, c.counted[forPrefix] > 0 && c.ids+len(c.anchors) > 0:
		return searched
	}
	return dressed
}

// commonAnchor is what both standards allow as an $anchor.
var commonAnchor = regexp.MustCompile(`^[A-Za-z][-A-Za-z0-9._]*$`)

// apart tells whether an object holds what is not the same in 2019-09, or no schema in one of both standards.
func apart(m map[string]any) bool {
	for _, keyword := range []string{"$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef", "$vocabulary", "additionalItems"} {
		if has(m, keyword) {
			return true
		}
	}
	_, isList := m["items"].([]any)
	return isList || has(m, "prefixItems") && len(asList(m["prefixItems"])) == 0 || has(m, "$anchor") && !commonAnchor.MatchString(textOf(m["$anchor"]))
}

// undress turns the schemas that were compiled as 2019-09 into what they are by 2020-12.
func undress(root *jsonschema.Schema) {
	todo := []*jsonschema.Schema{root}
	seen := map[*jsonschema.Schema]bool{root: true}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if x := extendedOf(s); x != nil && x.dressed {
			s.Draft, s.PrefixItems, s.ContainsEval = jsonschema.Draft2020, x.prefix, true
			s.Items2020, _ = s.Items.(*jsonschema.Schema)
			s.Items = nil
			if x.idle() {
				s.Extensions = nil
			}
		}
		for below := range subschemas(s) {
			if !seen[below] {
				seen[below] = true
				todo = append(todo, below)
			}
		}
	}
}

// idle tells whether there is nothing to do when a value is judged.
func (x *extended) idle() bool {
	return !x.step && !x.integer && !x.nothing && x.pattern == nil && x.properties == nil
}

func (x *extended) compilePrefix(ctx jsonschema.CompilerContext, m map[string]any) error {
	if _, x.dressed = m[ownDressed]; !x.dressed {
		return nil
	}
	for i := range asList(m["prefixItems"]) {
		s, err := ctx.Compile("prefixItems/"+itoa(i), false)
		if err != nil {
			return err
		}
		x.prefix = append(x.prefix, s)
	}
	return nil
}
