package governance

import (
	"errors"
	"fmt"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// rules gives the gates of the policy's own rules.
func (t *touching) rules() ([]Touch, error) {
	var all []Touch
	for _, rule := range t.policy.Governance.Rules {
		if rule.None() {
			continue
		}
		paths, why, err := t.rule(rule)
		if err != nil {
			return nil, err
		}
		if len(paths) == 0 {
			continue
		}
		touch, err := t.touch(rule.Name, why, rule.Needs, paths)
		if err != nil {
			return nil, err
		}
		all = append(all, touch)
	}
	return all, nil
}

// rule gives the changed files that a rule is about. One that cannot be decided for a file is about it: who wrote the file cannot
// be the one whom that spares an approval.
func (t *touching) rule(rule policy.GateRule) (paths []string, why string, err error) {
	budget := expr.NewBudget(1000)
	for _, ch := range t.change.Paths {
		f, err := t.read(ch.Path)
		if err != nil {
			return nil, "", err
		}
		holds, err := rule.Holds.Holds(t.variables(ch, f), budget)
		if err != nil && f.broken() {
			err = errors.New("it cannot be read as YAML")
		}
		if err != nil {
			holds, why = true, fmt.Sprintf("changes %q, for which the rule cannot be decided: %v", ch.Path, err)
		}
		if holds {
			paths = append(paths, ch.Path)
		}
	}
	if why == "" {
		why = "changes the " + plural("file", paths)
	}
	return paths, why, nil
}

// variables are what an expression sees of a changed file. Of several documents a value is the list. Of a file that cannot be read
// there are no values, so that a rule that asks for them cannot be decided.
func (t *touching) variables(ch forge.Change, f file) map[string]any {
	where := t.policy.Layout.Read(ch.Path)
	if where.Kind == policy.Other {
		where.Customer, where.Type = "", ""
	}
	vars := map[string]any{"path": ch.Path, "customer": where.Customer, "type": where.Type, "status": string(ch.Kind)}
	if f.broken() {
		return vars
	}
	vars["old"], vars["new"] = f.old.value(), f.new.value()
	vars["changes"] = func() any {
		var list []any
		for _, c := range f.changes() {
			m := map[string]any{"path": c.Pointer(), "op": string(c.Op), "old": nil, "new": nil}
			if c.Op == diff.Modify || c.Op == diff.Remove {
				m["old"] = c.Old
			}
			if c.Op == diff.Modify || c.Op == diff.Add {
				m["new"] = c.New
			}
			list = append(list, m)
		}
		return list
	}
	return vars
}

func (v version) value() any {
	switch len(v.docs) {
	case 0:
		return nil
	case 1:
		return v.docs[0]
	}
	return v.docs
}
