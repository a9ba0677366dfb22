package ship

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
)

// A Commit is what is to be served.
type Commit struct {
	Provenance release.Provenance
	Tree       fs.FS
	// Since gives the tree of another commit, and in which paths Tree differs from it. The error wraps fs.ErrNotExist where
	// that commit is not there any more.
	Since func(ctx context.Context, old forge.Commit) (fs.FS, []forge.Change, error)
	// Judge judges a tree against what is served, which is nil where nothing is.
	Judge  func(served, tree fs.FS, changes []forge.Change) ([]finding.Finding, error)
	Limits document.Limits
}

// An Outcome is what became of a commit.
type Outcome struct {
	State    State // of the channel now
	Findings []finding.Finding
	Stopped  bool // nothing of the commit can be served: the findings say why
	Moved    bool
}

// Deploy brings the deploy branch's channel to a commit. Customers that fail keep what they are served.
func (s *Store) Deploy(ctx context.Context, st State, c Commit) (Outcome, error) {
	out := Outcome{State: st}
	to, d, err := s.resolve(ctx, st, c)
	out.Findings, out.Stopped = d.Findings, d.Stop
	if err != nil {
		return out, err
	}
	if d.Stop {
		out.State, err = s.settle(ctx, st, all)
		return out, err
	}
	if st.Channel.Exists() && st.Channel.Commit == c.Provenance.Commit && len(st.Release.Differing(to)) == 0 && slices.Equal(st.Release.Held(), to.Held()) {
		if out.State, err = s.settle(ctx, st, all); err == nil && st.Channel.Resumed != nil {
			used := out.State.Channel
			used.Resumed = nil // else it would allow a later rewriting of the branch
			out.State, err = s.rewrite(ctx, out.State, used)
		}
		return out, err
	}
	out.State, err = s.move(ctx, st, to, all, nil)
	out.Moved = err == nil
	return out, err
}

// Settle mends what a move of the deploy branch's channel that was cut off has left behind.
func (s *Store) Settle(ctx context.Context, st State) (State, error) { return s.settle(ctx, st, all) }

// Judge tells what is wrong with a commit where it differs from what is served.
func (s *Store) Judge(ctx context.Context, st State, c Commit) (found []finding.Finding, stop bool, err error) {
	in, err := s.coming(ctx, st, c)
	if err != nil || in.unread != nil {
		return in.unread, true, err
	}
	d, err := in.Decide(in.judge)
	return d.Findings, d.Stop, err
}

// resolve gives the release of a commit, built on the one that st serves: only customers that may differ are read.
func (s *Store) resolve(ctx context.Context, st State, c Commit) (release.Release, release.Decision, error) {
	in, err := s.coming(ctx, st, c)
	if err != nil || in.unread != nil {
		return release.Release{}, release.Decision{Findings: in.unread, Stop: true}, err
	}
	for {
		d, err := in.Decide(in.judge)
		if err != nil || d.Stop {
			return release.Release{}, d, err
		}
		now, unfit, err := s.pack(st.Release, in.Coming, d.Held, c.Limits)
		if err != nil {
			return release.Release{}, d, err
		}
		if len(unfit) == 0 {
			held := map[string]string{}
			for unit, reason := range d.Held {
				if s.behind(st, in.Coming, unit) {
					held[unit] = reason
				} else {
					now[unit] = st.Release.Digest(unit)
				}
			}
			return st.Release.Next(c.Provenance, now, held), d, nil
		}
		maps.Copy(in.Asked, unfit)
	}
}

// behind tells whether a unit that is held is served something else than the commit says, or is held by a person.
func (s *Store) behind(st State, in release.Coming, unit string) bool {
	_, asked := st.Channel.Holds[unit]
	return asked || !s.same(in, unit)
}

