package schema

import (
	"errors"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Each row is a pattern, texts that match, and texts that do not, by ECMA-262.
func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{`^[a-z]+$`, []string{"abc"}, []string{"", "Abc", "abc\n"}},
		{`a|b|`, []string{"", "x"}, nil},
		{`^\d+$`, []string{"12"}, []string{"१२", "12\n"}},
		{`^\w$`, []string{"_", "a"}, []string{"é", "-"}},
		{`^\s$`, []string{" ", "\t", "\v", "\u00a0", "\ufeff", "\u2028", "\u3000"}, []string{"x", "\u200b"}},
		{`^[^\S\n]$`, []string{" ", "\u00a0"}, []string{"\n", "x"}},
		{`^.$`, []string{"x", "\x85", "🙂"}, []string{"\n", "\r", "\u2028", "\u2029"}},
		{`^\cJ\x41\u0042\u{1F642}\0$`, []string{"\nAB🙂\x00"}, []string{"JAB🙂0"}},
		{`^\uD83D\uDE42$`, []string{"🙂"}, nil},
		{`^\p{L}+$`, []string{"ÄÖ", "漢字"}, []string{"1", ""}},
		{`^\p{Letter}\p{Script=Greek}\p{Lu}[\p{Nd}_]\P{L}$`, []string{"éλÄ٣1"}, []string{"éaÄ٣1"}},
		{`^[[:alpha:]]$`, []string{"a]", ":]", "[]"}, []string{"z", "z]"}},
		{`^[\]\-\\^]+$`, []string{"]-\\^"}, []string{"["}},
		{`^[a\-z]$`, []string{"a", "-", "z"}, []string{"b"}},
		{`^[\w-.]$`, []string{"-", ".", "a"}, []string{"+"}},
		{`[]`, nil, []string{"", "a"}},
		{`^[^]$`, []string{"a", "\n"}, []string{""}},
		{`^x{2,3}$`, []string{"xx", "xxx"}, []string{"x", "xxxx"}},
		{`^x{,3}$`, []string{"x{,3}"}, []string{"xx"}},
		{`^\/a{b}$`, []string{"/a{b}"}, nil},
		{`^a{2000}$`, []string{strings.Repeat("a", 2000)}, []string{strings.Repeat("a", 1999)}},
		{`^(?!-)[a-z-]+(?<!-)$`, []string{"a-b"}, []string{"-a", "a-"}},
		{`^(?=.*\d)(?=.*[a-z]).{4,}$`, []string{"abc1"}, []string{"abcd", "1a"}},
		{`^(?!.*\bno\b).*$`, []string{"nothing"}, []string{"say no now", "ééno é no"}},
		{`^(a|b)\1$`, []string{"aa", "bb"}, []string{"ab"}},
		{`^(?<q>['"]).*\k<q>$`, []string{`"a"`, `'a'`}, []string{`"a'`}},
		{`^(?:(a)|b)\1$`, []string{"b", "aa"}, []string{"a"}},
		{`(?=x)(?<n>.)`, []string{"x"}, []string{"y"}},
		{`^(?!a)[]`, nil, []string{"b"}},
		{`\A[a-z]+\Z`, []string{"abc"}, []string{"1"}},
		{`(?i)^abc$`, []string{"ABC"}, []string{"abd"}},
		{`^\_\@\-$`, []string{"_@-"}, nil},
	} {
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		for _, s := range c.yes {
			if !p.match(s) {
				t.Errorf("%s does not match %q", c.pattern, s)
			}
		}
		for _, s := range c.no {
			if p.match(s) {
				t.Errorf("%s matches %q", c.pattern, s)
			}
		}
	}
}

func TestPatternThatIsNone(t *testing.T) {
	for pattern, want := range map[string]string{
		`(`:         `the "(" at character 1 is never closed`,
		`a)`:        `there is a ")" without its "("`,
		`ab[c`:      `the "[" at character 3 is never closed`,
		`*a`:        `there is nothing before the '*' at character 1 that could be repeated`,
		`a**`:       `there is nothing before the '*' at character 3 that could be repeated`,
		`[z-a]`:     `the range z-a has its ends out of order`,
		`a{3,2}`:    `{3,2} has its numbers out of order`,
		`\p{Nope}`:  `there is no class of characters "Nope"`,
		`(?<a`:      `the name of the group at character 1 is not complete`,
		`a\`:        `it ends with a backslash`,
		`(?>a)`:     `the group at character 1 begins with (?>, which is not part of the standard`,
		`(?<n>)\k<`: `the reference at character 7 is to a group that is not there`,
		strings.Repeat("(", 1500) + strings.Repeat(")", 1500): `its groups are nested more than 200 deep`,
	} {
		if _, err := compilePattern(pattern); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", pattern, err, want)
		}
	}
}

// What patterns that backtrack take in all is bounded for each document, wherever they are matched.
func TestSlowPatterns(t *testing.T) {
	s := compiled(t, `{"patternProperties": {"^(?!b)a": {"title": "A"}}, "additionalProperties": {"pattern": "^(?!a)b"}}`)
	e, err := s.engines.take()
	if err != nil {
		t.Fatal(err)
	}
	w := &walker{schema: s, engine: e, marks: e.marksOf(s, Any), wanted: Any}
	root := []*jsonschema.Schema{e.plain}
	for name, c := range map[string]struct {
		value any
		do    func(v any)
	}{
		"validating a name": {map[string]any{"a": "x"}, func(v any) { _ = e.plain.Validate(v) }},
		"validating a text": {"bcd", func(v any) { _ = extendedOf(e.plain).additional.Validate(v) }},
		"walking":           {map[string]any{"a": "x"}, func(v any) { w.value(v, nil, false, nil, root) }},
		"what applies":      {map[string]any{"a": "x"}, func(v any) { w.schemasAt(v, []string{"a"}) }},
	} {
		for _, spent := range []bool{false, true} {
			err := e.within(1, c.value, func() error {
				if spent {
					e.work.matching = 0
				}
				c.do(c.value)
				return nil
			})
			if slow := (slowPattern{}); errors.As(err, &slow) != spent {
				t.Errorf("%s, with the time over %v: %v", name, spent, err)
			}
		}
	}
}

// A name that is not compared in time while faults are explained is not called unknown: there is a verdict already.
func TestSlowName(t *testing.T) {
	f := fault{schema: map[string]any{"patternProperties": map[string]any{`^(?!x)(a+)+$`: true}}}
	if !f.knows(strings.Repeat("a", 60) + "b") {
		t.Error("a name that is not compared in time is called unknown")
	}
}

func TestSlowPattern(t *testing.T) {
	p, err := compilePattern(`^(?!x)(a+)+$`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, ok := recover().(tooSlow); !ok {
			t.Error("a match without end has an answer")
		}
	}()
	p.match(strings.Repeat("a", 60) + "b")
}
