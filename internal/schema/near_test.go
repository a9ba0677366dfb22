package schema

import "testing"

func TestNearName(t *testing.T) {
	for _, c := range []struct {
		word  string
		names []string
		want  string
	}{
		{"treshold", []string{"id", "threshold"}, "threshold"},
		{"keepDays", []string{"keep_days"}, "keep_days"},
		{"ur", []string{"id", "url"}, "url"},
		{"iq", []string{"as", "id"}, "id"},
		{"a", []string{"id", "on"}, ""},
		{"d", []string{"id"}, ""},
		{"", []string{"a"}, ""},
		{"x-tamer-colour", []string{"x-tamer-order", "x-tamer-owners"}, ""},
		{"x-tamer-ordr", []string{"x-tamer-ref", "x-tamer-order"}, "x-tamer-order"},
	} {
		if got, _ := nearName(c.word, c.names); got != c.want {
			t.Errorf("%q among %q: got %q, want %q", c.word, c.names, got, c.want)
		}
	}
}
