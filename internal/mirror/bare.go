package mirror

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tamerhq/tamer/internal/forge"
)

// refPrefix is where a mirror keeps what it fetched: refs/tamer/<commit>, one loose file each, because packed-refs are
// never written. The file is there only once git has seen that the commit and its whole history are; its time is when
// the commit was last asked for.
const refPrefix = "refs/tamer/"

// A bare is one mirror on disk, or the place for one. When the repository in it is found damaged, the next fetch puts
// a new one in its place, with a store of its own.
type bare struct {
	dir   string
	git   git // runs in the repository, shows no token
	blobs *atomic.Int64

	fetching chan struct{} // holds one token while somebody writes

	mu     sync.Mutex
	store  *store
	closed bool
}

func newBare(dir string, g git, blobs *atomic.Int64) *bare {
	b := &bare{dir: dir, git: g.in("GIT_DIR=" + dir), blobs: blobs, fetching: make(chan struct{}, 1)}
	b.store = newStore(b.git, dir, blobs)
	return b
}

// current is the store of the repository that is there now.
func (b *bare) current() *store {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.store
}

// close ends the git processes that read, now and for good.
func (b *bare) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.store.close()
}

// lock waits for the turn to write.
func (b *bare) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case b.fetching <- struct{}{}:
		return func() { <-b.fetching }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// exists tells whether the directory looks like a repository.
func (b *bare) exists() bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(b.dir, name)); err != nil {
			return false
		}
	}
	return true
}

// renew puts an empty repository in the place of what is there. It is made beside and renamed, so that a crash leaves
// a whole repository or none. Reads of the old one fail from now on. The caller holds the lock.
func (b *bare) renew(ctx context.Context, format string) error {
	b.current().close()
	parent, name := filepath.Split(b.dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return fmt.Errorf("make mirror: %w", err)
	}
	fresh, err := os.MkdirTemp(parent, name+newSuffix)
	if err != nil {
		return fmt.Errorf("make mirror: %w", err)
	}
	defer os.RemoveAll(fresh) // nothing is there after the rename
	g := b.git.in("GIT_DIR=" + fresh)
	if _, err := g.run(ctx, "", "init", "--quiet", "--bare", "--template=", "--object-format="+format); err != nil {
		return fmt.Errorf("make mirror: %w", err)
	}
	if err := b.clear(); err != nil {
		return err
	}
	if err := os.Rename(fresh, b.dir); err != nil {
		return fmt.Errorf("make mirror: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.store = newStore(b.git, b.dir, b.blobs)
	if b.closed { // meanwhile
		b.store.close()
	}
	return nil
}

// clear moves what is at the mirror's place aside, which is done at once or not at all, and removes it.
func (b *bare) clear() error {
	aside, err := os.MkdirTemp(filepath.Dir(b.dir), filepath.Base(b.dir)+oldSuffix)
	if err != nil {
		return fmt.Errorf("set mirror aside: %w", err)
	}
	err = os.Rename(b.dir, filepath.Join(aside, "repository"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("set mirror aside: %w", err)
	}
	if err := os.RemoveAll(aside); err != nil {
		return fmt.Errorf("remove damaged mirror: %w", err)
	}
	return nil
}

// What these end in was being made or removed. See removeLeftovers.
const (
	newSuffix = ".new-"
	oldSuffix = ".old-"
)

// removeLeftovers removes what a process that was killed left beside the mirrors in dir.
func removeLeftovers(dir string) error {
	for _, suffix := range []string{newSuffix, oldSuffix} {
		left, err := filepath.Glob(filepath.Join(globQuote(dir), "*", "*.git"+suffix+"*"))
		if err != nil {
			return err
		}
		for _, path := range left {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// globQuote makes a path stand for itself in filepath.Glob.
func globQuote(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// sweep removes what a killed fetch left: locks, which would stop the next one, and half packs. The caller holds the lock.
func (b *bare) sweep() error {
	for _, pattern := range []string{"*.lock", refPrefix + "*.lock", "objects/pack/tmp_*", "objects/pack/.tmp-*"} {
		left, err := filepath.Glob(filepath.Join(globQuote(b.dir), filepath.FromSlash(pattern)))
		if err != nil {
			return fmt.Errorf("sweep mirror: %w", err)
		}
		for _, path := range left {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("sweep mirror: %w", err)
			}
		}
	}
	return nil
}

// refFile is the file of the commit's ref.
func (b *bare) refFile(c forge.Commit) string {
	return filepath.Join(b.dir, filepath.FromSlash(refPrefix), string(c))
}
