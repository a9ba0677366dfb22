package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/evolution"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

func parse(text string) ([]*document.Document, []finding.Finding) {
	return document.Parse([]byte(text), document.Limits{})
}

// hover tells what the value at a position is, who answers for it, who reads it, and what refers to it.
func (s *server) hover(ctx context.Context, p positionParams) (any, error) {
	var out any
	err := s.lookAt(ctx, p, func(v view, c cursor) error {
		page := pageOf(v.tree, c.file.Path)
		at := page.place(page.offset(p.Position))
		d := v.describe(c.file, page.text, at)
		if c.at != (finding.Span{}) {
			d.at = c.at
		}
		lines := append(d.lines(), v.ties(c)...)
		if len(lines) > 0 {
			out = hover{markup{"markdown", strings.Join(lines, "\n\n")}, page.rangeOf(d.at)}
		}
		return nil
	})
	return out, err
}

// A description is what schemas and services say of one value.
type description struct {
	at      finding.Span
	tokens  []string
	own     []*schema.Keywords // of the value itself
	owners  []string           // of the nearest value around it that names some
	readers []string
}

// describe finds the innermost value whose key or text is at the place.
func (v view) describe(f policy.File, text string, at finding.Place) description {
	var d description
	compiled := v.catalog.SchemaOf(f.Type)
	docs, _ := parse(text)
	if compiled == nil {
		return d
	}
	for _, doc := range docs {
		here := description{}
		var around []visit
		compiled.Walk(doc, schema.WithWords|schema.WithOwners|schema.WithDeprecated|schema.WithSecret|schema.WithRef, func(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
			around = append(around, visit{tokens, k})
			place := doc.Find(tokens)
			span := place.Value
			if ofKey || !endsHere(span) || holds(place.Key, at) && place.Key.Start.Line > 0 {
				span = place.Key
			}
			if span.Start.Line > 0 && endsHere(span) && holds(span, at) && (len(tokens) >= len(here.tokens)) {
				if !slices.Equal(tokens, here.tokens) {
					here = description{tokens: tokens, at: span}
				}
				here.own = append(here.own, k)
			}
		})
		if here.own == nil {
			continue
		}
		for _, a := range around {
			if len(a.tokens) <= len(here.tokens) && slices.Equal(a.tokens, here.tokens[:len(a.tokens)]) && a.keywords.Owners != nil {
				here.owners = a.keywords.Owners
			}
		}
		here.readers = v.readers(f.Type, here.tokens)
		return here
	}
	return d
}

type visit struct {
	tokens   []string
	keywords *schema.Keywords
}

func endsHere(s finding.Span) bool { return s.End.Line > 0 && s.End.Line == s.Start.Line }

// readers are the services that say that they read a value of a type, with who answers for each.
func (v view) readers(typ string, tokens []string) []string {
	services, _, err := evolution.Consumers(v.catalog)
	if err != nil {
		return nil
	}
	var names []string
	for _, s := range services {
		if !slices.ContainsFunc(s.Reads, func(r evolution.Read) bool { return r.Type == typ && reads(r, tokens) }) {
			continue
		}
		name := s.Name
		if s.Owner != "" {
			name += " (" + s.Owner + ")"
		}
		names = append(names, name)
	}
	return names
}

// reads tells whether what is read of a type holds a value, or lies in it.
func reads(r evolution.Read, tokens []string) bool {
	return len(r.Paths) == 0 || slices.ContainsFunc(r.Paths, func(p evolution.ReadPath) bool {
		path := document.Tokens(p.Text)
		for i := range min(len(path), len(tokens)) {
			if path[i] != "*" && path[i] != tokens[i] {
				return false
			}
		}
		return true
	})
}

// lines are the paragraphs of a description.
func (d description) lines() []string {
	var lines []string
	for _, k := range d.own {
		if k.Title != "" {
			lines = append(lines, "**"+plain(k.Title)+"**")
		}
		if k.Description != "" {
			lines = append(lines, plain(k.Description))
		}
		if k.Unit != "" {
			lines = append(lines, "Unit: "+plain(k.Unit))
		}
		if k.Secret {
			lines = append(lines, "Secret: tamer shows it nowhere.")
		}
		if x := k.Deprecated; x != nil {
			lines = append(lines, deprecation(x))
		}
	}
	if len(d.owners) > 0 {
		lines = append(lines, "Owned by "+plain(strings.Join(d.owners, ", ")))
	}
	if len(d.readers) > 0 {
		lines = append(lines, "Read by "+plain(strings.Join(d.readers, ", ")))
	}
	return lines
}

func deprecation(x *schema.Deprecated) string {
	text := "**Deprecated**"
	if x.Since != "" {
		text += " since " + plain(x.Since)
	}
	if x.Use != "" {
		text += ": use " + plain(x.Use)
	}
	return text
}

// ties tells what the value at the cursor refers to, and what refers to it.
func (v view) ties(c cursor) []string {
	var lines []string
	for _, r := range c.refs {
		hits := v.index.Targets(c.file, r)
		text := fmt.Sprintf("Refers to %s `%s`", plain(r.To.Type), strings.ReplaceAll(r.To.Path, "`", "'"))
		switch {
		case len(hits) == 0:
			text += ", where it does not stand"
		default:
			text += fmt.Sprintf(": %s, line %d", plain(hits[0].File.Path), hits[0].Target.At.Start.Line)
		}
		lines = append(lines, text)
	}
	files, customers, n := map[string]bool{}, map[string]bool{}, 0
	seen := map[spot]bool{}
	for _, t := range c.targets {
		for _, r := range v.index.Referrers(c.file, t) {
			if at := (spot{r.File.Path, r.Ref.At}); !seen[at] {
				seen[at], files[r.File.Path] = true, true
				if n++; r.File.Customer != "" {
					customers[r.File.Customer] = true
				}
			}
		}
	}
	switch {
	case len(c.targets) == 0:
	case n == 0:
		lines = append(lines, "Nothing refers to it")
	default:
		lines = append(lines, fmt.Sprintf("Referred to in %s of %s, of %s", count(n, "place"), count(len(files), "file"), count(len(customers), "customer")))
	}
	return lines
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

var escapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "#", `\#`, "|", `\|`, "!", `\!`, "\n", " ", "\r", " ")

// plain has a text shown as it is where Markdown is read.
func plain(text string) string { return escapes.Replace(text) }
