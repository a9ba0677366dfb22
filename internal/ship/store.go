// Package ship brings releases into a store: in an order in which no reader sees a mix, under a fence that lets the last one who has
// begun write and nobody else, and so that every step may be done again. It is used by the flows and, by way of app, by the command line.
package ship

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
)

// A Point names a moment of a move: everything before it has happened, nothing after it has. A process may end at any.
type Point string

// The points of a move, in order.
const (
	Packed    Point = "deploy: bundles written"
	Released  Point = "deploy: release written"
	Journaled Point = "deploy: journal written"
	Removed   Point = "deploy: plain files removed"
	Writing   Point = "deploy: first plain files written"
	Written   Point = "deploy: plain files written"
	Moved     Point = "deploy: channel moved"
)

// Doomed is the moment of a collection at which its note is written, and nothing is removed yet.
const Doomed Point = "collection: note written"

// Config is all that a Store needs.
type Config struct {
	Sink  sink.Sink
	Owner release.Owner    // who works with the store
	Now   func() time.Time // required
	At    func(Point)      // called at each point; may be nil
	// Wait lets some time go by, or gives the error of ctx. Nil: by the clock of the machine.
	Wait func(ctx context.Context, d time.Duration) error
}

// A Store is a sink with what is known of it. It serves one piece of work, and is not safe for concurrent use.
type Store struct {
	sink    sink.Sink
	owner   release.Owner
	now     func() time.Time
	at      func(Point)
	wait    func(context.Context, time.Duration) error
	bundles map[release.Digest]release.Bundle // that were read or made
	fresh   map[release.Digest]bool           // that were made, and nobody has yet
}

// New makes a Store.
func New(cfg Config) (*Store, error) {
	if cfg.Sink == nil || cfg.Now == nil || cfg.Owner.Repository == "" {
		return nil, errors.New("ship: Config needs a Sink, an Owner and Now")
	}
	if cfg.At == nil {
		cfg.At = func(Point) {}
	}
	if cfg.Wait == nil {
		cfg.Wait = wait
	}
	return &Store{sink: cfg.Sink, owner: cfg.Owner, now: cfg.Now, at: cfg.At, wait: cfg.Wait, bundles: map[release.Digest]release.Bundle{}, fresh: map[release.Digest]bool{}}, nil
}

// A State is what a store says about one channel.
type State struct {
	Channel release.Channel // zero, but for its name, where there is none
	Release release.Release // that the channel points to
	Journal release.Journal

	version, journal sink.Version
}

// Interrupted tells whether a move of the channel was cut off among its plain files.
func (st State) Interrupted() bool { return st.Journal.Interrupted(st.Channel) }

// Same tells whether nothing was written to the channel or its journal between the readings of two states.
func (st State) Same(other State) bool {
	return st.version == other.version && st.journal == other.journal
}

// ErrForeign says that a store belongs to another repository. Its text names that.
var ErrForeign = errors.New("the store holds the configuration of another repository")

// Read gives the state of a channel. The error wraps ErrForeign where the store, or the channel, is another repository's.
func (s *Store) Read(ctx context.Context, channel string) (State, error) {
	st := State{}
	var err error
	if st.version, err = s.get(ctx, release.ChannelKey(channel), &st.Channel); err != nil {
		return st, err
	}
	if st.journal, err = s.get(ctx, release.JournalKey(channel), &st.Journal); err != nil {
		return st, err
	}
	st.Channel.Channel = channel
	if err := s.mine(ctx, st.Channel.Repository, st.Journal.Repository); err != nil {
		return st, err
	}
	if st.Channel.Exists() {
		st.Release, err = s.Release(ctx, st.Channel.Release)
	}
	return st, err
}

// mine tells whether objects that name these repositories are this store's: by the names, else by what the store knows of its owner.
func (s *Store) mine(ctx context.Context, names ...string) error {
	for _, name := range names {
		err := s.owns(release.Owner{Repository: name})
		if err == nil {
			continue
		}
		var o release.Owner
		if _, getErr := s.get(ctx, release.OwnerKey, &o); getErr != nil || o.ID == 0 || s.owner.ID == 0 {
			return errors.Join(err, getErr)
		}
		return s.owns(o)
	}
	return nil
}

