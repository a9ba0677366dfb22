package expr

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// The compiled patterns that are kept are bounded by what they take.
func TestKeptPatternsAreBounded(t *testing.T) {
	var p patterns
	for n := range 200 {
		source := fmt.Sprintf("^[a-z]{1,900}x%d$", n)
		if _, err := p.compile(source); err != nil {
			t.Fatal(err)
		}
		if _, ok := p.get(source); !ok || p.size > maxKeptPatterns || len(p.kept)*900*bytesPerStep > maxKeptPatterns {
			t.Fatalf("%d patterns of %d bytes are kept", len(p.kept), p.size)
		}
	}
}

// Compiling a pattern takes what is estimated at most, and what stands before it changes nothing.
func TestExtentOfPatterns(t *testing.T) {
	for _, source := range []string{
		`^\pL{400}$`, `^[\pL\pN]{1,255}$`, strings.Repeat(`\pL`, 50), `(?i)^[a-z\pL]{4,200}$`, `^(?:a?b?){100}$`, `(a{70}){14}`,
		"^" + optional(60) + "$", `^[a-z0-9-]{1,63}$`, `^(a|b|(?P<x>c))x$`, `(?m)^a(\z|b)`,
	} {
		large, err := extentOf(source)
		if err != nil {
			t.Fatal(err)
		}
		var p patterns
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		re, err := p.compile(source)
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(2*large.bytes()+20_000); err != nil || got > most {
			t.Errorf("%.40s takes %d bytes, and not %d: %v", source, got, most, err)
		}
		for _, text := range []string{"", "a", "ax", "xa", "cx", "b\nab", strings.Repeat("a", 400), "x" + strings.Repeat("é", 400)} {
			got, want := re.FindStringSubmatch(text), regexp.MustCompile(source).FindStringSubmatch(text)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%.40s finds %q in %.40q, and not %q", source, got, text, want)
			}
		}
	}
}

// optional is a pattern of n different characters, of which each may be missing.
func optional(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%c?", 0x4e00+2*i)
	}
	return b.String()
}

// Whoever makes large patterns pays for them, and who writes them out is told.
func TestLargePatterns(t *testing.T) {
	env, err := New(Variable{Name: "self"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := env.Compile(`range(60).all(i, !"x".matches("a{999}b{999}c{400}" + string(i)))`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Eval(map[string]any{"self": nil}, nil); err != ErrCost {
		t.Errorf("60 large patterns end with %v", err)
	}
	if p, err = env.Compile(`!"x".matches("a{999}b{999}c{400}")`); err != nil || p.begin < 2000 {
		t.Errorf("a large pattern costs %d: %v", p.begin, err)
	}
	many := strings.Repeat(`"x".matches("a{999}b{999}") || `, 7) + `true`
	if _, err := env.Compile(many); err == nil || !strings.Contains(err.Error(), "too large together") {
		t.Errorf("patterns that are too large together: %v", err)
	}
}
