package diff

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Equal tells whether two values mean the same: numbers by value, mappings whatever the order of their keys.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, v := range a {
			if w, has := b[key]; !has || !Equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i, v := range a {
			if !Equal(v, b[i]) {
				return false
			}
		}
		return true
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || canonical(a) == canonical(b))
	}
	return a == b
}

// isScalar tells whether a value is neither a mapping nor a list.
func isScalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

// canonical writes a number in one way whatever the notation: its digits without zeros at either end, and the power of ten of
// the last one. It is exact, for any number of digits.
func canonical(n json.Number) string {
	mantissa, power := string(n), 0
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		power, _ = strconv.Atoi(mantissa[i+1:])
		mantissa = mantissa[:i]
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	power -= len(fraction)
	short := strings.TrimRight(digits, "0")
	power += len(digits) - len(short)
	switch {
	case short == "":
		return "0"
	case negative:
		short = "-" + short
	}
	if power == 0 {
		return short
	}
	return short + "e" + strconv.Itoa(power)
}
