package lsp

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"
)

// A buffer is a document that is open in the editor. It is not changed: an edit makes another one.
type buffer struct {
	uri     string
	version int
	text    string
	object  string
}

func newBuffer(uri string, version int, text string) *buffer {
	return &buffer{uri, version, text, objectOf([]byte(text))}
}

// An overlay is the files of a disk with what is in the editor and not saved yet. It is not changed, and safe for concurrent use.
type overlay struct {
	*disk
	open map[string]*buffer
	more map[string][]string // by directory: what it holds besides, as far as open documents tell
}

func newOverlay(d *disk, open map[string]*buffer) *overlay {
	o := &overlay{disk: d, open: maps.Clone(open), more: map[string][]string{}}
	for _, name := range slices.Sorted(maps.Keys(open)) {
		for below := name; below != "."; below = path.Dir(below) {
			dir := path.Dir(below)
			if slices.Contains(o.more[dir], path.Base(below)) {
				break
			}
			o.more[dir] = append(o.more[dir], path.Base(below))
		}
	}
	return o
}

// An unsaved is a document as a file.
type unsaved struct {
	name string
	*buffer
}

func (u unsaved) Name() string               { return u.name }
func (u unsaved) IsDir() bool                { return u.buffer == nil }
func (u unsaved) Type() fs.FileMode          { return u.Mode().Type() }
func (u unsaved) Info() (fs.FileInfo, error) { return u, nil }
func (u unsaved) ModTime() time.Time         { return time.Time{} }
func (u unsaved) Sys() any                   { return nil }

func (u unsaved) Mode() fs.FileMode {
	if u.buffer == nil { // a directory that only the document needs
		return fs.ModeDir | 0o755
	}
	return 0o644
}

func (u unsaved) Size() int64 {
	if u.buffer == nil {
		return 0
	}
	return int64(len(u.text))
}

func (u unsaved) Object() string {
	if u.buffer == nil {
		return ""
	}
	return u.object
}

// ReadDir lists a directory with what is open in it.
func (o *overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := o.disk.ReadDir(name)
	more := o.more[name]
	if len(more) == 0 {
		return list, err
	}
	list = slices.Clone(list) // none where the directory is not there
	for _, base := range more {
		u := unsaved{base, o.open[path.Join(name, base)]}
		at, there := slices.BinarySearchFunc(list, base, compareName)
		switch {
		case !there:
			list = slices.Insert(list, at, fs.DirEntry(u))
		case u.buffer != nil && !list[at].IsDir() && list[at].Type().IsRegular():
			list[at] = u
		}
	}
	return list, nil
}

// Entry gives what the directory of a file lists for it.
func (o *overlay) Entry(name string) (fs.DirEntry, error) {
	if b := o.open[name]; b == nil && o.more[name] == nil && o.more[path.Dir(name)] == nil {
		return o.disk.Entry(name)
	}
	if name == "." {
		return o.disk.Entry(name)
	}
	return entryIn(o, name)
}

// shown gives the document that stands for a file; nil where that is the file itself, or a link.
func (o *overlay) shown(name string) *unsaved {
	if o.open[name] == nil && o.more[name] == nil {
		return nil
	}
	e, err := o.Entry(name)
	if u, ok := e.(unsaved); err == nil && ok {
		return &u
	}
	return nil
}

// ReadFile reads a file.
func (o *overlay) ReadFile(name string) ([]byte, error) {
	if u := o.shown(name); u != nil && u.buffer != nil {
		return []byte(u.text), nil
	}
	return o.disk.ReadFile(name)
}

// Stat follows links.
func (o *overlay) Stat(name string) (fs.FileInfo, error) {
	if u := o.shown(name); u != nil {
		return *u, nil
	}
	return o.disk.Stat(name)
}

// Lstat follows no link.
func (o *overlay) Lstat(name string) (fs.FileInfo, error) {
	if u := o.shown(name); u != nil {
		return *u, nil
	}
	return o.disk.Lstat(name)
}

// Open opens a file.
func (o *overlay) Open(name string) (fs.File, error) {
	if u := o.shown(name); u != nil && u.buffer != nil {
		return openBuffer{bytes.NewReader([]byte(u.text)), *u}, nil
	}
	return o.disk.Open(name)
}

type openBuffer struct {
	*bytes.Reader
	unsaved
}

func (f openBuffer) Stat() (fs.FileInfo, error) { return f.unsaved, nil }
func (f openBuffer) Close() error               { return nil }
func (f openBuffer) Size() int64                { return f.unsaved.Size() }
