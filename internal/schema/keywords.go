package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// A Kind is a set of keywords: of what a schema object says beside the form of a value.
type Kind uint

const (
	WithRef        Kind = 1 << iota // x-tamer-ref
	WithKey                         // x-tamer-key
	WithRules                       // x-tamer-rules
	WithLive                        // x-tamer-live
	WithOwners                      // x-tamer-owners
	WithDeprecated                  // x-tamer-deprecated, deprecated
	WithSecret                      // x-tamer-secret, writeOnly
	WithWords                       // title, description, default, uniqueItems, x-tamer-unit
	WithMigration                   // x-tamer-renamed-from, x-tamer-renamed-values, x-tamer-migrate
	WithOrder                       // x-tamer-order
)

// Judged are the keywords that a value can offend against, and Any are all.
const (
	Judged = WithRef | WithKey | WithRules | WithLive | WithDeprecated
	Any    = Judged | WithOwners | WithSecret | WithWords
)

// Keywords is what one schema object says beside the form of a value. It must not be changed.
type Keywords struct {
	Kind        Kind
	Ref         *Ref   // nil without x-tamer-ref
	Key         string // property that identifies the items; "" without x-tamer-key
	Rules       []Rule
	Live        *Live // nil without x-tamer-live
	Owners      []string
	Deprecated  *Deprecated // nil without x-tamer-deprecated and deprecated
	Secret      bool        // the value is not shown
	Title       string
	Description string
	Unit        string
	Default     any // HasDefault tells a default of null from none
	HasDefault  bool
	Unique      bool     // uniqueItems: the list is a set
	Order       []string // of the keys; nil without x-tamer-order
	// What becomes of values that were written for an earlier schema; see Migrations.
	RenamedFrom   []string       // names of neighbours, or JSON Pointers, of which the first that is there counts
	RenamedValues map[string]any // by the text of the old value: the new one
	Migrate       string         // an expression in CEL; "" without
	Site          Site           // of the schema object
}

// A Site is a place in a schema file.
type Site struct {
	File    string
	Pointer string
	At      finding.Span
}

// A Ref says that a value is one of those that Path selects in configs of Type.
type Ref struct {
	Type    string
	Path    string // a JSON Pointer in which * is every item or property; with a # at its end, it means keys
	Scope   string // customer, shared or any; never empty
	Acyclic bool
	Site    Site
	TypeAt  finding.Span // of the values of type and path
	PathAt  finding.Span
}

// A Rule is a condition in CEL.
type Rule struct {
	Expr    string
	Message string
	Fix     string        // what to write instead; "" if not said
	Level   finding.Level // "" if not said: failure
	At      string        // a JSON Pointer from the value; "" for the value itself
	Site    Site          // of the rule
	ExprAt  finding.Span
	words   map[string]written // by the name of the property: expr, message, fix
}

// A written is where a text of a schema file stands.
type written struct {
	at         finding.Span
	lines      []finding.Place // where each line begins; nil where the file writes it in other characters
	text       string
	characters []finding.Place // then: where each character stands; nil where that cannot be told
}

// Place tells where in the schema file the character of the expression stands whose line and column, both from 1, are given;
// where the expression begins, if that cannot be told.
func (r Rule) Place(line, column int) finding.Place { return r.PlaceIn("expr", line, column) }

// PlaceIn is Place for a text of the rule: expr, message or fix.
func (r Rule) PlaceIn(text string, line, column int) finding.Place {
	w := r.words[text]
	if w.lines == nil {
		return w.character(line, column)
	}
	if line < 1 || line > len(w.lines) {
		return w.at.Start
	}
	p := w.lines[line-1]
	p.Column += max(column, 1) - 1
	return p
}

func (w written) character(line, column int) finding.Place {
	at, i := w.at.Start, 0
	for _, r := range w.text {
		if i == len(w.characters) {
			break
		}
		if at = w.characters[i]; line == 1 && column == 1 {
			return at
		}
		if i++; r == '\n' {
			line--
		} else if line == 1 {
			column--
		}
	}
	if len(w.characters) > 0 { // behind the last one
		at.Column++
	}
	return at
}

