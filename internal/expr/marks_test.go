package expr

import (
	"runtime"
	"strings"
	"testing"
)

// Checking an expression takes a bounded amount of memory, whatever kinds it makes of its names.
func TestKindsAreBounded(t *testing.T) {
	lookups := "true"
	for range 14 { // each name is a mapping from the kind of the one before
		lookups = `cel.bind(w, {}, w[v] == v && cel.bind(v, w, ` + lookups + `))`
	}
	env, err := New(Variable{Name: "self"})
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]string{
		"mappings":                bound(`[]`, 12, `{v:v}`, `v == v`),
		"mappings with more keys": bound(`[]`, 12, `{"a":1,v:v}`, `v == v`),
		"mappings that are asked": `cel.bind(v, {}, ` + lookups + `)`,
		"entries":                 `[[1]]` + strings.Repeat(`.map(x, [x].transformMapEntry(i, v, {v: v}))`, 9),
		"entries of mappings":     `{1: []}` + strings.Repeat(`.transformMapEntry(k, v, {v: v})`, 12),
		"deep mappings":           bound(`[]`, 30, `{"a":v,"b":v}`, `v == v`),
		"lists":                   bound(`[]`, 30, `[v,v]`, `v == v`),
		"deep lists":              bound(`[]`, 12, strings.Repeat("[", 15)+"v"+strings.Repeat("]", 15), `v == v`),
		"optional values":         bound(`[]`, 30, `optional.of(v)`, `v == v`),
		"optional entries":        bound(`[]`, 30, `{?"a":optional.of(v)}`, `v == v`),
		"kinds":                   bound(`[]`, 30, `[type(v)]`, `v == v`),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := env.Compile(source)
			if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 15<<20 {
				t.Errorf("it takes %d KB", (after.TotalAlloc-before.TotalAlloc)>>10)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// Marks change nothing of what an expression means, however many there are.
func TestMarks(t *testing.T) {
	for source, want := range map[string]string{
		bound(`[1]`, 35, `[[v]][0]`, `v`+strings.Repeat(`[0]`, 36)+` + 1 == 2`):                            "true",
		bound(`{"b":{1+1:3}}`, 70, `optional.of(v).value()`, `v.b[2] == 3`):                                "true",
		bound(`0`, 70, `abs(v - 1)`, `v == 0 && has({"a"+"b":1}.ab) && [0].transformMap(i, x, i)[0] == 0`): "true",
		bound(`0`, 70, `v + size([v])`, `string(v) + {?string(v): optional.of("x"), ?"b": self.?b}["70"]`): "70x",
		`[?self.?a, ?self.?b].size()`:                   "1",
		`self.transformMapEntry(k, v, {k + "b": v}).ab`: "1",
		`[?dyn(1)]`:           `what follows a "?" is an optional value, such as self.?name, and this is a number`,
		`{?"a": dyn([self])}`: `what follows a "?" is an optional value, such as self.?name, and this is a list`,
		`[1, 2].transformMapEntry(i, v, {dyn([self]): v})`: `a key is a text, a number or a boolean, and this is a list`,
		`google.protobuf.Value{list_value: [1]} == 1`:      `"google.protobuf.Value" is no value that can be made here; write a mapping, such as {"name": 1}`,
	} {
		env, err := New(Variable{Name: "self"})
		if err != nil {
			t.Fatal(err)
		}
		var got any
		p, err := env.Compile(source)
		if err == nil {
			got, err = p.Eval(map[string]any{"self": map[string]any{"a": 1}}, nil)
		}
		if err != nil {
			got = err.Error()
		}
		if Show(got) != want {
			t.Errorf("%.80s gives %v, want %s", source, got, want)
		}
	}
}