// owns tells whether an owner is this store's: by the id where both have one, for names change. GitHub's names do not differ by case only.
func (s *Store) owns(o release.Owner) error {
	same := strings.EqualFold(o.Repository, s.owner.Repository)
	if o.ID != 0 && s.owner.ID != 0 {
		same = o.ID == s.owner.ID
	}
	if o.Repository == "" || same {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrForeign, o.Repository)
}

// own takes the store for its repository, before anything is written to it.
func (s *Store) own(ctx context.Context) error {
	for range 2 {
		var o release.Owner
		version, err := s.get(ctx, release.OwnerKey, &o)
		if err != nil {
			return err
		}
		if version != "" {
			return s.owns(o)
		}
		if _, err = s.put(ctx, release.OwnerKey, s.owner, sink.IfAbsent()); !errors.Is(err, sink.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("take the store for %s: %w", s.owner.Repository, sink.ErrConflict)
}

// OwnerOf tells which repository a store belongs to; an error that wraps ErrNothing where nobody has taken it yet.
func OwnerOf(ctx context.Context, opened sink.Sink) (o release.Owner, err error) {
	s := Store{sink: opened}
	version, err := s.get(ctx, release.OwnerKey, &o)
	if err == nil && version == "" {
		err = fmt.Errorf("%w: no repository was ever deployed to this store", ErrNothing)
	}
	return o, err
}

// Release reads a release. The error wraps fs.ErrNotExist where it is not kept any more.
func (s *Store) Release(ctx context.Context, d release.Digest) (r release.Release, err error) {
	key := release.ReleaseKey(d)
	body, _, err := s.sink.Get(ctx, key)
	if err != nil {
		return r, fmt.Errorf("read %s: %w", key, err)
	}
	return r, release.DecodeNamed(key, d, body, &r)
}

// load reads bundles that are not known yet, several at a time. One that is not there counts as empty: nothing was served by it.
func (s *Store) load(ctx context.Context, digests []release.Digest) error {
	digests = slices.DeleteFunc(slices.Clone(digests), func(d release.Digest) bool { _, known := s.bundles[d]; return known || d == "" })
	slices.Sort(digests)
	digests = slices.Compact(digests)
	var (
		mu      sync.Mutex
		running sync.WaitGroup
		errs    []error
	)
	for part := range slices.Chunk(digests, max(1, (len(digests)+readers-1)/readers)) {
		running.Go(func() {
			for _, d := range part {
				b, err := s.read(ctx, d)
				mu.Lock()
				if err != nil {
					errs = append(errs, err)
				}
				s.bundles[d] = b
				mu.Unlock()
			}
		})
	}
	running.Wait()
	if len(errs) > 0 {
		for _, d := range digests {
			delete(s.bundles, d)
		}
	}
	return errors.Join(errs...)
}

// readers is how many bundles are read at once.
const readers = 16

func (s *Store) read(ctx context.Context, d release.Digest) (b release.Bundle, err error) {
	key := release.BundleKey(d)
	body, _, err := s.sink.Get(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return b, fmt.Errorf("read %s: %w", key, err)
	}
	return b, release.DecodeNamed(key, d, body, &b)
}

// get decodes an object; into stays as it is, and the version is empty, where there is none.
func (s *Store) get(ctx context.Context, key string, into any) (sink.Version, error) {
	b, version, err := s.sink.Get(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", key, err)
	}
	return version, release.Decode(key, b, into)
}

func (s *Store) put(ctx context.Context, key string, v any, cond sink.Condition) (sink.Version, error) {
	b, err := release.Encode(v)
	if err != nil {
		return "", err
	}
	version, err := s.sink.Put(ctx, key, b, cond)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", key, err)
	}
	return version, nil
}

// unless is the condition that nobody has written since a version was read; empty for nothing.
func unless(seen sink.Version) sink.Condition {
	if seen == "" {
		return sink.IfAbsent()
	}
	return sink.IfVersion(seen)
}
