package scaffold

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/policy"
)

func TestInterpolated(t *testing.T) {
	values := map[string]any{"name": "Acme", "n": json.Number("5"), "on": true, "list": []any{"a"}}
	for _, c := range []struct {
		in   string
		want any
		err  string
	}{
		{"${name}", "Acme", ""}, {"${n}", json.Number("5"), ""}, {"${list}", []any{"a"}, ""}, {"${ on }", true, ""},
		{"a ${name}-${n} b", "a Acme-5 b", ""}, {"$${name} costs $5", "${name} costs $5", ""}, {"$${a}${name}", "${a}Acme", ""},
		{"${nam}", nil, "did you mean ${name}?"}, {"${name", nil, "without its }"}, {"x${list}", nil, "a value as a whole"},
	} {
		got, err := interpolated(c.in, values)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %s", c.in, err, c.err)
			}
		} else if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v (%v), want %v", c.in, got, err, c.want)
		}
	}
}

// A name that would lead out of its place in the layout is refused.
func TestPathOf(t *testing.T) {
	l := policy.Default().Layout
	for name, want := range map[string]string{"acme": "customers/acme/plan.yaml", "a/b": "", "..": "", "": "", "../x": ""} {
		if got, err := PathOf(l, name, "plan", ".yaml"); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q (%v), want %q", name, got, err, want)
		}
	}
}

func TestOpen(t *testing.T) {
	tree := fstest.MapFS{"templates/empty/template.yaml": {Data: []byte("title: x")}, "templates/odd/template.yaml": {Data: []byte("type: 5")}, "templates/odd/plan.yaml": {}}
	for name, want := range map[string]string{"empty": "holds no config", "odd": "templates/odd/template.yaml: ", "emty": `did you mean "empty"?`} {
		if _, err := Open(tree, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}
