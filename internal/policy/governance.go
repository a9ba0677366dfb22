package policy

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/finding"
)

// Governance says who must approve what.
type Governance struct {
	NewType, BreakingSchema, PolicyChange Needs
	Rules                                 []GateRule
	RegularEditors                        RegularEditors
	// RequestReviews has tamer ask those to review whose approvals would do.
	RequestReviews bool
}

// Needs are the approvals that a gate asks for.
type Needs struct {
	Approvals      int
	RegularEditors int      `json:"regular-editors"`
	Users          []string // one of these
	Teams          []string // a member of one of these
	CodeOwners     bool     `json:"code-owners"` // for each changed file that has owners, one of them
}

// None tells whether nothing is asked for: the gate is open.
func (n Needs) None() bool {
	return n.Approvals == 0 && n.RegularEditors == 0 && len(n.Users) == 0 && len(n.Teams) == 0 && !n.CodeOwners
}

// A GateRule is a gate of the repository's own.
type GateRule struct {
	Name string
	When string // in CEL, over one changed file
	Needs
	Holds *expr.Program `json:"-"` // When, compiled
}

// RegularEditors says who is a regular editor.
type RegularEditors struct {
	Within    time.Duration
	Customers int // percent of all
	Merges    int
	Teams     []string
}

// governance is the section's shape in the file.
type governance struct {
	NewType        Needs `json:"new-type"`
	BreakingSchema Needs `json:"breaking-schema"`
	PolicyChange   Needs `json:"policy-change"`
	Rules          []GateRule
	RequestReviews bool `json:"request-reviews"`
	RegularEditors struct {
		Within, Customers string
		Merges            int
		Teams             []string
	} `json:"regular-editors"`
}

func defaultGovernance() governance {
	two := Needs{Approvals: 2, RegularEditors: 1}
	g := governance{NewType: two, BreakingSchema: two, PolicyChange: two}
	g.RegularEditors.Within, g.RegularEditors.Customers, g.RegularEditors.Merges = "180d", "50%", 10
	return g
}

// governed makes the section, and finds what no schema can see: times, and the rules' expressions and names. doc gives the places; nil
// for the defaults.
func governed(g governance, doc *document.Document) (Governance, []finding.Finding) {
	within, err := duration(g.RegularEditors.Within)
	if err != nil {
		tokens := []string{"governance", "regular-editors", "within"}
		return Governance{}, []finding.Finding{{Level: finding.Failure, At: doc.Find(tokens).Value, Pointer: document.Pointer(tokens),
			Message: err.Error(), Fix: "write it like 180d"}}
	}
	percent, err := strconv.Atoi(strings.TrimSuffix(g.RegularEditors.Customers, "%"))
	if err != nil {
		tokens := []string{"governance", "regular-editors", "customers"}
		return Governance{}, []finding.Finding{{Level: finding.Failure, At: doc.Find(tokens).Value, Pointer: document.Pointer(tokens),
			Message: fmt.Sprintf("%q is no share", g.RegularEditors.Customers), Fix: "write it like 50%"}}
	}
	found := rules(g.Rules, doc)
	if len(found) > 0 {
		return Governance{}, found
	}
	return Governance{
		NewType: g.NewType, BreakingSchema: g.BreakingSchema, PolicyChange: g.PolicyChange, Rules: g.Rules, RequestReviews: g.RequestReviews,
		RegularEditors: RegularEditors{Within: within, Customers: percent, Merges: g.RegularEditors.Merges, Teams: g.RegularEditors.Teams},
	}, nil
}

// maxDuration bounds what a policy may say: ten years.
const maxDuration = 10 * 365 * 24 * time.Hour

// duration reads a whole number and a unit: h for hours, d for days, w for weeks.
func duration(text string) (time.Duration, error) {
	units := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if text == "" || units[text[len(text)-1]] == 0 {
		return 0, fmt.Errorf("%q is no length of time", text)
	}
	unit := units[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 32)
	if err != nil || n > uint64(maxDuration/unit) {
		return 0, fmt.Errorf("%q is no length of time up to ten years", text)
	}
	return time.Duration(n) * unit, nil
}
