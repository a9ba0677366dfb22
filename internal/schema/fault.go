package schema

import (
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
)

// A fault is one keyword of a schema that one value does not satisfy.
type fault struct {
	keyword   string         // last word of the keyword's place, such as "required"
	limit     any            // what the schema says there; nil if unknown
	schema    map[string]any // the schema object that holds the keyword; nil if unknown
	base      string         // address of the file that holds it
	at        []string       // where the value stands; of a key, the key is the last token
	value     any            // of a key, its name
	isKey     bool           // it is about the key itself, which propertyNames judges
	reason    string         // the library's words
	choices   []any          // for a mismatch of alternatives: what would have been allowed there
	branches  []branch       // of alternatives, none of which was plainly meant
	own       string         // the schema's own words
	because   string         // of the then of an if: what makes it apply
	assumes   []string       // of the then of an if: the property that the if asks about, and that is not there
	also      []any          // of the only alternative of the value's type: what the others allow
	brackets  bool           // it stands between brackets, as all in JSON does
	offer     *offer         // what a program would write there; see try
	annotates bool           // a format that is an annotation only in its draft
	in        *Schema
}

// faults turns the library's tree of errors into those that a person must mend: of alternatives, those of the branch that
// the author meant.
func (s *Schema) faults(ve *jsonschema.ValidationError, root any) []fault {
	var all []fault
	switch {
	case len(ve.Causes) > 0 && (ve.Message == "oneOf failed" || ve.Message == "anyOf failed"):
		all = s.alternatives(ve, root)
	case len(ve.Causes) == 0, strings.HasPrefix(ve.Message, "valid must be"): // the latter is minContains
		return []fault{s.fault(ve, root)}
	default:
		for _, cause := range ve.Causes {
			all = append(all, s.faults(cause, root)...)
		}
	}
	if strings.HasSuffix(ve.Message, "if-then failed") {
		s.underCondition(all, ve, root)
	}
	if own := s.ownWords(ve); own != "" {
		at := locationTokens(ve.InstanceLocation)
		for i := range all {
			if all[i].own == "" && slices.Equal(all[i].at, at) {
				all[i].own = own
			}
		}
	}
	return all
}

func (s *Schema) fault(ve *jsonschema.ValidationError, root any) fault {
	f := fault{keyword: keywordOf(ve), at: locationTokens(ve.InstanceLocation), reason: ve.Message, in: s}
	f.value = lookup(root, f.at)
	if isAboutKey(ve) && len(f.at) > 0 {
		f.isKey, f.value = true, f.at[len(f.at)-1]
	}
	base, where, doc := s.place(ve)
	if doc == nil {
		return f
	}
	f.base, f.limit = base, lookup(doc, where)
	if n := len(where); n > 0 {
		f.schema = asObject(lookup(doc, where[:n-1]))
	}
	f.own, _ = f.schema["x-tamer-message"].(string)
	f.annotates = s.annotates[base]
	return f
}

// place tells where in which raw schema file an error's keyword stands.
func (s *Schema) place(ve *jsonschema.ValidationError) (base string, where []string, doc any) {
	base, where = s.location(ve.AbsoluteKeywordLocation)
	return base, where, s.raw[base]
}

func (s *Schema) ownWords(ve *jsonschema.ValidationError) string {
	_, where, doc := s.place(ve)
	for n := len(where); n >= max(0, len(where)-2); n-- {
		if m := asObject(lookup(doc, where[:n])); m != nil {
			own, _ := m["x-tamer-message"].(string)
			return own
		}
	}
	return ""
}

