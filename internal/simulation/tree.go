package simulation

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// A tree is the files of a commit, as an fs.FS that tells git's names of the contents. No file is empty. It never changes, and is shared by
// all histories.
type tree struct {
	id      string
	files   map[string]string
	entries map[string]*entry // files and directories, by path
}

// trees are all that were made, by id.
var trees sync.Map

// treeOf gives the tree with these files, which are not changed afterwards.
func treeOf(files map[string]string) *tree {
	h := sha1.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		io.WriteString(h, name+"\x00"+files[name]+"\x00")
	}
	id := hex.EncodeToString(h.Sum(nil))
	if known, ok := trees.Load(id); ok {
		return known.(*tree)
	}
	t := &tree{id: id, files: files, entries: map[string]*entry{".": {name: "."}}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum := sha1.Sum([]byte(files[name]))
		e := &entry{name: path.Base(name), text: files[name], object: hex.EncodeToString(sum[:])}
		t.entries[name] = e
		for name != "." {
			name = path.Dir(name)
			dir, known := t.entries[name]
			if !known {
				dir = &entry{name: path.Base(name)}
				t.entries[name] = dir
			}
			dir.list = append(dir.list, e)
			if e = dir; known {
				break
			}
		}
	}
	for _, e := range t.entries {
		slices.SortFunc(e.list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	known, _ := trees.LoadOrStore(id, t)
	return known.(*tree)
}

// with gives the tree with some files changed, where "" removes one.
func (t *tree) with(changed map[string]string) *tree {
	files := maps.Clone(t.files)
	for name, text := range changed {
		if files[name] = text; text == "" {
			delete(files, name)
		}
	}
	return treeOf(files)
}

func (t *tree) find(op, name string) (*entry, error) {
	if e := t.entries[name]; e != nil {
		return e, nil
	}
	err := fs.ErrNotExist
	if !fs.ValidPath(name) {
		err = fs.ErrInvalid
	}
	return nil, &fs.PathError{Op: op, Path: name, Err: err}
}

// Entry gives what ReadDir would list.
func (t *tree) Entry(name string) (fs.DirEntry, error) {
	e, err := t.find("stat", name)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Stat implements fs.StatFS.
func (t *tree) Stat(name string) (fs.FileInfo, error) {
	e, err := t.find("stat", name)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// ReadDir implements fs.ReadDirFS.
func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := t.find("readdir", name)
	if err != nil {
		return nil, err
	}
	return slices.Clone(e.list), nil
}

// ReadFile implements fs.ReadFileFS.
func (t *tree) ReadFile(name string) ([]byte, error) {
	e, err := t.find("read", name)
	if err != nil {
		return nil, err
	}
	return []byte(e.text), nil
}

// Open implements fs.FS.
func (t *tree) Open(name string) (fs.File, error) {
	e, err := t.find("open", name)
	if err != nil {
		return nil, err
	}
	return &opened{entry: e, Reader: bytes.NewReader([]byte(e.text))}, nil
}

// An entry is a file or a directory, which has no text.
type entry struct {
	name, text, object string
	list               []fs.DirEntry
}

func (e *entry) Name() string               { return e.name }
func (e *entry) IsDir() bool                { return e.text == "" }
func (e *entry) Type() fs.FileMode          { return e.Mode().Type() }
func (e *entry) Info() (fs.FileInfo, error) { return e, nil }
func (e *entry) Size() int64                { return int64(len(e.text)) }
func (e *entry) ModTime() time.Time         { return time.Time{} }
func (e *entry) Sys() any                   { return e.object }

// Object is git's name of the content.
func (e *entry) Object() string { return e.object }

func (e *entry) Mode() fs.FileMode {
	if e.IsDir() {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

type opened struct {
	*entry
	*bytes.Reader
}

func (o *opened) Size() int64                { return o.entry.Size() }
func (o *opened) Stat() (fs.FileInfo, error) { return o.entry, nil }
func (o *opened) Close() error               { return nil }

// ReadDir implements fs.ReadDirFile for a caller that wants all.
func (o *opened) ReadDir(int) ([]fs.DirEntry, error) { return slices.Clone(o.list), nil }
