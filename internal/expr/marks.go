package expr

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Marks are functions that nobody can write. They stand around parts of an expression that the library would not bound.
const (
	markMapping  = "@mapping"  // a mapping whose keys are not written out; only while kinds are checked
	markAny      = "@any"      // what is of too deep a kind; only while kinds are checked
	markKey      = "@key"      // a key that is not written out
	markOptional = "@optional" // an item or an entry after "?"
	markBegin    = "@begin"    // what a loop goes through
)

var same = cel.TypeParamType("T")

var marks = map[string]Function{
	markMapping:  {Name: markMapping, args: []*cel.Type{cel.DynType}, result: cel.MapType(cel.DynType, cel.DynType), call: pass},
	markAny:      {Name: markAny, args: []*cel.Type{cel.DynType}, result: cel.DynType, call: pass},
	markKey:      {Name: markKey, args: []*cel.Type{same}, result: same, call: keyOnly},
	markOptional: {Name: markOptional, args: []*cel.Type{same}, result: same, call: optionalOnly},
	markBegin:    {Name: markBegin, args: []*cel.Type{same}, result: same, call: pass},
}

// look is what a mark does. Its errors do not name it, as it is not written.
func (f Function) look(args []ref.Val) ref.Val {
	out, err := f.call(args)
	if err != nil {
		return types.WrapErr(err)
	}
	return out
}

func pass(args []ref.Val) (ref.Val, error) { return args[0], nil }

// keyOnly spares the library to write whole values into its errors, as optionalOnly does.
func keyOnly(args []ref.Val) (ref.Val, error) {
	switch args[0].(type) {
	case traits.Lister, traits.Mapper, *types.Optional:
		return nil, fmt.Errorf("a key is a text, a number or a boolean, and this is %s", kindOf(args[0]))
	}
	return args[0], nil
}

func optionalOnly(args []ref.Val) (ref.Val, error) {
	if _, ok := args[0].(*types.Optional); !ok {
		return nil, fmt.Errorf(`what follows a "?" is an optional value, such as self.?name, and this is %s`, kindOf(args[0]))
	}
	return args[0], nil
}

// costOfBegin is what it takes to sort the keys of a mapping.
func costOfBegin(v ref.Val) uint64 {
	if m, ok := v.(traits.Mapper); ok {
		return sizeOf(m)
	}
	return 1
}

// maxKinds is how many parts of an expression may make a kind of another one. What the checker takes grows with the cube of it.
const maxKinds = 60

// A marker puts marks into an expression that was parsed.
type marker struct {
	tree  *ast.AST
	next  int64
	kinds int // parts so far that make a kind of another one
}

// mark prepares an expression for being checked, and refuses messages: making one copies all that is within it.
//
// The kind of {a: b} is made of those of a and b. Where both are made of one name, each name in terms of the one before would
// double it, and what the checker takes would double with each of them. So mappings whose keys are not written out are of one
// kind, whatever is in them; all other kinds are made of one, and after many of them a part may be anything.
func mark(tree *ast.AST) (wrong error) {
	m := &marker{tree: tree, next: ast.MaxID(tree)}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.ComprehensionKind:
			if in := x.AsComprehension().IterRange(); in.Kind() != ast.ListKind {
				m.wrap(in, markBegin)
			}
		case ast.ListKind:
			for _, i := range x.AsList().OptionalIndices() {
				m.wrap(x.AsList().Elements()[i], markOptional)
			}
		case ast.MapKind:
			m.mapping(x)
		case ast.StructKind:
			at := tree.SourceInfo().GetStartLocation(x.ID())
			wrong = &Error{Line: max(at.Line(), 1), Column: max(at.Column(), 0) + 1, Message: fmt.Sprintf(`%q is no value that can be made here; write a mapping, such as {"name": 1}`, x.AsStruct().TypeName())}
		}
		if deepens(x) {
			if m.kinds++; m.kinds > maxKinds {
				m.wrap(x, markAny)
			}
		}
	}))
	return wrong
}

func (m *marker) mapping(x ast.Expr) {
	entries := x.AsMap().Entries()
	written := len(entries) > 0
	for _, e := range entries {
		entry := e.AsMapEntry()
		if entry.IsOptional() {
			m.wrap(entry.Value(), markOptional)
		}
		if entry.Key().Kind() != ast.LiteralKind {
			m.wrap(entry.Key(), markKey)
			written = false
		}
	}
	if !written {
		m.wrap(x, markMapping)
	}
}

// deepens tells whether the kind of a part may be made of that of another one, as a list is.
func deepens(x ast.Expr) bool {
	switch x.Kind() {
	case ast.ListKind, ast.MapKind:
		return true
	case ast.CallKind:
		switch name := x.AsCall().FunctionName(); name {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.NotStrictlyFalse, operators.Conditional, operators.Index:
			return false
		default:
			return operations[name] == nil
		}
	}
	return false
}

// wrap puts a call around a part, in its place.
func (m *marker) wrap(x ast.Expr, function string) {
	factory := ast.NewExprFactory()
	inner := factory.NewUnspecifiedExpr(m.next)
	inner.SetKindCase(x)
	info := m.tree.SourceInfo()
	if at, ok := info.GetOffsetRange(x.ID()); ok {
		info.SetOffsetRange(m.next, at)
	}
	x.SetKindCase(factory.NewCall(x.ID(), function, inner))
	m.next++
}

// unmark takes the marks away that were for the checker, with what it found of them.
func unmark(tree *ast.AST) {
	found := tree.ReferenceMap()
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.CallKind {
			return
		}
		call := x.AsCall()
		if name := call.FunctionName(); name != markMapping && name != markAny {
			return
		}
		inner := call.Args()[0]
		x.SetKindCase(inner)
		tree.SetType(x.ID(), tree.GetType(inner.ID()))
		delete(found, x.ID())
		if r, ok := found[inner.ID()]; ok {
			tree.SetReference(x.ID(), r)
		}
	}))
}
