// Package cachefile is a cache in one file: entries by key, the oldest of which go when there are too many. It may be
// lost at any time, and what cannot be read counts as lost.
package cachefile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Config says where the cache is, and how large it may become.
type Config struct {
	// Path is the file. Its directory is made where it is missing. Required.
	Path string
	// Limit is the size of the file in bytes above which entries that were not used for the longest time are left out.
	// Default 128 MiB.
	Limit int64
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// forgotten is how long an entry may lie unused.
const forgotten = 30 * 24 * time.Hour

// A File is an open cache. It is safe for concurrent use, and several processes may use the same path: each sees the file as
// it was when it opened it, and of two that close at once one is heard.
type File struct {
	path  string
	limit int64
	now   func() time.Time
	today uint32 // days since 1970

	mu    sync.Mutex
	old   *table // nil: nothing
	used  []bool // by place in old
	stale bool   // an entry was used whose day is long ago
	fresh map[[32]byte]place
	next  *writing // the file that takes the place of the old one; nil: nothing was added yet
	lost  error    // why nothing more can be added
}

// Open opens the cache. One that is not there, or cannot be read, is empty.
func Open(cfg Config) *File {
	if cfg.Limit == 0 {
		cfg.Limit = 128 << 20
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	f := &File{path: cfg.Path, limit: cfg.Limit, now: cfg.Now, today: day(cfg.Now()), fresh: map[[32]byte]place{}}
	if t, err := openTable(cfg.Path, cfg.Limit); err == nil {
		f.old, f.used = t, make([]bool, t.len())
	}
	return f
}

func day(t time.Time) uint32 { return uint32(max(t.Unix(), 0) / (24 * 60 * 60)) }

// renewal is after how many days the use of an entry is worth writing the file for, when nothing else is.
const renewal = 7

// Get gives the entries of the keys that are there.
func (f *File) Get(keys [][32]byte) map[[32]byte][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := make(map[[32]byte][]byte, len(keys))
	for _, key := range keys {
		if v, ok := f.get(key); ok {
			found[key] = v
		}
	}
	return found
}

func (f *File) get(key [32]byte) ([]byte, bool) {
	if p, ok := f.fresh[key]; ok {
		return p.read(f.next.file)
	}
	if f.old == nil {
		return nil, false
	}
	i, ok := f.old.find(key)
	if !ok {
		return nil, false
	}
	v, ok := f.old.value(i)
	if ok {
		f.used[i] = true
		f.stale = f.stale || f.old.day(i)+renewal < f.today
	}
	return v, ok
}

// Put adds entries, as long as they alone are no more than the cache may hold. They are there for others once it is closed.
func (f *File) Put(entries map[[32]byte][]byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost != nil {
		return
	}
	if f.lost = f.begin(); f.lost != nil {
		return
	}
	for key, v := range entries {
		if f.next.size+int64(len(v))+rowSize > f.limit {
			break
		}
		f.fresh[key] = f.next.add(v)
	}
	f.lost = f.next.flush()
}

// begin makes the next file, beside the old one: a reader sees one of them, whole.
func (f *File) begin() error {
	if f.next != nil {
		return nil
	}
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f.clear()
	file, err := os.CreateTemp(dir, filepath.Base(f.path)+unfinished)
	if err != nil {
		return err
	}
	f.next = &writing{file: file, at: headSize, size: headSize}
	return nil
}

// Close puts the next file in the place of the old one, if something was added. An error means that the cache is as it was.
// Nothing may be asked of it any more.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost == nil && f.stale {
		f.lost = f.begin()
	}
	err := f.lost
	if f.next != nil {
		if err == nil {
			err = f.next.finish(f.old, f.kept())
		}
		err = errors.Join(err, f.next.file.Close())
	}
	if f.old != nil {
		err = errors.Join(err, f.old.close()) // some systems replace no file that is open
	}
	if f.next != nil {
		if err == nil {
			err = os.Rename(f.next.file.Name(), f.path)
		}
		if err != nil {
			err = errors.Join(err, os.Remove(f.next.file.Name()))
		}
	}
	if err != nil {
		return fmt.Errorf("write cache %s: %w", f.path, err)
	}
	return nil
}

// unfinished is what the names of files end in that are being written.
const unfinished = ".*.new"

// clear removes what processes that were killed have left half written.
func (f *File) clear() {
	left, _ := filepath.Glob(f.path + unfinished) // no pattern of our own making is wrong; a strange path has none left
	for _, name := range left {
		if info, err := os.Lstat(name); err == nil && f.now().Sub(info.ModTime()) > time.Hour {
			_ = os.Remove(name) // in the way of nothing
		}
	}
}
