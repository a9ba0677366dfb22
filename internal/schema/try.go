package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// try gives the faults what a program can write in place of their values, and finds out in one more validation whether the schema
// accepts that: a number in quotes is a text, and need not be one of those that are asked for.
func (s *Schema) try(e *engine, faults []fault, doc *document.Document) {
	var offered []*fault
	for i := range faults {
		f := &faults[i]
		if offer := wordings[f.keyword].offer; offer != nil && !f.isKey {
			f.offer = offer(*f, doc, doc.Find(f.at).Value)
			if n := len(offered); f.offer != nil && n > 0 && slices.Equal(f.at, offered[n-1].at) { // only one is tried at a place
				f.offer = offered[n-1].offer
			} else if f.offer != nil {
				offered = append(offered, f)
			}
		}
	}
	if len(offered) == 0 {
		return
	}
	root := withOffers(doc.Value, 0, offered)
	left, err := s.judge(e.validate(e.plain, root), root)
	first := map[string]*fault{}
	for i := range left {
		if at := document.Pointer(left[i].at); first[at] == nil && !left[i].isKey {
			first[at] = &left[i]
		}
	}
	for _, f := range offered {
		f.offer.refused = first[document.Pointer(f.at)]
		if err != nil {
			f.offer.edit = nil
		}
	}
}

// withOffers is a value, so many tokens below the root, with what is offered in it. The faults are in the order of their places.
func withOffers(v any, depth int, offered []*fault) any {
	if first := offered[0]; len(first.at) == depth {
		return first.offer.value
	}
	m, list := maps.Clone(asObject(v)), slices.Clone(asList(v))
	for len(offered) > 0 {
		token := offered[0].at[depth]
		n := 1
		for n < len(offered) && offered[n].at[depth] == token {
			n++
		}
		if m != nil {
			m[token] = withOffers(m[token], depth+1, offered[:n])
		} else if i := index(token, len(list)); i >= 0 {
			list[i] = withOffers(list[i], depth+1, offered[:n])
		}
		offered = offered[n:]
	}
	if m != nil {
		return m
	}
	return list
}

// otherwise says what to write where what is offered would be refused too.
func (f fault) otherwise() string {
	no := *f.offer.refused
	said, known := wordings[no.keyword]
	switch {
	case no.keyword == "type" || isAlternatives(no.keyword) || !known:
		return "write " + kindList(f.wanted()) + " here"
	case allowed(no) != nil:
		choices := cmpList(no.choices, allowed(no))
		if len(choices) == 1 {
			return "write " + show(choices[0])
		}
		return "write one of " + list(choices)
	}
	_, fix := said.words(no)
	if _, isText := f.offer.value.(string); !isText || strings.HasPrefix(fix, "write ") || strings.HasPrefix(fix, "remove ") {
		return fix
	}
	return "put it in quotes, and " + fix
}
