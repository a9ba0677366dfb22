package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// namesake finds another customer of the same name but for upper and lower case, or but for how its accents are written. The finding
// stands at the first file of the one with more capitals, or with accents of their own, for those are the slip.
func (u *unit) namesake(files []policy.File) ([]finding.Finding, error) {
	all, err := u.all()
	if err != nil || u.customer == "" || len(all) == 0 || !slices.ContainsFunc(files, func(f policy.File) bool { return f.Path == all[0].Path }) {
		return nil, err
	}
	twins, err := u.side.Twins(u.customer)
	if err != nil || len(twins) == 0 || twins[len(twins)-1] < u.customer {
		return nil, err
	}
	twin := twins[len(twins)-1]
	differ := "differ by upper and lower case only"
	if !strings.EqualFold(twin, u.customer) {
		differ = "look the same: an accent here is a character of its own, and there a part of its letter"
	}
	return []finding.Finding{{Rule: "customer-case", Level: finding.Failure, File: all[0].Path, At: top,
		Message: fmt.Sprintf("the customers %q and %q %s", u.customer, twin, differ),
		Fix:     "give one of them another name, or put the files of both into one"}}, nil
}
