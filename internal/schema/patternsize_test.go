package schema

import (
	"fmt"
	"testing"
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
