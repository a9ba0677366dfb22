package expr

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/tamerhq/tamer/internal/near"
)

var (
	// ErrCost is given for an evaluation that costs more than CostLimit.
	ErrCost = errors.New("the expression takes too many steps on these values")
	// ErrBudget is given where the budget was spent before.
	ErrBudget = errors.New("the expressions before it took too many steps together")
)

// A Missing is given where an expression asks for a property that is not there.
type Missing struct{ Name string }

func (m *Missing) Error() string { return fmt.Sprintf("there is no %q", m.Name) }

// An Error says what is wrong with an expression.
type Error struct {
	Line, Column int // within the expression, both from 1; a column counts characters
	Message      string
}

func (e *Error) Error() string { return e.Message }

// explain gives the first error, in plain words. Those after it mostly follow from it.
func (e *Env) explain(source string, errs []*cel.Error) *Error {
	first := errs[0]
	for _, err := range errs[1:] {
		if a, b := err.Location, first.Location; a.Line() < b.Line() || a.Line() == b.Line() && a.Column() < b.Column() {
			first = err
		}
	}
	out := &Error{Line: max(first.Location.Line(), 1), Column: max(first.Location.Column(), 0) + 1, Message: cut(e.words(first.Message), maxShownError)}
	lines := strings.Split(source, "\n")
	if out.Line >= len(lines) && out.Column > utf8.RuneCountInString(lines[len(lines)-1]) && strings.HasPrefix(first.Message, "Syntax error") {
		out.Message = "the expression ends too early: a bracket, a quote or a value is missing"
	}
	return out
}

var (
	unknownName  = regexp.MustCompile(`^undeclared reference to '(.*?)' \(in container '.*'\)$`)
	wrongToken   = regexp.MustCompile(`(?s)^Syntax error: (?:mismatched|extraneous|no viable alternative at) input '(.*?)'(?: expecting .*)?$`)
	wrongSign    = regexp.MustCompile(`^Syntax error: token recognition error at: '(.*)'$`)
	missingToken = regexp.MustCompile(`(?s)^Syntax error: missing (.*) at '(.*)'$`)
	wrongCall    = regexp.MustCompile(`(?s)^found no matching overload for '(.*?)' applied to '(.*)'$`)
)

func (e *Env) words(message string) string {
	message = strings.ReplaceAll(message, "<EOF>", "")
	if m := unknownName.FindStringSubmatch(message); m != nil {
		return e.unknown(m[1])
	}
	if m := wrongSign.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%q cannot stand here; write \"==\" to compare, texts within quotes, and other names within brackets, as in self[\"größe\"]", strings.TrimSpace(m[1]))
	}
	if m := missingToken.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s is missing here", m[1])
	}
	if m := wrongToken.FindStringSubmatch(message); m != nil {
		if m[1] == "" {
			return "the expression ends too early: a bracket, a quote or a value is missing"
		}
		return fmt.Sprintf("%q cannot stand here", m[1])
	}
	if m := wrongCall.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s does not take %s", readable(m[1]), readable(m[2]))
	}
	return strings.TrimPrefix(message, "Syntax error: ")
}

// unknown says that there is no such variable or function, and what there is.
func (e *Env) unknown(name string) string {
	known := append([]string{}, e.names...)
	for _, f := range library {
		known = append(known, f.Name)
	}
	if meant, ok := near.Name(name, known); ok {
		return fmt.Sprintf("there is no %q; did you mean %q?", name, meant)
	}
	return fmt.Sprintf("there is no %q; the names are %s", name, strings.Join(e.names, ", "))
}

var operatorName = regexp.MustCompile(`^@?_?([^_a-zA-Z]+|[a-z]+)_?$`)

// readable turns the library's names for operators and kinds into those that people write.
func readable(name string) string {
	if m := operatorName.FindStringSubmatch(name); m != nil && strings.ContainsAny(name, "_@") {
		name = m[1]
	}
	return strings.NewReplacer("double", "number", "int", "whole number", "string", "text", "bool", "boolean", "dyn", "any value",
		"google.protobuf.Timestamp", "time", "google.protobuf.Duration", "span of time").Replace(name)
}

func kindOfType(t *cel.Type) string {
	switch t.Kind() {
	case types.StringKind:
		return "a text"
	case types.IntKind, types.UintKind, types.DoubleKind:
		return "a number"
	case types.ListKind:
		return "a list"
	case types.MapKind:
		return "a mapping"
	case types.NullTypeKind:
		return "null"
	}
	return readable(t.String())
}

var (
	noKey   = regexp.MustCompile(`^no such key: (.*)$`)
	noIndex = regexp.MustCompile(`^(?:index out of bounds: (-?\d+)|index '(-?\d+)' out of range in list size '\d+')$`)
)

// inWords is the error of an evaluation for people.
func inWords(err error) error {
	if m := noKey.FindStringSubmatch(err.Error()); m != nil {
		return &Missing{cut(m[1], maxShownValue)}
	}
	return errors.New(cut(plain(err), maxShownError))
}

// plain says in words what the library means.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "internal error: ")
	if m := noIndex.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("the list has no item %s, counted from 0", m[1]+m[2])
	}
	switch {
	case text == "division by zero", text == "divide by zero", text == "modulus by zero":
		return "a number is divided by 0"
	case strings.Contains(text, "overflow"):
		return "a number or a time is too large"
	case strings.HasPrefix(text, "no such overload"):
		return "a value is of a kind that does not fit there"
	case strings.HasPrefix(text, "type conversion error from"):
		return "a value cannot be converted: " + text
	}
	return text
}
