package expr_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/tamerhq/tamer/internal/expr"
)

// environment is that of a rule in a schema.
func environment(t testing.TB) *expr.Env {
	t.Helper()
	e, err := expr.New(expr.Variable{Name: "self"}, expr.Variable{Name: "customer", Kind: expr.Text}, expr.Variable{Name: "configs", Kind: expr.Map})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// variables are the values for it, with self from JSON.
func variables(t testing.TB, self string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(self))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return map[string]any{"self": v, "customer": "acme", "configs": map[string]any{"plans": map[string]any{"free": json.Number("1")}}}
}

func TestEval(t *testing.T) {
	for _, c := range []struct {
		source, self string
		want         any
	}{
		{`self.from < self.to`, `{"from": 1, "to": 2}`, true},
		{`self.from < self.to`, `{"from": 1, "to": 0.5}`, false},
		{`self.price * 1.5`, `{"price": 10}`, json.Number("15")},
		{`self.price + self.fee`, `{"price": 10, "fee": 0.5}`, json.Number("10.5")},
		{`size(self.items) * 1.5 > 2`, `{"items": [1, 2]}`, true},
		{`self.a + self.b`, `{"a": 9223372036854775807, "b": 0.5}`, json.Number("9223372036854776000")}, // in floating point
		{`self.a == self.b`, `{"a": 18446744073709551615, "b": 18446744073709551614}`, false},
		{`self.a > 1`, `{"a": 123456789012345678901234567890}`, true},
		{`self.a == 1 && self.a != "1"`, `{"a": 1.0}`, true},
		{`self`, `null`, nil},
		{`self`, `{"a": [true, "x", 1.50, null]}`, map[string]any{"a": []any{true, "x", json.Number("1.5"), nil}}},
		{`has(self.a) && has(self.a.b) ? self.a.b : "none"`, `{}`, "none"},
		{`self.?a.b.orValue("none")`, `{}`, "none"},
		{`self.map(k, k)`, `{"z": 1, "b": 2, "m": 3, "a": 4}`, []any{"a", "b", "m", "z"}},
		{`self.transformMap(k, v, v + 1).map(k, k)`, `{"z": 1, "b": 2, "m": 3, "a": 4}`, []any{"a", "b", "m", "z"}},
		{`{"z": 1, "b": 2, "m": 3, "a": 4}.map(k, k)`, `null`, []any{"a", "b", "m", "z"}},
		{`self.transformMap(k, v, v).transformList(k, v, k)`, `{"z": 1, "b": 2, "m": 3}`, []any{"b", "m", "z"}},
		{`cel.bind(m, max(self.map(x, x.v)), self.filter(x, x.v == m).map(x, x.id))`, `[{"id": "a", "v": 1}, {"id": "b", "v": 7}]`, []any{"b"}},
		{`configs.plans.free == 1 && customer == "acme"`, `null`, true},
		{`self.code.matches("^[A-Z]+$")`, `{"code": "EUR"}`, true},
		{`unique(self.map(x, x.id))`, `[{"id": 1}, {"id": "1"}, {"id": {"a": 1}}, {"id": {"a": 1.0}}]`, false},
		{`sorted(self)`, `["b", "a"]`, []any{"a", "b"}},
		{`date(self).getDate()`, `"2026-03-31"`, json.Number("31")},
		{`timestamp("2026-07-01T00:30:00Z").getHours("Europe/Paris")`, `null`, json.Number("2")},
		{`1 / 2`, `null`, json.Number("0")},
		{`self.a in self.b`, `{"a": "x", "b": ["x"]}`, true},
		{`self.a in ["x", "y"]`, `{"a": {"deep": 1}}`, false},
	} {
		p, err := environment(t).Compile(c.source)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		got, err := p.Eval(variables(t, c.self), nil)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s over %s\n got %#v, %v\nwant %#v", c.source, c.self, got, err, c.want)
		}
	}
}

