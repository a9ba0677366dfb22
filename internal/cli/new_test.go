package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/scaffold"
)

// What somebody at a terminal is asked for, and what becomes of the answers: one that does not fit is asked for again.
func TestAsk(t *testing.T) {
	tree := fstest.MapFS{"templates/starter/plan.yaml": {Data: []byte("tier: ${tier}")}, "templates/starter/template.yaml": {Data: []byte(`
required: [name, tier]
properties:
  name: {type: string, title: What it is called}
  tier: {enum: [free, pro]}
  seats: {type: integer, maximum: 100, default: 5}
  note: {type: string}
`)}}
	template, err := scaffold.Open(tree, "starter")
	if err != nil {
		t.Fatal(err)
	}
	const name, tier, seats, note = "What it is called (name): ", "tier free pro: ", "seats [5]: ", "note: "
	for _, c := range []struct {
		answers string
		given   map[string]any
		asked   string
		values  string
	}{
		{"12\npro\n\n\n", nil, name + tier + seats + note, "map[name:12 tier:pro]"},
		{"Acme\npro\n20\nx: y\n", nil, name + tier + seats + note, "map[name:Acme note:x: y seats:20 tier:pro]"},
		{"pro\n", map[string]any{"name": "A", "seats": 1, "note": ""}, tier, "map[name:A note: seats:1 tier:pro]"},
		{"\nAcme\ngold\nfree\n200\nmany\n7\n\n", nil, name + "it has no default; write a value\n" + name +
			tier + `"gold" is not one of free, pro; write one of these values` + "\n" +
			tier + seats + "must be at most 100 (found 200); write a number of 100 or less\n" +
			seats + `must be a whole number (found the text "many"); write a whole number here` + "\n" + seats + note, "map[name:Acme seats:7 tier:free]"},
		{"Acme\ngold", nil, name + tier + seats + note, "map[name:Acme tier:gold]"}, // nobody is there any more: Fill says what is wrong
	} {
		values := map[string]any{}
		for key, v := range c.given {
			values[key] = v
		}
		var out strings.Builder
		if err := cli.Ask(strings.NewReader(c.answers), &out, template, values); err != nil {
			t.Error(err)
		}
		if got := out.String(); got != c.asked || fmt.Sprint(values) != c.values {
			t.Errorf("%q: asked\n%s\ngot %v\nwant\n%s\n%s", c.answers, got, values, c.asked, c.values)
		}
	}
}
