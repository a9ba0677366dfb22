package validate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// oneCase writes names that strings.EqualFold takes for equal alike.
func oneCase(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, name)
}

// fold sorts the customers of all files by their names without regard to case, where every file is judged.
func (s *side) fold(files []policy.File) {
	s.folded = map[string][]string{}
	for _, f := range files {
		name := oneCase(f.Customer)
		if f.Kind == policy.Config && !slices.Contains(s.folded[name], f.Customer) {
			s.folded[name] = append(s.folded[name], f.Customer)
		}
	}
}

// manyTwins is from how many customers on all names are sorted once: to look for the namesakes of one is to look at all names.
const manyTwins = 16

// twins gives the customers whose names differ from one by upper and lower case only.
func (s *side) twins(customer string) ([]string, error) {
	s.folding.Lock()
	defer s.folding.Unlock()
	if s.asked++; s.folded == nil && s.asked > manyTwins {
		files, err := s.Find(policy.Query{Kind: policy.Config})
		if err != nil {
			return nil, err
		}
		s.fold(files)
	}
	if s.folded == nil {
		return s.Twins(customer)
	}
	names := slices.Clone(s.folded[oneCase(customer)])
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == customer }), nil
}

// namesake finds another customer of the same name but for upper and lower case. The finding stands at the first file of the one with
// more capitals, for those are the slip.
func (u *unit) namesake(files []policy.File) ([]finding.Finding, error) {
	all, err := u.all()
	if err != nil || u.customer == "" || len(all) == 0 || !slices.ContainsFunc(files, func(f policy.File) bool { return f.Path == all[0].Path }) {
		return nil, err
	}
	twins, err := u.side.twins(u.customer)
	if err != nil || len(twins) == 0 || twins[len(twins)-1] < u.customer {
		return nil, err
	}
	return []finding.Finding{{Rule: "customer-case", Level: finding.Failure, File: all[0].Path, At: top,
		Message: fmt.Sprintf("the customers %q and %q differ by upper and lower case only", u.customer, twins[len(twins)-1]),
		Fix:     "give one of them another name, or put the files of both into one"}}, nil
}
