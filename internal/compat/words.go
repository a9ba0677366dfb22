package compat

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/schema"
)

// maxShown bounds, in characters, how much of a value is shown in a message.
const maxShown = 100

// show writes a value for a message.
func show(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "a value"
	}
	s := strings.TrimSpace(b.String())
	if utf8.RuneCountInString(s) > maxShown {
		s = string([]rune(s)[:maxShown]) + "…"
	}
	return s
}

// Shown writes a value, such as a witness, for a message: in one line of bounded length.
func Shown(v any) string { return show(v) }

func decimal(r *big.Rat) json.Number {
	if r.IsInt() {
		return json.Number(r.Num().String())
	}
	digits, _ := r.FloatPrec()
	return json.Number(r.FloatString(min(digits, maxDigits)))
}

// changeWords says what a change is, without what it breaks.
func changeWords(p piece) string {
	name, _ := p.was.(string)
	switch p.kind {
	case "property-added":
		return fmt.Sprintf("the property %q is described", name)
	case "property-removed":
		return fmt.Sprintf("the property %q is no longer described", name)
	case "required":
		if p.old == nil {
			return fmt.Sprintf("the property %q becomes required", name)
		}
		return fmt.Sprintf("the property %q is no longer required", name)
	case "patternProperties":
		if p.old == nil {
			return fmt.Sprintf("properties that match %q are described", name)
		}
		return fmt.Sprintf("properties that match %q are no longer described", name)
	case "additionalProperties":
		return fmt.Sprintf("additional properties: %s instead of %s", allowed(p.is), allowed(p.was))
	case "schema":
		return fmt.Sprintf("the schema is %s instead of %s", show(p.is), show(p.was))
	case "items", "prefixItems":
		return fmt.Sprintf("the items of the list are described otherwise: %s instead of %s", p.is, p.was)
	}
	often, counted := p.was.(times)
	switch {
	case counted:
		return fmt.Sprintf("how many items must be as \"contains\" says changes from %s to %s", often, p.is)
	case p.old == nil && p.is == nil:
		return fmt.Sprintf("%q is added", p.kind)
	case p.old == nil:
		return fmt.Sprintf("%q is added: %s", p.kind, show(p.is))
	case p.new == nil:
		return fmt.Sprintf("%q is removed", p.kind)
	case p.was == nil || p.is == nil:
		return fmt.Sprintf("%q changes", p.kind)
	}
	was, is := show(p.was), show(p.is)
	switch {
	case reflect.DeepEqual(p.was, p.is):
		return fmt.Sprintf("%q reads as before, and means something else by what stands beside it or below", p.kind)
	case was == is: // as far as they are shown
		return fmt.Sprintf("%q changes", p.kind)
	}
	return fmt.Sprintf("%q changes from %s to %s", p.kind, was, is)
}

// itemsWords says how the items of a list are described.
func itemsWords(n *schema.Node) string {
	rest := map[string]string{"true": "any", "false": "none", "schema": "all by one schema"}
	if len(n.Prefix) == 0 {
		return rest[constant(n.Rest)]
	}
	rest = map[string]string{"true": "any others", "false": "no others", "schema": "others by one schema"}
	return fmt.Sprintf("%d by place and %s", len(n.Prefix), rest[constant(n.Rest)])
}

// times says how often a list must hold what contains describes.
type times string

func timesOf(n *schema.Node) times {
	switch {
	case n.MaxContains == nil && *n.MinContains == 0:
		return "any number"
	case n.MaxContains == nil:
		return times(fmt.Sprintf("%d or more", *n.MinContains))
	case *n.MinContains == *n.MaxContains:
		return times(fmt.Sprintf("exactly %d", *n.MinContains))
	case *n.MinContains == 0:
		return times(fmt.Sprintf("%d or fewer", *n.MaxContains))
	}
	return times(fmt.Sprintf("between %d and %d", *n.MinContains, *n.MaxContains))
}

func allowed(v any) string {
	switch v {
	case true:
		return "allowed"
	case false:
		return "not allowed"
	}
	return "described by a schema"
}

// judgingBeyond are keywords of tamer by which files are judged, and not by what one of them may hold.
var judgingBeyond = []string{"x-tamer-key", "x-tamer-live", "x-tamer-ref", "x-tamer-rules"}

func annotationWords(word string, was, is any, had, has bool) string {
	about := "which judges nothing"
	if slices.Contains(judgingBeyond, word) {
		about = "of which a comparison of what schemas accept says nothing"
	}
	switch {
	case !had:
		return fmt.Sprintf("%q is added, %s: %s", word, about, show(is))
	case !has:
		return fmt.Sprintf("%q is removed, %s", word, about)
	}
	return fmt.Sprintf("%q changes, %s: from %s to %s", word, about, show(was), show(is))
}

var sidesWords = map[Direction][2]string{Backward: {"new", "old"}, Forward: {"old", "new"}}

func notProvenWords(d Direction, why string) string {
	w := sidesWords[d]
	return fmt.Sprintf("it is not proven that the %s schema accepts everything that the %s one accepts: %s", w[0], w[1], why)
}

// witnessWords says what a change breaks.
func witnessWords(c Change) string {
	var b strings.Builder
	for _, d := range []Direction{Backward, Forward} {
		if v, ok := c.Witnesses[d]; ok {
			w := sidesWords[d]
			fmt.Fprintf(&b, "; the %s schema refuses %s, which the %s one accepts", w[0], show(v), w[1])
		} else if slices.Contains(c.unsure, d) {
			fmt.Fprintf(&b, "; it is not known whether this breaks %s", d)
		}
	}
	return b.String()
}
