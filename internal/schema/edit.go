package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
)

// EditText replaces a text by another one, in the quotes that it has, or in such as it needs; nil where what is written is not just
// the text.
func EditText(doc *document.Document, at finding.Span, from, to string) *finding.Edit {
	if strings.ContainsAny(to, "'\"\\") || !plainText.MatchString(to) && strings.ContainsFunc(to, func(r rune) bool { return r < ' ' }) {
		return nil
	}
	src, ok := doc.Source(at)
	if !ok {
		return nil
	}
	switch src {
	case `"` + from + `"`:
		return &finding.Edit{At: at, Text: `"` + to + `"`}
	case "'" + from + "'":
		return &finding.Edit{At: at, Text: "'" + to + "'"}
	case from:
		if !plainText.MatchString(to) || slices.Contains(words, strings.ToLower(to)) {
			return &finding.Edit{At: at, Text: `"` + to + `"`}
		}
		return &finding.Edit{At: at, Text: to}
	}
	return nil
}

// plainText is a text that YAML reads as a text without quotes, unless it is one of words.
var (
	plainText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./-]*$`)
	words     = []string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
)

// withoutClashes takes back the edits of keys after which two would be the same. found are the findings in doc.
func withoutClashes(found []finding.Finding, doc *document.Document) {
	renamed := map[string][]*finding.Finding{}
	for i := range found {
		f := &found[i]
		if f.Rule != "unknown-property" || f.Edit == nil {
			continue
		}
		tokens, name := document.Tokens(f.Pointer), strings.Trim(f.Edit.Text, `"'`)
		to := append(tokens[:len(tokens)-1:len(tokens)-1], name)
		if _, there := document.ValueAt(doc.Value, to); there {
			f.Edit, f.Fix = nil, fmt.Sprintf("remove it: %s stands here already", quote(name))
			continue
		}
		renamed[document.Pointer(to)] = append(renamed[document.Pointer(to)], f)
	}
	for to, all := range renamed {
		var names []string
		for _, f := range all {
			tokens := document.Tokens(f.Pointer)
			names = append(names, tokens[len(tokens)-1])
		}
		slices.Sort(names)
		if names = slices.Compact(names); len(names) == 1 {
			continue
		}
		tokens := document.Tokens(to)
		for _, f := range all {
			f.Edit, f.Fix = nil, fmt.Sprintf("keep only one of %s, and write %s for it", list(anys(names)), quote(tokens[len(tokens)-1]))
		}
	}
}

// An offer is a value that a program can write in place of one that is wrong.
type offer struct {
	value   any
	edit    *finding.Edit // nil where what is written is not just the value
	fix     string        // the words that say it; "" for those of the fault
	refused *fault        // why the schema does not accept it either; nil where it does
}

// offerChoice makes right what has only its capitals or its quotes wrong.
func offerChoice(f fault, doc *document.Document, at finding.Span) *offer {
	src, _ := doc.Source(at)
	word, isText := f.value.(string)
	for _, c := range cmpList(f.choices, allowed(f)) {
		s, wantsText := c.(string)
		switch {
		case isText && wantsText && (near.Fold(s) == near.Fold(word)):
			return &offer{value: s, edit: EditText(doc, at, word, s)}
		case isText && !wantsText && c != nil && fmt.Sprint(c) == word && (src == `"`+word+`"` || src == "'"+word+"'"):
			return &offer{value: c, edit: &finding.Edit{At: at, Text: word}}
		case !isText && wantsText && f.value != nil && s == src && fmt.Sprint(f.value) == s:
			return &offer{value: s, edit: &finding.Edit{At: at, Text: `"` + s + `"`}}
		}
	}
	return nil
}

// offerType adds or removes the quotes that make a value of the wanted type, and writes yes and no as true and false.
func offerType(f fault, doc *document.Document, at finding.Span) *offer {
	src, _ := doc.Source(at)
	wanted := f.wanted()
	switch v := f.value.(type) {
	case string:
		text, ok := unquoted(v, wanted)
		if !ok {
			return nil
		}
		o := &offer{value: json.Number(text)}
		if text == "true" || text == "false" {
			o.value = text == "true"
		}
		if src == v || src == `"`+v+`"` || src == "'"+v+"'" {
			o.edit = &finding.Edit{At: at, Text: text}
		}
		return o
	case json.Number, bool:
		if !slices.Contains(wanted, "string") {
			return nil
		}
		if src == "" || strings.ContainsAny(src, `"'\ !&*`) {
			return &offer{value: fmt.Sprint(v)}
		}
		return &offer{value: src, edit: &finding.Edit{At: at, Text: `"` + src + `"`}, fix: "put it in quotes: \"" + src + `"`}
	}
	return nil
}

// wanted are the names of the types that are allowed where the fault stands.
func (f fault) wanted() []string {
	all := f.choices
	if !isAlternatives(f.keyword) {
		all = asList(f.limit)
		if s, ok := f.limit.(string); ok {
			all = []any{s}
		}
	}
	var names []string
	for _, t := range all {
		if s, ok := t.(string); ok {
			names = append(names, s)
		}
	}
	return names
}

// unquoted is what a text must be written as to be of one of the wanted types.
func unquoted(text string, wanted []string) (string, bool) {
	if slices.Contains(wanted, "boolean") {
		if b, ok := truth[strings.ToLower(text)]; ok {
			return b, true
		}
	}
	number := jsonNumber.MatchString(text)
	if number && slices.Contains(wanted, "number") {
		return text, true
	}
	if number && slices.Contains(wanted, "integer") && !strings.ContainsAny(text, ".eE") {
		return text, true
	}
	return "", false
}

// truth is what people write for true and false; but for the two themselves, YAML 1.2 reads all of them as texts.
var truth = map[string]string{"true": "true", "false": "false", "yes": "true", "no": "false", "on": "true", "off": "false"}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$`)
