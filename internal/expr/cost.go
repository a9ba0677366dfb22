package expr

import (
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

// CostLimit bounds one evaluation: a look at one name or value, a call, or a turn of a loop costs one; a call on a large value
// costs as much as the value weighs. What costs all of it takes some ten milliseconds.
//
// The library's own limit is not used: it counts what a call costs after it was made, its counting takes the square of the
// number of steps, and loops without calls are free.
const CostLimit = 100_000

// A Budget is what several evaluations may cost together, so that many cheap ones are bounded too. Not safe for concurrent use.
type Budget struct{ left uint64 }

// NewBudget gives a budget of so many times what one evaluation may cost.
func NewBudget(times int) *Budget { return &Budget{left: uint64(times) * CostLimit} }

// Spent tells whether nothing is left.
func (b *Budget) Spent() bool { return b.left == 0 }

func (b *Budget) spend(cost uint64) { b.left -= min(b.left, cost) }

// A meter counts the cost of one evaluation.
type meter struct{ spent uint64 }

// charge adds a cost, and ends the evaluation where it passes the limit: a call is charged before it is made.
func (m *meter) charge(cost uint64) {
	if m.spent += cost; m.spent > CostLimit {
		panic(interpreter.EvalCancelledError{Cause: interpreter.CostLimitExceeded, Message: ErrCost.Error()})
	}
}

// read charges for a value that a step has made or looked up. Whoever takes it next may go through all of its text once, and
// make one of twice that size before it is charged in turn.
func (m *meter) read(v ref.Val) {
	switch v := v.(type) {
	case types.String:
		m.charge(uint64(len(v)) / textWeight)
	case types.Bytes:
		m.charge(uint64(len(v)) / textWeight)
	}
}

// meterName cannot be written in an expression.
const meterName = "@meter"

func meterOf(vars interpreter.Activation) *meter {
	m, _ := vars.ResolveName(meterName)
	return m.(*meter)
}

// A scope gives an evaluation its variables and its meter.
type scope struct {
	vars  map[string]any
	meter meter
}

func (s *scope) ResolveName(name string) (any, bool) {
	if name == meterName {
		return &s.meter, true
	}
	v, ok := s.vars[name]
	if ask, lazy := v.(func() any); lazy {
		v = ask()
	}
	return v, ok
}

// Parent implements interpreter.Activation.
func (s *scope) Parent() interpreter.Activation { return nil }

// textWeight is how many bytes of a text cost as much as one value.
const textWeight = 100

// weigh counts the values within a value, texts by their length. It stops soon after the limit: a list that was doubled forty
// times in a few words would else never be counted.
func weigh(v ref.Val, limit uint64) uint64 {
	if limit == 0 {
		return 1
	}
	switch v := v.(type) {
	case *types.Optional:
		if v.HasValue() {
			return 1 + weigh(v.GetValue(), limit-1)
		}
		return 1
	case types.String:
		return 1 + uint64(len(v))/textWeight
	case types.Bytes:
		return 1 + uint64(len(v))/textWeight
	case traits.Mapper:
		total := uint64(1)
		for key := range each(mapperOf(v)) {
			total += weigh(key, limit)
			if total <= limit {
				total += weigh(v.Get(key), limit-total)
			}
			if total > limit {
				break
			}
		}
		return total
	case traits.Lister:
		total := uint64(1)
		for item := range each(v) {
			if total += weigh(item, limit-total); total > limit {
				break
			}
		}
		return total
	}
	return 1
}

// mapperOf is the mapping itself, whose keys come in any order: sorting is not needed to count.
func mapperOf(m traits.Mapper) traits.Mapper {
	if o, ok := m.(*ordered); ok {
		return o.Mapper
	}
	return m
}

// weighAll is the weight of arguments together.
func weighAll(args []ref.Val) uint64 {
	total := uint64(0)
	for _, a := range args {
		if total += weigh(a, CostLimit); total > CostLimit {
			break
		}
	}
	return total
}

// price is what a call costs, which its arguments tell.
func price(function string, args []ref.Val) uint64 {
	switch function {
	case operators.Equals, operators.NotEquals:
		return 1 + lesser(args[0], args[1])
	case operators.In:
		return costOfIn(args[0], args[1])
	case overloads.Matches, "capture":
		return costOfMatch(args)
	case "glob":
		return costOfGlob(args)
	case "split":
		return costOfSplit(args)
	case "replace":
		return costOfReplace(args)
	case "join":
		return costOfJoin(args)
	case "range":
		return costOfRange(args)
	case markBegin:
		return costOfBegin(args[0])
	}
	if _, own := byName[function]; own {
		return 1 + weighAll(args)
	}
	return 1
}

func costOfIn(item, in ref.Val) uint64 {
	list, ok := in.(traits.Lister)
	if !ok {
		return 1
	}
	if isNumber(item) {
		return 1 + sizeOf(list)
	}
	return weigh(list, CostLimit)
}

// sizeOf is how many items a list has, or how many keys a mapping.
func sizeOf(v traits.Sizer) uint64 {
	n, ok := v.Size().(types.Int)
	if !ok || n < 0 {
		return CostLimit + 1 // more than can be counted
	}
	return uint64(n)
}

// lesser is the weight of the lighter of two values. It takes about as long as it gives, however heavy the other one is.
func lesser(a, b ref.Val) uint64 {
	for limit := uint64(16); ; limit = min(limit*2, CostLimit) {
		least := min(weigh(a, limit), weigh(b, limit))
		if least <= limit || limit == CostLimit {
			return least
		}
	}
}
