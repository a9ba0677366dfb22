package expr

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

var textFunctions = []Function{
	{Name: "contains", Form: "text.contains(part)", About: "Texts", Purpose: "whether the part stands in it; also startsWith and endsWith",
		Example: `"newsletter".contains("letter") && "newsletter".startsWith("news")`},
	{Name: "matches", Form: "text.matches(pattern)", About: "Texts", Purpose: "whether the pattern, a regular expression (RE2), is found in it; `^` and `$` mark begin and end",
		Example: `"2026-Q1".matches("^[0-9]{4}-Q[1-4]$")`, args: []*cel.Type{cel.StringType, cel.StringType}, result: cel.BoolType, call: matches},
	{Name: "capture", Form: "capture(text, pattern)", About: "Texts", Purpose: "what the groups of the pattern caught, the whole match where it has no group, and an empty list where it is not found",
		Example: `"2026-Q1".capture("^([0-9]+)-Q([1-4])$") == ["2026", "1"]`, args: []*cel.Type{cel.StringType, cel.StringType}, result: cel.ListType(cel.StringType), call: capture},
	{Name: "glob", Form: "glob(text, pattern)", About: "Texts", Purpose: "whether the whole text has that form: `*` is any characters but a slash, `**` any characters, `?` one that is no slash",
		Example: `glob("img/logo/dark.svg", "img/**.svg") && !glob("img/logo/dark.svg", "img/*.svg")`, args: []*cel.Type{cel.StringType, cel.StringType}, result: cel.BoolType, call: glob},
	{Name: "lower", Form: "lower(text)", About: "Texts", Purpose: "the text in lower case",
		Example: `lower("ÉTÉ") == "été"`, args: []*cel.Type{cel.StringType}, result: cel.StringType, call: onText(func(s string) (ref.Val, error) { return types.String(strings.ToLower(s)), nil })},
	{Name: "upper", Form: "upper(text)", About: "Texts", Purpose: "the text in upper case",
		Example: `upper("eur") == "EUR"`, args: []*cel.Type{cel.StringType}, result: cel.StringType, call: onText(func(s string) (ref.Val, error) { return types.String(strings.ToUpper(s)), nil })},
	{Name: "trim", Form: "trim(text)", About: "Texts", Purpose: "the text without spaces at both ends",
		Example: `trim(" a ") == "a"`, args: []*cel.Type{cel.StringType}, result: cel.StringType, call: onText(func(s string) (ref.Val, error) { return types.String(strings.TrimSpace(s)), nil })},
	{Name: "split", Form: "split(text, separator)", About: "Texts", Purpose: "the parts between the separators",
		Example: `split("a,b", ",") == ["a", "b"]`, args: []*cel.Type{cel.StringType, cel.StringType}, result: cel.ListType(cel.StringType), call: onTexts(split)},
	{Name: "join", Form: "join(list, separator)", About: "Texts", Purpose: "the texts, numbers and booleans of a list as one text",
		Example: `join(["a", 1], ", ") == "a, 1"`, args: []*cel.Type{anyList, cel.StringType}, result: cel.StringType, call: join},
	{Name: "replace", Form: "replace(text, old, new)", About: "Texts", Purpose: "the text with new in every place of old",
		Example: `replace("a-b-c", "-", ".") == "a.b.c"`, args: []*cel.Type{cel.StringType, cel.StringType, cel.StringType}, result: cel.StringType, call: replace},
	{Name: "substring", Form: "substring(text, from, to)", About: "Texts", Purpose: "the characters from one place to before another, counted from 0; what lies behind the end is left out",
		Example: `substring("Zoë Ltd", 0, 3) == "Zoë"`, args: []*cel.Type{cel.StringType, cel.IntType, cel.IntType}, result: cel.StringType, call: substring},
	{Name: "decodeBase64", Form: "decodeBase64(text)", About: "Texts", Purpose: "the text that was written in Base64",
		Example: `decodeBase64("aGk=") == "hi"`, args: []*cel.Type{cel.StringType}, result: cel.StringType, call: onText(decodeBase64)},
}

var numberFunctions = []Function{
	{Name: "sum", Form: "sum(list)", About: "Numbers", Purpose: "the sum of the numbers; 0 for none",
		Example: `sum([60, 39.5]) == 99.5`, args: []*cel.Type{anyList}, result: cel.DynType, call: sum},
	{Name: "min", Form: "min(list)", About: "Numbers", Purpose: "the least of numbers, texts or times",
		Example: `min([3, 1.5]) == 1.5`, args: []*cel.Type{anyList}, result: cel.DynType, call: extreme(-1)},
	{Name: "max", Form: "max(list)", About: "Numbers", Purpose: "the greatest of numbers, texts or times",
		Example: `max([3, 1.5]) == 3`, args: []*cel.Type{anyList}, result: cel.DynType, call: extreme(1)},
	{Name: "abs", Form: "abs(number)", About: "Numbers", Purpose: "the number without its sign",
		Example: `abs(-2.5) == 2.5`, args: []*cel.Type{cel.DynType}, result: cel.DynType, call: onNumber(math.Abs)},
	{Name: "round", Form: "round(number)", About: "Numbers", Purpose: "the nearest whole number, from the middle away from 0",
		Example: `round(2.5) == 3`, args: []*cel.Type{cel.DynType}, result: cel.DynType, call: onNumber(math.Round)},
	{Name: "floor", Form: "floor(number)", About: "Numbers", Purpose: "the next whole number below",
		Example: `floor(-0.5) == -1`, args: []*cel.Type{cel.DynType}, result: cel.DynType, call: onNumber(math.Floor)},
	{Name: "ceil", Form: "ceil(number)", About: "Numbers", Purpose: "the next whole number above",
		Example: `ceil(0.5) == 1`, args: []*cel.Type{cel.DynType}, result: cel.DynType, call: onNumber(math.Ceil)},
	{Name: "int", Form: "int(text)", About: "Numbers", Purpose: "the whole number that a text or number stands for; double: the number; string: the text of a number",
		Example: `int("42") == 42 && double("1.5") == 1.5 && string(42) == "42"`},
}

