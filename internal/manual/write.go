package manual

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"strings"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{"file": func(name string) string { return url.PathEscape(fileName(name, "html")) }}).Parse(pageText))

// Markdown writes the handbook as files by their names: README.md, and one for each type.
func Markdown(types []Type) map[string][]byte {
	var index strings.Builder
	index.WriteString("# Types of configuration\n\n| type | what it is | owners | customers |\n|---|---|---|---|\n")
	files := map[string][]byte{}
	for _, t := range types {
		name := fileName(t.Name, "md")
		fmt.Fprintf(&index, "| [%s](%s) | %s | %s | %d |\n", cell(t.Name), url.PathEscape(name), cell(t.Title), cell(strings.Join(t.Owners, ", ")), len(t.Customers))
		files[name] = []byte(t.markdown())
	}
	files["README.md"] = []byte(index.String())
	return files
}

// HTML writes the handbook as pages by their names: index.html, and one for each type.
func HTML(types []Type) (map[string][]byte, error) {
	files := map[string][]byte{}
	write := func(name string, data any) error {
		var b strings.Builder
		if err := page.Execute(&b, data); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		files[name] = []byte(b.String())
		return nil
	}
	for _, t := range types {
		if err := write(fileName(t.Name, "html"), map[string]any{"Type": t}); err != nil {
			return nil, err
		}
	}
	return files, write("index.html", map[string]any{"Types": types})
}

// fileName is the page of a type: one segment, whatever the type's name holds.
func fileName(typ, ending string) string {
	return strings.NewReplacer("%", "%25", "/", "%2F").Replace(typ) + "." + ending
}

// cell writes a text in a table of Markdown, where it is text only.
func cell(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", "|", `\|`, "\n", " ", "\r", " ", "*", `\*`, "_", `\_`, "[", `\[`, "`", "\\`", `\`, `\\`).Replace(s)
}

// code writes characters as they are, in a table of Markdown.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + strings.NewReplacer("&", "&amp;", "<", "&lt;", "|", "&#124;", "\n", " ", "\r", " ", "*", "&#42;", "_", "&#95;", "[", "&#91;", "`", "&#96;", `\`, "&#92;").Replace(s) + "</code>"
}

func (t Type) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", cell(t.Title))
	if t.Description != "" {
		fmt.Fprintf(&b, "%s\n\n", cell(t.Description))
	}
	for _, fact := range t.Facts() {
		fmt.Fprintf(&b, "- **%s**: %s\n", fact.Name, cell(fact.Text))
	}
	b.WriteString("\n| where | what | meaning | default | examples |\n|---|---|---|---|---|\n")
	for _, p := range t.Properties {
		var examples []string
		for _, e := range p.Examples {
			examples = append(examples, code(e))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code(p.Path), cell(p.Kind()), cell(p.Meaning()), code(p.Default), strings.Join(examples, " "))
	}
	for _, e := range t.Examples {
		b.WriteString("\nAn example:\n\n    " + strings.ReplaceAll(e, "\n", "\n    ") + "\n")
	}
	return b.String()
}

// A Fact is said at the head of a type's page.
type Fact struct{ Name, Text string }

// mostNamed is how many customers a page names.
const mostNamed = 50

// Facts are what is known of a type beside its properties.
func (t Type) Facts() []Fact {
	facts := []Fact{{"Type", t.Name}, {"Schema", t.Schema}}
	add := func(name string, all []string) {
		if len(all) > 0 {
			more := ""
			if len(all) > mostNamed {
				more = fmt.Sprintf(" and %d more", len(all)-mostNamed)
			}
			facts = append(facts, Fact{name, strings.Join(all[:min(len(all), mostNamed)], ", ") + more})
		}
	}
	if t.Deprecated != "" {
		facts = append(facts, Fact{"Deprecated", t.Deprecated})
	}
	add("Owners", t.Owners)
	add("Read by", t.Consumers)
	add("Referred to by", t.Referrers)
	if t.Shared {
		facts = append(facts, Fact{"Shared", "belongs to no customer"})
	}
	add(fmt.Sprintf("Customers (%d)", len(t.Customers)), t.Customers)
	return facts
}

// Kind is what a property may be, and whether it must be there.
func (p Property) Kind() string {
	if p.Required {
		return strings.TrimSuffix("required, "+p.What, ", ")
	}
	return p.What
}

// Meaning is what people are told of a property.
func (p Property) Meaning() string {
	text := p.Title
	if p.RefersTo != "" {
		text = strings.TrimPrefix(text+". One of "+p.RefersTo, ". ")
	}
	if p.Deprecated != "" {
		text = strings.TrimPrefix(text+". Deprecated: "+p.Deprecated, ". ")
	}
	return text
}