// same tells whether the files of a unit are, byte for byte, those that it is served.
func (s *Store) same(in release.Coming, unit string) bool {
	files, err := release.FilesOf(in.Tree, in.Layout, unit, "")
	if err != nil || len(files) != len(in.Served[unit].Configs) {
		return false
	}
	for _, f := range files {
		c, ok := in.Served[unit].Configs[f.Type]
		src, err := fs.ReadFile(in.Tree, f.Path)
		if !ok || err != nil || c.Path != f.Path || c.SHA256 != release.DigestOf(src) {
			return false
		}
	}
	return true
}

// pack makes the bundles of the units that are not held, and tells which cannot be stored.
func (s *Store) pack(from release.Release, in release.Coming, held map[string]string, limits document.Limits) (map[string]release.Digest, map[string]string, error) {
	now, unfit := map[string]release.Digest{}, map[string]string{}
	for _, unit := range in.Units {
		if _, is := held[unit]; is {
			continue
		}
		files, err := release.FilesOf(in.Tree, in.Layout, unit, "")
		if err != nil {
			return nil, nil, err
		}
		if len(files) == 0 {
			now[unit] = ""
			continue
		}
		b, err := release.Pack(unit, files, func(path string) ([]byte, error) { return fs.ReadFile(in.Tree, path) }, limits)
		if errors.Is(err, release.ErrUnfit) {
			unfit[unit] = err.Error()
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read the files of a customer: %w", err)
		}
		body, err := release.Encode(b)
		if err != nil {
			return nil, nil, err
		}
		if err := release.CheckSize(len(body)); err != nil {
			unfit[unit] = err.Error()
			continue
		}
		now[unit] = release.DigestOf(body)
		s.bundles[now[unit]] = b
		s.fresh[now[unit]] = now[unit] != from.Digest(unit)
	}
	return now, unfit, nil
}

// incoming is a commit with the judge that knows what it comes after.
type incoming struct {
	release.Coming
	judge  release.Judge
	unread []finding.Finding // why the commit's policy cannot be read; nil where it can
}

// coming works out in which units a commit differs from what is served.
func (s *Store) coming(ctx context.Context, st State, c Commit) (in incoming, err error) {
	p, found, err := policy.Read(c.Tree)
	if err != nil || p == nil {
		in.unread = append([]finding.Finding{}, found...)
		return in, err
	}
	in.Tree, in.Layout, in.Asked = c.Tree, p.Layout, map[string]string{}
	for unit, h := range st.Channel.Holds {
		in.Asked[unit] = fmt.Sprintf("held by %s: %s", h.By, h.Reason)
	}
	var old fs.FS
	if st.Channel.Exists() {
		old, in.Changes, err = c.Since(ctx, st.Channel.Commit)
		if errors.Is(err, fs.ErrNotExist) {
			old, in.Changes = nil, nil // it was rewritten, and somebody has resumed
		} else if err != nil {
			return in, err
		}
	}
	if err := in.differ(old, st.Release); err != nil {
		return in, err
	}
	var digests []release.Digest
	for _, unit := range in.Units {
		digests = append(digests, st.Release.Digest(unit))
	}
	if err := s.load(ctx, digests); err != nil {
		return in, err
	}
	in.Served = map[string]release.Bundle{}
	for _, unit := range in.Units {
		if b := s.bundles[st.Release.Digest(unit)]; b.Configs != nil {
			in.Served[unit] = b
		}
	}
	served, err := in.served(old, st.Release)
	if err != nil {
		return in, err
	}
	in.judge = func(tree fs.FS, changes []forge.Change) ([]finding.Finding, error) {
		return c.Judge(served, tree, changes)
	}
	return in, in.fit(st.Release)
}

