package schema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// explain says a fault in words, at the place where a person must type.
func (f fault) explain(doc *document.Document) []finding.Finding {
	switch f.keyword {
	case "additionalProperties", "unevaluatedProperties":
		return f.unknown(doc)
	case "required", "dependentRequired":
		return f.missing(doc)
	case "uniqueItems":
		return f.repeated(doc)
	}
	if f.isKey {
		return f.badKey(doc)
	}
	said, ok := wordings[f.keyword]
	if !ok {
		said = wording{rule: "schema", words: otherWords}
	}
	f.brackets = said.offer != nil && inBrackets(doc, f.at)
	message, fix := said.words(f)
	if len(f.also) > 0 {
		fix += ", or write " + strings.TrimSuffix(typeNames(f.also), " or left empty")
	}
	at := f.at
	if said.item != nil {
		at = said.item(f)
	}
	spot := doc.Find(at)
	span := spot.Value
	if said.atKey || len(f.branches) > 0 || len(at) > len(f.at) && spot.Key != (finding.Span{}) {
		span = cmp.Or(spot.Key, spot.Value)
	}
	out := f.finding(said.rule, span, at, message, fix)
	if o := f.offer; o != nil && o.refused != nil {
		out.Fix = f.otherwise()
	} else if o != nil {
		out.Edit, out.Fix = o.edit, cmp.Or(o.fix, fix)
	}
	return []finding.Finding{out}
}

// inBrackets tells whether a value, or what holds it, is written in braces or brackets.
func inBrackets(doc *document.Document, at []string) bool {
	for n := range len(at) + 1 {
		span := doc.Find(at[:n]).Value
		span.End = finding.Place{Line: span.Start.Line, Column: span.Start.Column + 1}
		if first, _ := doc.Source(span); first == "{" || first == "[" {
			return true
		}
	}
	return false
}

func (f fault) finding(rule string, at finding.Span, tokens []string, message, fix string) finding.Finding {
	message += f.because
	if f.own != "" {
		message = f.own
	}
	return finding.Finding{Rule: rule, Level: finding.Failure, At: at, Pointer: document.Pointer(tokens), Message: message, Fix: fix}
}

// A wording says a fault of one keyword: which rule it is, what is wrong, what to write, and where.
type wording struct {
	rule  string
	words func(fault) (message, fix string)
	atKey bool                                                          // at the key of the value
	item  func(fault) []string                                          // at this item instead of the whole list
	offer func(f fault, doc *document.Document, at finding.Span) *offer // what would be right; nil for nothing
}

var wordings map[string]wording

func init() { // not a literal: some of the functions lead back to explain
	wordings = map[string]wording{
		"type":             {rule: "type", words: typeWords, offer: offerType},
		"enum":             {rule: "enum", words: enumWords, offer: offerChoice},
		"const":            {rule: "enum", words: enumWords, offer: offerChoice},
		"oneOf":            {rule: "alternatives", words: alternativesWords, offer: offerType, item: together},
		"anyOf":            {rule: "alternatives", words: alternativesWords, offer: offerType},
		"pattern":          {rule: "pattern", words: patternWords},
		"format":           {rule: "format", words: formatWords},
		"minimum":          {rule: "range", words: bound("must be at least %s (found %s)", "write a number of %s or more")},
		"maximum":          {rule: "range", words: bound("must be at most %s (found %s)", "write a number of %s or less")},
		"exclusiveMinimum": {rule: "range", words: bound("must be more than %s (found %s)", "write a number greater than %s")},
		"exclusiveMaximum": {rule: "range", words: bound("must be less than %s (found %s)", "write a number smaller than %s")},
		"multipleOf":       {rule: "range", words: multipleWords},
		"minLength":        {rule: "length", words: lengthWords},
		"maxLength":        {rule: "length", words: lengthWords},
		"minItems":         {rule: "length", words: sizeWords("item")},
		"maxItems":         {rule: "length", words: sizeWords("item"), item: firstSurplus},
		"minProperties":    {rule: "length", words: sizeWords("entry")},
		"maxProperties":    {rule: "length", words: sizeWords("entry")},
		"additionalItems":  {rule: "length", words: surplusWords, item: firstSurplus},
		"unevaluatedItems": {rule: "length", words: surplusWords},
		"contains":         {rule: "contains", words: containsWords, atKey: true},
		"minContains":      {rule: "contains", words: containsWords, atKey: true},
		"maxContains":      {rule: "contains", words: containsWords, atKey: true},
		"not":              {rule: "not-allowed", words: notWords, item: excluded},
		"false":            {rule: "not-allowed", words: falseWords, atKey: true},
		"contentEncoding":  {rule: "schema", words: contentWords},
		"contentMediaType": {rule: "schema", words: contentWords},
	}
}

// firstSurplus is the first item that is too many.
func firstSurplus(f fault) []string {
	n := len(asList(f.schema["items"]))
	if f.keyword == "maxItems" {
		n = intOf(f.limit)
	}
	if n >= len(asList(f.value)) || n < 0 {
		return f.at
	}
	return append(slices.Clone(f.at), itoa(n))
}

// badKey says what is wrong with the name of a key, at that key.
func (f fault) badKey(doc *document.Document) []finding.Finding {
	name, _ := f.value.(string)
	spot := doc.Find(f.at)
	at := cmp.Or(spot.Key, spot.Value)
	if choices := cmpList(f.choices, allowed(f)); len(choices) > 0 {
		message, fix := "unknown property "+quote(name), "use one of "+list(choices)
		out := f.finding("unknown-property", at, f.at, message, fix)
		if meant, ok := nearest(name, choices); ok {
			out = f.finding("unknown-property", at, f.at, message+"; did you mean "+quote(meant)+"?", "write "+quote(meant)+" instead of "+quote(name))
			out.Edit = EditText(doc, at, name, meant)
		}
		return []finding.Finding{out}
	}
	said, ok := wordings[f.keyword]
	if !ok || f.keyword == "false" || f.keyword == "not" {
		return []finding.Finding{f.finding("not-allowed", at, f.at, "the name "+quote(name)+" is not allowed for a key here", "choose another name, or remove it")}
	}
	message, fix := said.words(f)
	return []finding.Finding{f.finding(said.rule, at, f.at, "the key "+quote(name)+" has a wrong name: "+message, fix)}
}
