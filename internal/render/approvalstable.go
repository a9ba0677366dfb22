package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
)

// summary says it at a glance: the gates, one a row, and then who could give what is missing.
func (a Approvals) summary() string {
	text := bounded{limit: forge.MaxSummary - roomForMore}
	for _, g := range a {
		if len(a) > 1 {
			text.add(fmt.Sprintf("## #%d into %s\n\n", g.Page.Pull, code(clip(g.Base, maxName))), 0)
		}
		for _, block := range g.blocks() {
			text.add(block, 1)
		}
	}
	if text.left > 0 {
		fmt.Fprintf(&text.b, "\nand %s more, left out because GitHub shows no longer texts.\n", many(text.left, "part"))
	}
	return text.b.String()
}

func (g Gated) blocks() []string {
	var blocks []string
	add := func(format string, args ...any) { blocks = append(blocks, fmt.Sprintf(format, args...)) }
	switch {
	case g.Override != nil:
		add("%s, of the team %s, has overridden the gates for %s:\n\n> %s\n\nThis holds as long as what the gates govern means the same.\n\n",
			who(g.Override.By), code(clip(g.Override.Team, maxName)), g.commit(g.Override.Head), code(clip(g.Override.Reason, maxSaid)))
	case g.Problem != "":
		add("This cannot be decided, and so it is not green: %s.\n\n", code(clip(g.Problem, maxSaid)))
	case len(g.Verdict.Gates) == 0:
		add("This change touches no gate of the policy on %s: it needs no approval here.\n\n", code(clip(g.Base, maxName)))
	}
	if people := g.Verdict.Refusing; len(people) > 0 && g.Override == nil {
		add("**Changes are asked for** by %s. Only they can take that back: by approving, or by dismissing their review.\n\n", and(inCode(loginsOf(people))))
	}
	if g.Override == nil {
		blocks = append(blocks, g.untold()...)
	}
	if len(g.Verdict.Gates) == 0 {
		return blocks
	}
	blocks = append(blocks, g.table()...)
	blocks = append(blocks, g.able()...)
	blocks = append(blocks, g.faults()...)
	for _, note := range g.Notes {
		add("%s\n\n", code(clip(note, maxSaid)))
	}
	return blocks
}

// table gives a row for each gate.
func (g Gated) table() []string {
	blocks := []string{"| | gate | asks for | has | misses |\n|:-:|---|---|---|---|\n"}
	for _, s := range g.Verdict.Gates {
		sign, misses := "✓", "nothing"
		if !s.Met() {
			sign, misses = "○", "**"+missing(s)+"**"
		}
		blocks = append(blocks, fmt.Sprintf("| %s | **%s**: %s | %s | %s | %s |\n", sign, cell(clip(s.Name, maxName)), cell(clip(s.Why, maxName)),
			needed(s.Gate), has(s), misses))
	}
	return append(blocks, "\n")
}