// keywordOf is the keyword that an error is about, with "false" for a schema that allows nothing. An error about a part of a
// keyword's value, such as dependentRequired/a/0, is about that keyword.
func keywordOf(ve *jsonschema.ValidationError) string {
	tokens := locationTokens(ve.KeywordLocation)
	if len(tokens) == 0 {
		return "false"
	}
	last := tokens[len(tokens)-1]
	if n := len(tokens); n >= 3 && (tokens[n-3] == "dependentRequired" || tokens[n-3] == "dependencies") && index(last, 1<<30) >= 0 {
		return "dependentRequired"
	}
	if last == ownAdditional {
		last = "additionalProperties"
	}
	if ve.Message == "not allowed" && last != "unevaluatedProperties" && last != "unevaluatedItems" && last != "additionalProperties" {
		return "false"
	}
	return last
}

// isAboutKey tells whether an error came by propertyNames.
func isAboutKey(ve *jsonschema.ValidationError) bool {
	if !strings.Contains(ve.KeywordLocation, "/propertyNames") {
		return false
	}
	tokens := locationTokens(ve.KeywordLocation)
	for i := 0; i < len(tokens); i++ {
		if slices.Contains(schemasByName, tokens[i]) {
			i++
		} else if tokens[i] == "propertyNames" {
			return true
		}
	}
	return false
}

// lookup follows tokens into a value; nil where they lead nowhere.
func lookup(v any, tokens []string) any {
	v, _ = document.ValueAt(v, tokens)
	return v
}

func index(token string, n int) int {
	i := 0
	for _, r := range token {
		if r < '0' || r > '9' || i > n {
			return -1
		}
		i = i*10 + int(r-'0')
	}
	if token == "" || i >= n {
		return -1
	}
	return i
}

// A node is a schema object with the address of its file.
type node struct {
	base   string
	schema map[string]any
}

// maxFollowed bounds how deep parts reads a schema, which may refer to itself.
const maxFollowed = 6

// parts gives the schema objects that apply to the same value: itself, what it refers to, and the members of allOf; with all, also
// what applies under a condition.
func (s *Schema) parts(n node, all bool) []node {
	var out []node
	var add func(n node, depth int)
	add = func(n node, depth int) {
		if n.schema == nil || depth > maxFollowed || len(out) > 200 {
			return
		}
		out = append(out, n)
		for _, key := range []string{"$ref", "$dynamicRef"} {
			if ref, ok := n.schema[key].(string); ok {
				add(s.follow(n.base, ref), depth+1)
			}
		}
		lists, singles := []string{"allOf"}, []string{}
		if all {
			lists, singles = []string{"allOf", "anyOf", "oneOf"}, []string{"if", "then", "else"}
			for _, b := range asObject(n.schema["dependentSchemas"]) {
				add(node{n.base, asObject(b)}, depth+1)
			}
		}
		for _, key := range lists {
			for _, b := range asList(n.schema[key]) {
				add(node{n.base, asObject(b)}, depth+1)
			}
		}
		for _, key := range singles {
			add(node{n.base, asObject(n.schema[key])}, depth+1)
		}
	}
	add(n, 0)
	return out
}

// follow gives what a $ref leads to; a node without a schema where only the library could tell.
func (s *Schema) follow(base, ref string) node {
	b, err := url.Parse(base)
	r, err2 := url.Parse(ref)
	if err != nil || err2 != nil {
		return node{}
	}
	u := b.ResolveReference(r)
	fragment := u.Fragment
	u.Fragment = ""
	addr := u.String()
	if !strings.HasPrefix(fragment, "/") && fragment != "" {
		return node{}
	}
	return node{addr, asObject(lookup(s.raw[addr], document.Tokens(fragment)))}
}

// property gives the first schema of a property of a value that n describes.
func (s *Schema) property(n node, name string) node {
	for _, p := range s.parts(n, true) {
		if m := asObject(asObject(p.schema["properties"])[name]); m != nil {
			for _, q := range s.parts(node{p.base, m}, false) {
				if len(q.schema) > 1 || q.schema["$ref"] == nil {
					return q
				}
			}
		}
	}
	return node{}
}

func asObject(v any) map[string]any { m, _ := v.(map[string]any); return m }
func asList(v any) []any            { l, _ := v.([]any); return l }