// What cannot be evaluated is said in words that an editor understands.
func TestEvalErrors(t *testing.T) {
	for _, c := range []struct{ source, self, want string }{
		{`self.from < self.to`, `{"from": 1}`, `there is no "to"`},
		{`self.from < self.to`, `{"from": 1, "to": "2"}`, `"<" cannot compare a number with a text`},
		{`self.from < self.to`, `{"from": 1, "to": null}`, `"<" cannot compare a number with null`},
		{`self.a < self.b`, `{"a": {}, "b": {}}`, `a mapping has no order: "<" cannot compare it`},
		{`self.a + self.b`, `{"a": 1, "b": "x"}`, `"+" cannot take a number and a text`},
		{`self.a % self.b`, `{"a": 1.5, "b": 1}`, `"%" cannot take a number and a number`},
		{`self.a in self.b`, `{"a": 1, "b": 7}`, `"in" looks into lists and mappings, and not into a number`},
		{`self[3]`, `[1, 2]`, `the list has no item 3, counted from 0`},
		{`1 / self`, `0`, `a number is divided by 0`},
		{`self + 1`, `9223372036854775807`, `a number or a time is too large`},
		{`self.all(x, x > 1)`, `7`, ``},
		{`sum(self)`, `["a"]`, `sum: numbers are wanted, and one item is a text`},
		{`sum(self)`, `null`, `sum: a list is wanted, and this is null`},
		{`self.sum()`, `{}`, `sum: a list is wanted, and this is a mapping`},
		{`max(self)`, `[]`, `max: the list is empty`},
		{`max(self)`, `[1, "a"]`, `max: a number and a text have no order`},
		{`sorted(self)`, `[1, "a"]`, `sorted: a number and a text have no order`},
		{`date(self)`, `"31/03/2026"`, `date: "31/03/2026" is no date: year-month-day, such as 2026-03-31`},
		{`"a".matches(self)`, `"("`, `matches: "(" is no regular expression: missing closing ): ` + "`(`"},
		{`url(self)`, `"shop"`, `url: "shop" is no whole URL, such as https://example.com/path`},
		{`configs.segments`, `null`, `there is no "segments"`},
		{`version(self)`, `"1.x"`, `version: "1.x" is no version, such as 1.2.3`},
	} {
		p, err := environment(t).Compile(c.source)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		got, err := p.Eval(variables(t, c.self), nil)
		if err == nil || c.want != "" && err.Error() != c.want {
			t.Errorf("%s over %s\n got %v, %v\nwant %s", c.source, c.self, got, err, c.want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, c := range []struct {
		source, want string
		line, column int
	}{
		{``, "the expression is empty", 1, 1},
		{`self.a <`, "the expression ends too early: a bracket, a quote or a value is missing", 1, 9},
		{`self.`, "the expression ends too early: a bracket, a quote or a value is missing", 1, 6},
		{"self.a &&\n  selv.b", `there is no "selv"; did you mean "self"?`, 2, 3},
		{`foo == 1`, `there is no "foo"; the names are self, customer, configs`, 1, 1},
		{`uniqe(self)`, `there is no "uniqe"; did you mean "unique"?`, 1, 6},
		{`self.größe > 1`, `"ö" cannot stand here; write "==" to compare, texts within quotes, and other names within brackets, as in self["größe"]`, 1, 8},
		{`self.a = 1`, `"=" cannot stand here; write "==" to compare, texts within quotes, and other names within brackets, as in self["größe"]`, 1, 8},
		{`self.a.matches("(")`, `"(" is no regular expression: missing closing ): ` + "`(`", 1, 16},
		{`self.a.matches("a{1000}b{1000}c{1000}d{1000}e{1000}f{1000}")`, `the pattern "a{1000}b{1000}c{1000}d{1000}e{1000}f{1000}" is too large: write smaller numbers of repetitions`, 1, 16},
		{`1 + "a"`, `+ does not take (whole number, text)`, 1, 3},
		{`customer.foo`, ``, 1, 9},
		{strings.Repeat("1+", 2000) + "1", "the expression has 4001 bytes; at most 4000 are read", 1, 1},
		{strings.Repeat("(", 1000), "", 1, 0},
	} {
		_, err := environment(t).Compile(c.source)
		var wrong *expr.Error
		if !errors.As(err, &wrong) || c.want != "" && wrong.Message != c.want || wrong.Line != c.line || c.column > 0 && wrong.Column != c.column {
			t.Errorf("%.60s\n got %#v\nwant %d:%d %s", c.source, err, c.line, c.column, c.want)
		}
	}
	if _, err := environment(t).Condition(`customer + "x"`); err == nil || err.Error() != "it must be true or false, and gives a text" {
		t.Errorf("a condition that is a text: %v", err)
	}
}

func TestHolds(t *testing.T) {
	p, err := environment(t).Condition("self")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := p.Holds(variables(t, "true"), nil); !ok || err != nil {
		t.Errorf("true: %t, %v", ok, err)
	}
	if _, err := p.Holds(variables(t, `"yes"`), nil); err == nil || err.Error() != "the condition is neither true nor false, but a text" {
		t.Errorf("a text: %v", err)
	}
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		source string
		uses   bool
		fields []string
		all    bool
	}{
		{`self.configs == 1`, false, nil, false},
		{`configs.plans.free == 1 && configs["a/b"] == 2 && configs.?c.hasValue()`, true, []string{"a/b", "c", "plans"}, false},
		{`has(configs.plans)`, true, []string{"plans"}, false},
		{`configs[customer] == 1`, true, nil, true},
		{`configs.all(k, k != "") && configs.plans == 1`, true, []string{"plans"}, true},
	} {
		p, err := environment(t).Compile(c.source)
		if err != nil {
			t.Fatal(err)
		}
		fields, all := p.Fields("configs")
		if p.Uses("configs") != c.uses || !reflect.DeepEqual(fields, c.fields) || all != c.all {
			t.Errorf("%s: %t %q %t", c.source, p.Uses("configs"), fields, all)
		}
	}
}

// Every function that is documented does what its example says, and is declared.
func TestExamples(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range expr.Functions() {
		if seen[f.Name] || f.Form == "" || f.Purpose == "" || strings.HasSuffix(f.Purpose, ".") {
			t.Errorf("%s: something is missing, or it stands there twice", f.Name)
		}
		seen[f.Name] = true
		if !strings.Contains(f.Example, f.Name) {
			t.Errorf("the example of %s does not show it: %s", f.Name, f.Example)
		}
		p, err := environment(t).Condition(f.Example)
		if err != nil {
			t.Errorf("%s: %v", f.Example, err)
			continue
		}
		if ok, err := p.Holds(variables(t, "null"), nil); !ok || err != nil {
			t.Errorf("%s: %t, %v", f.Example, ok, err)
		}
	}
}

// A variable may be a function, which is asked only where the expression needs it.
func TestLazyVariable(t *testing.T) {
	vars := variables(t, "1")
	asked := 0
	vars["configs"] = func() any { asked++; return map[string]any{"plans": true} }
	for source, want := range map[string]int{`self == 1 || configs.plans`: 0, `self == 2 || configs.plans`: 1} {
		p, err := environment(t).Condition(source)
		if err != nil {
			t.Fatal(err)
		}
		asked = 0
		if ok, err := p.Holds(vars, nil); !ok || err != nil || asked != want {
			t.Errorf("%s: %t, %v, asked %d times", source, ok, err, asked)
		}
	}
}

func TestTemplate(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"nothing", "nothing"},
		{"", ""},
		{"${self.from} comes after ${self.to}", "5 comes after 2"},
		{"twice: ${duplicates(self.list)}", "twice: a, b"},
		{"$${self} costs 5$ or $5: ${{\"a\": '}'}}", `${self} costs 5$ or $5: {"a":"}"}`},
		{"${self.missing} is not there", "${self.missing} is not there"},
		{"${join(range(2000).map(x, 'x'), '')}", strings.Repeat("x", 119) + "…"},
		{"${customer}${customer}", "acmeacme"},
	} {
		tpl, err := environment(t).Template(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := tpl.Text(variables(t, `{"from": 5, "to": 2, "list": ["a", "b", "a", "b"]}`), nil); got != c.want {
			t.Errorf("%s: %s", c.text, got)
		}
	}
	for _, c := range []struct {
		text, want   string
		line, column int
	}{
		{"é ${selv}", `there is no "selv"; did you mean "self"?`, 1, 5},
		{"one\ntwo ${self + }", `the expression ends too early: a bracket, a quote or a value is missing`, 2, 13},
		{"one ${self", `this "${" is never closed; write "$${" where no expression is meant`, 1, 5},
	} {
		_, err := environment(t).Template(c.text)
		var wrong *expr.Error
		if !errors.As(err, &wrong) || wrong.Message != c.want || wrong.Line != c.line || wrong.Column != c.column {
			t.Errorf("%s\n got %#v\nwant %d:%d %s", c.text, err, c.line, c.column, c.want)
		}
	}
}

// Programs and texts are used by many at once, over the same values.
func TestConcurrent(t *testing.T) {
	env := environment(t)
	p, err := env.Condition(`unique(self.items.map(x, x.id)) && self.items.all(x, x.id.matches("^" + customer + "-[0-9]$"))`)
	if err != nil {
		t.Fatal(err)
	}
	text, err := env.Template("${self.items.map(x, x.id)}")
	if err != nil {
		t.Fatal(err)
	}
	self := variables(t, `{"items": [{"id": "acme-1"}, {"id": "acme-2"}]}`)["self"]
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			customer := []string{"acme", "beta"}[i%2]
			vars := map[string]any{"self": self, "customer": customer, "configs": map[string]any{}}
			for range 100 {
				if ok, err := p.Holds(vars, nil); ok != (customer == "acme") || err != nil {
					t.Errorf("%s: %t, %v", customer, ok, err)
				}
				if got := text.Text(vars, nil); got != "acme-1, acme-2" {
					t.Error(got)
				}
			}
		})
	}
	wg.Wait()
}
