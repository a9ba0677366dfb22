package flow_test

import (
	"testing"

	"github.com/tamerhq/tamer/internal/work"
)

// When the base of a judged pull request moves, it is judged again if that can matter, and noted as dealt with if not.
func TestBaseMoves(t *testing.T) {
	base := map[string]string{
		"schemas/plan.schema.yaml":  "{}",
		"customers/acme/plan.yaml":  "size: 1",
		"customers/beta/plan.yaml":  "size: 1",
		"customers/gamma/plan.yaml": "size: 1",
	}
	own := map[string]string{"customers/acme/plan.yaml": "size: 2", "customers/beta/plan.yaml": "size: 2"}
	type change = map[string]string
	for name, c := range map[string]struct {
		before, move change
		again        bool
	}{
		"another customer":                      {nil, change{"customers/gamma/plan.yaml": "size: 3"}, false},
		"another type of the customer":          {nil, change{"customers/acme/users.yaml": "n: 1"}, true},
		"a part of the same change":             {nil, change{"customers/acme/plan.yaml": "size: 2"}, true},
		"a conflict that is gone":               {change{"customers/acme/plan.yaml": "size: 9"}, change{"customers/acme/plan.yaml": "size: 2"}, true},
		"another customer, while all conflicts": {change{"customers/acme/plan.yaml": "size: 9"}, change{"customers/gamma/plan.yaml": "size: 3"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub()
			root := h.commit("main", "", base)
			h.commit("change", root, own)
			h.open(1, "change")
			main := root
			if c.before != nil {
				main = h.commit("main", main, c.before)
			}
			h.finish(t, pullKey(1))
			h.finish(t, gateKey(1))
			h.commit("main", main, c.move)
			h.wanted = nil
			h.finish(t, work.Key{Kind: work.Base, Installation: 1, Repository: 2, Name: "main"})
			if again := len(h.wanted) == 1 && h.wanted[0].Key == pullKey(1); again != c.again {
				t.Errorf("judged again: %v, want %v", again, c.again)
			}
		})
	}
}
