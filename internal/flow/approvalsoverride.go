package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/work"
)

// overrideVerb is the command that lets a change pass its gates.
const overrideVerb = "override"

// answerPrefix begins every answer to a command.
var answerPrefix, _, _ = strings.Cut(render.AnswerMarker(""), " -->")

// overrideCommand does what `/tamer override REASON` asks for, or says why not. The command itself is the record of who and why; the
// answer is that of the commit and base that it was said of, and only counts together with the command. So nothing of it is kept elsewhere.
func (f *Flow) overrideCommand(ctx context.Context, repo forge.Repo, c forge.Comment, reason string) error {
	name := strconv.FormatInt(c.ID, 10)
	refuse := func(why string) error {
		return f.answer(ctx, repo, c.Pull, name, render.NotOverridden(c.Author.Login, why))
	}
	teams := f.Overrides(repo)
	if len(teams) == 0 {
		return refuse("nobody may do that here: the operator of tamer has named no team for it")
	}
	team, err := f.teamOf(ctx, repo, teams, c.Author)
	if err != nil {
		return err
	}
	switch {
	case team == "":
		return refuse("that takes a member of a team that the operator of tamer has named for it")
	case reason == "":
		return refuse("say why, in the same line: /tamer override REASON")
	case c.Edited:
		return refuse("the command was edited; write it anew")
	}
	pr, err := f.PullRequests.PullRequest(ctx, repo, c.Pull)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !pr.Open {
		return refuse("this is no open pull request")
	}
	if err != nil {
		return err
	}
	run, err := f.Checks.CheckRun(ctx, repo, pr.Head, ApprovalsCheck)
	if err != nil {
		return err
	}
	if run == nil || run.Status != forge.Completed || run.CompletedAt.After(c.At) {
		return refuse(fmt.Sprintf("tamer/approvals on %s is newer than the command, so that it may have been meant for something else: look again, and write it anew", pr.Head.Short()))
	}
	o := render.Override{By: c.Author, Team: team, Reason: reason, Head: pr.Head, Base: pr.BaseBranch, Command: c.ID}
	if err := f.answer(ctx, repo, c.Pull, name, render.Overridden(o)); err != nil {
		return err
	}
	return f.ask(ctx, []work.Wanted{{Key: approvalsKey(repo, c.Pull)}})
}

// teamOf gives the first of the teams that the person is a member of; empty for none.
func (f *Flow) teamOf(ctx context.Context, repo forge.Repo, teams []string, who forge.User) (string, error) {
	for _, team := range teams {
		members, err := f.People.TeamMembers(ctx, repo, team)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if slices.ContainsFunc(members, func(u forge.User) bool { return u.ID == who.ID }) {
			return team, nil
		}
	}
	return "", nil
}

// override gives the newest override that counts for the subject, or nil, and the comments among which it was looked for. It is read
// anew each time: the command must be there, unedited, by somebody who is still in a team of the operator's and may write; tamer's
// answer, unedited too, says of which commit and base it was said; and what the gates govern must mean the same there.
func (w *weighing) override(ctx context.Context) (*render.Override, []forge.Comment, error) {
	teams := w.flow.Overrides(w.repo)
	if len(teams) == 0 {
		return nil, nil, nil
	}
	said, err := w.flow.conversation(ctx, w.repo, w.pull.Number)
	if err != nil {
		return nil, nil, err
	}
	o, err := w.overrideAmong(ctx, said, teams)
	return o, said, err
}

// conversation gives the commands that were given on a pull request, and their answers.
func (f *Flow) conversation(ctx context.Context, repo forge.Repo, number int) ([]forge.Comment, error) {
	return f.Comments.Conversation(ctx, repo, number, "/tamer", answerPrefix)
}

func (w *weighing) overrideAmong(ctx context.Context, said []forge.Comment, teams []string) (*render.Override, error) {
	commands := map[int64]forge.Comment{}
	for _, c := range said {
		if verb, _, spoken := parseCommand(c.Body); spoken && verb == overrideVerb && !c.Edited && !c.App && !c.Author.Bot {
			commands[c.ID] = c
		}
	}
	for _, answer := range slices.Backward(said) {
		o, ok := render.ReadOverride(answer.Body)
		c, there := commands[o.Command]
		if !ok || !answer.Own || answer.Edited || !there || c.Author.ID != o.By.ID || o.Base != w.pull.BaseBranch {
			continue
		}
		o.By, o.Reason = c.Author, reasonOf(c.Body)
		if covers, err := w.covers(ctx, o.Head); err != nil {
			return nil, err
		} else if !covers || o.Reason == "" {
			continue
		}
		var err error
		if o.Team, err = w.flow.teamOf(ctx, w.repo, teams, o.By); err != nil {
			return nil, err
		}
		may, err := w.flow.Commands.MayWrite(ctx, w.repo, o.By)
		if err != nil {
			return nil, err
		}
		if may && o.Team != "" {
			return &o, nil
		}
	}
	return nil, nil
}

// covers tells whether what the gates govern means the same at a commit as at the head. Where that cannot be told, only the head itself is
// covered.
func (w *weighing) covers(ctx context.Context, at forge.Commit) (bool, error) {
	if at == w.head {
		return true, nil
	}
	if len(w.touched) == 0 {
		return false, nil
	}
	seen, err := w.look(ctx, at)
	if err != nil || seen == nil {
		return false, err
	}
	return maps.EqualFunc(seen, w.at[w.head], func(a, b governance.Touch) bool { return a.Content == b.Content }), nil
}

// reasonOf is what the first line of the command gives as its reason.
func reasonOf(body string) string {
	_, rest, _ := strings.Cut(firstLine(body), " ")
	_, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	return strings.TrimSpace(reason)
}
