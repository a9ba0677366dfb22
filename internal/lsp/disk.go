package lsp

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/tamerhq/tamer/internal/worktree"
)

// errMoved says that a file is not the one any more that its directory was listed with.
var errMoved = errors.New("the file has changed meanwhile")

// A disk is the files below a directory as they were when each was first listed. It knows git's name of every content, so that
// nothing is read twice, and forgets a directory when it is told that something has changed there. Safe for concurrent use.
type disk struct {
	*worktree.Tree

	mu   sync.Mutex
	dirs map[string][]fs.DirEntry
}

func newDisk(root string, memory worktree.Memory) *disk {
	return &disk{Tree: worktree.New(root, memory), dirs: map[string][]fs.DirEntry{}}
}

// An entry is a file or directory as it was listed.
type entry struct {
	fs.DirEntry
	object string
}

// Object is git's name of the content; "" for a directory, and what cannot be read.
func (e entry) Object() string { return e.object }

// forget has the directory of a file listed anew, and those above it, which may be new themselves; all of them for "".
func (d *disk) forget(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name == "" {
		clear(d.dirs)
		return
	}
	delete(d.dirs, name) // if it was a directory
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		delete(d.dirs, dir)
		if dir == "." {
			return
		}
	}
}

// ReadDir lists a directory.
func (d *disk) ReadDir(name string) ([]fs.DirEntry, error) {
	d.mu.Lock()
	list, known := d.dirs[name]
	d.mu.Unlock()
	if known {
		return list, nil
	}
	read, err := d.Tree.ReadDir(name)
	if err != nil {
		return nil, err
	}
	list = make([]fs.DirEntry, len(read))
	for i, e := range read {
		list[i] = entry{e, d.object(path.Join(name, e.Name()), e)}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dirs[name] = list
	return list, nil
}

// maxHashed is the size in bytes above which a content is not read to name it: it is more than anything judges.
const maxHashed = 64 << 20

// object gives the name of a content, by reading the file where it is not remembered.
func (d *disk) object(name string, e fs.DirEntry) string {
	if !e.Type().IsRegular() {
		return ""
	}
	if o, ok := e.(interface{ Object() string }); ok {
		if known := o.Object(); known != "" {
			return known
		}
	}
	if info, err := e.Info(); err != nil || info.Size() > maxHashed {
		return ""
	}
	src, err := d.Tree.ReadFile(name)
	if err != nil {
		return ""
	}
	return objectOf(src)
}

func objectOf(src []byte) string {
	sum := worktree.Object(src)
	return hex.EncodeToString(sum[:])
}

// Entry gives what the directory of a file lists for it.
func (d *disk) Entry(name string) (fs.DirEntry, error) {
	if name == "." {
		info, err := d.Lstat(name)
		if err != nil {
			return nil, err
		}
		return fs.FileInfoToDirEntry(info), nil
	}
	return entryIn(d, name)
}

// entryIn looks a name up in the list of its directory.
func entryIn(tree fs.ReadDirFS, name string) (fs.DirEntry, error) {
	list, err := tree.ReadDir(path.Dir(name))
	if err != nil {
		return nil, err
	}
	if at, ok := slices.BinarySearchFunc(list, path.Base(name), compareName); ok {
		return list[at], nil
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

func compareName(e fs.DirEntry, name string) int { return strings.Compare(e.Name(), name) }

// ReadFile reads a file. The error wraps errMoved where its content is not the one that was listed.
func (d *disk) ReadFile(name string) ([]byte, error) {
	src, err := d.Tree.ReadFile(name)
	if err != nil {
		return nil, err
	}
	listed, err := d.Entry(name)
	if err != nil {
		return nil, err
	}
	if e, ok := listed.(entry); ok && e.object != "" && e.object != objectOf(src) {
		d.forget(name)
		return nil, fmt.Errorf("read %s: %w", name, errMoved)
	}
	return src, nil
}
