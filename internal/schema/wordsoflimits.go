package schema

import (
	"fmt"
	"math/big"
	"strings"
)

func bound(message, fix string) func(fault) (string, string) {
	return func(f fault) (string, string) {
		limit := show(f.limit)
		word := strings.TrimPrefix(strings.ToLower(f.keyword), "exclusive")
		if _, draft4 := f.limit.(bool); draft4 {
			limit = show(f.schema[word])
		}
		return fmt.Sprintf(message, limit, show(f.value)), fmt.Sprintf(fix, limit)
	}
}

func multipleWords(f fault) (string, string) {
	message := fmt.Sprintf("must be a multiple of %s (found %s)", show(f.limit), show(f.value))
	v, ok := new(big.Rat).SetString(fmt.Sprint(f.value))
	step, ok2 := new(big.Rat).SetString(fmt.Sprint(f.limit))
	if !ok || !ok2 || step.Sign() == 0 {
		return message, "write a multiple of " + show(f.limit)
	}
	q := new(big.Rat).Quo(v, step)
	low := new(big.Int).Div(q.Num(), q.Denom())
	if low.BitLen() > 60 {
		return message, "write a multiple of " + show(f.limit)
	}
	below := new(big.Rat).Mul(step, new(big.Rat).SetInt(low))
	return message, fmt.Sprintf("write %s or %s", decimal(below), decimal(new(big.Rat).Add(below, step)))
}

func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(12), "0")
}

func lengthWords(f fault) (string, string) {
	s, _ := f.value.(string)
	has, limit := len([]rune(s)), intOf(f.limit)
	switch {
	case f.keyword == "maxLength":
		return fmt.Sprintf("must have at most %s (has %d)", plural(limit, "character"), has), "shorten it by " + plural(has-limit, "character")
	case has == 0:
		return "must not be empty", "write " + withExample("a text", f.schema)
	default:
		return fmt.Sprintf("must have at least %s (has %d)", plural(limit, "character"), has), "add at least " + plural(limit-has, "character") + suchAs(f.schema)
	}
}

func sizeWords(unit string) func(fault) (string, string) {
	return func(f fault) (string, string) {
		has, limit := len(asList(f.value))+len(asObject(f.value)), intOf(f.limit)
		switch {
		case strings.HasPrefix(f.keyword, "max"):
			return fmt.Sprintf("must have at most %s (has %d)", plural(limit, unit), has), "remove " + plural(has-limit, unit)
		case has == 0:
			return fmt.Sprintf("must not be empty: at least %s must stand here", plural(limit, unit)), "add " + plural(limit, unit)
		default:
			return fmt.Sprintf("must have at least %s (has %d)", plural(limit, unit), has), "add " + plural(limit-has, unit)
		}
	}
}

func surplusWords(f fault) (string, string) {
	if n := len(asList(f.schema["items"])) + len(asList(f.schema["prefixItems"])); n > 0 {
		return "must have at most " + plural(n, "item"), "remove this item and those after it"
	}
	return "this item is more than the schema allows", "remove it"
}

func containsWords(f fault) (string, string) {
	wants := asObject(f.schema["contains"])
	what := aboutSchema(wants)
	if f.keyword == "maxContains" {
		return fmt.Sprintf("may hold %s at most %s", what, plural(intOf(f.limit), "time")), "remove what is too much"
	}
	if n := intOf(f.limit); f.keyword == "minContains" && n > 1 {
		return fmt.Sprintf("must hold %s at least %s", what, plural(n, "time")), "add what is missing"
	}
	return "must hold " + what, "add " + what + " to the list"
}
