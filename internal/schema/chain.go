package schema

import (
	"fmt"
	"reflect"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// A chain is schemas that lead from one to the next and all apply to one value: by references, allOf, not and their like. The library
// follows it by calls within calls, for a value that is nested at each level anew. One call takes up to 8 KB of the stack, and at half a
// gigabyte of that Go ends the process. What people write has chains of a dozen.
const (
	maxChain = 100
	maxCalls = 40_000
)

// tooLong says that there is a chain of more than maxChain schemas, and which of them is one too many.
type tooLong struct{ at string }

func (t tooLong) Error() string {
	return fmt.Sprintf("more than %d references and parts of schemas lead from one to the next here, all of them about the same value", maxChain)
}

// longestChain gives how many schemas the longest chain has, or a bit more. A circle, in which the library would find that it does not
// end, counts with all that follows it.
func longestChain(root *jsonschema.Schema) (int, error) {
	next, before := chains(root)
	length := map[*jsonschema.Schema]int{}
	var open []*jsonschema.Schema
	for s, n := range before {
		if length[s] = 1; n == 0 {
			open = append(open, s)
		}
	}
	longest := 0
	for ; len(open) > 0; open = open[1:] {
		s := open[0]
		longest = max(longest, length[s])
		delete(before, s)
		for _, to := range next[s] {
			length[to] = max(length[to], length[s]+1)
			if before[to]--; before[to] == 0 {
				open = append(open, to)
			}
		}
	}
	at := ""
	for s, n := range length {
		if _, circle := before[s]; (circle || n == maxChain+1) && s.Location != "" && (at == "" || s.Location < at) {
			at = s.Location
		}
	}
	if longest += len(before); longest > maxChain {
		return 0, tooLong{at}
	}
	return longest, nil
}

// chains gives the schemas that each one leads to for the same value, and how many lead to each. All that a $dynamicRef or a
// $recursiveRef may lead to stand behind one schema without a place.
func chains(root *jsonschema.Schema) (next map[*jsonschema.Schema][]*jsonschema.Schema, before map[*jsonschema.Schema]int) {
	next, before = map[*jsonschema.Schema][]*jsonschema.Schema{}, map[*jsonschema.Schema]int{root: 0}
	named := map[string]*jsonschema.Schema{} // by the anchor; "" is $recursiveAnchor
	behind := func(name string) *jsonschema.Schema {
		if named[name] == nil {
			named[name] = &jsonschema.Schema{}
			before[named[name]] = 0
		}
		return named[name]
	}
	link := func(from, to *jsonschema.Schema) {
		next[from] = append(next[from], to)
		before[to]++
	}
	all := []*jsonschema.Schema{root}
	meet := func(s *jsonschema.Schema) {
		if _, met := before[s]; !met {
			before[s] = 0
			all = append(all, s)
		}
	}
	for i := 0; i < len(all); i++ {
		s := all[i]
		for below := range subschemas(s) {
			meet(below)
		}
		for _, to := range dynamicAnchors(s) {
			meet(to)
			link(behind(to.DynamicAnchor), to)
		}
		if s.RecursiveAnchor {
			link(behind(""), s)
		}
		for _, to := range inPlace(s) {
			link(s, to)
		}
		if s.DynamicRef != nil && s.DynamicRef.DynamicAnchor != "" {
			link(s, behind(s.DynamicRef.DynamicAnchor))
		}
		if s.RecursiveRef != nil && s.RecursiveRef.RecursiveAnchor {
			link(s, behind(""))
		}
	}
	return next, before
}

// inPlace gives the schemas right below s that are about the same value.
func inPlace(s *jsonschema.Schema) []*jsonschema.Schema {
	all := []*jsonschema.Schema{s.Ref, s.RecursiveRef, s.DynamicRef, s.Not, s.If, s.Then, s.Else}
	for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		all = append(all, list...)
	}
	for _, v := range s.Dependencies {
		if below, ok := v.(*jsonschema.Schema); ok {
			all = append(all, below)
		}
	}
	for _, below := range s.DependentSchemas {
		all = append(all, below)
	}
	given := all[:0]
	for _, below := range all {
		if below != nil {
			given = append(given, below)
		}
	}
	return given
}

// dynamicAnchors gives what a $dynamicRef may lead to because s was applied before. The library keeps it to itself.
func dynamicAnchors(s *jsonschema.Schema) []*jsonschema.Schema {
	hidden := reflect.ValueOf(s).Elem().FieldByName("dynamicAnchors")
	all := make([]*jsonschema.Schema, hidden.Len())
	for i := range all {
		all[i] = (*jsonschema.Schema)(hidden.Index(i).UnsafePointer())
	}
	return all
}

// explainLong puts a finding where a chain is too long.
func (l *loader) explainLong(f *finding.Finding, long tooLong) {
	base, where := located(l.names, long.at)
	f.Message, f.Fix = long.Error(), "refer to what is meant directly, and nest fewer schemas in allOf, anyOf, oneOf, not and if"
	if name := l.paths[base]; l.docs[name] != nil {
		f.File, f.Pointer, f.At = name, document.Pointer(where), l.docs[name].Find(where).Value
	}
}
