package expr

import (
	"strings"
	"testing"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// A counter counts the values of documents that were looked at.
type counter struct{ looks *int }

func (c counter) NativeToValue(v any) ref.Val {
	*c.looks++
	if list, ok := v.([]any); ok {
		return types.NewDynamicList(c, list)
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}

// doubled is a list in which two to the power of n values are found.
func doubled(n int) []any {
	list := []any{true, true}
	for range n {
		list = []any{list, list}
	}
	return list
}

// Weighing takes no longer than its limit allows, nor comparing than the lighter value weighs.
func TestWeighingIsBounded(t *testing.T) {
	const few = 1000
	looks := 0
	full := append(make([]any, few-1), doubled(14)) // nothing is left of the limit where the doubled one begins
	if got := weigh(counter{&looks}.NativeToValue(full), few); got <= few || looks > few+10 {
		t.Errorf("it weighs %d after %d looks", got, looks)
	}
	looks = 0
	large, empty := counter{&looks}.NativeToValue(make([]any, 10*few)), counter{&looks}.NativeToValue([]any{})
	if got := lesser(large, empty); got != 1 || looks > 100 {
		t.Errorf("the lighter one weighs %d after %d looks", got, looks)
	}
	looks = 0
	if got := lesser(counter{&looks}.NativeToValue(doubled(20)), large); got != 10*few+1 || looks > 10*10*few {
		t.Errorf("the lighter one weighs %d after %d looks", got, looks)
	}
}

// The keys of a mapping are sorted once.
func TestKeysAreKept(t *testing.T) {
	m := adapter{}.NativeToValue(map[string]any{"b": 1, "a": 2, "c": 3}).(*ordered)
	m.keys()
	if n := testing.AllocsPerRun(10, func() { m.keys() }); n > 0 {
		t.Errorf("%v allocations to give the keys again", n)
	}
}

// What a step makes is paid for, whatever makes it.
func TestPaid(t *testing.T) {
	many := map[string]any{}
	for _, a := range strings.Split("abcdefghijklmnopqrst", "") {
		for _, b := range strings.Split("abcdefghijklmnopqrst", "") {
			many[a+b] = true
		}
	}
	self := map[string]any{"text": strings.Repeat("x", 10_000), "many": many}
	for name, source := range map[string]string{
		"bytes that double":         bound(`b"0123456789"`, 20, `v+v`, `size(v) > 0`),
		"texts that grow":           `(self.text` + strings.Repeat(`+self.text`, 90) + `).size() > 0`,
		"doubled, optional":         bound(`[1,1]`, 17, `[v,v]`, `optional.of(v)`),
		"doubled, within optional":  bound(`[1,1]`, 17, `optional.of([v,v])`, `[v]`),
		"keys of a mapping, often":  `range(1000).all(i, self.many.exists(k, true))`,
		"the same, of two names":    `range(1000).all(i, self.many.exists(k, v, true))`,
		"the same, of what is made": `range(1000).all(i, (i < 0 ? {} : self.many).exists(k, true))`,
	} {
		t.Run(name, func(t *testing.T) {
			env, err := New(Variable{Name: "self"})
			if err != nil {
				t.Fatal(err)
			}
			p, err := env.Compile(source)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Eval(map[string]any{"self": self}, nil); err != ErrCost {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

// bound names a value, and n more that are each made of the one before, which is v in their expression.
func bound(first string, n int, more, last string) string {
	return "cel.bind(v," + first + "," + strings.Repeat("cel.bind(v,"+more+",", n) + last + strings.Repeat(")", n+1)
}
