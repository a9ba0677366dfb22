// Package worktree gives the files of a directory as an fs.FS, with the names that git gives to their contents, and
// remembers these names from one run to the next: a file that nobody has touched is not read again.
package worktree

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"
)

// A Memory keeps what was learnt. It may forget anything.
type Memory interface {
	Get(keys [][32]byte) map[[32]byte][]byte
	Put(entries map[[32]byte][]byte)
}

// A Tree is the files below a directory, as os.DirFS gives them. What it lists, and what Lstat gives, has a method
// Object() string besides: the name of a regular file's content as mirror.Snapshot gives it in Sys, or "" for one that
// is not known until the file is read. It is safe for concurrent use.
//
// That a file is the one whose content was read is told by its size, its times of change and its inode. One that was
// changed a moment before it was read is read again: it could be changed once more within the same tick of the clock.
type Tree struct {
	fs.FS
	root   string
	memory Memory
	now    func() time.Time

	mu   sync.Mutex
	dirs map[string]*directory
}

var (
	_ fs.ReadDirFS  = (*Tree)(nil)
	_ fs.ReadFileFS = (*Tree)(nil)
	_ fs.StatFS     = (*Tree)(nil)
	_ fs.ReadLinkFS = (*Tree)(nil)
)

// New gives the files below the directory, an absolute path.
func New(dir string, memory Memory) *Tree {
	return &Tree{FS: os.DirFS(dir), root: dir, memory: memory, now: time.Now, dirs: map[string]*directory{}}
}

// Save hands to the memory what was learnt since the last Save.
func (t *Tree) Save() {
	t.mu.Lock()
	defer t.mu.Unlock()
	entries := map[[32]byte][]byte{}
	for name, d := range t.dirs {
		if d.changed {
			entries[t.key(name)] = d.encode()
			d.changed = false
		}
	}
	if len(entries) > 0 {
		t.memory.Put(entries)
	}
}

// key is what the memory has a directory under.
func (t *Tree) key(dir string) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "worktree 1\x00%s\x00%s", t.root, dir))
}

// directory gives what is known of a directory. The caller holds the lock.
func (t *Tree) directory(name string) *directory {
	d, ok := t.dirs[name]
	if !ok {
		key := t.key(name)
		d = decode(t.memory.Get([][32]byte{key})[key])
		t.dirs[name] = d
	}
	return d
}

// Stat follows links.
func (t *Tree) Stat(name string) (fs.FileInfo, error) { return fs.Stat(t.FS, name) }

// ReadLink gives what the link says.
func (t *Tree) ReadLink(name string) (string, error) { return fs.ReadLink(t.FS, name) }

// Lstat follows no link at the end of the name.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	info, err := fs.Lstat(t.FS, name)
	if err != nil {
		return nil, err
	}
	return fileInfo{info, t.object(name, info)}, nil
}

// ReadDir lists a directory.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(t.FS, name)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		list[i] = dirEntry{e, t, path.Join(name, e.Name())}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.directory(name).forgetAllBut(list)
	return list, nil
}

// ReadFile reads a file, and remembers the name of its content.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	f, err := t.FS.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return nil, err
	}
	src := make([]byte, 0, before.Size()+1) // one more, so that the end is met without growing
	for {
		n, err := f.Read(src[len(src):cap(src)])
		src = src[:len(src)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(src) == cap(src) {
			src = append(src, 0)[:len(src)]
		}
	}
	if after, err := f.Stat(); err == nil {
		t.learn(name, before, after, src)
	}
	return src, nil
}

// object gives the name of the content of the file at the path, where it is known.
func (t *Tree) object(name string, info fs.FileInfo) string {
	now, ok := stampOf(info)
	if !ok || !info.Mode().IsRegular() {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.directory(path.Dir(name)).files[path.Base(name)]
	if !ok || m.stamp != now {
		return ""
	}
	return hex.EncodeToString(m.object[:])
}

// settled is how long a file must have been left alone to be known again: longer than a tick of any file system's clock,
// the coarsest of which, FAT's, is two seconds.
const settled = 3 * time.Second

// learn remembers the content of a file, if nobody changed it meanwhile or is likely to be at it.
func (t *Tree) learn(name string, before, after fs.FileInfo, src []byte) {
	first, ok := stampOf(before)
	last, ok2 := stampOf(after)
	young := t.now().Add(-settled).UnixNano()
	if !ok || !ok2 || first != last || !after.Mode().IsRegular() || int64(len(src)) != last.size || last.mtime > young || last.ctime > young {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.directory(path.Dir(name))
	d.files[path.Base(name)] = mark{stamp: last, object: Object(src)}
	d.changed = true
}

// Object gives the name of a content in a repository of SHA-1 names.
func Object(src []byte) [sha1.Size]byte {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(src))
	h.Write(src)
	return [sha1.Size]byte(h.Sum(nil))
}

// A dirEntry knows where the name of its content may be known.
type dirEntry struct {
	fs.DirEntry
	tree *Tree
	path string
}

// Object asks for the file's times, and reads nothing.
func (e dirEntry) Object() string {
	if !e.Type().IsRegular() {
		return ""
	}
	info, err := e.DirEntry.Info()
	if err != nil {
		return ""
	}
	return e.tree.object(e.path, info)
}

func (e dirEntry) Info() (fs.FileInfo, error) {
	info, err := e.DirEntry.Info()
	if err != nil {
		return nil, err
	}
	return fileInfo{info, e.tree.object(e.path, info)}, nil
}

// A fileInfo has the name of the file's content.
type fileInfo struct {
	fs.FileInfo
	object string
}

func (i fileInfo) Object() string { return i.object }
