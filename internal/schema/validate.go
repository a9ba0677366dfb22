package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// Validate judges one document. The findings have no File.
func (s *Schema) Validate(doc *document.Document) []finding.Finding {
	err := validateSafely(s.compiled, doc.Value)
	if err == nil {
		return nil
	}
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return []finding.Finding{{
			Rule: "schema-invalid", Level: finding.Failure, At: doc.Find(nil).Value,
			Message: "the schema cannot judge this file: " + plain(err),
			Fix:     "mend the schema, which refers to itself without end",
		}}
	}
	var found []finding.Finding
	for _, f := range tidy(s.faults(ve, doc.Value)) {
		found = append(found, f.explain(doc)...)
	}
	finding.Sort(found)
	return slices.CompactFunc(found, func(a, b finding.Finding) bool {
		return a.Rule == b.Rule && a.Pointer == b.Pointer && a.At == b.At && a.Message == b.Message
	})
}

func validateSafely(s *jsonschema.Schema, v any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return s.Validate(v)
}

// A fault is one keyword of a schema that one value does not satisfy.
type fault struct {
	keyword string         // last word of the keyword's place, such as "required"
	limit   any            // what the schema says there; nil if unknown
	schema  map[string]any // the schema object that holds the keyword; nil if unknown
	at      []string       // where the value stands
	value   any
	reason  string // the library's words
	choices []any  // for a mismatch of alternatives: what would have been allowed there
}

// faults turns the library's tree of errors into those that a person must mend: of alternatives, those of the branch that
// the author meant.
func (s *Schema) faults(ve *jsonschema.ValidationError, root any) []fault {
	switch {
	case len(ve.Causes) > 0 && (ve.Message == "oneOf failed" || ve.Message == "anyOf failed"):
		return s.alternatives(ve, root)
	case len(ve.Causes) == 0, strings.HasPrefix(ve.Message, "valid must be"): // the latter is minContains
		return []fault{s.fault(ve, root)}
	}
	var all []fault
	for _, cause := range ve.Causes {
		all = append(all, s.faults(cause, root)...)
	}
	return all
}

func (s *Schema) fault(ve *jsonschema.ValidationError, root any) fault {
	f := fault{keyword: keywordOf(ve), at: locationTokens(ve.InstanceLocation), reason: ve.Message}
	f.value = lookup(root, f.at)
	base, fragment, _ := strings.Cut(ve.AbsoluteKeywordLocation, "#")
	where := locationTokens(fragment)
	doc, known := s.raw[base]
	if !known {
		return f
	}
	f.limit = lookup(doc, where)
	if n := len(where); n > 0 {
		f.schema, _ = lookup(doc, where[:n-1]).(map[string]any)
	}
	return f
}

// alternatives chooses the branch with the least against it, and gives its faults.
func (s *Schema) alternatives(ve *jsonschema.ValidationError, root any) []fault {
	here := s.fault(ve, root)
	var (
		best    []fault
		least   = -1
		wrong   []any // what the branches that were plainly not meant allow
		allKind = true
	)
	for _, cause := range ve.Causes {
		faults := tidy(s.faults(cause, root))
		weight, kind := against(faults, len(here.at))
		allKind = allKind && kind
		for _, f := range faults {
			if kind && len(f.at) == len(here.at) && f.keyword == "type" {
				wrong = append(wrong, f.limit)
			}
		}
		if least < 0 || weight < least {
			best, least = faults, weight
		}
	}
	if allKind {
		here.choices = wrong
		return []fault{here}
	}
	return s.withDiscriminators(best, ve, here, root)
}

// against weighs what speaks against a branch; kind tells that the value is of another type altogether.
func against(faults []fault, depth int) (weight int, kind bool) {
	for _, f := range faults {
		switch below := len(f.at) - depth; {
		case below == 0 && f.keyword == "type":
			return 1_000_000, true
		case below == 1 && (f.keyword == "const" || f.keyword == "enum"):
			weight += 10_000 // the property that tells the branches apart has another branch's value
		case f.keyword == "additionalProperties" || f.keyword == "required":
			weight += 100
		default:
			weight += 10
		}
	}
	return weight, false
}

// withDiscriminators widens a fault of the chosen branch that is about the telling property to what all branches allow there.
func (s *Schema) withDiscriminators(best []fault, ve *jsonschema.ValidationError, here fault, root any) []fault {
	for i := range best {
		f := &best[i]
		if f.keyword != "const" && f.keyword != "enum" || len(f.at) != len(here.at)+1 {
			continue
		}
		for _, cause := range ve.Causes {
			for _, other := range s.faults(cause, root) {
				if slices.Equal(other.at, f.at) {
					f.choices = append(f.choices, allowed(other)...)
				}
			}
		}
		return best[i : i+1]
	}
	return best
}

func allowed(f fault) []any {
	switch f.keyword {
	case "const":
		return []any{f.limit}
	case "enum":
		list, _ := f.limit.([]any)
		return list
	}
	return nil
}

// tidy drops what only follows from another fault: a property that counts as unevaluated because its own schema failed.
func tidy(faults []fault) []fault {
	follows := func(f fault) bool { return f.keyword == "unevaluatedProperties" || f.keyword == "unevaluatedItems" }
	if !slices.ContainsFunc(faults, follows) {
		return faults
	}
	var kept []fault
	for _, f := range faults {
		below := func(g fault) bool {
			return !follows(g) && len(g.at) >= len(f.at) && slices.Equal(g.at[:len(f.at)], f.at)
		}
		if !follows(f) || !slices.ContainsFunc(faults, below) {
			kept = append(kept, f)
		}
	}
	return kept
}

// lookup follows tokens into a value; nil where they lead nowhere.
func lookup(v any, tokens []string) any {
	for _, t := range tokens {
		switch c := v.(type) {
		case map[string]any:
			v = c[t]
		case []any:
			i := index(t, len(c))
			if i < 0 {
				return nil
			}
			v = c[i]
		default:
			return nil
		}
	}
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
	if ve.Message == "not allowed" && last != "unevaluatedProperties" && last != "unevaluatedItems" {
		return "false"
	}
	return last
}
