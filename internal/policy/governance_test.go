package policy

import (
	"fmt"
	"strings"
	"testing"
)

func TestGovernance(t *testing.T) {
	p, found := Parse([]byte(`governance:
  new-type: {approvals: 3}
  rules:
    - {name: models, when: 'type == "models"', users: [ella], teams: [data], code-owners: true}
  regular-editors: {within: 12w, customers: 30%}
  request-reviews: true
`))
	if p == nil {
		t.Fatal(found)
	}
	got := fmt.Sprintf("%+v", p.Governance)
	for _, want := range []string{
		"NewType:{Approvals:3 RegularEditors:1", // what is left out keeps its default
		"PolicyChange:{Approvals:2 RegularEditors:1",
		`When:type == "models"`, "Users:[ella] Teams:[data] CodeOwners:true", "RequestReviews:true",
		"Within:2016h0m0s Customers:30 Merges:10",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]string{"180d": "4320h0m0s", "12h": "12h0m0s", "2w": "336h0m0s", "99999w": "", "1m": "", "d": "", "": "", "-1d": ""} {
		got, err := duration(text)
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("%q: %v, %v; want %q", text, got, err, want)
		}
	}
}
