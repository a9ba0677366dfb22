package flow

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/work"
)

// Commands of operators.
const (
	rollbackVerb = "rollback"
	resumeVerb   = "resume"
)

// operate does what `/tamer rollback` and `/tamer resume` ask for, in every store of the repository, or says why not. Only members of the teams
// that the operator of tamer has named may. Doing it again changes nothing: the hold tells that it was done.
func (f *Flow) operate(ctx context.Context, repo forge.Repo, c forge.Comment, verb string) error {
	say := func(what string) error {
		return f.answer(ctx, repo, c.Pull, strconv.FormatInt(c.ID, 10), render.Operated(c.Author.Login, verb, what))
	}
	teams := f.Overrides(repo)
	if len(teams) == 0 {
		return say("Nobody may do that here: the operator of tamer has named no team for it.")
	}
	team, err := f.teamOf(ctx, repo, teams, c.Author)
	if err != nil {
		return err
	}
	asked, problem := parseRollback(reasonOf(c.Body))
	switch {
	case team == "":
		return say("That takes a member of a team that the operator of tamer has named for it.")
	case c.Edited:
		return say("The command was edited; write it anew.")
	case problem != "":
		return say(problem)
	case asked.Reason == "":
		return say("Say why, in the same line.")
	case verb == resumeVerb && (asked.Customer != "" || asked.To != ""):
		return say("`/tamer resume` ends every hold; write it without options.")
	}
	asked.By = c.Author.Login
	told, err := f.operateAll(ctx, repo, verb, asked)
	if err != nil {
		return err
	}
	return say(told)
}

// operateAll does it in every store, and tells what came of it.
func (f *Flow) operateAll(ctx context.Context, repo forge.Repo, verb string, asked ship.Rollback) (string, error) {
	sinks, err := f.sinksOf(ctx, repo)
	if err != nil {
		return "", err
	}
	var told strings.Builder
	var errs []error
	wanted := []work.Wanted{{Key: announceKey(repo)}}
	for _, s := range sinks {
		wanted = append(wanted, work.Wanted{Key: deployKey(repo, s.Name)})
		st, err := f.operateOn(ctx, repo, s, verb, asked)
		switch {
		case errors.Is(err, ship.ErrNothing):
			told.WriteString(render.OperatedStore(s.Name, err.Error()))
		case err != nil:
			errs = append(errs, err)
		default:
			told.WriteString(render.OperatedStore(s.Name, fmt.Sprintf("serves commit %s, generation %d", st.Channel.Commit.Short(), st.Channel.Generation)))
		}
	}
	errs = append(errs, f.ask(ctx, wanted))
	return told.String(), errors.Join(errs...)
}

func (f *Flow) operateOn(ctx context.Context, repo forge.Repo, s NamedSink, verb string, asked ship.Rollback) (ship.State, error) {
	done, err := f.inTurn(ctx, repo, productionTurn(s.Name))
	if err != nil {
		return ship.State{}, err
	}
	defer done()
	store, err := f.open(ctx, repo, s)
	if err != nil {
		return ship.State{}, err
	}
	if verb == resumeVerb {
		return store.Resume(ctx, asked.By, asked.Reason)
	}
	return store.Rollback(ctx, asked)
}

// parseRollback reads [--customer NAME] [--to WHAT] REASON.
func parseRollback(text string) (r ship.Rollback, problem string) {
	words := strings.Fields(text)
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		name, value, joined := strings.Cut(words[0], "=")
		words = words[1:]
		if !joined {
			if len(words) == 0 {
				return r, "An option stands at the end, and names nothing."
			}
			value, words = words[0], words[1:]
		}
		switch value = strings.Trim(value, "`"); name {
		case "--customer":
			r.Customer = value
		case "--to":
			r.To = value
		default:
			return r, "Only `--customer NAME` and `--to COMMIT` may stand before the reason."
		}
	}
	r.Reason = strings.Join(words, " ")
	return r, ""
}
