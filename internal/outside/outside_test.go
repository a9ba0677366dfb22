package outside_test

import (
	"encoding/json"
	"testing"

	"github.com/tamerhq/tamer/internal/outside"
)

func TestValues(t *testing.T) {
	values := outside.Values{}
	for _, text := range []string{"spend_eur", "7", "1.50", "-0.0", "12000", "true", "01", "2026-01-01", ""} {
		values.Add(text)
	}
	for _, c := range []struct {
		value any
		want  bool
	}{
		{"spend_eur", true}, {"spend", false}, {"Spend_eur", false}, {"", true}, {"2026-01-01", true},
		{"7", true}, {json.Number("7"), true}, {json.Number("7.0"), true}, {json.Number("70e-1"), true}, {json.Number("-7"), false}, {"7.0", false},
		{"1.50", true}, {"1.5", false}, {json.Number("1.5"), true}, {json.Number("15"), false},
		{json.Number("0"), true}, {json.Number("1.2E4"), true}, {json.Number("1.2E+5"), false},
		{"01", true}, {json.Number("1"), false}, {json.Number("1e99999999999"), false},
		{"\x007e0", false}, {true, true}, {false, false}, {nil, false}, {[]any{}, false},
	} {
		if got := values.Has(c.value); got != c.want {
			t.Errorf("has %#v: %t", c.value, got)
		}
	}
}

func TestKey(t *testing.T) {
	seen := map[string]outside.Query{}
	for _, q := range []outside.Query{
		{}, {Source: "a"}, {Name: "a"}, {Source: "a", Name: "b"}, {Source: `a","b`},
		{Source: "a", Name: "b", Args: map[string]string{"x": "y"}},
		{Source: "a", Name: "b", Args: map[string]string{"x": "", "y": ""}},
		{Source: "a", Name: "b", Args: map[string]string{"x": "y", "z": ""}},
	} {
		if other, twice := seen[q.Key()]; twice {
			t.Errorf("%#v and %#v have one key", q, other)
		}
		seen[q.Key()] = q
	}
}