// Live names the query in whose result the value must be.
type Live struct {
	Source, Query string
	Args          map[string]any // nil without
	Site          Site
}

// Deprecated says that a value is on its way out.
type Deprecated struct {
	Since string // year-month-day; "" where only the standard's deprecated says it
	Use   string // what to write instead; "" if not said
	Site  Site
}

// Keywords gives those of all objects of the schema that a value can meet, in the order of their places.
func (s *Schema) Keywords() []*Keywords { return s.ordered }

// Carries tells whether any object of the schema has keywords of a kind.
func (s *Schema) Carries(kind Kind) bool { return s.kinds&kind != 0 }

// annotate reads the keywords of all objects that a compiled schema leads to.
func (s *Schema) annotate(l *loader, e *engine) {
	s.keywords = map[string]*Keywords{}
	once := map[string]*Keywords{} // a file may have two addresses
	ignored := map[string]*ignorance{}
	for _, node := range e.nodes() {
		base, where := s.location(node.Location)
		m, name := asObject(lookup(s.raw[base], where)), l.paths[base]
		if m == nil || name == "" {
			continue
		}
		if ignored[name] == nil {
			ignored[name] = newIgnorance(s.raw[base])
		}
		l.doubts = append(l.doubts, ignored[name].in(m, name, l.docs[name], where)...)
		site := name + "#" + document.Pointer(where)
		k, known := once[site]
		if !known {
			k = keywordReader{name, l.docs[name], where}.read(m)
		}
		if k != nil {
			once[site], s.keywords[node.Location] = k, k
			s.kinds |= k.Kind
		}
	}
	s.ordered = slices.SortedFunc(maps.Values(once), func(a, b *Keywords) int {
		return cmp.Or(cmp.Compare(a.Site.File, b.Site.File), cmp.Compare(a.Site.At.Start.Line, b.Site.At.Start.Line),
			cmp.Compare(a.Site.At.Start.Column, b.Site.At.Start.Column), cmp.Compare(a.Site.Pointer, b.Site.Pointer))
	})
}

// location splits a location of the library into the file's address and the tokens in the file as its author wrote it.
func (s *Schema) location(at string) (base string, where []string) { return located(s.names, at) }

func located(names map[string]string, at string) (base string, where []string) {
	base, fragment, _ := strings.Cut(at, "#")
	where = locationTokens(fragment)
	for i, t := range where {
		if original, ok := names[t]; ok {
			where[i] = original
		}
	}
	return base, where
}

// nodes are the schemas that an engine may apply.
func (e *engine) nodes() []*jsonschema.Schema {
	all := []*jsonschema.Schema{e.plain}
	seen := map[*jsonschema.Schema]bool{e.plain: true}
	for i := 0; i < len(all); i++ {
		for below := range subschemas(all[i]) {
			if !seen[below] {
				seen[below] = true
				all = append(all, below)
			}
		}
	}
	return all
}

// A keywordReader reads the keywords of the object that tokens lead to in a schema file. Their form has been judged.
type keywordReader struct {
	file   string
	doc    *document.Document
	tokens []string
}

func (r keywordReader) spot(below ...string) Site {
	tokens := slices.Concat(r.tokens, below)
	return Site{File: r.file, Pointer: document.Pointer(tokens), At: r.doc.Find(tokens).Value}
}

