// Package expr compiles and evaluates the expressions of schemas and policies. It is the only home of the CEL library.
//
// An evaluation is a function of the values that it is given: it knows no clock, no file and no network. Its cost is bounded,
// whatever the expression and the values are.
package expr

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	_ "time/tzdata" // so that getHours("Europe/Paris") is the same on every machine

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"cel.dev/cel-go/interpreter"
)

// MaxSource is how many bytes an expression may have.
const MaxSource = 4000

// maxNodes bounds what an expression is made of, with what macros such as all() make of it.
const maxNodes = 5000

// A Kind is what the checker knows of a variable before an evaluation.
type Kind int

const (
	Any    Kind = iota // a value of a document: nothing is known
	Text               // a text
	Map                // a mapping of texts to any values
	Number             // an int
	Texts              // a list of texts
)

// A Variable is a name that expressions may use.
type Variable struct {
	Name string
	Kind Kind
}

// An Env compiles expressions over some variables. It is safe for concurrent use.
type Env struct {
	env   *cel.Env
	names []string
}

// New gives the environment of the variables. The error is a variable whose name CEL does not allow.
func New(vars ...Variable) (*Env, error) {
	standard := env.NewLibrarySubset().AddExcludedFunctions(env.NewFunction(overloads.Matches))
	opts := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(standard)),
		cel.OptionalTypes(),
		ext.Bindings(),
		ext.TwoVarComprehensions(),
		cel.CustomTypeAdapter(adapter{}),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(MaxSource),
		cel.ExpressionNodeLimit(maxNodes),
		cel.ParserRecursionLimit(100),
	}
	for _, op := range []string{operators.Add, operators.Subtract, operators.Multiply, operators.Divide} {
		opts = append(opts, mixed(op))
	}
	for _, functions := range []map[string]Function{byName, marks} {
		for _, f := range functions {
			opts = append(opts, f.declare())
		}
	}
	e := &Env{}
	for _, v := range vars {
		opts = append(opts, cel.Variable(v.Name, typeOf(v.Kind)))
		e.names = append(e.names, v.Name)
	}
	inner, err := cel.NewCustomEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("make environment of expressions: %w", err)
	}
	e.env = inner
	return e, nil
}

func typeOf(k Kind) *cel.Type {
	switch k {
	case Text:
		return cel.StringType
	case Map:
		return anyMap
	case Number:
		return cel.IntType
	case Texts:
		return cel.ListType(cel.StringType)
	}
	return cel.DynType
}

// mixed lets the checker pass calculations with whole and other numbers, which an operation then makes.
func mixed(op string) cel.EnvOption {
	return cel.Function(op,
		cel.Overload("tamer_mixed_int"+op, []*cel.Type{cel.IntType, cel.DoubleType}, cel.DoubleType),
		cel.Overload("tamer_mixed_double"+op, []*cel.Type{cel.DoubleType, cel.IntType}, cel.DoubleType))
}

// A Program is a compiled expression. It is safe for concurrent use.
type Program struct {
	source  string
	ast     *ast.AST
	program cel.Program
	begin   uint64 // what each evaluation costs before its first step
}

// Compile reads an expression. The error is an *Error.
func (e *Env) Compile(source string) (*Program, error) { return e.compile(source, cel.DynType) }

// Condition reads an expression that is true or false. The error is an *Error.
func (e *Env) Condition(source string) (*Program, error) { return e.compile(source, cel.BoolType) }

func (e *Env) compile(source string, want *cel.Type) (*Program, error) {
	source = strings.TrimRight(source, " \t\r\n") // so that what is missing at the end is missed there
	if err := legible(source); err != nil {
		return nil, err
	}
	parsed, issues := e.env.Parse(source)
	if issues.Err() != nil {
		return nil, e.explain(source, issues.Errors())
	}
	if err := mark(parsed.NativeRep()); err != nil {
		return nil, err
	}
	checked, issues := e.env.Check(parsed)
	if issues.Err() != nil {
		return nil, e.explain(source, issues.Errors())
	}
	tree := checked.NativeRep()
	unmark(tree)
	compiling, err := costOfPatterns(tree)
	if err != nil {
		return nil, err
	}
	if got := checked.OutputType(); want == cel.BoolType && got.Kind() != types.DynKind && got.Kind() != types.BoolKind {
		return nil, &Error{Line: 1, Column: 1, Message: fmt.Sprintf("it must be true or false, and gives %s", kindOfType(got))}
	}
	program, err := e.env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CustomDecoratorV2(plannerOf(tree).decorate))
	if err != nil {
		return nil, &Error{Line: 1, Column: 1, Message: plain(err)}
	}
	return &Program{source: source, ast: tree, program: program, begin: compiling}, nil
}

// Source is the text that the program was compiled from.
func (p *Program) Source() string { return p.source }

