package sinktest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
)

// HostileNames gives n different names of branches, customers and types that somebody may choose to leave a prefix, to meet
// another's key, or to end a query, a command or an address. Most of them are no legal segment of a key: that is for who
// escapes names to mend. It gives the same names every time.
func HostileNames(n int) []string {
	parts := []string{"..", ".", "/", "//", `\`, "%2e", "%2F", "%00", "%", "%%", "\x00", "\n", "\r\n", "\t", "\u202e", "\ufeff", "e\u0301", "é", "É", "ß", "SS",
		"İ", "K", "k", "K", "~", "*", "?", "#", "&", "=", "+", " ", "'", `"`, "`", "$(id)", ";--", "' OR 1=1", "{repo}", "{owner}", "<script>", "|", ":", "@",
		"con", "NUL", "aux.", "acme", "ACME", ".tamer", ".branches", ".commits", "tmp", "production", "feature", "\xff", "\xc3", "😀", "x", "_", "-", "--", "\\u002e"}
	rnd := rand.New(rand.NewPCG(7, 7))
	names := map[string]bool{}
	for _, p := range parts {
		names[p] = true
	}
	names[strings.Repeat("x", 300)] = true
	for len(names) < n {
		var b strings.Builder
		for range 1 + rnd.IntN(5) {
			b.WriteString(parts[rnd.IntN(len(parts))])
		}
		names[b.String()] = true
	}
	return slices.Sorted(maps.Keys(names))[:n]
}

// hostileNames holds that of keys that hold hostile names each is refused, or is an object of its own, below its prefix.
func hostileNames(t *testing.T, s sink.Sink) {
	put(t, s, "outside", "untouched")
	written := map[string]string{}
	var steps []sink.Step
	for i, name := range HostileNames(2000) {
		key := [2]string{"p/" + name + "/x.yaml", "p/q" + name}[i%2]
		switch {
		case sink.CheckKey(key) != nil:
			if _, err := s.Put(t.Context(), key, nil, sink.Always); err == nil {
				t.Errorf("Put writes to the illegal key %q", key)
			}
		case !strings.Contains(name, "/") && i%5 < 3: // or it may lie below another; not all, for some stores are slow
			written[key] = fmt.Sprintf("%d of %q", i, key)
			steps = append(steps, sink.Step{Key: key, Body: []byte(written[key])})
		}
	}
	if len(steps) < 500 {
		t.Fatalf("only %d keys are legal", len(steps))
	}
	if err := sink.Apply(t.Context(), s, steps); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, s, "p/", slices.Sorted(maps.Keys(written))...)
	wantKeys(t, s, "", append([]string{"outside"}, slices.Sorted(maps.Keys(written))...)...)
	rnd := rand.New(rand.NewPCG(1, 1))
	for i, step := range steps {
		if rnd.IntN(10) == 0 || i < 50 {
			want(t, s, step.Key, written[step.Key])
		}
	}
	want(t, s, "outside", "untouched")
}
