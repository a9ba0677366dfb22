package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Values are shown as YAML that is short, unmistakable, and within a bound.

// onOneLine writes a scalar, or a small list or mapping in flow style; false if it is too long for that.
func onOneLine(v any) (string, bool) {
	switch v := v.(type) {
	case map[string]any:
		parts := []string{}
		for _, key := range keysOf(v) {
			text, ok := onOneLine(v[key])
			if parts = append(parts, scalar(key)+": "+text); !ok || len(strings.Join(parts, ", ")) > maxDiffFlow {
				return "", false
			}
		}
		return "{" + strings.Join(parts, ", ") + "}", true
	case []any:
		parts := []string{}
		for _, item := range v {
			text, ok := onOneLine(item)
			if parts = append(parts, text); !ok || len(strings.Join(parts, ", ")) > maxDiffFlow {
				return "", false
			}
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	}
	return scalar(v), true
}

// value writes any value on one line, however short that must be.
func value(v any) string {
	if text, ok := onOneLine(v); ok {
		return text
	}
	if list, ok := v.([]any); ok {
		return "a list of " + many(len(list), "item")
	}
	m, _ := v.(map[string]any)
	return "a mapping of " + many(len(m), "key")
}

// block writes a list or mapping as YAML in block style, at most so many lines.
func block(v any, indent string, most int) []string {
	var lines []string
	add := func(head string, below any, deeper string) {
		if flow, ok := onOneLine(below); ok {
			lines = append(lines, head+" "+flow)
			return
		}
		lines = append(lines, head)
		lines = append(lines, block(below, deeper, most-len(lines))...)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range keysOf(v) {
			if len(lines) >= most {
				break
			}
			add(indent+scalar(key)+":", v[key], indent+"  ")
		}
	case []any:
		for _, item := range v {
			if len(lines) >= most {
				break
			}
			from := len(lines)
			add(indent+"-", item, indent+"  ")
			if len(lines) > from+1 { // the item begins behind its dash
				lines = slices.Delete(lines, from, from+1)
				lines[from] = indent + "- " + strings.TrimPrefix(lines[from], indent+"  ")
			}
		}
	}
	return lines[:min(len(lines), max(most, 0))]
}

// keysOf gives the keys of a mapping: what tells it from others first.
func keysOf(m map[string]any) []string {
	keys := slices.Sorted(maps.Keys(m))
	front := []string{}
	for _, key := range []string{"id", "name", "key", "title"} {
		if i := slices.Index(keys, key); i >= 0 {
			front = append(front, key)
			keys = slices.Delete(keys, i, i+1)
		}
	}
	return append(front, keys...)
}

var (
	plainText = regexp.MustCompile(`^[A-Za-z]([A-Za-z0-9 _./@-]*[A-Za-z0-9_./@-])?$`)
	notAText  = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n)$`)
)

// scalar writes a scalar so that a number, a text and null cannot be taken for one another.
func scalar(v any) string {
	text, isText := v.(string)
	if !isText {
		if s, ok := v.(fmt.Stringer); ok {
			return short(s.String())
		}
		b, _ := json.Marshal(v)
		return string(b)
	}
	if plainText.MatchString(text) && !notAText.MatchString(text) {
		return short(text)
	}
	return quoteText(short(text))
}

func quoteText(s string) string {
	b := new(strings.Builder)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return "?"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func short(s string) string {
	runes := []rune(s)
	if len(runes) <= maxDiffText {
		return s
	}
	return string(runes[:maxDiffText]) + "…"
}

// twoValues writes what was there and what is. Of long texts it shows the part where they begin to differ.
func twoValues(old, new any) (string, string) {
	a, isText := old.(string)
	b, both := new.(string)
	if !isText || !both || len(a) <= maxDiffText && len(b) <= maxDiffText {
		return value(old), value(new)
	}
	x, y := []rune(a), []rune(b)
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	from := max(0, same-maxDiffText/4)
	part := func(runes []rune) string {
		text := string(runes[min(from, len(runes)):])
		if from > 0 {
			text = "…" + text
		}
		return quoteText(short(text))
	}
	return part(x), part(y)
}
