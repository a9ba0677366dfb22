package worktree

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tamerhq/tamer/internal/parallel"
)

// A NewFile is what is to stand in the place of a file.
type NewFile struct {
	Path     string // slash-separated, below the directory
	Was, Now []byte
}

// staging is the directory, below the one that is changed, that keeps a second edit out. The journal in it is a tar archive of the new
// contents: once it is there they replace the old ones, come what may.
const (
	staging = ".tamer-edit"
	journal = staging + "/journal"
	// journalMode is that of a journal. Git brings no file that its owner may not write: a journal that came with a branch would have files
	// of that branch take the place of any here, such as hooks of git.
	journalMode = 0o400
)

// Replace puts new contents in the place of files: of all of them or none, also where it is interrupted, for Recover then finishes
// what had begun. Files keep their modes, and other names of theirs. One that does not hold what it was, or may not be written, is an
// error, and so is a ctx that ends before the first one is replaced. progress, which may be nil, is told how many are being prepared;
// calls do not overlap.
func Replace(ctx context.Context, dir string, files []NewFile, progress func(done, total int)) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the directory: %w", err)
	}
	defer root.Close()
	if err := root.Mkdir(staging, 0o700); err != nil {
		return fmt.Errorf("prepare the edits: %w; if no other tamer is at work, remove %s", err, filepath.Join(dir, staging))
	}
	err = parallel.Each(files, pathOf, parallel.Options{Progress: progress}, func(_ int, f NewFile) error {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		return unchanged(root, f)
	})
	if err == nil {
		err = commit(root, files)
	}
	if err != nil {
		return errors.Join(err, root.RemoveAll(staging))
	}
	return finish(root, files)
}

func pathOf(f NewFile) string { return f.Path }

// unchanged is nil for a file that holds what it was, and can be written.
func unchanged(root *os.Root, f NewFile) error {
	info, err := root.Lstat(f.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s was changed meanwhile: start again", f.Path)
	}
	there, err := root.OpenFile(f.Path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open %s to write it: %w", f.Path, err)
	}
	now := make([]byte, len(f.Was)+1)
	n, err := io.ReadFull(there, now)
	if err := there.Close(); err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	switch {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("read %s: %w", f.Path, err)
	case !bytes.Equal(now[:n], f.Was):
		return fmt.Errorf("%s was changed meanwhile: start again", f.Path)
	}
	return nil
}

// commit writes the journal, whole or not at all.
func commit(root *os.Root, files []NewFile) error {
	f, err := root.OpenFile(journal+".new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, journalMode)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := errors.Join(archive(f, files), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := root.Rename(journal+".new", journal); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

func archive(w io.Writer, files []NewFile) error {
	buffered := bufio.NewWriterSize(w, 1<<20)
	out := tar.NewWriter(buffered)
	for _, f := range files {
		if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.Path, Size: int64(len(f.Now)), Mode: 0o600}); err != nil {
			return err
		}
		if _, err := out.Write(f.Now); err != nil {
			return err
		}
	}
	return errors.Join(out.Close(), buffered.Flush())
}

// read gives what the journal holds; Was is not known of it.
func read(root *os.Root) ([]NewFile, error) {
	f, err := root.Open(journal)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var files []NewFile
	for in := tar.NewReader(bufio.NewReader(f)); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		now, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		files = append(files, NewFile{Path: h.Name, Now: now})
	}
}

// finish replaces the files of the journal, and then removes it.
func finish(root *os.Root, files []NewFile) error {
	if err := parallel.Each(files, pathOf, parallel.Options{}, func(_ int, f NewFile) error { return overwrite(root, f) }); err != nil {
		return err
	}
	if err := root.RemoveAll(staging); err != nil {
		return fmt.Errorf("remove %s: %w", staging, err)
	}
	return nil
}

// overwrite writes over a file: to put another one in its place takes twenty times as long, and here the journal already sees to it
// that it is written whole. One that has been removed since stays so.
func overwrite(root *os.Root, f NewFile) error {
	out, err := root.OpenFile(f.Path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		_, err = out.Write(f.Now)
		err = errors.Join(err, out.Truncate(int64(len(f.Now))), out.Close())
	}
	if err != nil {
		return fmt.Errorf("write %s: %w; the next edit here tries again", f.Path, err)
	}
	return nil
}

// Recover finishes a Replace that was cut off, or undoes what it had prepared. It tells how many files it replaced.
func Recover(dir string) (int, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, fmt.Errorf("open the directory: %w", err)
	}
	defer root.Close()
	if info, err := root.Lstat(staging); err != nil || !info.IsDir() {
		return 0, nil
	}
	info, err := root.Lstat(journal)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, root.RemoveAll(staging)
	}
	if err == nil && (!info.Mode().IsRegular() || info.Mode().Perm()&0o222 != 0) {
		return 0, fmt.Errorf("%s was not left behind by an edit here, it came with the files: remove it, and ask who has committed it", filepath.Join(dir, staging))
	}
	files, err := read(root)
	if err != nil {
		return 0, fmt.Errorf("read the journal of an edit that was cut off: %w", err)
	}
	return len(files), finish(root, files)
}
