package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/work"
)

// deliver brings one sink to the tip of the deploy branch, whatever it holds, and asks for it to be shown. The state is the tip, with a word
// before it where the sink is not there and time or an operator may change that.
func (f *Flow) deliver(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	to, ok, err := f.sinkNamed(ctx, repo, t.Key.Name)
	if err != nil {
		return "", err
	}
	if !ok {
		return "gone", nil
	}
	state, changed, err := f.deliverTo(ctx, repo, to)
	if err != nil && work.Held(ctx) != nil { // somebody else works on it by now, and must see what this one may have written late
		wanted := []work.Wanted{{Key: t.Key}}
		if errors.Is(err, ship.ErrUnnoted) {
			wanted = append(wanted, work.Wanted{Key: tendKey(repo, t.Key.Name)})
		}
		return "", errors.Join(err, f.ask(context.WithoutCancel(ctx), wanted))
	}
	if errors.Is(err, sink.ErrConflict) {
		return "", fmt.Errorf("deploy to the store %s: %w", t.Key.Name, err) // somebody else works on it, which is nothing to be shown
	}
	told, noteErr := f.noteProblem(ctx, repo, t.Key.Name, err)
	if changed || told {
		noteErr = errors.Join(noteErr, f.ask(ctx, []work.Wanted{{Key: announceKey(repo)}}))
	}
	if err != nil {
		return "", err
	}
	return state, noteErr
}

// sinksOf gives all sinks of the repository, sorted by name.
func (f *Flow) sinksOf(ctx context.Context, repo forge.Repo) ([]NamedSink, error) {
	all, err := f.Sinks.Sinks(ctx, repo)
	if err != nil {
		return nil, fmt.Errorf("find the stores of %s: %w", repo, err)
	}
	return all, nil
}

// sinkNamed gives the repository's sink of that name; false where the settings have none any more.
func (f *Flow) sinkNamed(ctx context.Context, repo forge.Repo, name string) (NamedSink, bool, error) {
	sinks, err := f.sinksOf(ctx, repo)
	i := slices.IndexFunc(sinks, func(s NamedSink) bool { return s.Name == name })
	if i < 0 {
		return NamedSink{}, false, err
	}
	return sinks[i], true, nil
}

func problemNote(sink string) string { return "deploy " + sink }

// noteProblem keeps why a sink could not be brought to the tip, for what is shown; and tells whether that is another text than before.
func (f *Flow) noteProblem(ctx context.Context, repo forge.Repo, sink string, problem error) (bool, error) {
	var text []byte
	if problem != nil {
		text = []byte(problem.Error())
	}
	before, err := f.Notes.Recall(ctx, repo, problemNote(sink))
	if err != nil || string(before) == string(text) {
		return false, err
	}
	return true, f.Notes.Remember(ctx, repo, problemNote(sink), text)
}

// productionTurn names the turn of moving production in a sink. What a repair takes for a change by somebody else may be a file that a deploy
// has just written.
func productionTurn(sink string) string { return "production/" + sink }

func (f *Flow) deliverTo(ctx context.Context, repo forge.Repo, to NamedSink) (state work.State, changed bool, err error) {
	done, err := f.inTurn(ctx, repo, productionTurn(to.Name))
	if err != nil {
		return "", false, err
	}
	defer done()
	store, err := f.open(ctx, repo, to)
	if err != nil {
		return "", false, err
	}
	st, readErr := store.Read(ctx, release.Production)
	heads, err := f.Remotes.Heads(ctx, repo) // after the channel: of an older tip it would look as if the branch had been rewritten
	if err != nil {
		return "", false, err
	}
	branch, err := f.deployBranch(ctx, repo, heads)
	if err != nil || branch == "" {
		return "", false, err
	}
	tip := heads.Tips[branch]
	switch {
	case errors.Is(readErr, ship.ErrForeign):
		return work.State("refused " + string(tip)), true, nil
	case readErr != nil:
		return "", false, readErr
	}
	f.At(DeployRead)
	d := delivery{flow: f, repo: repo, sink: to.Name, branch: branch, tip: tip, store: store, state: st}
	return d.run(ctx)
}

// A delivery is one sink on its way to the tip of the deploy branch.
type delivery struct {
	flow   *Flow
	repo   forge.Repo
	sink   string // its name
	branch string
	tip    forge.Commit // empty for a branch that is gone
	store  *ship.Store
	state  ship.State
}

func (d *delivery) run(ctx context.Context) (work.State, bool, error) {
	c := d.state.Channel
	if c.Hold == nil {
		reason, err := d.stray(ctx)
		if err != nil {
			return "", false, err
		}
		if reason != "" {
			if d.state, err = d.store.Hold(ctx, d.state, "tamer", reason); err != nil {
				return "", false, err
			}
			_, err = d.store.Settle(ctx, d.state)
			return work.State("held " + string(d.tip)), true, err
		}
	}
	switch {
	case c.Hold != nil:
		cut := d.state.Interrupted()
		_, err := d.store.Settle(ctx, d.state)
		return work.State("held " + string(d.tip)), cut, err
	case d.tip == "":
		var err error
		cut := d.state.Interrupted()
		if d.state, err = d.store.Settle(ctx, d.state); err == nil && !c.Exists() && d.state.Channel.Exists() {
			return d.run(ctx) // the first deploy, which the deletion of the branch has cut off, is served, and held
		}
		return "gone", cut, err
	case c.Commit == d.tip && c.Resumed == nil && !d.state.Interrupted():
		return work.State(d.tip), false, nil
	}
	return d.bring(ctx)
}

// stray says why the channel may not follow its branch: the branch is gone, or no longer holds what is served. Production never leaves the history
// of its commit by itself; who has resumed it has said that it may.
func (d *delivery) stray(ctx context.Context) (string, error) {
	served := d.state.Channel.Commit
	switch {
	case !d.state.Channel.Exists() || d.state.Channel.Resumed != nil || served == d.tip:
		return "", nil
	case d.tip == "":
		return fmt.Sprintf("the branch %s was deleted", d.branch), nil
	}
	err := d.flow.Remotes.Fetch(ctx, d.repo, served, d.tip)
	descends := false
	if err == nil {
		descends, err = d.flow.History.IsAncestor(ctx, d.repo, served, d.tip)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err == nil && descends {
		return "", nil
	}
	return fmt.Sprintf("%s was rewritten: it no longer holds %s, which is served", d.branch, served.Short()), nil
}

// bring judges the tip and has the store take it.
func (d *delivery) bring(ctx context.Context) (work.State, bool, error) {
	if err := d.flow.Remotes.Fetch(ctx, d.repo, d.tip); err != nil {
		return "", false, fmt.Errorf("fetch the tip of %s: %w", d.branch, err)
	}
	d.flow.At(DeployFetched)
	from, err := d.flow.provenance(ctx, d.repo, d.branch, d.tip)
	if err != nil {
		return "", false, err
	}
	commit, err := d.flow.coming(ctx, d.repo, d.tip, from)
	if err != nil {
		return "", false, err
	}
	served, err := d.store.Deploy(ctx, d.state, commit)
	if err == nil && served.State.Channel.Commit == d.tip {
		d.flow.Watch.Deployed(d.sink, d.flow.Now().Sub(from.CommittedAt))
	}
	if errors.Is(err, ship.ErrForeign) {
		return work.State("refused " + string(d.tip)), true, nil
	}
	return work.State(d.tip), true, err
}
