// Package cachefile is a cache in one file: entries by key, the oldest of which go when there are too many. It may be
// lost at any time, and what cannot be read counts as lost.
package cachefile

import (
	"errors"
	"fmt"
	"maps"
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
	fresh map[[32]byte][]byte
	stale bool // an entry was used whose day is long ago
}

// Open opens the cache. One that is not there, or cannot be read, is empty.
func Open(cfg Config) *File {
	if cfg.Limit == 0 {
		cfg.Limit = 128 << 20
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	f := &File{path: cfg.Path, limit: cfg.Limit, now: cfg.Now, today: day(cfg.Now()), fresh: map[[32]byte][]byte{}}
	if t, err := openTable(cfg.Path, cfg.Limit); err == nil {
		f.old, f.used = t, make([]bool, t.len())
	}
	return f
}

func day(t time.Time) uint32 { return uint32(max(t.Unix(), 0) / (24 * 60 * 60)) }

// renewal is after how many days the use of an entry is worth writing the file for, when nothing else is.
const renewal = 7

// Get gives the entries of the keys that are there. Their values must not be changed.
func (f *File) Get(keys [][32]byte) map[[32]byte][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := make(map[[32]byte][]byte, len(keys))
	for _, key := range keys {
		if v, ok := f.fresh[key]; ok {
			found[key] = v
			continue
		}
		if f.old == nil {
			continue
		}
		i, ok := f.old.find(key)
		if !ok {
			continue
		}
		v, ok := f.old.value(i)
		if !ok {
			continue
		}
		found[key], f.used[i] = v, true
		f.stale = f.stale || f.old.day(i)+renewal < f.today
	}
	return found
}

// Put adds entries. They are written when the cache is closed.
func (f *File) Put(entries map[[32]byte][]byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.Copy(f.fresh, entries)
}

// Close writes what was added. An error means that the cache is as it was. Nothing may be asked of it any more.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.fresh) == 0 && !f.stale {
		return f.closeOld()
	}
	if err := f.write(); err != nil {
		return fmt.Errorf("write cache %s: %w", f.path, err)
	}
	return nil
}

// write makes the new file beside the old one and puts it in its place: a reader sees one of them, whole.
func (f *File) write() (err error) {
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f.clear()
	out, err := os.CreateTemp(dir, filepath.Base(f.path)+unfinished)
	if err != nil {
		return err
	}
	err = errors.Join(f.kept().writeTo(out), out.Close(), f.closeOld()) // some systems replace no file that is open
	if err == nil {
		err = os.Rename(out.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(out.Name()))
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

func (f *File) closeOld() error {
	if f.old == nil {
		return nil
	}
	err := f.old.close()
	f.old = nil
	return err
}
