package validate

import (
	"fmt"
	"slices"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// namesake finds another customer of the same name but for upper and lower case. The finding stands at the first file of the one with
// more capitals, for those are the slip.
func (u *unit) namesake(files []policy.File) ([]finding.Finding, error) {
	all, err := u.all()
	if err != nil || u.customer == "" || len(all) == 0 || !slices.ContainsFunc(files, func(f policy.File) bool { return f.Path == all[0].Path }) {
		return nil, err
	}
	twins, err := u.side.Twins(u.customer)
	if err != nil || len(twins) == 0 || twins[len(twins)-1] < u.customer {
		return nil, err
	}
	return []finding.Finding{{Rule: "customer-case", Level: finding.Failure, File: all[0].Path, At: top,
		Message: fmt.Sprintf("the customers %q and %q differ by upper and lower case only", u.customer, twins[len(twins)-1]),
		Fix:     "give one of them another name, or put the files of both into one"}}, nil
}
