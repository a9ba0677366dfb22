package expr_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/expr"
)

// Whatever an expression does, it ends after a bounded number of steps. A bomb that is not bounded lets this test hang.
func TestBombs(t *testing.T) {
	doubled := `[1]` + strings.Repeat(`.map(x, [x, x])`, 40)
	long := strings.Repeat("a", 1<<20)
	many := make([]any, 50_000)
	for i := range many {
		many[i] = json.Number("1")
	}
	self := map[string]any{"long": long, "many": many, "short": "a", "pattern": "(a|a|a|a|a|a|a|a|a|a){100}$", "large": strings.Repeat("a{1000}", 140)}
	for name, source := range map[string]string{
		"nested comprehensions":       `self.many.all(a, self.many.all(b, self.many.all(c, true)))`,
		"comprehension without calls": `self.many.exists_one(a, self.many.exists_one(b, false))`,
		"doubled values compared":     doubled + ` == ` + doubled,
		"doubled values in a list":    `[` + doubled + `].all(x, x in [x])`,
		"doubled values as result":    doubled,
		"doubled values, unique":      `unique(` + doubled + `)`,
		"doubled list":                `[self.many]` + strings.Repeat(`.map(x, x + x)`, 30) + ` == []`,
		"doubled text":                `["a"]` + strings.Repeat(`.map(x, x + x)`, 60) + `[0].size() > 1`,
		"text put between":            `replace(self.long, "", self.long) == ""`,
		"joined with a long text":     `join(self.many, self.long) == ""`,
		"many long texts compared":    `self.many.all(x, self.long + "b" != self.long + "c")`,
		"equal long texts":            `self.many.all(x, self.long == self.long)`,
		"size of a long text":         `self.many.all(x, self.long.size() > 0)`,
		"range":                       `range(2000000000).all(x, true)`,
		"pattern over a long text":    `self.many.all(x, self.long.matches("a"))`,
		"large pattern":               `self.many.all(x, self.long.matches("(a{1,30}){1,30}b"))`,
		"pattern of the data":         `self.many.all(x, substring(self.long, 0, 60000).matches(self.pattern))`,
		"patterns of the data":        `self.many.all(i, x, "b".matches(string(i) + self.large))`,
		"glob over a long text":       `glob(self.long, "**a**a**a**a**a**b")`,
		"lists in one another":        `subset(self.many.map(x, self.many), [])`,
		"two lists":                   `self.many.filter(x, x in self.many) == self.many`,
		"sorted often":                `self.many.all(x, sorted(self.many)[0] == 1)`,
		"long messages":               `self.many.map(x, self.long)`,
		"mapping of a list":           `self.many.transformMap(i, x, self.many.transformMap(j, y, y))`,
		"split often":                 `self.many.all(x, split(self.long, "").size() > 0)`,
	} {
		t.Run(name, func(t *testing.T) {
			p, err := environment(t).Compile(source)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Eval(map[string]any{"self": self, "customer": "acme", "configs": map[string]any{}}, nil)
			if err != nil && len(err.Error()) > 2000 {
				t.Errorf("a long error: %d bytes", len(err.Error()))
			}
			if err == nil {
				t.Errorf("it was evaluated: %.60v", got)
			} else if !errors.Is(err, expr.ErrCost) && !strings.Contains(err.Error(), "at most") && !strings.Contains(err.Error(), "items together") {
				t.Errorf("it ended otherwise: %v", err)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	p, err := environment(t).Condition(`range(10000).all(x, x >= 0)`)
	if err != nil {
		t.Fatal(err)
	}
	b, times := expr.NewBudget(2), 0
	for times < 100 && err == nil {
		_, err = p.Holds(variables(t, "null"), b)
		times++
	}
	if !errors.Is(err, expr.ErrBudget) || times < 3 || times > 10 || !b.Spent() {
		t.Errorf("%d evaluations, then %v", times, err)
	}
}

// Expressions that are as deep or as wide as they may be compile or are refused, soon.
func TestHostileSources(t *testing.T) {
	env := environment(t)
	for name, source := range map[string]string{
		"brackets":    strings.Repeat("(", 1900) + "1" + strings.Repeat(")", 1900),
		"lists":       strings.Repeat("[", 1900) + strings.Repeat("]", 1900),
		"signs":       strings.Repeat("-", 3000) + "1",
		"nots":        strings.Repeat("!", 3000) + "true",
		"conditions":  strings.Repeat("true?", 500) + "1" + strings.Repeat(":1", 500),
		"ands":        strings.Repeat("true&&", 600) + "true",
		"macros":      strings.Repeat("[1].all(x,", 200) + "true" + strings.Repeat(")", 200),
		"expanding":   "self" + strings.Repeat(".filter(x,x)", 300),
		"names":       strings.Repeat("selv+", 700) + "1",
		"quotes":      strings.Repeat(`"`, 3999),
		"no letters":  strings.Repeat("\x00\xff", 1500),
		"dots":        "self" + strings.Repeat(".a", 1900),
		"escapes":     `"` + strings.Repeat(`\u0000`, 600) + `"`,
		"messages":    "google.protobuf.Struct{fields: {}}",
		"types":       "type(type(type(self)))",
		"wrong bytes": `b"\xff" == self`,
	} {
		t.Run(name, func(t *testing.T) {
			p, err := env.Compile(source)
			if err != nil {
				return
			}
			if _, err := p.Eval(variables(t, "[1]"), nil); err != nil && len(err.Error()) > 2000 {
				t.Errorf("a long error: %d bytes", len(err.Error()))
			}
		})
	}
}

func FuzzCompileAndEval(f *testing.F) {
	for _, fn := range expr.Functions() {
		f.Add(fn.Example, `{"a": [1, "x", {"b": null}]}`)
	}
	f.Add(`self.a.map(x, [x, x]).map(x, [x, x]) == self.a`, `{"a": [1.5, 18446744073709551615]}`)
	f.Add("${self.a} and $${", "{}")
	f.Fuzz(func(t *testing.T, source, self string) {
		var v any
		d := json.NewDecoder(strings.NewReader(self))
		d.UseNumber()
		if d.Decode(&v) != nil {
			return
		}
		env := shared(t)
		vars := map[string]any{"self": v, "customer": "acme", "configs": map[string]any{}}
		b := expr.NewBudget(3)
		if tpl, err := env.Template(source); err == nil {
			if text := tpl.Text(vars, b); len([]rune(text)) > 1000 {
				t.Errorf("a text of %d characters", len([]rune(text)))
			}
		}
		p, err := env.Compile(source)
		if err != nil {
			var wrong *expr.Error
			if !errors.As(err, &wrong) || wrong.Message == "" || wrong.Line < 1 || wrong.Column < 1 || wrong.Line > 1+strings.Count(source, "\n") {
				t.Errorf("the place of an error: %#v", err)
			}
			return
		}
		first, err := p.Eval(vars, b)
		if err != nil && strings.Contains(err.Error(), "runtime error") {
			t.Errorf("a panic within: %v", err)
		}
		if again, err2 := p.Eval(vars, nil); err == nil && err2 == nil && expr.Show(first) != expr.Show(again) {
			t.Errorf("two evaluations differ: %s and %s", expr.Show(first), expr.Show(again))
		}
	})
}

var kept *expr.Env

// shared is one environment for all runs of a process.
func shared(t testing.TB) *expr.Env {
	if kept == nil {
		kept = environment(t)
	}
	return kept
}

func BenchmarkHolds(b *testing.B) {
	vars := variables(b, `{"from": 1, "to": 2, "items": [{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d"}]}`)
	for name, source := range map[string]string{
		"compare": `self.from < self.to`,
		"unique":  `unique(self.items.map(x, x.id))`,
		"matches": `self.items.all(x, x.id.matches("^[a-z0-9-]+$"))`,
	} {
		b.Run(name, func(b *testing.B) {
			p, err := environment(b).Condition(source)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Holds(vars, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	env := environment(b)
	for b.Loop() {
		if _, err := env.Condition(`unique(self.items.map(x, x.id)) && self.from < self.to`); err != nil {
			b.Fatal(err)
		}
	}
}
