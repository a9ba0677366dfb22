package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
)

// maxCandidates is how many people who have not reviewed are asked about at GitHub, whether they may write: enough to name some.
const maxCandidates = 10

// heard gives the latest review of each person that approves, or asks for changes, by people.
func heard(reviews []forge.Review) []forge.Review {
	last := map[int64]forge.Review{}
	for _, r := range reviews {
		if r.State != forge.Commented {
			last[r.By.ID] = r
		}
	}
	var all []forge.Review
	for _, r := range reviews {
		if last[r.By.ID] == r && (r.State == forge.Approved || r.State == forge.ChangesRequested) {
			all = append(all, r)
			delete(last, r.By.ID)
		}
	}
	return all
}

// people learns who the reviewers are.
func (w *weighing) people(ctx context.Context, d *decision, reviews []forge.Review) error {
	if err := w.regulars(ctx, d); err != nil {
		return err
	}
	for _, r := range heard(reviews) {
		if err := w.meet(ctx, d, r.By); err != nil {
			return err
		}
	}
	return nil
}

// meet learns whether somebody may write.
func (w *weighing) meet(ctx context.Context, d *decision, who forge.User) error {
	if _, met := d.facts.People[who.ID]; met || who.ID == 0 {
		return nil
	}
	p := governance.Person{User: who, Editor: w.evidence[who.ID]}
	if !who.Bot {
		var err error
		if p.Write, err = w.flow.Commands.MayWrite(ctx, w.repo, who); err != nil {
			return err
		}
	}
	d.facts.People[who.ID] = p
	return nil
}

// regulars learns who the regular editors are, where a gate asks for some.
func (w *weighing) regulars(ctx context.Context, d *decision) error {
	if !slices.ContainsFunc(w.touched, func(t governance.Touch) bool { return t.Needs.RegularEditors > 0 }) {
		return nil
	}
	all, err := w.flow.editors(ctx, w.repo, w.pull.BaseBranch, w.tip, w.policy)
	if err != nil {
		return err
	}
	d.gated.Notes = append(d.gated.Notes, all.Notes...)
	w.evidence = map[int64]string{}
	for _, e := range all.Editors {
		w.evidence[e.User.ID] = e.Evidence
		w.editors = append(w.editors, e.User)
	}
	return nil
}

// groups gives those of whom each must give an approval: one of the named people, a member of one of the teams, an owner of each file.
func (w *weighing) groups(ctx context.Context, d *decision, t governance.Touch, reviews []forge.Review) ([]governance.Group, error) {
	var lists [][]string
	if users := t.Needs.Users; len(users) > 0 {
		lists = append(lists, prefixed("@", users))
	}
	if teams := t.Needs.Teams; len(teams) > 0 {
		lists = append(lists, prefixed("@"+w.repo.Owner+"/", teams))
	}
	if t.Needs.CodeOwners {
		owners, err := governance.ReadOwners(w.files)
		if err != nil {
			return nil, err
		}
		for _, path := range t.Files {
			if list := owners.Of(path); len(list) > 0 {
				lists = append(lists, list)
			}
		}
	}
	var all []governance.Group
	for _, list := range lists {
		name := strings.Join(list, " or ")
		if slices.ContainsFunc(all, func(g governance.Group) bool { return g.Name == name }) {
			continue
		}
		members, err := w.members(ctx, d, list, reviews)
		if err != nil {
			return nil, err
		}
		all = append(all, governance.Group{Name: name, Members: members})
	}
	return all, nil
}

func prefixed(prefix string, names []string) []string {
	var all []string
	for _, n := range names {
		all = append(all, prefix+n)
	}
	return all
}

// members gives the people whom names stand for: @login, @organization/team. An e-mail address stands for nobody: whose it is cannot
// be told. People who are named themselves are looked for among those who have reviewed or are known otherwise.
func (w *weighing) members(ctx context.Context, d *decision, names []string, reviews []forge.Review) (map[int64]bool, error) {
	members := map[int64]bool{}
	for _, name := range names {
		login, named := strings.CutPrefix(name, "@")
		if !named {
			d.note(fmt.Sprintf("CODEOWNERS names the e-mail address %q; whose that is cannot be told. Name the person by @login there.", name))
			continue
		}
		if strings.Contains(login, "/") {
			team, err := w.team(ctx, login)
			if errors.Is(err, fs.ErrNotExist) {
				d.note(fmt.Sprintf("The team %q is not there, or tamer may not see it.", login))
			} else if err != nil {
				return nil, err
			}
			for _, u := range team {
				members[u.ID] = true
			}
			continue
		}
		known := slices.Clone(w.editors)
		for _, r := range reviews {
			known = append(known, r.By)
		}
		for _, u := range known {
			if strings.EqualFold(u.Login, login) {
				members[u.ID] = true
			}
		}
	}
	return members, nil
}

func (d *decision) note(text string) {
	if !slices.Contains(d.gated.Notes, text) {
		d.gated.Notes = append(d.gated.Notes, text)
	}
}

func (w *weighing) team(ctx context.Context, name string) ([]forge.User, error) {
	if known, ok := w.teams[name]; ok {
		return known, nil
	}
	members, err := w.flow.People.TeamMembers(ctx, w.repo, name)
	if err == nil {
		w.teams[name] = members
	}
	return members, err
}

// candidates learns about some who could give what is missing: regular editors and members of the teams that are asked.
func (w *weighing) candidates(ctx context.Context, d *decision) error {
	if d.gated.Verdict.State == governance.Met {
		return nil
	}
	var able []forge.User
	for _, s := range d.gated.Verdict.Gates {
		if s.MissingEditors > 0 {
			able = append(able, w.editors...)
		}
		for _, g := range s.MissingGroups {
			for _, team := range slices.Sorted(maps.Keys(w.teams)) {
				able = append(able, slices.DeleteFunc(slices.Clone(w.teams[team]), func(u forge.User) bool { return !g.Members[u.ID] })...)
			}
		}
	}
	asked := 0
	for _, u := range able {
		_, made := d.facts.Makers[u.ID]
		_, met := d.facts.People[u.ID]
		if made || met || u.ID == w.pull.Author.ID || u.Bot {
			continue
		}
		if asked++; asked > maxCandidates {
			break
		}
		if err := w.meet(ctx, d, u); err != nil {
			return err
		}
	}
	return nil
}
