package compat

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// Bounds on the values that are tried where exact search has ended without a value: how many, and how many values each may hold.
const (
	maxGuesses = 1000
	maxGuessed = 10_000
)

// guess looks for a value that from accepts and to refuses among those that the schemas speak of, and changes of them.
func (p *pair) guess(from, to *schema.Node, near any) (any, bool) {
	candidates := append([]any{near}, p.spoken()...)
	p.solver.refill(maxChangeSteps)
	for _, goal := range [][]lit{{p.solver.lit(from)}, {p.solver.lit(to).not()}} {
		if r := p.solver.solve(goal...); r.status == found {
			candidates = append(candidates, r.value)
		}
	}
	candidates = slices.DeleteFunc(candidates, func(v any) bool { return sizeOf(v) > maxGuessed })
	palette := append(palette(), candidates...)
	seen, tried := map[uint64]bool{}, 0
	for i := 0; i < len(candidates) && tried < maxGuesses && !p.solver.budget.late; i++ {
		for v := range changed(candidates[i], palette) {
			c := hashOf(canonical(v))
			if seen[c] {
				continue
			}
			seen[c] = true
			if tried++; tried > maxGuesses || p.solver.budget.spent() {
				break
			}
			if shows(from, to, v) {
				return v, true
			}
			if ok, known := accepts(from, v); ok && known && len(candidates) < 50 {
				candidates = append(candidates, v)
			}
		}
	}
	return nil, false
}

// sizeOf counts the values in a value, up to more than maxGuessed.
func sizeOf(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			if n += sizeOf(item); n > maxGuessed {
				break
			}
		}
	case []any:
		for _, item := range v {
			if n += sizeOf(item); n > maxGuessed {
				break
			}
		}
	}
	return n
}

func palette() []any {
	return []any{nil, true, false, json.Number("0"), json.Number("1"), json.Number("-1"), json.Number("0.5"), json.Number("3"),
		"", "a", "b", "ab", []any{}, []any{nil}, []any{"a", "a"}, map[string]any{}, map[string]any{"a": nil}}
}

// spoken are the values that stand in the schemas.
func (p *pair) spoken() []any {
	var out []any
	for _, n := range reach(p.new, reach(p.old, nil, map[*schema.Node]bool{nil: true}), map[*schema.Node]bool{nil: true}) {
		out = append(append(out, n.Enum...), n.Const...)
		if examples, ok := n.Raw["examples"].([]any); ok {
			out = append(out, examples...)
		}
		if v, ok := n.Raw["default"]; ok {
			out = append(out, v)
		}
		if n.Pattern != nil {
			out = append(out, n.Pattern.Sample())
		}
		if len(out) > 100 {
			break
		}
	}
	return out
}

// changed gives a value, and what comes of it by a change in one place.
func changed(v any, palette []any) func(yield func(any) bool) {
	return func(yield func(any) bool) {
		if !yield(v) {
			return
		}
		switch v := v.(type) {
		case map[string]any:
			changedObject(v, palette, yield)
		case []any:
			for i := range v {
				if !yield(slices.Delete(slices.Clone(v), i, i+1)) {
					return
				}
				for _, x := range palette {
					c := slices.Clone(v)
					if c[i] = x; !yield(c) {
						return
					}
				}
			}
			for _, x := range palette {
				if !yield(append(slices.Clone(v), x)) {
					return
				}
			}
		}
	}
}

func changedObject(v map[string]any, palette []any, yield func(any) bool) {
	for _, name := range append(sortedNames(v), "a", "b", "x") {
		c := maps.Clone(v)
		delete(c, name)
		if !yield(c) {
			return
		}
		for _, x := range palette {
			c := maps.Clone(v)
			if c[name] = x; !yield(c) {
				return
			}
		}
	}
}
