package expr

import (
	"math"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

var operations = map[string]func(a, b ref.Val) ref.Val{
	operators.Equals:        types.Equal,
	operators.NotEquals:     func(a, b ref.Val) ref.Val { return types.Bool(types.Equal(a, b) != types.True) },
	operators.In:            contains,
	operators.Less:          ordering("<", func(n int) bool { return n < 0 }),
	operators.LessEquals:    ordering("<=", func(n int) bool { return n <= 0 }),
	operators.Greater:       ordering(">", func(n int) bool { return n > 0 }),
	operators.GreaterEquals: ordering(">=", func(n int) bool { return n >= 0 }),
	operators.Add:           arithmetic("+", add),
	operators.Subtract: arithmetic("-", func(a, b ref.Val) ref.Val {
		if s, ok := a.(traits.Subtractor); ok {
			return s.Subtract(b)
		}
		return nil
	}),
	operators.Multiply: arithmetic("*", func(a, b ref.Val) ref.Val {
		if m, ok := a.(traits.Multiplier); ok {
			return m.Multiply(b)
		}
		return nil
	}),
	operators.Divide: arithmetic("/", func(a, b ref.Val) ref.Val {
		if d, ok := a.(traits.Divider); ok {
			return d.Divide(b)
		}
		return nil
	}),
	operators.Modulo: arithmetic("%", func(a, b ref.Val) ref.Val {
		if m, ok := a.(traits.Modder); ok {
			return m.Modulo(b)
		}
		return nil
	}),
}

func contains(a, b ref.Val) ref.Val {
	switch in := b.(type) {
	case traits.Mapper:
		_, found := in.Find(a)
		return types.Bool(found)
	case traits.Lister:
		return in.Contains(a)
	}
	return types.NewErr(`"in" looks into lists and mappings, and not into %s`, kindOf(b))
}

func ordering(sign string, holds func(int) bool) func(a, b ref.Val) ref.Val {
	return func(a, b ref.Val) ref.Val {
		n, ok := compare(a, b)
		switch {
		case ok:
			return types.Bool(holds(n))
		case isNumber(a) && isNumber(b):
			return types.False // one of them is not a number at all (NaN)
		case kindOf(a) == kindOf(b):
			return types.NewErr("%s has no order: %q cannot compare it", kindOf(a), sign)
		}
		return types.NewErr("%q cannot compare %s with %s", sign, kindOf(a), kindOf(b))
	}
}

func isNumber(v ref.Val) bool {
	switch v.(type) {
	case types.Int, types.Uint, types.Double:
		return true
	}
	return false
}

// arithmetic lets do calculate on two values of one kind. do gives nil where the left one knows no such calculation.
func arithmetic(sign string, do func(a, b ref.Val) ref.Val) func(a, b ref.Val) ref.Val {
	return func(a, b ref.Val) ref.Val {
		a, b = alike(a, b)
		out := do(a, b)
		if err, failed := out.(*types.Err); out == nil || failed && err.Error() == types.NoSuchOverloadErr().(*types.Err).Error() {
			return types.NewErr("%q cannot take %s and %s", sign, kindOf(a), kindOf(b))
		}
		return out
	}
}

// alike makes both numbers of one kind where they differ: doubles, or ints where they fit.
func alike(a, b ref.Val) (ref.Val, ref.Val) {
	if !isNumber(a) || !isNumber(b) || a.Type() == b.Type() {
		return a, b
	}
	if u, ok := b.(types.Uint); ok && u <= math.MaxInt64 && a.Type() == types.IntType {
		return a, types.Int(u)
	}
	if u, ok := a.(types.Uint); ok && u <= math.MaxInt64 && b.Type() == types.IntType {
		return types.Int(u), b
	}
	return types.Double(float(a)), types.Double(float(b))
}

func float(v ref.Val) float64 {
	switch v := v.(type) {
	case types.Int:
		return float64(v)
	case types.Uint:
		return float64(v)
	case types.Double:
		return float64(v)
	}
	return math.NaN()
}

func add(a, b ref.Val) ref.Val {
	if left, ok := a.(traits.Lister); ok {
		right, ok := b.(traits.Lister)
		if ok && sizeOf(left)+sizeOf(right) > CostLimit {
			return types.NewErr("the lists have more than %d items together", CostLimit)
		}
	}
	if adder, ok := a.(traits.Adder); ok {
		return adder.Add(b)
	}
	return nil
}
