package ship

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
)

// A Drift is how the plain files and the bundles of production differ from what its channel says; keys, sorted.
type Drift struct {
	Missing []string
	Changed []string
	Extra   []string         // that no release has put there
	Lost    []release.Digest // bundles that are not there
}

// None tells whether there is no difference.
func (d Drift) None() bool {
	return len(d.Missing)+len(d.Changed)+len(d.Extra)+len(d.Lost) == 0
}

// settled is how long after a move its own writes may still be dated: clocks of stores differ. recent is how young a file is that is read
// whatever the last move was: one that came late may have written it, and a store is looked after once a day.
const (
	settled = 15 * time.Minute
	recent  = 48 * time.Hour
)

// Drift compares the store with what its channel says. It lists the store once and reads every bundle that is served, but only those plain
// files that were written after the last move or in the last two days; of the others it compares the sizes.
func (s *Store) Drift(ctx context.Context, st State) (Drift, error) {
	quiet := st.Channel.UpdatedAt.Add(settled)
	if since := s.now().Add(-recent); since.Before(quiet) {
		quiet = since
	}
	return s.compare(ctx, st, quiet)
}

// Compare is Drift that reads every plain file: also those that whoever looks once a day has read before.
func (s *Store) Compare(ctx context.Context, st State) (Drift, error) {
	return s.compare(ctx, st, time.Time{})
}

// compare reads the plain files that were written since.
func (s *Store) compare(ctx context.Context, st State, since time.Time) (d Drift, err error) {
	if !st.Channel.Exists() {
		return d, nil
	}
	wanted, err := s.expected(ctx, st, &d)
	if err != nil {
		return d, err
	}
	var doubts []doubt
	for o, err := range s.sink.List(ctx, "") {
		if err != nil {
			return d, fmt.Errorf("list the store: %w", err)
		}
		if strings.HasPrefix(o.Key, ".") && !strings.HasPrefix(o.Key, ".shared/") {
			continue
		}
		f, ok := wanted[o.Key]
		if delete(wanted, o.Key); !ok {
			if unit := unitOf(st.Release, o.Key); !slices.Contains(d.Lost, st.Release.Digest(unit)) { // else nobody can tell
				d.Extra = append(d.Extra, o.Key)
			}
			continue
		}
		switch {
		case o.Size != int64(len(f.Body)):
			d.Changed = append(d.Changed, o.Key)
		case !o.ModTime.Before(since):
			doubts = append(doubts, doubt{o.Key, f.SHA256})
		}
	}
	d.Missing = slices.Sorted(maps.Keys(wanted))
	others, err := s.others(ctx, doubts)
	d.Changed = slices.Sorted(slices.Values(append(d.Changed, others...)))
	return d, err
}

// expected gives the plain files that production should have, and notes the bundles that are lost.
func (s *Store) expected(ctx context.Context, st State, d *Drift) (release.Plain, error) {
	wanted := release.Plain{}
	for part := range slices.Chunk(st.Release.Units(), group) {
		begun := s.now()
		var digests []release.Digest
		for _, unit := range part {
			digests = append(digests, st.Release.Digest(unit))
		}
		if err := s.load(ctx, digests); err != nil {
			return nil, err
		}
		for _, digest := range digests {
			if digest != "" && s.bundles[digest].Configs == nil {
				d.Lost = append(d.Lost, digest)
			}
			maps.Copy(wanted, s.bundles[digest].Plain())
			delete(s.bundles, digest) // all of them would be all that is served
		}
		if err := s.pace(ctx, begun, len(part)); err != nil {
			return nil, err
		}
	}
	slices.Sort(d.Lost)
	return wanted, nil
}

// compared is how many objects a comparison reads in a second at most, so that it holds up nobody who reads the store.
const compared = 500

