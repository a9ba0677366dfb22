package compat_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/compat"
)

// Schemas that are made to hold up who compares them are given up, and nothing of them is called compatible without a proof.
func TestHostile(t *testing.T) {
	for name, make := range map[string]func(change int) any{
		"names that match any of many patterns": func(change int) any {
			patterns := map[string]any{}
			for i := range 40 {
				letter := string(rune('a' + i%26))
				patterns[fmt.Sprintf("^(%s|x){%d,}.*[%c-z]$", letter, i%7, 'a'+i%20)] = map[string]any{"minimum": i, "maximum": i*3%50 + change}
			}
			return map[string]any{"patternProperties": patterns, "additionalProperties": map[string]any{"type": "string"}, "minProperties": 3}
		},
		"alternatives of alternatives": func(change int) any {
			defs := map[string]any{"n0": map[string]any{"type": "string", "maxLength": 5 + change}}
			for i := range 6 {
				below := map[string]any{"$ref": fmt.Sprint("#/$defs/n", i)}
				not := map[string]any{"not": below}
				defs[fmt.Sprint("n", i+1)] = map[string]any{"oneOf": []any{
					map[string]any{"type": "object", "properties": map[string]any{"a": below, "b": not}},
					map[string]any{"type": "array", "items": below, "contains": not, "uniqueItems": true},
				}}
			}
			return map[string]any{"$ref": "#/$defs/n6", "$defs": defs}
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := tryCompile(make(0)), tryCompile(make(1))
			r, err := compat.Compare(a, b)
			if err != nil || !r.Breaks(compat.Forward) {
				t.Errorf("%+v, %v: a greater bound breaks readers", r, err)
			}
			checkWitnesses(t, a, b, r)
		})
	}
}

// A list of thousands of values is compared as one of a few.
func TestLongEnum(t *testing.T) {
	list := func(from int) json.RawMessage {
		var all []string
		for i := range 6_000 {
			all = append(all, fmt.Sprintf(`"v%d"`, from+i))
		}
		return json.RawMessage(`{"enum":[` + strings.Join(all, ",") + `]}`)
	}
	r, err := compat.Compare(tryCompile(list(0)), tryCompile(list(1)))
	if err != nil || r.Compatibility != compat.None || len(r.Changes) != 1 || r.Changes[0].Witnesses[compat.Backward] != "v0" || r.Changes[0].Witnesses[compat.Forward] != "v6000" {
		t.Errorf("%s, %d changes, %v", r.Compatibility, len(r.Changes), err)
	}
}

// Who closes the channel ends the comparison: it does not go on for the rest of its time.
func TestBudgetStopped(t *testing.T) {
	stop := make(chan struct{})
	close(stop)
	b := compat.NewBudget(compat.MaxTime).StopWith(stop)
	for range 2 {
		r, err := b.Compare(tryCompile(json.RawMessage(large(false))), tryCompile(json.RawMessage(large(true))))
		if err != nil || r.Compatibility != compat.None || !strings.Contains(r.Changes[len(r.Changes)-1].Message, "take too long to compare") {
			t.Errorf("%s, %v", r.Compatibility, err)
		}
	}
}

// What there is no time for counts as broken, with the reason.
func TestBudgetSpent(t *testing.T) {
	old, new := large(false), large(true)
	r, err := compat.NewBudget(0).Compare(tryCompile(json.RawMessage(old)), tryCompile(json.RawMessage(new)))
	if err != nil || r.Compatibility != compat.None {
		t.Fatalf("%s, %v", r.Compatibility, err)
	}
	last := r.Changes[len(r.Changes)-1]
	if last.Kind != "not-proven" || !strings.Contains(last.Message, "take too long to compare") {
		t.Errorf("%+v", last)
	}
}
