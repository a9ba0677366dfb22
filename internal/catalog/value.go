package catalog

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Value is a scalar that can refer or be referred to, as one comparable text: a letter for its kind, then the text, the
// number in its shortest form, or true or false. The text "1" and the number 1 differ; 1 and 1.0 do not.
type Value string

const (
	textKind    = 's'
	numberKind  = 'n'
	booleanKind = 'b'
)

// ValueOf gives the Value of what package document makes of a scalar; false for null, a list and a mapping.
func ValueOf(v any) (Value, bool) {
	switch v := v.(type) {
	case string:
		return TextValue(v), true
	case bool:
		return Value(booleanKind) + Value(strconv.FormatBool(v)), true
	case json.Number:
		return Value(numberKind) + Value(canonical(string(v))), true
	}
	return "", false
}

// TextValue is the Value of a text.
func TextValue(s string) Value { return Value(textKind) + Value(s) }

// Text gives the text of a Value; false for a number and a boolean.
func (v Value) Text() (string, bool) { return v.Bare(), v != "" && v[0] == textKind }

// Bare is the value without its kind.
func (v Value) Bare() string { return string(v[min(1, len(v)):]) }

// OtherKinds are the Values of the same characters and another kind, whether or not there can be such.
func (v Value) OtherKinds() []Value {
	var others []Value
	for _, kind := range []Value{Value(textKind), Value(numberKind), Value(booleanKind)} {
		if other := kind + Value(v.Bare()); other != v {
			others = append(others, other)
		}
	}
	return others
}

// maxShown bounds the characters of a value that messages show.
const maxShown = 80

// String shows the value as it would be written: a text in quotes, cut where it is long.
func (v Value) String() string {
	text, ok := v.Text()
	if !ok {
		return v.Bare()
	}
	if utf8.RuneCountInString(text) > maxShown {
		text = string([]rune(text)[:maxShown]) + "…"
	}
	return strconv.Quote(text)
}

// canonical writes equal numbers alike: without needless zeros, and with an exponent where there would be more than 20 of them.
func canonical(number string) string {
	if !strings.ContainsAny(number, ".eE") {
		if number == "-0" {
			return "0"
		}
		return number // package document writes whole numbers without needless digits
	}
	sign, rest := "", number
	if strings.HasPrefix(rest, "-") {
		sign, rest = "-", rest[1:]
	}
	mantissa, power, _ := strings.Cut(strings.ToLower(rest), "e")
	exponent, _ := strconv.Atoi(power) // bounded by package document
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	short := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(short)
	switch {
	case short == "":
		return "0"
	case exponent >= 0 && exponent <= 20:
		return sign + short + strings.Repeat("0", exponent)
	case exponent < 0 && exponent >= -20:
		padded := strings.Repeat("0", max(0, 1-exponent-len(short))) + short
		return sign + padded[:len(padded)+exponent] + "." + padded[len(padded)+exponent:]
	}
	return sign + short + "e" + strconv.Itoa(exponent)
}