// differ finds the units that may differ: those of changed paths and those that are held; all of them, where the commit has another policy
// than what is served.
func (in *incoming) differ(old fs.FS, from release.Release) error {
	units := from.Held()
	whole := old == nil
	if old != nil {
		before, _, err := policy.Read(old)
		if err != nil {
			return err
		}
		if whole = before == nil; before != nil {
			in.Before = before.Layout
		}
	}
	for _, ch := range in.Changes {
		whole = whole || ch.Path == policy.Path
		for _, layout := range []policy.Layout{in.Layout, in.Before} {
			if unit, ok := release.Unit(layout.Read(ch.Path)); ok {
				units = append(units, unit)
			}
		}
	}
	if whole {
		units = append(units, from.Units()...)
		files, err := in.files()
		if err != nil {
			return err
		}
		for _, f := range files {
			units = append(units, f.Customer)
		}
	}
	slices.Sort(units)
	in.Units = slices.Compact(units)
	return nil
}

// files gives all configs of the commit.
func (in *incoming) files() (all []policy.File, err error) {
	for _, kind := range []policy.Kind{policy.Config, policy.Shared} {
		if err := in.Layout.Find(in.Tree, policy.Query{Kind: kind}, func(f policy.File) bool { all = append(all, f); return true }); err != nil {
			return nil, fmt.Errorf("list files: %w", err)
		}
	}
	return all, nil
}

// served gives the tree that is served: the commit's, with what held units are served instead; and makes the changes those against it.
func (in *incoming) served(old fs.FS, from release.Release) (fs.FS, error) {
	if old == nil {
		return nil, nil
	}
	kept := map[string]release.Bundle{}
	for _, unit := range from.Held() {
		kept[unit] = in.Served[unit]
	}
	in.Changes = slices.DeleteFunc(slices.Clone(in.Changes), func(ch forge.Change) bool {
		unit, ok := release.Unit(in.Layout.Read(ch.Path))
		if !ok {
			unit, ok = release.Unit(in.Before.Read(ch.Path))
		}
		_, is := kept[unit]
		return ok && is
	})
	for unit, b := range kept {
		files, err := release.FilesOf(in.Tree, in.Layout, unit, "")
		if err != nil {
			return nil, err
		}
		if err := in.compare(files, b); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(in.Changes, func(a, b forge.Change) int { return strings.Compare(a.Path, b.Path) })
	return release.Keeping(old, in.Before, kept)
}

// compare adds the changes between what a unit is served and its files.
func (in *incoming) compare(files []policy.File, b release.Bundle) error {
	was := map[string]release.Config{}
	for _, config := range b.Configs {
		was[config.Path] = config
	}
	for _, f := range files {
		before, stood := was[f.Path]
		delete(was, f.Path)
		if !stood {
			in.Changes = append(in.Changes, forge.Change{Path: f.Path, Kind: forge.Added})
			continue
		}
		src, err := fs.ReadFile(in.Tree, f.Path)
		if f.Mode == 0 && err != nil {
			return err
		}
		if f.Mode != 0 || release.DigestOf(src) != before.SHA256 {
			in.Changes = append(in.Changes, forge.Change{Path: f.Path, Kind: forge.Modified})
		}
	}
	for path := range was {
		in.Changes = append(in.Changes, forge.Change{Path: path, Kind: forge.Removed})
	}
	return nil
}

// fit asks that units be held whose files cannot stand beside each other in a store.
func (in *incoming) fit(from release.Release) error {
	keys := map[string][]string{}
	likeFile := func(unit string) bool { return strings.Contains(unit+"/", ".yaml/") }
	// Else no two customers' files can meet, nor one lie below the other.
	if in.Layout.ManySegmentTypes() || slices.ContainsFunc(in.Units, likeFile) || slices.ContainsFunc(from.Units(), likeFile) {
		files, err := in.files()
		if err != nil {
			return err
		}
		for _, f := range files {
			keys[f.Customer] = append(keys[f.Customer], release.Key(f))
		}
	} else {
		for _, unit := range in.Units {
			files, err := release.FilesOf(in.Tree, in.Layout, unit, "")
			if err != nil {
				return err
			}
			for _, f := range files {
				keys[unit] = append(keys[unit], release.Key(f))
			}
		}
	}
	maps.Copy(in.Asked, release.Clashes(keys))
	return nil
}