// costOfSplit counts the parts too.
func costOfSplit(args []ref.Val) uint64 {
	text, ok := args[0].(types.String)
	separator, ok2 := args[1].(types.String)
	if !ok || !ok2 {
		return 1
	}
	return 1 + weigh(text, CostLimit) + uint64(strings.Count(string(text), string(separator)))
}

func split(text, separator string) (ref.Val, error) {
	return types.NewStringList(adapter{}, strings.Split(text, separator)), nil
}

func costOfJoin(args []ref.Val) uint64 {
	list, ok := args[0].(traits.Lister)
	sep, ok2 := args[1].(types.String)
	if !ok || !ok2 {
		return 1
	}
	return weigh(list, CostLimit) + sizeOf(list)*uint64(len(sep))/textWeight
}

func join(args []ref.Val) (ref.Val, error) {
	list, err := listArg(args[0])
	if err != nil {
		return nil, err
	}
	sep, err := textArg(args[1])
	if err != nil {
		return nil, err
	}
	var parts []string
	for item := range each(list) {
		switch item.(type) {
		case traits.Lister, traits.Mapper:
			return nil, fmt.Errorf("texts are wanted, and one of them is %s", kindOf(item))
		}
		parts = append(parts, textOf(item))
	}
	return types.String(strings.Join(parts, sep)), nil
}

// costOfReplace is the length that the result may have.
func costOfReplace(args []ref.Val) uint64 {
	text, ok := args[0].(types.String)
	to, ok2 := args[2].(types.String)
	if !ok || !ok2 {
		return 1
	}
	n := uint64(len(text))
	if old, ok := args[1].(types.String); ok {
		n += uint64(strings.Count(string(text), string(old))) * uint64(len(to))
	}
	return 1 + n/textWeight
}

func replace(args []ref.Val) (ref.Val, error) {
	var texts [3]string
	for i := range texts {
		s, err := textArg(args[i])
		if err != nil {
			return nil, err
		}
		texts[i] = s
	}
	return types.String(strings.ReplaceAll(texts[0], texts[1], texts[2])), nil
}

func substring(args []ref.Val) (ref.Val, error) {
	text, err := textArg(args[0])
	if err != nil {
		return nil, err
	}
	from, err := wholeArg(args[1])
	if err != nil {
		return nil, err
	}
	to, err := wholeArg(args[2])
	if err != nil {
		return nil, err
	}
	if from < 0 || to < from {
		return nil, fmt.Errorf("from %d to %d is no part of a text", from, to)
	}
	runes := []rune(text)
	n := int64(len(runes))
	return types.String(runes[min(from, n):min(to, n)]), nil
}

func decodeBase64(text string) (ref.Val, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b, err = base64.RawURLEncoding.DecodeString(text)
	}
	if err != nil || !utf8.Valid(b) {
		return nil, fmt.Errorf("the text is no Base64 of a text")
	}
	return types.String(b), nil
}

var sum = onList(func(list traits.Lister) (ref.Val, error) {
	var total ref.Val = types.Int(0)
	for item := range each(list) {
		if !isNumber(item) {
			return nil, fmt.Errorf("numbers are wanted, and one item is %s", kindOf(item))
		}
		a, b := alike(total, item)
		if total = a.(traits.Adder).Add(b); types.IsError(total) {
			return nil, total.(*types.Err)
		}
	}
	return total, nil
})

// extreme makes a function that gives the least item, for -1, or the greatest, for 1.
func extreme(sign int) func([]ref.Val) (ref.Val, error) {
	return onList(func(list traits.Lister) (ref.Val, error) {
		var best ref.Val
		for item := range each(list) {
			if best == nil {
				best = item
				continue
			}
			order, ok := compare(item, best)
			if !ok {
				return nil, fmt.Errorf("%s and %s have no order", kindOf(best), kindOf(item))
			}
			if order == sign {
				best = item
			}
		}
		if best == nil {
			return nil, fmt.Errorf("the list is empty")
		}
		return best, nil
	})
}

// onNumber makes a function of one number. What is whole stays whole.
func onNumber(do func(float64) float64) func([]ref.Val) (ref.Val, error) {
	return func(args []ref.Val) (ref.Val, error) {
		if !isNumber(args[0]) {
			return nil, fmt.Errorf("a number is wanted, and this is %s", kindOf(args[0]))
		}
		if n, ok := args[0].(types.Int); ok && n > math.MinInt64 {
			if n < 0 && do(-1) == 1 {
				return -n, nil
			}
			return n, nil
		}
		if u, ok := args[0].(types.Uint); ok {
			return u, nil
		}
		return types.Double(do(float(args[0]))), nil
	}
}
