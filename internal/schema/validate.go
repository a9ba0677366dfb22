package schema

import (
	"errors"
	"fmt"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// Validate judges one document. The findings have no File. A format that only annotates in the schema's draft gives a warning.
func (s *Schema) Validate(doc *document.Document) []finding.Finding {
	found := s.judged(doc, true)
	if unsure := s.unsure(doc, found); len(unsure) > 0 {
		found = append(found, unsure...)
		finding.Sort(found)
	}
	return found
}

// Failures is Validate without what is not a failure, at a lower price.
func (s *Schema) Failures(doc *document.Document) []finding.Finding {
	return slices.DeleteFunc(s.judged(doc, false), func(f finding.Finding) bool { return f.Level != finding.Failure })
}

// judged gives what is wrong; what formats that only annotate would ask for too, if that is wanted.
func (s *Schema) judged(doc *document.Document, annotated bool) []finding.Finding {
	if s.quick.accepts(doc.Value) {
		return nil
	}
	e, err := s.engines.take()
	if err != nil {
		return []finding.Finding{unjudged(doc, err)}
	}
	defer s.engines.put(e)
	var withFormats error
	if e.strict != nil && annotated {
		if withFormats = e.validate(e.strict, doc.Value); withFormats == nil && !s.inverts {
			return nil
		}
	}
	faults, err := s.judge(e.validate(e.plain, doc.Value), doc.Value)
	if err != nil {
		return []finding.Finding{unjudged(doc, err)}
	}
	var found []finding.Finding
	if more := len(faults) - maxFaults; more > 0 {
		faults = faults[:maxFaults]
		found = append(found, moreFaults(doc, more))
	}
	s.try(e, faults, doc)
	for _, f := range faults {
		found = append(found, f.explain(doc)...)
	}
	withoutClashes(found, doc)
	if len(found) == 0 && len(faults) > 0 {
		found = append(found, faults[0].unsaid(doc))
	}
	warned, _ := s.judge(withFormats, doc.Value)
	for _, f := range warned {
		if f.keyword != "format" || !f.annotates || slices.ContainsFunc(faults, func(g fault) bool { return slices.Equal(f.at, g.at) }) {
			continue
		}
		for _, x := range f.explain(doc) {
			x.Level = finding.Warning
			found = append(found, x)
		}
	}
	for i := range found {
		fromElsewhere(doc, &found[i])
	}
	found = slices.DeleteFunc(found, func(f finding.Finding) bool { return doc.Unread(document.Tokens(f.Pointer)) })
	finding.Sort(found)
	return slices.CompactFunc(found, func(a, b finding.Finding) bool {
		return a.Rule == b.Rule && a.Pointer == b.Pointer && a.At == b.At && a.Message == b.Message
	})
}

// unsaid is the finding where faults have no words: the library gives a value below an empty name the place of the object around
// it, where nothing may be wrong. Nothing said would be a file without a fault.
func (f fault) unsaid(doc *document.Document) finding.Finding {
	return f.finding("schema", doc.Find(f.at).Value, f.at, fmt.Sprintf("something in here is not as %q of the schema asks", f.keyword),
		"compare it with the schema")
}

// maxFaults bounds how many faults of one document are explained: a list of a million wrong items is one mistake.
const maxFaults = 1000

func moreFaults(doc *document.Document, n int) finding.Finding {
	return finding.Finding{Rule: "schema", Level: finding.Failure, At: doc.Find(nil).Value,
		Message: fmt.Sprintf("this file has %d more faults, which are not listed", n), Fix: "mend those that are listed, and check it again"}
}

// judge gives the faults that a validation's error tells of; an error where there is no verdict.
func (s *Schema) judge(err error, root any) ([]fault, error) {
	if err == nil {
		return nil, nil
	}
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return nil, err
	}
	return tidy(s.faults(ve, root)), nil
}

func unjudged(doc *document.Document, err error) finding.Finding {
	f := finding.Finding{
		Rule: "schema-invalid", Level: finding.Failure, At: doc.Find(nil).Value,
		Message: "the schema cannot judge this file: " + plain(err),
		Fix:     "ask whoever keeps the schema to make it simpler at that point",
	}
	var slow slowPattern
	if errors.As(err, &slow) {
		f.Fix = `ask whoever keeps the schema to write the pattern without (?=, (?!, (?<=, (?<!, references such as \1 and more than 1,000 repetitions: it then takes no time`
	}
	return f
}