// read gives nil for an object without keywords.
func (r keywordReader) read(m map[string]any) *Keywords {
	k := &Keywords{Key: textOf(m["x-tamer-key"]), Title: textOf(m["title"]), Description: textOf(m["description"]), Unit: textOf(m["x-tamer-unit"]),
		Secret: m["x-tamer-secret"] == true || m["writeOnly"] == true && m["x-tamer-secret"] == nil}
	k.Default, k.HasDefault = m["default"]
	k.Unique = m["uniqueItems"] == true
	for _, owner := range asList(m["x-tamer-owners"]) {
		k.Owners = append(k.Owners, textOf(owner))
	}
	k.Ref, k.Live, k.Rules, k.Deprecated = r.ref(m), r.live(m), r.rules(m), r.deprecated(m)
	k.RenamedFrom, k.RenamedValues, k.Migrate = textsOf(m["x-tamer-renamed-from"]), asObject(m["x-tamer-renamed-values"]), textOf(m["x-tamer-migrate"])
	k.Order = r.order(m)
	for kind, has := range map[Kind]bool{
		WithOrder:     k.Order != nil,
		WithMigration: k.RenamedFrom != nil || k.RenamedValues != nil || k.Migrate != "",
		WithRef:       k.Ref != nil, WithKey: k.Key != "", WithRules: k.Rules != nil, WithLive: k.Live != nil, WithOwners: k.Owners != nil,
		WithDeprecated: k.Deprecated != nil, WithSecret: k.Secret, WithWords: k.Title != "" || k.Description != "" || k.Unit != "" || k.HasDefault || k.Unique,
	} {
		if has {
			k.Kind |= kind
		}
	}
	if k.Kind == 0 {
		return nil
	}
	k.Site = r.spot()
	return k
}

func (r keywordReader) ref(m map[string]any) *Ref {
	v := asObject(m["x-tamer-ref"])
	if v == nil {
		return nil
	}
	return &Ref{Type: textOf(v["type"]), Path: textOf(v["path"]), Scope: cmp.Or(textOf(v["scope"]), "customer"), Acyclic: v["acyclic"] == true,
		Site: r.spot("x-tamer-ref"), TypeAt: r.spot("x-tamer-ref", "type").At, PathAt: r.spot("x-tamer-ref", "path").At}
}

func (r keywordReader) live(m map[string]any) *Live {
	v := asObject(m["x-tamer-live"])
	if v == nil {
		return nil
	}
	return &Live{Source: textOf(v["source"]), Query: textOf(v["query"]), Args: asObject(v["args"]), Site: r.spot("x-tamer-live")}
}

func (r keywordReader) rules(m map[string]any) []Rule {
	var rules []Rule
	for i, item := range asList(m["x-tamer-rules"]) {
		v := asObject(item)
		rule := Rule{Expr: textOf(v["expr"]), Message: textOf(v["message"]), Fix: textOf(v["fix"]), Level: finding.Level(textOf(v["level"])), At: textOf(v["at"]),
			Site: r.spot("x-tamer-rules", itoa(i)), words: map[string]written{}}
		for _, name := range []string{"expr", "message", "fix"} {
			at := r.spot("x-tamer-rules", itoa(i), name)
			where := document.Tokens(at.Pointer)
			w := written{at: at.At, lines: r.doc.Lines(where)}
			if w.lines == nil {
				w.text, w.characters = textOf(v[name]), r.doc.Characters(where)
			}
			rule.words[name] = w
		}
		rule.ExprAt = rule.words["expr"].at
		rules = append(rules, rule)
	}
	return rules
}

func (r keywordReader) deprecated(m map[string]any) *Deprecated {
	if v := asObject(m["x-tamer-deprecated"]); v != nil {
		return &Deprecated{Since: textOf(v["since"]), Use: textOf(v["use"]), Site: r.spot("x-tamer-deprecated")}
	}
	if m["deprecated"] == true {
		return &Deprecated{Site: r.spot("deprecated")}
	}
	return nil
}

func (r keywordReader) order(m map[string]any) []string {
	if m["x-tamer-order"] == true {
		return r.doc.Keys(slices.Concat(r.tokens, []string{"properties"}))
	}
	return textsOf(m["x-tamer-order"])
}

// textsOf gives the texts of a list, or the one that stands for a list of it.
func textsOf(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var all []string
	for _, one := range asList(v) {
		all = append(all, textOf(one))
	}
	return all
}

func textOf(v any) string { s, _ := v.(string); return s }
