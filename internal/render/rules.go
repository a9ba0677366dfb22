package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/rule"
)

// Rules lists rules for people, one a line: id, level, purpose.
func Rules(w io.Writer, rules []rule.Rule) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rules {
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.ID, r.Default(), r.Purpose)
	}
	return table.Flush()
}

// Rule explains one rule for people, with its examples.
func Rule(w io.Writer, r rule.Rule) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n\n%s\n\n%s\n", r.ID, levelOf(r), r.Purpose, r.Why)
	for _, e := range examples(r) {
		fmt.Fprintf(&b, "\n%s:\n\n", e.title)
		for line := range strings.Lines(e.text) {
			fmt.Fprintf(&b, "    %s\n", visible(strings.TrimSuffix(line, "\n")))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type jsonRule struct {
	ID      string        `json:"id"`
	Level   finding.Level `json:"level"`
	Fixed   bool          `json:"fixed"` // no policy can set another level
	Purpose string        `json:"purpose"`
	Why     string        `json:"why"`
	Schema  string        `json:"schema,omitempty"`
	Bad     string        `json:"bad"`
	Good    string        `json:"good"`
}

// RulesJSON writes rules for programs.
func RulesJSON(w io.Writer, rules []rule.Rule) error {
	out := make([]jsonRule, len(rules))
	for i, r := range rules {
		out[i] = jsonRule{r.ID, r.Default(), rule.Fixed(r.ID), r.Purpose, flow(r.Why), r.Schema, r.Bad, r.Good}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string][]jsonRule{"rules": out})
}

// RulesMarkdown writes the page of documentation: all rules by family.
func RulesMarkdown(w io.Writer, rules []rule.Rule) error {
	var b strings.Builder
	for _, family := range rule.Families {
		fmt.Fprintf(&b, "\n## %s\n", family.Title())
		for _, r := range rules {
			if r.Family == family {
				fmt.Fprintf(&b, "\n### %s\n\n%s", r.ID, ruleMarkdown(r))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func ruleMarkdown(r rule.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** (%s)\n\n%s\n", r.Purpose, levelOf(r), r.Why)
	for _, e := range examples(r) {
		if r.Family == rule.Outside {
			fmt.Fprintf(&b, "\n%s: %s\n", e.title, e.text)
			continue
		}
		fmt.Fprintf(&b, "\n%s:\n\n```%s\n", e.title, e.language)
		for line := range strings.Lines(e.text) {
			fmt.Fprintf(&b, "%s\n", visible(strings.TrimSuffix(line, "\n")))
		}
		b.WriteString("```\n")
	}
	return b.String()
}

// levelOf says the level, and whether a policy can set another one.
func levelOf(r rule.Rule) string {
	if rule.Fixed(r.ID) {
		return string(r.Level) + ", whatever the policy says"
	}
	if r.Off {
		return "off, unless the policy gives it a level"
	}
	return string(r.Level)
}

type example struct{ title, text, language string }

// examples are what a rule shows, in the order in which it is read.
func examples(r rule.Rule) []example {
	language := "yaml"
	if r.Family == rule.Repository {
		language = "text"
	}
	var all []example
	if r.Schema != "" {
		all = append(all, example{"With the schema", r.Schema, language})
	}
	return append(all, example{"Bad", r.Bad, language}, example{"Good", r.Good, language})
}

// flow makes one line of a text that was broken into lines for its source.
func flow(text string) string { return strings.ReplaceAll(text, "\n", " ") }
