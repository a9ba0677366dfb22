package document

import (
	"fmt"
	"strings"
	"testing"
)

// Hostile input ends in one finding at its line, and in linear time: with a quadratic step this test takes minutes.
// Two limits are lower than their defaults, to be reached sooner.
func TestHostile(t *testing.T) {
	numbered := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, c := range []struct{ name, in, want string }{
		{"deep list", "x: 1\na: " + strings.Repeat("[", 100_000), "2:205 values are nested more than 200 levels deep"},
		{"deep list, closed", "x: 1\na: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), "2:205 values are nested more than 200 levels deep"},
		{"deep mapping", strings.Repeat("{a: ", 100_000), "1:805 values are nested more than 200 levels deep"},
		{"deep dashes", "x:\n" + strings.Repeat("- ", 100_000) + "a\n", "2:403 values are nested more than 200 levels deep"},
		{"deep lines", stairs(2000), "203:202 values are nested more than 200 levels deep"},
		{"many keys", "a:\n" + numbered(40_000, "  k%d: 1\n"), "2:3 a mapping has 40000 keys; at most 20000 are allowed"},
		{"long line", "a: 1\nb: " + strings.Repeat("x y ", 1<<18) + "\n", "2:4 a value has 1048575 bytes; at most 100000 are allowed"},
		{"long quoted line", "a: 1\nb: \"" + strings.Repeat("x y ", 1<<18) + "\"\n", "2:4 a value has 1048576 bytes; at most 100000 are allowed"},
		{"long key", "a: 1\n? " + strings.Repeat("x", 1<<20) + "\n: 1\n", "2:3 a key has 1048576 bytes; at most 100000 are allowed"},
		{"many values", "a: 1\nb: [" + strings.Repeat("x,", 150_000) + "]\n", "2:199999 the document holds more than 100000 values after its aliases are expanded"},
		{"more values than are worth reading", "a: 1\nb: [" + strings.Repeat("x,", 300_000) + "]\n", "2:399998 the file holds more than 100000 values"},
		{"many anchors", numbered(20_000, "- &a%d x\n") + numbered(20_000, "- *a%d\n"), ""},
		{"one anchor, many times", strings.Repeat("- &a x\n- *a\n", 20_000), ""},
		{"many documents", strings.Repeat("--- {a: b}\n", 20_000), ""},
		{"many merges", "a: &a {x: 1}\nb:\n" + strings.Repeat("  <<: *a\n", 15_000), ""},
		{"quotes that open and never close", strings.Repeat("a: \"b\n", 20_000) + "[", "1:4 this quote is never closed"},
		{"brackets that open and never close", strings.Repeat("a: [b\n", 150), "1:4 this \"[\" is never closed"},
		{"a tab on each line", strings.Repeat("a:\n\tb: 1\n", 10_000), "2:1 a tab stands where only spaces can"},
		{"a colon on each line", strings.Repeat("a: b: c\n", 20_000), "1:5 a colon stands where no new key can begin"},
		{"quotes in quotes", "a: '" + strings.Repeat("x'x'", 200_000) + "\n", "1:6 this quote ends the text before its end"},
		{"a text without quotes", "a: @" + strings.Repeat("b", 1<<20) + "\n", "1:4 a text that begins with @ needs quotes"},
		{"no colon on any line", "a: b\n" + strings.Repeat("c d\n", 20_000), "2:1 a key without a colon"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, found := Parse([]byte(c.in), Limits{Nodes: 100_000, Scalar: 100_000})
			got := ""
			for _, f := range found {
				got += fmt.Sprintf("%d:%d %s", f.At.Start.Line, f.At.Start.Column, f.Message)
			}
			if got != c.want {
				t.Errorf("got  %.200s\nwant %s", got, c.want)
			}
		})
	}
}

// stairs nests mappings, a line for each, and ends where the value of the innermost belongs.
func stairs(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString("\n" + strings.Repeat(" ", i) + "a: ")
	}
	return b.String()
}

// Both parsers read what is as deep as may be.
func TestDepth(t *testing.T) {
	for _, escape := range []string{"x", `\/`} { // only one of them reads \/
		for depth, want := range map[int]int{200: 0, 201: 1} {
			for _, in := range []string{
				strings.Repeat("[", depth) + `"` + escape + `"` + strings.Repeat("]", depth),
				strings.Repeat("- ", depth) + `"` + escape + `"`,
				strings.Repeat("{a: ", depth) + `"` + escape + `"` + strings.Repeat("}", depth),
				stairs(depth) + `"` + escape + `"`,
			} {
				if _, found := Parse([]byte(in), Limits{}); len(found) != want {
					t.Errorf("%d levels, %.20s: got %v, want %d findings", depth, in, found, want)
				}
			}
		}
	}
}

// A fault on each of many values of one long line costs a look at its place, not at the whole line.
func TestManyFaultsOnOneLine(t *testing.T) {
	const n = 15_000
	for _, item := range []string{"a: 1, ", "ä: 1, "} {
		_, found := Parse([]byte("{"+strings.Repeat(item, n)+"}"), Limits{})
		if len(found) != n-1 {
			t.Fatalf("got %d findings, want %d", len(found), n-1)
		}
		if at := found[n-2].At.Start.Column; at != 6*(n-1)+2 {
			t.Errorf("the last stands at column %d, want %d", at, 6*(n-1)+2)
		}
	}
}

// So it is with faults that are looked for in the text besides.
func TestManyFaultsInText(t *testing.T) {
	const n = 15_000
	for _, c := range []struct{ before, each, after string }{
		{"a: [", "{{b} : c}, ", "]"}, {"a: [", "{{b}}, ", "]"}, {"a: [", "!b c, ", "]"}, {"", "<<<<<<< a\n=======\n>>>>>>> b\n", ""},
	} {
		_, found := Parse([]byte(c.before+strings.Repeat(c.each, n)+c.after), Limits{})
		if len(found) != n {
			t.Errorf("%q: %d findings, want %d", c.each, len(found), n)
		}
	}
}

func TestFindAmongManyKeys(t *testing.T) {
	var b strings.Builder
	for i := range 15_000 {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	docs, found := Parse([]byte(b.String()+"<<: {m: 1}\n"), Limits{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	for i := range 15_000 {
		if line := docs[0].KeyOf(nil, fmt.Sprintf("k%d", i)).Key.Start.Line; line != i+1 {
			t.Fatalf("k%d stands on line %d, want %d", i, line, i+1)
		}
	}
	if spot := docs[0].KeyOf(nil, "m"); !spot.Exact || spot.Key.Start.Line != 15_001 {
		t.Errorf("m stands at %+v, want line 15001", spot)
	}
	if docs[0].KeyOf(nil, "none").Exact {
		t.Error("a key that is not there is found")
	}
}