// has names those whose approvals count.
func has(s governance.Standing) string {
	if len(s.Counted) == 0 {
		return "nobody yet"
	}
	var names []string
	for i, p := range s.Counted {
		if i == maxPeople {
			names = append(names, many(len(s.Counted)-i, "other"))
			break
		}
		name := cell(clip(p.User.Login, maxName))
		if s.RegularEditors > 0 && p.Editor != "" {
			name += " (" + p.Editor + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// able says who could give what is missing.
func (g Gated) able() []string {
	var blocks []string
	for _, s := range g.Verdict.Gates {
		if s.Met() || g.Override != nil {
			continue
		}
		if len(blocks) == 0 {
			blocks = append(blocks, "### Who could approve\n\n")
			if len(g.Enough) > 0 {
				blocks = append(blocks, fmt.Sprintf("The fewest people who could give all of it: %s.\n\n", and(inCode(loginsOf(g.Enough)))))
			}
		}
		b := fmt.Sprintf("For %s:\n\n", code(clip(s.Name, maxName)))
		people := g.Could[s.Name]
		for i, p := range people {
			if i == maxPeople {
				b += fmt.Sprintf("-%s\n", andMore(len(people)-i))
				break
			}
			b += "- " + who(p.User)
			if p.Editor != "" {
				b += ", a regular editor: " + p.Editor
			}
			if of := groupsOf(s, p); len(of) > 0 {
				b += ", of " + and(inCode(of))
			}
			b += "\n"
		}
		for _, group := range s.MissingGroups {
			if !slices.ContainsFunc(people, func(p governance.Person) bool { return group.Members[p.User.ID] }) {
				b += "- whom " + code(clip(group.Name, maxName)) + " names\n"
			}
		}
		switch {
		case s.MissingApprovals > s.MissingEditors:
			b += "- anybody else with write access who has written no part of this, for " + many(s.MissingApprovals-s.MissingEditors, "approval") + "\n"
		case len(people) == 0 && len(s.MissingGroups) == 0:
			b += "- nobody whom tamer knows of: the operator can say who, or add people to the teams that are asked\n"
		}
		blocks = append(blocks, b+"\n")
	}
	return blocks
}

// groupsOf names the groups that the gate still misses and the person is in.
func groupsOf(s governance.Standing, p governance.Person) []string {
	var names []string
	for _, g := range s.MissingGroups {
		if g.Members[p.User.ID] {
			names = append(names, g.Name)
		}
	}
	return names
}

func inCode(names []string) []string {
	var all []string
	for _, n := range names {
		all = append(all, code(clip(n, maxName)))
	}
	return all
}

// untold lists the commits of which nobody can tell whose they are.
func (g Gated) untold() []string {
	if len(g.Verdict.Unknown) == 0 {
		return nil
	}
	blocks := []string{"**Whose commits these are cannot be told**, so whoever approves may have written them:\n\n"}
	for _, u := range g.Unknown {
		blocks = append(blocks, fmt.Sprintf("- %s: %s\n", g.commit(u.Commit), code(clip(u.Unknown, maxSaid))))
	}
	return append(blocks, "\n")
}

// faults says of each approval that does not count why, one a line.
func (g Gated) faults() []string {
	var blocks []string
	for _, s := range g.Verdict.Gates {
		for _, v := range s.Voices {
			if v.Fault == governance.None || v.Fault == governance.Outsider && g.counts(v.Person) {
				continue
			}
			line := fmt.Sprintf("- %s approved %s, %s\n", who(v.Person.User), g.commit(v.Commit), g.why(s, v))
			if !slices.Contains(blocks, line) {
				blocks = append(blocks, line)
			}
		}
	}
	if len(blocks) == 0 {
		return nil
	}
	return append(append([]string{"### Approvals that do not count\n\n"}, blocks...), "\n")
}

// counts tells whether an approval of the person counts for some gate.
func (g Gated) counts(p governance.Person) bool {
	return slices.ContainsFunc(g.Verdict.Gates, func(s governance.Standing) bool {
		return slices.ContainsFunc(s.Counted, func(c governance.Person) bool { return c.User.ID == p.User.ID })
	})
}

// why says in words why an approval does not count, and what can be done.
func (g Gated) why(s governance.Standing, v governance.Voice) string {
	switch v.Fault {
	case governance.IsAuthor:
		return "and opened this pull request"
	case governance.IsMaker:
		return "and has written or pushed part of it"
	case governance.IsBot:
		return "and is no person"
	case governance.NoWrite:
		return "and may not write to this repository"
	case governance.Retargeted:
		return "but before the pull request got the base " + code(clip(g.Base, maxName)) + ": approve again"
	case governance.Unreadable:
		return "a commit that is not there any more: approve again"
	case governance.Outsider:
		return "and is not among those whom " + code(clip(s.Name, maxName)) + " asks"
	}
	again := "approve again"
	if len(g.Verdict.Gates) > 1 {
		again += " for " + code(clip(s.Name, maxName))
	}
	u := g.Undone[Undoing{s.Name, v.Person.User.ID}]
	changed := "what " + code(clip(s.Name, maxName)) + " governs"
	if len(u.Files) > 0 {
		changed = g.file(u.Files[0]) + andMore(len(u.Files)-1)
	}
	if u.In == "" {
		return "but " + changed + " is another one now: " + again
	}
	return fmt.Sprintf("but %s changed since, in %s: %s", changed, g.commit(u.In), again)
}

func (g Gated) file(path string) string {
	return g.Page.link(code(clip(path, maxName)), path, finding.Span{})
}

// commit names one, with a link to it.
func (g Gated) commit(c forge.Commit) string {
	if g.Page.Repository == "" || c == "" {
		return code(c.Short())
	}
	return fmt.Sprintf("[%s](%s/commit/%s)", code(c.Short()), g.Page.Repository, c)
}

// details explain the rules to those who want to know.
func (a Approvals) details() string {
	if !slices.ContainsFunc(a, func(g Gated) bool { return len(g.Verdict.Gates) > 0 }) {
		return ""
	}
	return "### What counts\n\n" +
		"- The latest review of each person who may write to the repository and has no part in the change: who opened the pull request, wrote or " +
		"committed a part of it, or is named as co-author does not count.\n" +
		"- An approval stands as long as what the gate governs means the same: comments, formatting, a rebase or a merge of the base do not undo it.\n" +
		"- Who asks for changes blocks until he or she approves, or the review is dismissed; an approval from before that does not come back.\n" +
		"- The policy that decides is that of the branch to be merged into, never that of the pull request.\n"
}
