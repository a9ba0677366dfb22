package expr

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// A planner puts steps of its own in the place of the library's when a program is planned: they count what they cost.
type planner struct {
	makers map[int64]bool // parts that make mappings, whose keys must come in order
	loops  map[int64]bool // conditions of loops, which are asked once for every turn
}

// plannerOf looks through an expression. The library tells the mapping that a comprehension begins with by its type: that one
// is left alone.
func plannerOf(tree *ast.AST) planner {
	p, begins := planner{map[int64]bool{}, map[int64]bool{}}, map[int64]bool{}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.MapKind:
			p.makers[x.ID()] = !begins[x.ID()]
		case ast.ComprehensionKind:
			loop := x.AsComprehension()
			p.loops[loop.LoopCondition().ID()] = true
			if init := loop.AccuInit(); init.Kind() == ast.MapKind {
				p.makers[x.ID()], begins[init.ID()] = true, true
			}
		}
	}))
	return p
}

// decorate gives the step for a node of the library.
func (p planner) decorate(node interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	if p.loops[node.ID()] {
		return &step{InterpretableV2: node, cost: 1}, nil
	}
	switch n := node.(type) {
	case *lookup: // a longer path than before
		n.cost++
	case interpreter.InterpretableAttribute:
		return &lookup{InterpretableAttribute: n, cost: 1}, nil
	case interpreter.InterpretableConst:
	case interpreter.InterpretableCall:
		return callOf(n), nil
	case interpreter.InterpretableConstructor:
		if len(n.InitVals()) > 0 && !allConstant(n.InitVals()) || p.makers[n.ID()] {
			return &step{InterpretableV2: n, cost: uint64(len(n.InitVals())), ordered: p.makers[n.ID()]}, nil
		}
	default:
		if p.makers[n.ID()] {
			return &step{InterpretableV2: n, cost: 1, ordered: true}, nil
		}
	}
	return node, nil
}

func callOf(n interpreter.InterpretableCall) interpreter.InterpretableV2 {
	if do, ok := operations[n.Function()]; ok && len(n.Args()) == 2 {
		return &call{id: n.ID(), function: n.Function(), args: n.Args(), do: func(args []ref.Val) ref.Val { return do(args[0], args[1]) }}
	}
	if f, ok := marks[n.Function()]; ok {
		return &call{id: n.ID(), function: f.Name, args: n.Args(), do: f.look}
	}
	if f, ok := byName[n.Function()]; ok {
		return &call{id: n.ID(), function: f.Name, args: n.Args(), do: f.run, compiles: compiles(f.Name, n.Args())}
	}
	if overloads.IsTypeConversionFunction(n.Function()) && allConstant(n.Args()) {
		return n // the library converts it once, and tells then if it cannot be
	}
	return &step{InterpretableV2: n, cost: 1}
}

// compiles tells whether a call takes a pattern that is known only when it is made.
func compiles(function string, args []interpreter.InterpretableV2) bool {
	return (function == overloads.Matches || function == "capture") && len(args) == 2 && !allConstant(args[1:])
}

func allConstant(nodes []interpreter.InterpretableV2) bool {
	for _, n := range nodes {
		if _, ok := n.(interpreter.InterpretableConst); !ok {
			return false
		}
	}
	return true
}

// A step is a node that costs as much each time.
type step struct {
	interpreter.InterpretableV2
	cost    uint64
	ordered bool // it makes a mapping
}

func (s *step) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	m := meterOf(frame)
	m.charge(s.cost)
	v := s.InterpretableV2.Exec(frame)
	m.read(v)
	if s.ordered {
		return inOrder(v)
	}
	return v
}

func (s *step) Eval(vars interpreter.Activation) ref.Val { return s.Exec(interpreter.AsFrame(vars)) }

// A lookup is a variable, with the path from it.
type lookup struct {
	interpreter.InterpretableAttribute
	cost uint64 // the steps of the path
}

func (l *lookup) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	m := meterOf(frame)
	m.charge(l.cost)
	v := l.InterpretableAttribute.Exec(frame)
	m.read(v)
	return v
}

func (l *lookup) Eval(vars interpreter.Activation) ref.Val {
	return l.Exec(interpreter.AsFrame(vars))
}

// A call is an operator or a function of tamer's own. Its price is known before it is made.
type call struct {
	id       int64
	function string
	args     []interpreter.InterpretableV2
	do       func(args []ref.Val) ref.Val
	compiles bool // a pattern, each time: whether it is still known from before must not decide
}

func (c *call) ID() int64 { return c.id }

func (c *call) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	args := make([]ref.Val, len(c.args))
	for i, node := range c.args {
		if args[i] = node.Exec(frame); types.IsUnknownOrError(args[i]) {
			return args[i]
		}
	}
	m := meterOf(frame)
	if c.compiles {
		m.charge(costOfPattern(args[1]))
	}
	m.charge(price(c.function, args))
	v := types.LabelErrNode(c.id, c.do(args))
	m.read(v)
	return v
}

func (c *call) Eval(vars interpreter.Activation) ref.Val { return c.Exec(interpreter.AsFrame(vars)) }
