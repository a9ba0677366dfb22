package rewrite

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/policy"
)

// An Assignment is one change of many configs. A token * of a path stands for every item or property that is there.
type Assignment struct {
	Op    edit.Op
	Path  []string
	From  []string      // of Move; the * of Path stand for what those of From do
	Value any           // of Set, without Expr
	Expr  *expr.Program // of Set: gives the value; over Variables
	Where *expr.Program // only the values of which it is true; over Variables. Nil: all
	// Unsaid, if set, is called for a value of which Where cannot be told, which is then left alone. Calls may overlap.
	Unsaid func(f policy.File, why error)
}

// Variables are what Expr and Where can name: the value that is there (null for none), what holds it, the document, and whose it is.
var Variables = []expr.Variable{{Name: "old"}, {Name: "self"}, {Name: "root"}, {Name: "customer", Kind: expr.Text}, {Name: "type", Kind: expr.Text}}

// InOrder is what becomes of one file by several assignments: each meets what those before it have left.
func InOrder(all ...Assignment) Plan {
	return func(f policy.File, docs []*document.Document) (changes []edit.Change, problems []string) {
		for i, d := range docs {
			root := d.Value
			for n, a := range all {
				more, err := a.document(f, root)
				for j := range more {
					more[j].Document = i
					if err == nil && n+1 < len(all) {
						root, err = edit.Value(root, more[j])
					}
				}
				if err != nil {
					problems = append(problems, err.Error())
					break
				}
				changes = append(changes, more...)
			}
		}
		return changes, problems
	}
}

func (a Assignment) document(f policy.File, root any) ([]edit.Change, error) {
	at := a.Path
	if a.Op == edit.Move {
		at = a.From
	}
	var changes []edit.Change
	for _, path := range Expand(root, at) {
		old, there := document.ValueAt(root, path)
		if !there && a.Op != edit.Set {
			continue
		}
		vars := a.variables(f, root, path, old)
		if a.Where != nil {
			holds, err := a.Where.Holds(vars, nil)
			if err != nil && a.Unsaid != nil {
				a.Unsaid(f, err)
			}
			if !holds {
				continue
			}
		}
		c := edit.Change{Op: a.Op, Path: path, Value: a.Value}
		switch {
		case a.Op == edit.Move:
			c.From, c.Path = path, Follow(a.From, path, a.Path)
		case a.Expr != nil:
			value, err := a.Expr.Eval(vars, nil)
			if err != nil {
				return nil, fmt.Errorf("%s: --expr gives no value: %w", document.Pointer(path), err)
			}
			c.Value = value
		}
		if a.Op == edit.Set && there && diff.Equal(old, c.Value) {
			continue
		}
		changes = append(changes, c)
	}
	if a.Op == edit.Unset {
		slices.Reverse(changes) // so that the positions of items stay
	}
	return changes, nil
}

func (a Assignment) variables(f policy.File, root any, path []string, old any) map[string]any {
	self, _ := document.ValueAt(root, path[:max(len(path)-1, 0)])
	return map[string]any{"old": old, "self": self, "root": root, "customer": f.Customer, "type": f.Type}
}

// Expand gives the places that a path with * leads to in a value, in its order. The last tokens of one without * need not be there.
func Expand(root any, path []string) [][]string {
	star := slices.Index(path, "*")
	if star < 0 {
		return [][]string{path}
	}
	holder, _ := document.ValueAt(root, path[:star])
	var tokens []string
	switch v := holder.(type) {
	case map[string]any:
		if _, named := v["*"]; named { // a property of that name
			tokens = []string{"*"}
			break
		}
		tokens = slices.Sorted(maps.Keys(v))
	case []any:
		for i := range v {
			tokens = append(tokens, strconv.Itoa(i))
		}
	}
	var all [][]string
	for _, token := range tokens {
		head := append(path[:star:star], token)
		below, _ := document.ValueAt(root, head)
		for _, rest := range Expand(below, path[star+1:]) {
			all = append(all, slices.Concat(head, rest))
		}
	}
	return all
}

// Follow gives the path to in which each * is what it is in at, one of the places of from.
func Follow(from, at, to []string) []string {
	to = slices.Clone(to)
	next := 0
	for i, token := range to {
		if token != "*" {
			continue
		}
		for next < len(from) && from[next] != "*" {
			next++
		}
		if next < len(from) {
			to[i] = at[next]
			next++
		}
	}
	return to
}

// Fits tells what is wrong with the paths of a Move: both must have as many *.
func (a Assignment) Fits() error {
	count := func(path []string) (n int) {
		for _, token := range path {
			if token == "*" {
				n++
			}
		}
		return n
	}
	if a.Op == edit.Move && count(a.Path) > count(a.From) {
		return errors.New("the place to move to has more * than the one to move from, so it cannot be told what they stand for")
	}
	return nil
}
