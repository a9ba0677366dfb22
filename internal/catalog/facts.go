package catalog

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// Facts are what one file has to do with others, in plain values that can be kept.
type Facts struct {
	Refs    []Ref    // sorted by place
	Targets []Target // sorted by path, then place
	// Unread: not all of the file could be read, so it may refer to more, and hold more that others refer to.
	Unread bool
}

// A Selection is values in configs of one type.
type Selection struct{ Type, Path string }

// A Ref is one value that refers to another.
type Ref struct {
	To      Selection
	Scope   policy.Scope
	Acyclic bool
	Value   Value
	Pointer string // in its document
	Doc     int    // the document's number in the file, from 0
	At      finding.Span
}

// A Target is one value that others may refer to.
type Target struct {
	Path    string // that selects it
	Value   Value
	Pointer string
	Doc     int
	At      finding.Span
}

// maxValues bounds the references and targets of one file together: more are of no use to anybody who reads it.
const maxValues = 100_000

// Facts takes the facts from the documents of a file. compiled is the schema of its type, nil where there is none that can be
// used. Where it cannot take all of them, the findings, without File, say why, and the file counts as unread.
func (s *Spec) Facts(docs []*document.Document, compiled *schema.Schema) (Facts, []finding.Finding) {
	var (
		f     Facts
		found []finding.Finding
	)
	room := func() bool { return len(f.Refs)+len(f.Targets) < maxValues }
	complete := true
	for n, doc := range docs {
		refer := func(to Selection, scope policy.Scope, acyclic bool) visitor {
			return func(tokens []string, ofKey bool, v Value) bool {
				if !room() {
					return false
				}
				f.Refs = append(f.Refs, Ref{To: to, Scope: scope, Acyclic: acyclic, Value: v,
					Pointer: document.Pointer(tokens), Doc: n, At: placeOf(doc, tokens, ofKey)})
				return true
			}
		}
		for _, out := range s.out {
			complete = out.path.Select(doc.Value, refer(out.To, out.Scope, out.Acyclic)) && complete
		}
		if compiled != nil {
			whole, why := walkRefs(compiled, doc, refer)
			complete = whole && complete
			found = append(found, why...)
		}
		for _, in := range s.in {
			complete = in.Select(doc.Value, func(tokens []string, ofKey bool, v Value) bool {
				if !room() {
					return false
				}
				f.Targets = append(f.Targets, Target{Path: in.text, Value: v, Pointer: document.Pointer(tokens), Doc: n, At: placeOf(doc, tokens, ofKey)})
				return true
			}) && complete
		}
	}
	slices.SortFunc(f.Refs, compareRefs)
	f.Refs = slices.Compact(f.Refs)
	slices.SortFunc(f.Targets, compareTargets)
	if !complete {
		found = append(found, finding.Finding{Rule: "file-size", Level: finding.Failure, At: finding.Span{Start: finding.Place{Line: 1, Column: 1}},
			Message: fmt.Sprintf("the paths of references select too many values in this file: those after the first %d were not checked", maxValues),
			Fix:     "split the file, or have the path in the schema or the policy select less"})
	}
	f.Unread = len(found) > 0
	return f, found
}

func placeOf(doc *document.Document, tokens []string, ofKey bool) finding.Span {
	spot := doc.Find(tokens)
	if ofKey {
		return spot.Key
	}
	return spot.Value
}

func comparePlaces(a, b finding.Span) int {
	return cmp.Or(cmp.Compare(a.Start.Line, b.Start.Line), cmp.Compare(a.Start.Column, b.Start.Column))
}

func compareRefs(a, b Ref) int {
	return cmp.Or(comparePlaces(a.At, b.At), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.To.Type, b.To.Type), cmp.Compare(a.To.Path, b.To.Path),
		cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Doc, b.Doc), cmp.Compare(a.Value, b.Value))
}

func compareTargets(a, b Target) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), comparePlaces(a.At, b.At), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Doc, b.Doc), cmp.Compare(a.Value, b.Value))
}

// walkRefs gives the values that a schema's x-tamer-ref apply to.
func walkRefs(s *schema.Schema, doc *document.Document, refer func(Selection, policy.Scope, bool) visitor) (complete bool, found []finding.Finding) {
	complete = true
	found = s.Walk(doc, schema.WithRef, func(tokens []string, ofKey bool, value any, k *schema.Keywords) {
		if k.Ref == nil || !complete {
			return
		}
		visit := refer(Selection{k.Ref.Type, k.Ref.Path}, policy.Scope(k.Ref.Scope), k.Ref.Acyclic)
		if ofKey {
			complete = visit(tokens, true, TextValue(tokens[len(tokens)-1]))
			return
		}
		complete = spread(value, slices.Clone(tokens), visit)
	})
	return complete, found
}
