package worktree

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
)

// A NewFile is what is to stand in the place of a file.
type NewFile struct {
	Path     string // slash-separated, below the directory
	Was, Now []byte
	Mode     fs.FileMode
}

// staging is the directory, below the one that is changed, in which new contents wait. With a journal in it they replace the old
// ones, come what may; without one they are of no use.
const (
	staging = ".tamer-edit"
	journal = staging + "/journal"
	// journalMode is that of a journal. Git brings no file that its owner may not write: a journal that came with a branch would have files
	// of that branch take the place of any here, such as hooks of git.
	journalMode = 0o400
)

// Replace puts new contents in the place of files: all of them or none, also where it is interrupted, for Recover then finishes what
// had begun. A file that does not hold what it was is an error, and so is a ctx that ends before the first one is replaced.
// progress, which may be nil, is told how many are being prepared; calls do not overlap.
func Replace(ctx context.Context, dir string, files []NewFile, progress func(done, total int)) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the directory: %w", err)
	}
	defer root.Close()
	if err := root.Mkdir(staging, 0o700); err != nil {
		return fmt.Errorf("prepare the edits: %w; if no other tamer is at work, remove %s", err, filepath.Join(dir, staging))
	}
	paths, err := stage(ctx, root, files, progress)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		err = commit(root, paths)
	}
	if err != nil {
		return errors.Join(err, root.RemoveAll(staging))
	}
	return finish(root, paths)
}

// stage writes the new contents beside the old ones, by as many workers as there are processors.
func stage(ctx context.Context, root *os.Root, files []NewFile, progress func(done, total int)) ([]string, error) {
	beside, err := root.OpenRoot(staging)
	if err != nil {
		return nil, fmt.Errorf("prepare the edits: %w", err)
	}
	defer beside.Close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		next int
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(files) || ctx.Err() != nil {
			return 0, false
		}
		if next++; progress != nil {
			progress(next, len(files))
		}
		return next - 1, true
	}
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				if err := stageOne(root, beside, i, files[i]); err != nil {
					stop(err)
				}
			}
		})
	}
	wg.Wait()
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	return paths, context.Cause(ctx)
}

func stageOne(root, beside *os.Root, i int, f NewFile) error {
	info, err := root.Lstat(f.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	now, err := root.ReadFile(f.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	if !info.Mode().IsRegular() || !bytes.Equal(now, f.Was) {
		return fmt.Errorf("%s was changed meanwhile: start again", f.Path)
	}
	out, err := beside.OpenFile(strconv.Itoa(i), os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.Mode.Perm())
	if err != nil {
		return fmt.Errorf("write %s: %w", f.Path, err)
	}
	_, err = out.Write(f.Now)
	if err := errors.Join(err, out.Chmod(f.Mode.Perm()), out.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.Path, err)
	}
	return nil
}

func staged(i int) string { return staging + "/" + strconv.Itoa(i) }

// commit writes the journal, whole or not at all.
func commit(root *os.Root, paths []string) error {
	text, err := json.Marshal(paths)
	if err != nil {
		return err
	}
	f, err := root.OpenFile(journal+".new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, journalMode)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := root.Rename(journal+".new", journal); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

// finish replaces what the journal names and has not been replaced.
func finish(root *os.Root, paths []string) error {
	for i, path := range paths {
		if err := root.Rename(staged(i), path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("replace %s: %w; the next edit here tries again", path, err)
		}
	}
	if err := root.RemoveAll(staging); err != nil {
		return fmt.Errorf("remove %s: %w", staging, err)
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
	text, err := root.ReadFile(journal)
	if err != nil {
		return 0, fmt.Errorf("read the journal of an edit that was cut off: %w", err)
	}
	var paths []string
	if err := json.Unmarshal(text, &paths); err != nil {
		return 0, fmt.Errorf("read the journal of an edit that was cut off: %w", err)
	}
	return len(paths), finish(root, paths)
}