// pace holds back who has read a whole group since begun.
func (s *Store) pace(ctx context.Context, begun time.Time, reads int) error {
	ahead := time.Duration(reads)*time.Second/compared - s.now().Sub(begun)
	if reads < group || ahead <= 0 {
		return nil
	}
	if err := s.wait(ctx, ahead); err != nil {
		return fmt.Errorf("compare the store: %w", err)
	}
	return nil
}

// A doubt is a plain file that is as long as it should be, and must be read to know more.
type doubt struct {
	key  string
	want release.Digest
}

// others gives the keys of those files that are other than they should be. It reads several at a time.
func (s *Store) others(ctx context.Context, doubts []doubt) ([]string, error) {
	var mu sync.Mutex
	var found []string
	for part := range slices.Chunk(doubts, group) {
		begun := s.now()
		err := sink.Each(part, func(d doubt) error {
			body, _, err := s.sink.Get(ctx, d.key)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("read %s: %w", d.key, err)
			}
			if err != nil || release.DigestOf(body) != d.want {
				mu.Lock()
				defer mu.Unlock()
				found = append(found, d.key)
			}
			return nil
		})
		if err = errors.Join(err, s.pace(ctx, begun, len(part))); err != nil {
			return found, err
		}
	}
	return found, nil
}

// Repair writes the plain files of a Drift again, or removes them, under the fence of a deploy. Bundles are for Restore.
func (s *Store) Repair(ctx context.Context, st State, d Drift) (State, error) {
	c := chore{touched: map[string][]string{}}
	for _, key := range slices.Concat(d.Missing, d.Changed, d.Extra) {
		unit := unitOf(st.Release, key)
		c.touched[unit] = append(c.touched[unit], key)
	}
	if len(c.touched) == 0 {
		return st, nil
	}
	if err := s.noteLate(ctx, release.Production, c); err != nil {
		return st, err
	}
	st, err := s.Read(ctx, release.Production)
	if err != nil {
		return st, err
	}
	return s.Settle(ctx, st)
}

// unitOf gives the customer whose plain file stands under a key: of several the one with the longest name.
func unitOf(r release.Release, key string) string {
	if strings.HasPrefix(key, ".shared/") {
		return release.Shared
	}
	for name := path.Dir(key); name != "."; name = path.Dir(name) {
		if _, ok := r.Customers[name]; ok {
			return name
		}
	}
	return path.Dir(key)
}

// Restore makes lost bundles anew from the commits that they are of. tree gives the files of a commit; what cannot be made as it was stays
// lost, and is given.
func (s *Store) Restore(ctx context.Context, st State, lost []release.Digest, tree func(context.Context, State, string) (fs.FS, error), limits document.Limits) ([]release.Digest, error) {
	var still []release.Digest
	for _, unit := range st.Release.Units() {
		d := st.Release.Digest(unit)
		if !slices.Contains(lost, d) {
			continue
		}
		body, err := s.remake(ctx, st, unit, tree, limits)
		if err != nil {
			return still, err
		}
		if release.DigestOf(body) != d {
			still = append(still, d)
			continue
		}
		if _, err := s.sink.Put(ctx, release.BundleKey(d), body, sink.Always); err != nil {
			return still, fmt.Errorf("write %s: %w", release.BundleKey(d), err)
		}
	}
	return still, nil
}

func (s *Store) remake(ctx context.Context, st State, unit string, tree func(context.Context, State, string) (fs.FS, error), limits document.Limits) ([]byte, error) {
	files, err := tree(ctx, st, unit)
	if err != nil {
		return nil, err
	}
	p, _, err := policy.Read(files)
	if err != nil || p == nil {
		return nil, err
	}
	theirs, err := release.FilesOf(files, p.Layout, unit, "")
	if err != nil {
		return nil, err
	}
	b, err := release.Pack(unit, theirs, func(path string) ([]byte, error) { return fs.ReadFile(files, path) }, limits)
	if errors.Is(err, release.ErrUnfit) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return release.Encode(b)
}
