// Package dir is a sink that is a directory: the object with the key "acme/segments.yaml" is the file of that path.
//
// Writings are atomic and durable: a temporary file is written and synced, renamed over the old one, and the
// directories on its way are synced. Writers, also of several processes, take turns by a lock on a file; readers never
// wait. The directory ".tamer/tmp" is the sink's own; no key may lie in it.
//
// The version of an object is the digest of its bytes, so files that another tool puts there are objects too. On a file
// system that ignores the case of names, or writes Unicode in one normal form, keys that differ only in that are one.
package dir

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/tamerhq/tamer/internal/sink"
)

const (
	private  = ".tamer/tmp"
	lockName = private + "/lock"
)

// A Sink keeps objects as files below one directory. It implements sink.Sink and is safe for concurrent use.
type Sink struct {
	root *os.Root // no key and no symbolic link leads out of it
	lock *lock
}

// Open gives the sink in the directory root, and creates that where it is missing. Temporary files that writers left
// there when they were killed, over an hour ago, are removed. The caller closes the sink.
func Open(root string) (*Sink, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, fmt.Errorf("create sink directory: %w", err)
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("open sink directory: %w", err)
	}
	s := &Sink{root: r}
	if s.lock, err = s.prepare(); err != nil {
		r.Close()
		return nil, fmt.Errorf("open sink directory %s: %w", root, err)
	}
	return s, nil
}

// Close frees what the sink holds open. No method may be running or be called later.
func (s *Sink) Close() error { return errors.Join(s.lock.close(), s.root.Close()) }

// Get implements sink.Sink.
func (s *Sink) Get(ctx context.Context, key string) ([]byte, sink.Version, error) {
	if err := check(ctx, key); err != nil {
		return nil, "", fmt.Errorf("get object: %w", err)
	}
	body, err := s.read(key)
	if err != nil {
		return nil, "", fmt.Errorf("get object %q: %w", key, err)
	}
	return body, version(body), nil
}

// Put implements sink.Sink. It refuses a key that lies below or above an existing one, for a path is either a file or
// a directory.
func (s *Sink) Put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	if err := sink.CheckPut(key, body); err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	if err := check(ctx, key); err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	err := s.put(ctx, key, body, cond)
	if err == nil {
		err = s.syncDirs(key)
	}
	if err != nil {
		return "", fmt.Errorf("put object %q: %w", key, err)
	}
	return version(body), nil
}

// Delete implements sink.Sink. It removes directories too that are empty then.
func (s *Sink) Delete(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return fmt.Errorf("delete object: %w", err)
	}
	err := s.delete(ctx, key)
	if err == nil {
		err = s.syncDirs(key)
	}
	if err != nil {
		return fmt.Errorf("delete object %q: %w", key, err)
	}
	return nil
}

func check(ctx context.Context, key string) error {
	if err := sink.CheckKey(key); err != nil {
		return err
	}
	if key == private || strings.HasPrefix(key, private+"/") {
		return fmt.Errorf("object key %q lies in %q, which the directory sink keeps for itself", key, private)
	}
	return ctx.Err()
}

// read gives the object's bytes.
func (s *Sink) read(key string) (body []byte, err error) {
	err = s.file(key, func(f io.Reader) error {
		body, err = sink.ReadBody(f)
		return err
	})
	return body, err
}

// digest gives the object's version and size, however large the file is.
func (s *Sink) digest(key string) (v sink.Version, size int64, err error) {
	sum := sha256.New()
	err = s.file(key, func(f io.Reader) error {
		size, err = io.Copy(sum, f)
		return err
	})
	return sink.Version(hex.EncodeToString(sum.Sum(nil))), size, err
}

// file has an object's file used. A directory is no object, nor is what would lie below a file.
func (s *Sink) file(key string, use func(io.Reader) error) error {
	f, err := s.root.Open(key)
	if err == nil {
		err = errors.Join(use(f), f.Close())
	}
	if errors.Is(err, syscall.EISDIR) || notDir(err) {
		return fs.ErrNotExist
	}
	return err
}

// notDir tells that a path leads through a file.
func notDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

// put leaves the names on the way to the key to be synced.
func (s *Sink) put(ctx context.Context, key string, body []byte, cond sink.Condition) error {
	if err := s.holds(key, cond); err != nil {
		return err // spares the work; what counts is asked again under the lock
	}
	temp, err := s.writeTemp(body)
	if err != nil {
		return err
	}
	err = s.lock.do(ctx, func() error {
		if err := s.holds(key, cond); err != nil {
			return err
		}
		return s.place(temp, key)
	})
	if err != nil {
		return errors.Join(err, s.root.Remove(temp))
	}
	return nil
}

// holds gives sink.ErrConflict where the condition does not hold.
func (s *Sink) holds(key string, cond sink.Condition) error {
	want, conditional := cond.Version()
	if !conditional && !cond.Absent() {
		return nil
	}
	there, _, err := s.digest(key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if conditional {
			return sink.ErrConflict
		}
		return nil
	case err != nil:
		return err
	case cond.Absent() || there != want:
		return sink.ErrConflict
	}
	return nil
}

// place renames the temporary file to the key's path, and makes the directories on its way.
func (s *Sink) place(temp, key string) error {
	if err := s.root.MkdirAll(path.Dir(key), 0o755); err != nil {
		if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("an object lies where the directory %q is needed; delete it first: %w", path.Dir(key), err)
		}
		return err
	}
	err := s.root.Rename(temp, key)
	if info, statErr := s.root.Lstat(key); err != nil && statErr == nil && info.IsDir() {
		return fmt.Errorf("objects lie below %q; delete them first: %w", key, err)
	}
	return err
}

// delete leaves the names on the way to the key to be synced.
func (s *Sink) delete(ctx context.Context, key string) error {
	return s.lock.do(ctx, func() error {
		info, err := s.root.Lstat(key)
		if errors.Is(err, fs.ErrNotExist) || notDir(err) || err == nil && info.IsDir() {
			return nil // no object
		}
		if err != nil {
			return err
		}
		if err := s.root.Remove(key); err != nil {
			return err
		}
		s.removeEmpty(path.Dir(key))
		return nil
	})
}

// removeEmpty removes the directory and those above it, up to the first that is not empty and never the root. What it
// cannot remove it leaves: an empty directory is only untidy.
func (s *Sink) removeEmpty(dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		info, err := s.root.Lstat(dir)
		if err != nil || !info.IsDir() || s.root.Remove(dir) != nil {
			return
		}
	}
}

func version(body []byte) sink.Version {
	sum := sha256.Sum256(body)
	return sink.Version(hex.EncodeToString(sum[:]))
}
