package schema

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

// A pattern weighs what its repetitions make of it, and patterns that nobody asks for again are forgotten.
func TestPatternsAreBounded(t *testing.T) {
	var k knownPatterns
	for n := range 300 {
		source := fmt.Sprintf("^[a-z]{1,900}x%d$", n)
		p, err := buildPattern(source)
		if err != nil {
			t.Fatal(err)
		}
		if p.size < 900*100 {
			t.Fatalf("%s counts as %d bytes only", source, p.size)
		}
		k.put(source, known{p, err})
		if one, ok := k.get(source); !ok || one.pattern != p {
			t.Fatalf("%s is not known right after", source)
		}
		if k.size > maxKnown || len(k.all) > maxKnown/p.size {
			t.Fatalf("after %d patterns, %d of %d bytes are known", n+1, len(k.all), k.size)
		}
	}
	if p, _ := buildPattern("^[a-z]+$"); p.size > 5000 {
		t.Errorf("a simple pattern counts as %d bytes", p.size)
	}
}

// Compiling a pattern takes what is estimated at most, and what is put before a large one changes nothing.
func TestSizeOfPatterns(t *testing.T) {
	var options strings.Builder
	for i := range 60 {
		fmt.Fprintf(&options, "%c?", 0x4e00+2*i)
	}
	for _, source := range []string{`^\p{L}{400}$`, `^[\p{L}\p{N}]{1,255}$`, `^(a?b?){100}$`, "^" + options.String() + "$", `^[a-z0-9-]{1,63}$`, `^\p{L}+$`} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p, err := buildPattern(source)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(2*p.size+200_000); got > most {
			t.Errorf("%.40s takes %d bytes, and not %d", source, got, most)
		}
		if got := (&Pattern{p}).Linear(); strings.HasPrefix(got, anywhere) {
			t.Errorf("%s is shown as %s", source, got)
		}
		for _, text := range []string{"", "a", "aé", "ab-9", " a", strings.Repeat("é", 400)} {
			if got, want := p.match(text), regexpMatch(t, p.text, text); got != want {
				t.Errorf("%.40s matches %.40q: %v", source, text, got)
			}
		}
	}
	if p, err := buildPattern(strings.Repeat("a{1000}", 100)); err != nil || p.linear != nil || !p.match(strings.Repeat("a", 100_000)) {
		t.Errorf("a pattern that is too large for one way is not matched the other way: %v", err)
	}
}

// A schema whose patterns would take gigabytes is refused once; thousands of small ones are not.
func TestPatternsTogether(t *testing.T) {
	for name, c := range map[string]struct {
		format string
		many   int
		want   int
	}{
		"small":      {`"p%d": {"type": "string", "pattern": "^[a-z0-9-]{1,63}%d$"}`, 2000, 0},
		"letters":    {`"p%d": {"type": "string", "pattern": "^\\p{L}+%d$"}`, 200, 0},
		"large":      {`"p%d": {"pattern": "^(a{500}|b{500})%d$"}`, 1000, 1},
		"large keys": {`"p%d": {"patternProperties": {"^(a{500}|b{500})%d$": {}, "^(a{500}|c{500})%d$": {}}}`, 500, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var src strings.Builder
			for i := range c.many {
				src.WriteString(strings.ReplaceAll(c.format, "%d", fmt.Sprint(i)) + ",")
			}
			s, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(`{"properties": {` + strings.TrimSuffix(src.String(), ",") + `}}`)}}).Compile("s.json")
			if len(found) != c.want || (s == nil) != (c.want > 0) {
				t.Fatalf("%d findings: %.300v", len(found), found)
			}
			if c.want > 0 && !strings.Contains(found[0].Message, "all patterns of the schema together are too large") {
				t.Errorf("it says %q", found[0].Message)
			}
		})
	}
}

func regexpMatch(t *testing.T, expression, text string) bool {
	t.Helper()
	matches, err := regexp.MatchString(expression, text)
	if err != nil {
		t.Fatal(err)
	}
	return matches
}
