package expr

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// A Function is one that tamer adds to CEL, or one of CEL's own that rules need most. The documentation is written from the
// list of them, and a test evaluates every example: it must be true.
type Function struct {
	Name    string
	Form    string // how it is called, with names for its arguments
	About   string // the subject it belongs to, one of Subjects
	Purpose string // what it gives, a sentence without a full stop
	Example string

	args   []*cel.Type // nil: the function is CEL's own
	result *cel.Type
	call   func(args []ref.Val) (ref.Val, error)
}

// Subjects are the headings of the list of functions, in their order.
var Subjects = []string{"Lists", "Mappings", "Texts", "Numbers", "Time", "Versions, addresses and networks"}

// Functions are all of them, in the order of documentation.
func Functions() []Function { return library }

var library, byName = listed(listFunctions, mapFunctions, textFunctions, numberFunctions, timeFunctions, nameFunctions)

func listed(groups ...[]Function) ([]Function, map[string]Function) {
	var all []Function
	own := map[string]Function{}
	for _, group := range groups {
		for _, f := range group {
			all = append(all, f)
			if f.args != nil {
				own[f.Name] = f
			}
		}
	}
	return all, own
}

// declare makes the function known to the library. It can be called as f(a, b) and as a.f(b).
func (f Function) declare() cel.EnvOption {
	return cel.Function(f.Name,
		cel.Overload("tamer_"+f.Name, f.args, f.result),
		cel.MemberOverload("tamer_member_"+f.Name, f.args, f.result),
		cel.SingletonFunctionBinding(func(args ...ref.Val) ref.Val { return f.run(args) }))
}

func (f Function) run(args []ref.Val) ref.Val {
	out, err := f.call(args)
	if err != nil {
		return types.WrapErr(fmt.Errorf("%s: %w", f.Name, err))
	}
	return out
}

var (
	anyList = cel.ListType(cel.DynType)
	anyMap  = cel.MapType(cel.StringType, cel.DynType)
)

func listArg(v ref.Val) (traits.Lister, error) {
	l, ok := v.(traits.Lister)
	if !ok {
		return nil, fmt.Errorf("a list is wanted, and this is %s", kindOf(v))
	}
	return l, nil
}

func mapArg(v ref.Val) (traits.Mapper, error) {
	m, ok := v.(traits.Mapper)
	if !ok {
		return nil, fmt.Errorf("a mapping is wanted, and this is %s", kindOf(v))
	}
	return m, nil
}

func textArg(v ref.Val) (string, error) {
	s, ok := v.(types.String)
	if !ok {
		return "", fmt.Errorf("a text is wanted, and this is %s", kindOf(v))
	}
	return string(s), nil
}

func wholeArg(v ref.Val) (int64, error) {
	switch n := v.(type) {
	case types.Int:
		return int64(n), nil
	case types.Double:
		if whole := int64(n); float64(whole) == float64(n) {
			return whole, nil
		}
	}
	if isNumber(v) {
		return 0, fmt.Errorf("a whole number is wanted, and this is %s", textOf(v))
	}
	return 0, fmt.Errorf("a whole number is wanted, and this is %s", kindOf(v))
}

// onText makes a function of one text.
func onText(do func(string) (ref.Val, error)) func([]ref.Val) (ref.Val, error) {
	return func(args []ref.Val) (ref.Val, error) {
		text, err := textArg(args[0])
		if err != nil {
			return nil, err
		}
		return do(text)
	}
}

// onTexts makes a function of two texts.
func onTexts(do func(a, b string) (ref.Val, error)) func([]ref.Val) (ref.Val, error) {
	return func(args []ref.Val) (ref.Val, error) {
		a, err := textArg(args[0])
		if err != nil {
			return nil, err
		}
		b, err := textArg(args[1])
		if err != nil {
			return nil, err
		}
		return do(a, b)
	}
}
