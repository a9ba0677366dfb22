package dir

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
	"time"
)

const (
	tempPrefix = private + "/put-"
	// tempAge is how old a temporary file must be to be taken for one that its writer cannot finish any more.
	tempAge = time.Hour
)

// prepare makes the sink's own directory, opens the lock and removes what killed writers left.
func (s *Sink) prepare() (*lock, error) {
	if err := s.root.MkdirAll(private, 0o755); err != nil {
		return nil, err
	}
	if err := s.removeLeftovers(time.Now()); err != nil {
		return nil, err
	}
	f, err := s.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	return newLock(f), nil
}

func (s *Sink) removeLeftovers(now time.Time) error {
	entries, err := fs.ReadDir(s.root.FS(), private)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(private, e.Name())
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // its writer lives, and has just renamed it
		}
		if err != nil {
			return err
		}
		if !strings.HasPrefix(name, tempPrefix) || now.Sub(info.ModTime()) < tempAge {
			continue
		}
		if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// writeTemp writes the body to a new temporary file, syncs it, and gives its path.
func (s *Sink) writeTemp(body []byte) (string, error) {
	name := tempPrefix + rand.Text()
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, s.root.Remove(name))
	}
	return name, nil
}

// syncDirs makes the names on the way from the root to the key durable. All of them, for the process that made a
// directory may have died before it synced the one above.
func (s *Sink) syncDirs(key string) error {
	for dir := range dirsAbove(key) {
		if err := s.syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sink) syncDir(dir string) error {
	f, err := s.root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil // a later Delete has removed it, and syncs what is above
	}
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err != nil {
		return fmt.Errorf("sync directory %q: %w", dir, err)
	}
	return nil
}
