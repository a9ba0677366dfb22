package expr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

var listFunctions = []Function{
	{Name: "size", Form: "size(list)", About: "Lists", Purpose: "how many items there are; also of a mapping (keys) and of a text (characters)",
		Example: `size([10, 20]) == 2 && size("Zoë") == 3`},
	{Name: "in", Form: "value in list", About: "Lists", Purpose: "whether the list holds the value, or the mapping the key",
		Example: `"vip" in ["new", "vip"] && "a" in {"a": 1}`},
	{Name: "all", Form: "list.all(x, condition)", About: "Lists", Purpose: "whether the condition holds for every item; with two names, of the place and the item, or of key and value of a mapping",
		Example: `[2, 4].all(x, x % 2 == 0) && ["a", "b"].all(i, x, i < 2)`},
	{Name: "exists", Form: "list.exists(x, condition)", About: "Lists", Purpose: "whether it holds for one at least; `exists_one`: for exactly one",
		Example: `[1, 2].exists(x, x > 1) && [1, 2].exists_one(x, x > 1)`},
	{Name: "filter", Form: "list.filter(x, condition)", About: "Lists", Purpose: "the items for which the condition holds",
		Example: `[1, 5, 9].filter(x, x > 3) == [5, 9]`},
	{Name: "map", Form: "list.map(x, value)", About: "Lists", Purpose: "what the value is for each item; of a mapping: for each key",
		Example: `[{"id": "a"}, {"id": "b"}].map(x, x.id) == ["a", "b"]`},
	{Name: "unique", Form: "unique(list)", About: "Lists", Purpose: "whether no two items are equal",
		Example: `unique(["a", "b"]) && !unique([1, 1.0])`, args: []*cel.Type{anyList}, result: cel.BoolType, call: unique},
	{Name: "duplicates", Form: "duplicates(list)", About: "Lists", Purpose: "the values that are there more than once, each once: good for a message",
		Example: `duplicates(["a", "b", "a"]) == ["a"]`, args: []*cel.Type{anyList}, result: anyList, call: duplicates},
	{Name: "distinct", Form: "distinct(list)", About: "Lists", Purpose: "every value once, in the order of the list",
		Example: `distinct([3, 1, 3]) == [3, 1]`, args: []*cel.Type{anyList}, result: anyList, call: distinct},
	{Name: "subset", Form: "subset(list, of)", About: "Lists", Purpose: "whether every item is also in the other list",
		Example: `subset(["a"], ["a", "b"])`, args: []*cel.Type{anyList, anyList}, result: cel.BoolType, call: subset},
	{Name: "common", Form: "common(list, other)", About: "Lists", Purpose: "the items that are also in the other list",
		Example: `common([1, 2, 3], [3, 2]) == [2, 3]`, args: []*cel.Type{anyList, anyList}, result: anyList, call: both(true)},
	{Name: "without", Form: "without(list, other)", About: "Lists", Purpose: "the items that are not in the other list",
		Example: `without([1, 2, 3], [3]) == [1, 2]`, args: []*cel.Type{anyList, anyList}, result: anyList, call: both(false)},
	{Name: "index", Form: "index(list, value)", About: "Lists", Purpose: "at which place the value stands first, counted from 0; -1 if it is not there",
		Example: `index(["a", "b"], "b") == 1`, args: []*cel.Type{anyList, cel.DynType}, result: cel.IntType, call: index},
	{Name: "sorted", Form: "sorted(list)", About: "Lists", Purpose: "the items in order: numbers, texts or times",
		Example: `sorted([3, 1, 2.5]) == [1, 2.5, 3]`, args: []*cel.Type{anyList}, result: anyList, call: sortedList},
	{Name: "flatten", Form: "flatten(list)", About: "Lists", Purpose: "the items of the lists in it, one after the other",
		Example: `flatten([[1, 2], [3]]) == [1, 2, 3]`, args: []*cel.Type{anyList}, result: anyList, call: flatten},
	{Name: "range", Form: "range(n)", About: "Lists", Purpose: "the numbers from 0 to n-1",
		Example: `range(3) == [0, 1, 2]`, args: []*cel.Type{cel.IntType}, result: cel.ListType(cel.IntType), call: numbersTo},
}

var mapFunctions = []Function{
	{Name: "has", Form: "has(mapping.key)", About: "Mappings", Purpose: "whether the key is there",
		Example: `has({"a": 1}.a) && !has({"a": 1}.b)`},
	{Name: "orValue", Form: "mapping.?key.orValue(value)", About: "Mappings", Purpose: "the key's value, or the other one where the key is not there",
		Example: `{"a": 1}.?b.orValue(7) == 7`},
	{Name: "keys", Form: "keys(mapping)", About: "Mappings", Purpose: "the keys, sorted",
		Example: `keys({"b": 1, "a": 2}) == ["a", "b"]`, args: []*cel.Type{anyMap}, result: anyList, call: keysOf},
	{Name: "values", Form: "values(mapping)", About: "Mappings", Purpose: "the values, in the order of their keys",
		Example: `values({"b": 1, "a": 2}) == [2, 1]`, args: []*cel.Type{anyMap}, result: anyList, call: valuesOf},
	{Name: "transformList", Form: "mapping.transformList(k, v, value)", About: "Mappings", Purpose: "what the value is for each key and its value",
		Example: `{"a": 1, "b": 2}.transformList(k, v, k + string(v)) == ["a1", "b2"]`},
}

