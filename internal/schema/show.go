package schema

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// describe names a value with its kind, for people who do not see types.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return "the text " + show(v)
	case json.Number:
		return "the number " + v.String()
	case []any:
		if len(v) == 0 {
			return "an empty list"
		}
		return "a list"
	case map[string]any:
		if len(v) == 0 {
			return "an empty mapping"
		}
		return "a mapping"
	}
	return show(v)
}

// maxShown bounds how much of a value a message repeats, in characters.
const maxShown = 60

func show(v any) string {
	if s, ok := v.(string); ok {
		return quote(s)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return cut(string(b))
}

func quote(s string) string { return strconv.Quote(cut(s)) }

func cut(s string) string {
	if len(s) <= maxShown {
		return s
	}
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}

// maxListed bounds how many alternatives a message names before it counts the others; a single other is named too.
const maxListed = 12

func list(vs []any) string {
	var words []string
	shown := vs
	if len(vs) > maxListed+1 {
		shown = vs[:maxListed]
	}
	for _, v := range shown {
		words = append(words, plainValue(v))
	}
	if n := len(vs) - len(shown); n > 0 {
		words = append(words, fmt.Sprintf("or %d others", n))
	}
	return strings.Join(words, ", ")
}

// plainValue writes a value without quotes, where a text needs none.
func plainValue(v any) string {
	s, ok := v.(string)
	if !ok {
		return show(v)
	}
	if s == "" || strings.TrimSpace(s) != s || jsonNumber.MatchString(s) || s == "true" || s == "false" || s == "null" || strings.ContainsAny(s, ",\n") {
		return quote(s)
	}
	return cut(s)
}

func plural(n int, unit string) string {
	switch {
	case n == 1:
		return "1 " + unit
	case strings.HasSuffix(unit, "y"):
		return strconv.Itoa(n) + " " + strings.TrimSuffix(unit, "y") + "ies"
	}
	return strconv.Itoa(n) + " " + unit + "s"
}

// exampleOf gives the examples of a schema, as one would write them; "" for none.
func exampleOf(schema map[string]any) string {
	examples := asList(schema["examples"])
	return list(examples[:min(len(examples), 3)])
}

func withExample(what string, schema map[string]any) string { return what + suchAs(schema) }

func suchAs(schema map[string]any) string {
	if example := exampleOf(schema); example != "" {
		return ", such as " + example
	}
	return ""
}

func intOf(v any) int {
	f, ok := new(big.Float).SetString(fmt.Sprint(v))
	if !ok {
		return 0
	}
	n, _ := f.Int64()
	return int(min(n, 1<<40))
}

func itoa(n int) string { return strconv.Itoa(n) }

func mapKeys(m map[string]any) iter.Seq[string] { return maps.Keys(m) }

// canonical is one text for all values that are equal by JSON Schema.
func canonical(v any) string {
	switch v := v.(type) {
	case json.Number:
		if r, ok := new(big.Rat).SetString(v.String()); ok {
			return r.RatString()
		}
		return v.String()
	case []any:
		var b strings.Builder
		b.WriteByte('[')
		for _, item := range v {
			b.WriteString(canonical(item) + ",")
		}
		return b.String() + "]"
	case map[string]any:
		var b strings.Builder
		b.WriteByte('{')
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(strconv.Quote(k) + ":" + canonical(v[k]) + ",")
		}
		return b.String() + "}"
	case string:
		return strconv.Quote(v)
	}
	return fmt.Sprint(v)
}
