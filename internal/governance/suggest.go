package governance

import (
	"cmp"
	"slices"
)

// Suggest gives the fewest people, of those who may, whose approvals of the head would bring every gate what it misses: those who
// would help most gates first, then by login. Where nobody is left who could, it gives those who help. It does not suggest
// who has been asked to review already, nor anybody whose approval would not count.
//
// Choosing the fewest is set cover, which has no quick exact answer; this is the greedy one, at most ln(n) times as long (V. Chvátal,
// A Greedy Heuristic for the Set-Covering Problem, Mathematics of Operations Research 4(3), 1979). Gates ask for few people.
func Suggest(f Facts, v Verdict) []Person {
	var chosen []Person
	if v.State != Waiting {
		return nil
	}
	candidates := f.candidates()
	for len(candidates) > 0 {
		best, most := -1, 0
		for i, p := range candidates {
			if n := helps(v, p); n > most {
				best, most = i, n
			}
		}
		if best < 0 {
			break
		}
		p := candidates[best]
		candidates = slices.Delete(candidates, best, best+1)
		chosen = append(chosen, p)
		v = Decide(f.with(chosen))
		if v.State == Met {
			break
		}
	}
	return chosen
}

// Assume gives the facts as they would be if these people approved the head.
func (f Facts) Assume(people ...int64) Facts {
	f.Reviews = slices.Clone(f.Reviews)
	for _, id := range people {
		f.Reviews = append(f.Reviews, Review{By: id, State: Approved, Commit: f.Head})
	}
	return f
}

func (f Facts) with(chosen []Person) Facts {
	ids := make([]int64, len(chosen))
	for i, p := range chosen {
		ids[i] = p.User.ID
	}
	return f.Assume(ids...)
}

// candidates are those whose approval could count, by login.
func (f Facts) candidates() []Person {
	var all []Person
	for id, p := range f.People {
		if _, made := f.Makers[id]; !made && id != f.Author && p.Write && !p.User.Bot {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.User.Login, b.User.Login), cmp.Compare(a.User.ID, b.User.ID))
	})
	return all
}

// helps counts the demands that the person's approval would bring nearer.
func helps(v Verdict, p Person) int {
	n := 0
	for _, s := range v.Gates {
		if slices.ContainsFunc(s.Counted, func(c Person) bool { return c.User.ID == p.User.ID }) {
			continue
		}
		if s.MissingApprovals > 0 {
			n++
		}
		if s.MissingEditors > 0 && p.Editor != "" {
			n++
		}
		for _, g := range s.MissingGroups {
			if g.Members[p.User.ID] {
				n++
			}
		}
	}
	return n
}

// Could gives those among the people who are known whose approval could be one of those that the gate misses: who would help most
// first, then by login. Where only regular editors are missing, nobody else could.
func (f Facts) Could(s Standing) []Person {
	if s.Met() {
		return nil
	}
	v := Verdict{Gates: []Standing{s}}
	onlyEditors := s.MissingApprovals <= s.MissingEditors
	able := slices.DeleteFunc(f.candidates(), func(p Person) bool {
		inGroup := slices.ContainsFunc(s.MissingGroups, func(g Group) bool { return g.Members[p.User.ID] })
		return helps(v, p) == 0 || onlyEditors && p.Editor == "" && !inGroup
	})
	slices.SortStableFunc(able, func(a, b Person) int { return cmp.Compare(helps(v, b), helps(v, a)) })
	return able
}