// identity is a text that two values share if and only if they are equal: 1 and 1.0 are, 1 and "1" are not.
func identity(v ref.Val) string {
	var b strings.Builder
	identify(&b, v)
	return b.String()
}

func identify(b *strings.Builder, v ref.Val) {
	switch v := v.(type) {
	case types.String:
		b.WriteString(strconv.Quote(string(v)))
	case types.Int, types.Uint:
		b.WriteString("n" + textOf(v))
	case types.Double:
		b.WriteString("n" + strconv.FormatFloat(float64(v)+0, 'f', -1, 64)) // with + 0, as -0 equals 0
	case *ordered:
		b.WriteByte('{')
		for _, key := range v.keys() {
			identify(b, key)
			b.WriteByte(':')
			identify(b, v.Get(key))
			b.WriteByte(',')
		}
		b.WriteByte('}')
	case traits.Lister:
		b.WriteByte('[')
		for item := range each(v) {
			identify(b, item)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	default:
		b.WriteString(kindOf(v) + " " + textOf(v))
	}
}

// occurrences counts equal items.
func occurrences(list traits.Lister) map[string]int {
	counted := make(map[string]int, min(sizeOf(list), CostLimit))
	for item := range each(list) {
		counted[identity(item)]++
	}
	return counted
}

func listOf(items []ref.Val) ref.Val { return types.NewRefValList(adapter{}, items) }

// onList makes a function of one list.
func onList(do func(traits.Lister) (ref.Val, error)) func([]ref.Val) (ref.Val, error) {
	return func(args []ref.Val) (ref.Val, error) {
		list, err := listArg(args[0])
		if err != nil {
			return nil, err
		}
		return do(list)
	}
}

var unique = onList(func(list traits.Lister) (ref.Val, error) {
	return types.Bool(uint64(len(occurrences(list))) == sizeOf(list)), nil
})

// pick gives the items of which keep is true. It is called with how often the item was there before.
func pick(list traits.Lister, keep func(id string, before int) bool) ref.Val {
	seen := map[string]int{}
	var kept []ref.Val
	for item := range each(list) {
		id := identity(item)
		if keep(id, seen[id]) {
			kept = append(kept, item)
		}
		seen[id]++
	}
	return listOf(kept)
}

var duplicates = onList(func(list traits.Lister) (ref.Val, error) {
	return pick(list, func(_ string, before int) bool { return before == 1 }), nil
})

var distinct = onList(func(list traits.Lister) (ref.Val, error) {
	return pick(list, func(_ string, before int) bool { return before == 0 }), nil
})

func twoLists(args []ref.Val) (a, b traits.Lister, err error) {
	if a, err = listArg(args[0]); err != nil {
		return nil, nil, err
	}
	b, err = listArg(args[1])
	return a, b, err
}

func subset(args []ref.Val) (ref.Val, error) {
	list, of, err := twoLists(args)
	if err != nil {
		return nil, err
	}
	known := occurrences(of)
	for item := range each(list) {
		if known[identity(item)] == 0 {
			return types.False, nil
		}
	}
	return types.True, nil
}

// both makes a function that gives the items of one list that are also in another, or those that are not.
func both(wanted bool) func([]ref.Val) (ref.Val, error) {
	return func(args []ref.Val) (ref.Val, error) {
		list, other, err := twoLists(args)
		if err != nil {
			return nil, err
		}
		known := occurrences(other)
		return pick(list, func(id string, _ int) bool { return (known[id] > 0) == wanted }), nil
	}
}

func index(args []ref.Val) (ref.Val, error) {
	list, err := listArg(args[0])
	if err != nil {
		return nil, err
	}
	i := types.Int(0)
	for item := range each(list) {
		if types.Equal(item, args[1]) == types.True {
			return i, nil
		}
		i++
	}
	return types.Int(-1), nil
}

var sortedList = onList(func(list traits.Lister) (ref.Val, error) {
	items := slices.Collect(each(list))
	for _, item := range items {
		if _, ok := compare(items[0], item); !ok {
			return nil, fmt.Errorf("%s and %s have no order", kindOf(items[0]), kindOf(item))
		}
	}
	slices.SortStableFunc(items, byKind)
	return listOf(items), nil
})

var flatten = onList(func(list traits.Lister) (ref.Val, error) {
	var items []ref.Val
	for item := range each(list) {
		if inner, ok := item.(traits.Lister); ok {
			items = slices.AppendSeq(items, each(inner))
			continue
		}
		items = append(items, item)
	}
	return listOf(items), nil
})

func costOfRange(args []ref.Val) uint64 {
	n, err := wholeArg(args[0])
	if err != nil {
		return 1
	}
	return uint64(max(n, 0))
}

func numbersTo(args []ref.Val) (ref.Val, error) {
	n, err := wholeArg(args[0])
	if err != nil {
		return nil, err
	}
	var items []ref.Val
	for i := range n {
		items = append(items, types.Int(i))
	}
	return listOf(items), nil
}

func keysOf(args []ref.Val) (ref.Val, error) {
	m, err := mapArg(args[0])
	if err != nil {
		return nil, err
	}
	return listOf(slices.Collect(each(m))), nil
}

func valuesOf(args []ref.Val) (ref.Val, error) {
	m, err := mapArg(args[0])
	if err != nil {
		return nil, err
	}
	var items []ref.Val
	for key := range each(m) {
		items = append(items, m.Get(key))
	}
	return listOf(items), nil
}