// Eval gives the value of the expression: nil, bool, string, json.Number, []any or map[string]any. The variables are values of
// the same kinds, or a func() any that gives one whenever it is asked for; all of the environment must be there. The error says in
// words why there is no value. What it costs is taken from the budget, which may be nil.
func (p *Program) Eval(vars map[string]any, b *Budget) (any, error) {
	out, err := p.eval(vars, b)
	if err != nil {
		return nil, err
	}
	if weigh(out, CostLimit) > CostLimit {
		return nil, ErrCost
	}
	return native(out), nil
}

// Holds tells whether a condition is true. The error says in words why that cannot be told.
func (p *Program) Holds(vars map[string]any, b *Budget) (bool, error) {
	out, err := p.eval(vars, b)
	if err != nil {
		return false, err
	}
	holds, ok := out.(types.Bool)
	if !ok {
		return false, fmt.Errorf("the condition is neither true nor false, but %s", kindOf(out))
	}
	return bool(holds), nil
}

func (p *Program) eval(vars map[string]any, b *Budget) (ref.Val, error) {
	if b != nil && b.Spent() {
		return nil, ErrBudget
	}
	within := &scope{vars: vars, meter: meter{spent: p.begin}}
	out, _, err := p.program.Eval(within)
	if b != nil {
		b.spend(1 + within.meter.spent)
	}
	var cancelled interpreter.EvalCancelledError
	switch {
	case errors.As(err, &cancelled):
		return nil, ErrCost
	case err != nil:
		return nil, inWords(err)
	}
	return out, nil
}

// Uses tells whether the expression names a variable.
func (p *Program) Uses(name string) bool {
	found := false
	ast.PreOrderVisit(p.ast.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		found = found || x.Kind() == ast.IdentKind && x.AsIdent() == name
	}))
	return found
}

// Fields gives the properties of a variable that the expression asks for by name, sorted. all is true where it may ask for any.
func (p *Program) Fields(name string) (fields []string, all bool) {
	seen := map[string]bool{}
	isVariable := func(x ast.Expr) bool { return x.Kind() == ast.IdentKind && x.AsIdent() == name }
	named, used := 0, 0
	ast.PreOrderVisit(p.ast.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if isVariable(x) {
			used++
		}
		if field, ok := fieldOf(x, isVariable); ok {
			seen[field] = true
			named++
		}
	}))
	return slices.Sorted(maps.Keys(seen)), used > named
}

// fieldOf reads v.name, v["name"], v.?name and v[?"name"].
func fieldOf(x ast.Expr, isVariable func(ast.Expr) bool) (string, bool) {
	if x.Kind() == ast.SelectKind && isVariable(x.AsSelect().Operand()) {
		return x.AsSelect().FieldName(), true
	}
	if x.Kind() != ast.CallKind {
		return "", false
	}
	call := x.AsCall()
	switch call.FunctionName() {
	case operators.Index, operators.OptIndex, operators.OptSelect:
		if args := call.Args(); len(args) == 2 && isVariable(args[0]) && args[1].Kind() == ast.LiteralKind {
			field, ok := args[1].AsLiteral().(types.String)
			return string(field), ok
		}
	}
	return "", false
}

// costOfPatterns looks at the regular expressions that are written out. Each evaluation pays for compiling them: they are only
// kept for as long as no others take their place.
func costOfPatterns(tree *ast.AST) (cost uint64, wrong error) {
	total := 0
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if wrong != nil || x.Kind() != ast.CallKind {
			return
		}
		call := x.AsCall()
		if name := call.FunctionName(); name != overloads.Matches && name != "capture" || len(call.Args()) == 0 {
			return
		}
		last := call.Args()[len(call.Args())-1]
		if last.Kind() != ast.LiteralKind {
			return
		}
		source, ok := last.AsLiteral().(types.String)
		if !ok {
			return
		}
		large, err := extentOf(string(source))
		if total += large.bytes(); err == nil && total > maxPatterns {
			err = errors.New("the patterns of the expression are too large together: write smaller numbers of repetitions")
		}
		if cost += large.costOfCompiling(); err != nil {
			at := tree.SourceInfo().GetStartLocation(last.ID())
			wrong = &Error{Line: at.Line(), Column: at.Column() + 1, Message: err.Error()}
		}
	}))
	return cost, wrong
}

// legible refuses what the parser would need too long for, or would blame at another place.
func legible(source string) error {
	if len(source) > MaxSource {
		return &Error{Line: 1, Column: 1, Message: fmt.Sprintf("the expression has %d bytes; at most %d are read", len(source), MaxSource)}
	}
	if strings.TrimSpace(source) == "" {
		return &Error{Line: 1, Column: 1, Message: "the expression is empty"}
	}
	return nil
}
