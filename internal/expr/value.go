package expr

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// An adapter turns values of documents into values of CEL, each when it is first asked for: no document is converted whole.
//
// A whole number is an int (64 bits, signed), or a uint where only that can hold it; every other number is a double, and so is
// a whole number of more than 64 bits, which then loses its last digits.
type adapter struct{}

func (a adapter) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case json.Number:
		return number(string(v))
	case map[string]any:
		return &ordered{Mapper: types.NewStringInterfaceMap(a, v)}
	case []any:
		return types.NewDynamicList(a, v)
	}
	return inOrder(types.DefaultTypeAdapter.NativeToValue(v))
}

func number(text string) ref.Val {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return types.Int(n)
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return types.Uint(n)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return types.NewErr("%q is no number", text)
	}
	return types.Double(f)
}

// An ordered is a mapping whose keys come sorted, so that an evaluation always gives the same.
type ordered struct {
	traits.Mapper
	sorted []ref.Val // its keys, once they were asked for
}

// inOrder makes a mapping an ordered one, and leaves every other value alone; also a mapping that the library is still filling.
func inOrder(v ref.Val) ref.Val {
	switch m := v.(type) {
	case *ordered, traits.MutableMapper:
	case traits.Mapper:
		return &ordered{Mapper: m}
	}
	return v
}

// Iterator gives the keys, sorted: numbers before texts.
func (m *ordered) Iterator() traits.Iterator {
	return types.NewRefValList(adapter{}, m.keys()).Iterator()
}

func (m *ordered) keys() []ref.Val {
	if m.sorted == nil {
		m.sorted = slices.Collect(each(m.Mapper))
		slices.SortStableFunc(m.sorted, byKind)
	}
	return m.sorted
}

// byKind orders any scalars: by their kind, then by value.
func byKind(a, b ref.Val) int {
	if order, ok := compare(a, b); ok {
		return order
	}
	return cmp.Compare(kindOf(a), kindOf(b))
}

// compare orders two texts, two numbers, two times and the like; ok is false for values that have no order.
func compare(a, b ref.Val) (order int, ok bool) {
	if a, is := a.(types.String); is { // the most of them, and the library needs twice as long
		if b, is := b.(types.String); is {
			return strings.Compare(string(a), string(b)), true
		}
	}
	comparer, ok := a.(traits.Comparer)
	if !ok {
		return 0, false
	}
	n, ok := comparer.Compare(b).(types.Int)
	return int(n), ok
}

// each goes through the items of a list, or the keys of a mapping.
func each(v traits.Iterable) func(yield func(ref.Val) bool) {
	return func(yield func(ref.Val) bool) {
		for it := v.Iterator(); it.HasNext() == types.True; {
			if !yield(it.Next()) {
				return
			}
		}
	}
}

// kindOf is what people call the kind of a value, with its article.
func kindOf(v ref.Val) string {
	switch v := v.(type) {
	case types.Null:
		return "null"
	case types.Bool:
		return "a boolean"
	case types.Int, types.Uint, types.Double:
		return "a number"
	case types.String:
		return "a text"
	case types.Timestamp:
		return "a point in time"
	case types.Duration:
		return "a span of time"
	case traits.Mapper:
		return "a mapping"
	case traits.Lister:
		return "a list"
	case *types.Optional:
		return "an optional value"
	default:
		return "a " + v.Type().TypeName()
	}
}

// native is the value that the rest of tamer knows: nil, bool, string, json.Number, []any or map[string]any. Points and spans
// of time are texts. The caller has bounded its weight.
func native(v ref.Val) any {
	switch v := v.(type) {
	case types.Null:
		return nil
	case types.Bool:
		return bool(v)
	case types.String:
		return string(v)
	case types.Int, types.Uint, types.Double:
		return json.Number(textOf(v))
	case traits.Mapper:
		out := map[string]any{}
		for key := range each(v) {
			out[textOf(key)] = native(v.Get(key))
		}
		return out
	case traits.Lister:
		out := []any{}
		for item := range each(v) {
			out = append(out, native(item))
		}
		return out
	case *types.Optional:
		if v.HasValue() {
			return native(v.GetValue())
		}
		return nil
	}
	return textOf(v)
}

// textOf is a scalar as people write it.
func textOf(v ref.Val) string {
	switch v := v.(type) {
	case types.String:
		return string(v)
	case types.Double:
		return strconv.FormatFloat(float64(v), 'f', -1, 64)
	case types.Null:
		return "null"
	}
	if text, ok := v.ConvertToType(types.StringType).(types.String); ok {
		return string(text)
	}
	return kindOf(v)
}
