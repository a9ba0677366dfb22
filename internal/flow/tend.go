package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/work"
)

func tendKey(repo forge.Repo, sink string) work.Key {
	return work.Key{Kind: work.Tend, Installation: repo.Installation, Repository: repo.ID, Name: sink}
}

// tendState is the day for which a sink is tended. Days begin at another minute for each repository, so that not all are tended at once.
func (f *Flow) tendState(repo forge.Repo) work.State {
	return work.State(f.Now().UTC().Add(time.Duration(repo.ID%1440) * time.Minute).Format(time.DateOnly))
}

// tend looks after one sink, once a day: previews that nobody uses or whose branch is gone are removed; what somebody else has changed or
// lost is mended; what no channel and no kept history needs is collected.
func (f *Flow) tend(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	state := f.tendState(repo)
	to, ok, err := f.sinkNamed(ctx, repo, t.Key.Name)
	if err != nil {
		return "", err
	}
	if !ok {
		return "gone", nil
	}
	store, err := f.open(ctx, repo, to)
	if err != nil {
		return "", err
	}
	st, err := store.Read(ctx, release.Production)
	if errors.Is(err, ship.ErrForeign) {
		return state, nil
	}
	if err != nil {
		return "", err
	}
	if err := f.expire(ctx, repo, store); err != nil {
		return "", err
	}
	if st.Interrupted() { // a deploy was cut off, or is at work
		return state, f.ask(ctx, []work.Wanted{{Key: deployKey(repo, t.Key.Name)}})
	}
	if err := f.mend(ctx, repo, t.Key.Name, store, st); err != nil {
		return "", err
	}
	if err := f.serveAnew(ctx, repo, store, st.Release); err != nil {
		return "", err
	}
	_, err = store.Collect(ctx)
	return state, err
}

// expire asks for previews to be looked at whose branch is gone, and removes those that nobody has used for so long as the policy says.
func (f *Flow) expire(ctx context.Context, repo forge.Repo, store *ship.Store) error {
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return err
	}
	settings, err := f.deploySettings(ctx, repo, heads)
	if err != nil {
		return err
	}
	previews, err := store.Previews(ctx)
	if err != nil {
		return err
	}
	var wanted []work.Wanted
	for _, c := range previews {
		branch, ok := strings.CutPrefix(c.Channel, "branch/")
		if _, there := heads.Tips[branch]; ok && (!there || branch == settings.Branch || !settings.Previews.Branches) {
			wanted = append(wanted, work.Wanted{Key: previewKey(repo, c.Channel)})
			continue
		}
		if keep := settings.Previews.ExpireAfter; keep > 0 && f.Now().Sub(c.UpdatedAt) > keep {
			err := f.inTurnDo(ctx, repo, previewTurn(c.Channel), func() error {
				return store.ExpirePreview(ctx, c.Channel, f.Now().Add(-keep))
			})
			if err != nil && work.Held(ctx) != nil { // it may have been removed late, when somebody used it again
				err = errors.Join(err, f.ask(context.WithoutCancel(ctx), []work.Wanted{{Key: previewKey(repo, c.Channel)}}))
			}
			if err != nil {
				return err
			}
		}
	}
	return errors.Join(store.RemoveLeftovers(ctx, previews), f.ask(ctx, wanted))
}

// mend brings production back to what its channel says, where somebody else has changed it, and has that shown. Plain files are left to the
// policy; bundles are restored in any case, for nobody can want them lost.
func (f *Flow) mend(ctx context.Context, repo forge.Repo, sink string, store *ship.Store, st ship.State) error {
	repair, err := f.repairs(ctx, repo)
	if err != nil {
		return err
	}
	d, err := store.Drift(ctx, st)
	if err != nil {
		return err
	}
	lost := d.Lost
	if len(d.Lost) > 0 {
		tree := func(ctx context.Context, st ship.State, unit string) (fs.FS, error) {
			at := st.Release.Commit
			if e, _ := st.Release.Entry(unit); e.Held != nil && e.Held.Commit != nil {
				at = *e.Held.Commit
			}
			if err := f.Remotes.Fetch(ctx, repo, at); err != nil {
				return nil, err
			}
			return f.Trees.Snapshot(ctx, repo, at.Tree())
		}
		still, err := store.Restore(ctx, st, d.Lost, tree, f.Limits)
		if err != nil {
			return err
		}
		if len(still) > 0 {
			return fmt.Errorf("%d bundles of production are lost, the first one %s: restore them from a backup of the store", len(still), release.BundleKey(still[0]))
		}
		if d, err = store.Drift(ctx, st); err != nil {
			return err
		}
	}
	if !d.None() {
		now, err := store.Read(ctx, release.Production)
		if err != nil {
			return err
		}
		if !now.Same(st) { // a deploy has written meanwhile, and what differs may be its work
			return f.ask(ctx, []work.Wanted{{Key: tendKey(repo, sink)}})
		}
	}
	found := d
	found.Lost = lost
	if err := f.noteDrift(ctx, repo, sink, found, repair); err != nil || !repair {
		return err
	}
	return f.inTurnDo(ctx, repo, productionTurn(sink), func() error {
		_, err := store.Repair(ctx, st, d)
		return err
	})
}

// serveAnew has previews that have lost something served as if they never had been: nobody can read them as they are.
func (f *Flow) serveAnew(ctx context.Context, repo forge.Repo, store *ship.Store, live release.Release) error {
	broken, err := store.Broken(ctx, live)
	if err != nil {
		return err
	}
	var wanted []work.Wanted
	for _, channel := range broken {
		wanted = append(wanted, work.Wanted{Key: previewKey(repo, channel), Anew: true})
	}
	if err := f.ask(ctx, wanted); err != nil { // before, should tamer be cut off below; and after, should the answer have come too early
		return err
	}
	for _, channel := range broken {
		if err := f.inTurnDo(ctx, repo, previewTurn(channel), func() error { return store.RemovePreview(ctx, channel) }); err != nil {
			return err
		}
	}
	return f.ask(ctx, wanted)
}

// repairs tells whether the policy has plain files put right.
func (f *Flow) repairs(ctx context.Context, repo forge.Repo) (bool, error) {
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return false, err
	}
	settings, err := f.deploySettings(ctx, repo, heads)
	return settings.Repair, err
}
