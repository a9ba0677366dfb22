package expr

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxShownValue = 120  // characters of one value in a text
	maxShownError = 400  // characters of an error
	maxShownText  = 1000 // characters of a text with its values
)

// A Template is a text with expressions in it: "${self.from} comes after ${self.to}". A "$${" stands for "${". It is safe for
// concurrent use.
type Template struct{ parts []part }

type part struct {
	text    string
	program *Program // nil for plain text
}

// Template reads a text. The error is an *Error, with the place in the text.
func (e *Env) Template(text string) (*Template, error) {
	t := &Template{}
	plain, rest := "", text
	for rest != "" {
		before, after, found := strings.Cut(rest, "${")
		if found && strings.HasSuffix(before, "$") {
			plain, rest = plain+before+"{", after
			continue
		}
		plain += before
		if !found {
			break
		}
		n := end(after)
		from := len(text) - len(after)
		if n < 0 {
			return nil, placed(&Error{Line: 1, Column: 1, Message: `this "${" is never closed; write "$${" where no expression is meant`}, text, from-2)
		}
		program, err := e.Compile(after[:n])
		if err != nil {
			return nil, placed(err.(*Error), text, from)
		}
		t.parts = append(t.parts, part{text: plain}, part{text: "${" + after[:n] + "}", program: program})
		plain, rest = "", after[n+1:]
	}
	t.parts = append(t.parts, part{text: plain})
	return t, nil
}

// end finds the bracket that closes an expression; -1 if there is none. Brackets within texts and mappings are passed over.
func end(source string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"', c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}' && depth == 0:
			return i
		case c == '}':
			depth--
		}
	}
	return -1
}

// placed moves an error of an expression that begins at an offset of a text.
func placed(err *Error, text string, offset int) *Error {
	before := text[:offset]
	out := *err
	if err.Line == 1 {
		out.Column += utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	}
	out.Line += strings.Count(before, "\n")
	return &out
}

// Text gives the text with its values, bounded in length. An expression that has no value stands as it was written.
func (t *Template) Text(vars map[string]any, b *Budget) string {
	var out strings.Builder
	for _, p := range t.parts {
		if p.program == nil {
			out.WriteString(p.text)
			continue
		}
		v, err := p.program.Eval(vars, b)
		if err != nil {
			out.WriteString(p.text)
			continue
		}
		out.WriteString(Show(v))
	}
	return cut(out.String(), maxShownText)
}

// Uses tells whether an expression in the text names a variable.
func (t *Template) Uses(name string) bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.program != nil && p.program.Uses(name) })
}

// Fields gives the properties of a variable that the expressions ask for, as Program.Fields does.
func (t *Template) Fields(name string) (fields []string, all bool) {
	seen := map[string]bool{}
	for _, p := range t.parts {
		if p.program == nil {
			continue
		}
		some, any := p.program.Fields(name)
		all = all || any
		for _, f := range some {
			seen[f] = true
		}
	}
	return slices.Sorted(maps.Keys(seen)), all
}

// Show is a value in a text: a text as it is, a list as its items, a mapping as JSON. Long ones are cut.
func Show(v any) string { return cut(show(v), maxShownValue) }

func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case json.Number:
		return string(v)
	case []any:
		var items []string
		for _, item := range v[:min(len(v), maxShownValue)] {
			items = append(items, show(item))
		}
		return strings.Join(items, ", ")
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func cut(text string, bound int) string {
	if len(text) <= bound || utf8.RuneCountInString(text) <= bound {
		return text
	}
	return string([]rune(text)[:bound-1]) + "…"
}
