package schema

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// maxLost bounds how many of the $refs that lead to nothing are told.
const maxLost = 100

// dangling gives each $ref by a JSON Pointer that leads to nothing, or to what is no schema, in the files that were read. A file
// that gives an $id to parts of its own is left to the library: there a pointer may begin elsewhere.
func (l *loader) dangling() []finding.Finding {
	var found []finding.Finding
	for _, base := range slices.Sorted(maps.Keys(l.paths)) {
		root := l.raw[base]
		if l.docs[l.paths[base]] == nil || takeCensus(root).ids > 0 {
			continue
		}
		eachSchemaRef(root, nil, func(tokens []string, ref string) {
			addr, fragment, _ := strings.Cut(resolved(base, ref), "#")
			target, read := l.raw[addr]
			pointer, err := url.PathUnescape(fragment)
			if !read || err != nil || len(found) == maxLost || !strings.HasPrefix(pointer, "/") {
				return
			}
			to := document.Tokens(pointer)
			f := finding.Finding{Rule: "schema-invalid", Level: finding.Failure}
			switch v, there := document.ValueAt(target, to); {
			case !there:
				f.Message, f.Fix = wordsOfLost(ref, target, to)
			case asObject(v) == nil && v != true && v != false:
				f.Message, f.Fix = fmt.Sprintf("%s leads to %s, which is no schema", quote(ref), describe(v)), "have it lead to a schema, such as one below \"$defs\""
			default:
				return
			}
			l.placeAt(&f, l.paths[base], tokens)
			found = append(found, f)
		})
	}
	return found
}

// eachSchemaRef calls visit for every $ref where a schema stands.
func eachSchemaRef(v any, at []string, visit func(tokens []string, ref string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below := v[key]
			named, isMap := below.(map[string]any)
			ref, isText := below.(string)
			switch {
			case isText && key == "$ref" && standardPlace(at):
				visit(under(at, key), ref)
			case slices.Contains(dataKeywords, key):
			case isMap && slices.Contains(schemasByName, key):
				for _, name := range slices.Sorted(maps.Keys(named)) {
					eachSchemaRef(named[name], under(under(at, key), name), visit)
				}
			default:
				eachSchemaRef(below, under(at, key), visit)
			}
		}
	case []any:
		for i, item := range v {
			eachSchemaRef(item, under(at, itoa(i)), visit)
		}
	}
}

// wordsOfLost says that a $ref leads to nothing, where to is its pointer into root.
func wordsOfLost(ref string, root any, to []string) (message, fix string) {
	message = quote(ref) + " leads to nothing"
	file, _, _ := strings.Cut(ref, "#")
	if meant, ok := meantPointer(root, to); ok {
		meant := fmt.Sprintf("%q", file+"#"+document.Pointer(meant))
		return message + "; did you mean " + meant + "?", "write " + meant + " instead of " + quote(ref)
	}
	where := "this file"
	if file != "" {
		where = file
	}
	return message, fmt.Sprintf("correct it, or add to %s what it is to lead to", where)
}

// meantPointer gives the pointer to a schema that is there, which one to nothing was likely meant to be.
func meantPointer(root any, to []string) (meant []string, ok bool) {
	if len(to) == 0 {
		_, isBool := root.(bool)
		return nil, isBool || asObject(root) != nil
	}
	token := to[0]
	if m := asObject(root); m != nil && !has(m, token) {
		other, swap := map[string]string{"definitions": "$defs", "$defs": "definitions"}[token]
		if token = other; !swap || !has(m, other) {
			token, _ = nearName(to[0], slices.Sorted(maps.Keys(m)))
		}
	}
	below, there := document.ValueAt(root, []string{token})
	if !there {
		return nil, false
	}
	rest, ok := meantPointer(below, to[1:])
	return append([]string{token}, rest...), ok
}

// explainLost says which $ref the library could not follow, where it can be told.
func (l *loader) explainLost(f *finding.Finding, err error) {
	text, lost := strings.CutSuffix(err.Error(), " not found")
	if !lost {
		return
	}
	if ref := l.placeOfRef(f, resolved, strings.TrimPrefix(text, "jsonschema: ")); ref != "" {
		f.Message, f.Fix = quote(ref)+" leads to nothing", `correct it: it needs an "$anchor" or "$id" of that name, or write it as "#/$defs/NAME"`
	}
}

// explainLoop says which $ref closes a circle. location is the library's: the place of a schema, and the way from there, which goes
// on where a $ref leads.
func (l *loader) explainLoop(f *finding.Finding, location string) {
	base, fragment, _ := strings.Cut(location, "#")
	type step struct {
		base string
		at   string // pointer
	}
	var (
		at    []string
		refs  []step
		texts []string
	)
	for _, token := range locationTokens(fragment) {
		if original, ok := l.names[token]; ok {
			token = original
		}
		at = under(at, token)
		ref, ok := lookup(l.raw[base], at).(string)
		if token != "$ref" || !ok {
			continue
		}
		refs, texts = append(refs, step{base, document.Pointer(at)}), append(texts, ref)
		to, pointer, _ := strings.Cut(resolved(base, ref), "#")
		if pointer, err := url.PathUnescape(pointer); err == nil {
			base, at = to, document.Tokens(pointer)
		}
	}
	f.Message = "what this schema refers to refers back to it, without end"
	f.Fix = `take one "$ref" out of the circle: a schema may refer to itself only below "properties", "items" and the like`
	if n := len(refs); n > 0 && l.docs[l.paths[refs[n-1].base]] != nil {
		last := refs[n-1]
		l.placeAt(f, l.paths[last.base], document.Tokens(last.at))
		f.Message = quote(texts[n-1]) + " leads in a circle: what it refers to refers back to it, without end"
	}
}

// resolved is the whole address that a reference in a file means; "" for none.
func resolved(base, ref string) string {
	b, err := url.Parse(base)
	r, err2 := url.Parse(ref)
	if err != nil || err2 != nil {
		return ""
	}
	return b.ResolveReference(r).String()
}

// placeOfRef puts a finding at the first $ref that means an address, and tells what is written there.
func (l *loader) placeOfRef(f *finding.Finding, means func(base, ref string) string, addr string) (ref string) {
	for _, base := range slices.Sorted(maps.Keys(l.paths)) {
		tokens, ok := findRef(l.raw[base], func(ref string) bool { return means(base, ref) == addr }, nil)
		if ok {
			l.placeAt(f, l.paths[base], tokens)
			return textOf(lookup(l.raw[base], tokens))
		}
	}
	return ""
}

func (l *loader) placeAt(f *finding.Finding, name string, tokens []string) {
	f.File, f.Pointer, f.At = name, document.Pointer(tokens), l.docs[name].Find(tokens).Value
}

// findRef looks for a $ref below v that is wanted.
func findRef(v any, wanted func(ref string) bool, at []string) ([]string, bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below := append(at[:len(at):len(at)], key)
			if ref, ok := v[key].(string); ok && strings.HasSuffix(strings.ToLower(key), "ref") && wanted(ref) {
				return below, true
			}
			if found, ok := findRef(v[key], wanted, below); ok {
				return found, true
			}
		}
	case []any:
		for i, item := range v {
			if found, ok := findRef(item, wanted, append(at[:len(at):len(at)], itoa(i))); ok {
				return found, true
			}
		}
	}
	return nil, false
}
