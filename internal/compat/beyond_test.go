package compat_test

import (
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/schema"
)

func TestBeyond(t *testing.T) {
	for name, c := range map[string]struct {
		schema string
		others []string
		beyond bool
	}{
		"within the one":           {`{"type":"integer"}`, []string{`{"type":"number"}`}, false},
		"within both together":     {`{"enum":[1,2]}`, []string{`{"const":1}`, `{"const":2}`}, false},
		"more than both":           {`{"enum":[1,2,3]}`, []string{`{"const":1}`, `{"const":2}`}, true},
		"below the top":            {`{"properties":{"a":{"enum":["x","y","z"]}},"required":["a"]}`, []string{`{"properties":{"a":{"enum":["x","y"]}}}`, `{"properties":{"a":{"const":"x"}}}`}, true},
		"two properties at a time": {`{"properties":{"a":{"type":"integer"},"b":{"type":"integer"}}}`, []string{`{"properties":{"a":{"minimum":0}}}`, `{"properties":{"b":{"minimum":0}}}`}, true},
		"nothing":                  {`false`, []string{`false`, `true`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := compile(t, c.schema)
			var others []*schema.Schema
			for _, o := range c.others {
				others = append(others, compile(t, o))
			}
			v, err := compat.NewBudget(time.Minute).Beyond(s, others...)
			if err != nil || !v.Proven || v.Broken != c.beyond {
				t.Fatalf("%+v, %v", v, err)
			}
			if !v.Broken {
				return
			}
			if !accepts(t, s, v.Witness) {
				t.Errorf("the schema refuses %v", v.Witness)
			}
			for i, o := range others {
				if accepts(t, o, v.Witness) {
					t.Errorf("%s accepts %v", c.others[i], v.Witness)
				}
			}
		})
	}
}
