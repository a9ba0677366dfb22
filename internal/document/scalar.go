package document

import (
	"math/big"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

type scalarKind int

const (
	kindText scalarKind = iota
	kindNull
	kindTrue
	kindFalse
	kindNumber
	kindNotJSON // a number that JSON cannot hold: not finite, or out of every bound
)

// maxExponent bounds the decimal exponent of a number: exact arithmetic on 1e1000000000 would never end. 400 is beyond
// the range of a double.
const maxExponent = 400

const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

func isPlain(n *yaml.Node) bool { return n.Style&(quoted|yaml.TaggedStyle) == 0 }

// resolve tells what a scalar is by the core schema, and for a number gives it as JSON writes it, digits kept.
// A scalar with another tag, such as !!timestamp, is the text as written.
func resolve(n *yaml.Node) (scalarKind, string) {
	if n.Style&yaml.TaggedStyle != 0 {
		switch n.ShortTag() {
		case "!!null", "!!bool", "!!int", "!!float":
			return resolvePlain(n.Value)
		}
		return kindText, ""
	}
	if n.Style&quoted != 0 {
		return kindText, ""
	}
	return resolvePlain(n.Value)
}

func resolvePlain(s string) (scalarKind, string) {
	if s == "" {
		return kindNull, ""
	}
	switch c := s[0]; {
	case c == '~' || c == 'n' || c == 'N':
		switch s {
		case "~", "null", "Null", "NULL":
			return kindNull, ""
		}
	case c == 't' || c == 'T':
		switch s {
		case "true", "True", "TRUE":
			return kindTrue, ""
		}
	case c == 'f' || c == 'F':
		switch s {
		case "false", "False", "FALSE":
			return kindFalse, ""
		}
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.':
		return resolveNumber(s)
	}
	return kindText, ""
}

func resolveNumber(s string) (scalarKind, string) {
	switch strings.TrimLeft(s, "+-") {
	case ".inf", ".Inf", ".INF":
		if len(s) <= 5 {
			return kindNotJSON, ""
		}
	case ".nan", ".NaN", ".NAN":
		if s[0] == '.' {
			return kindNotJSON, ""
		}
	}
	if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0o") {
		return resolveBased(s)
	}
	return resolveDecimal(s)
}

// resolveBased reads 0x and 0o, which YAML 1.2 allows without a sign only.
func resolveBased(s string) (scalarKind, string) {
	digits, base := s[2:], 16
	if s[1] == 'o' {
		base = 8
	}
	if digits == "" || strings.ContainsAny(digits, "+-_") {
		return kindText, ""
	}
	i, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return kindText, ""
	}
	return kindNumber, i.String()
}

// resolveDecimal reads [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? and writes it as JSON does.
func resolveDecimal(s string) (scalarKind, string) {
	rest, sign := s, ""
	if rest[0] == '-' || rest[0] == '+' {
		if rest[0] == '-' {
			sign = "-"
		}
		rest = rest[1:]
	}
	whole, rest := digits(rest)
	fraction, dotted := "", false
	if strings.HasPrefix(rest, ".") {
		dotted = true
		fraction, rest = digits(rest[1:])
	}
	if whole == "" && fraction == "" {
		return kindText, ""
	}
	exponent := ""
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		power := rest[1:]
		if power != "" && (power[0] == '-' || power[0] == '+') {
			power = power[1:]
		}
		if n, after := digits(power); n == "" || after != "" {
			return kindText, ""
		}
		e, err := strconv.Atoi(rest[1:])
		if err != nil || e > maxExponent || e < -maxExponent {
			return kindNotJSON, ""
		}
		exponent, rest = "e"+strconv.Itoa(e), ""
	}
	if rest != "" {
		return kindText, ""
	}
	if !dotted && exponent == "" && sign == "" && s[0] != '+' && (whole[0] != '0' || len(whole) == 1) {
		return kindNumber, s // already as JSON writes it: the usual case, without an allocation
	}
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return kindNumber, sign + whole + fraction + exponent
}

func digits(s string) (run, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}
