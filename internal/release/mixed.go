package release

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/policy"
)

// A Mixed is a tree in which some files are others than in the tree below: what a store serves of a commit where customers are held.
type Mixed struct {
	below fs.FS
	gone  map[string]bool
	files map[string][]byte
	dirs  map[string][]string // directories that lead to files, with the names in them, sorted
}

var (
	_ fs.ReadDirFS  = (*Mixed)(nil)
	_ fs.ReadFileFS = (*Mixed)(nil)
	_ fs.StatFS     = (*Mixed)(nil)
)

// Mix puts files, by path, into a tree; those that are nil are taken away.
func Mix(below fs.FS, files map[string][]byte) *Mixed {
	m := &Mixed{below: below, gone: map[string]bool{}, files: map[string][]byte{}, dirs: map[string][]string{}}
	for name, body := range files {
		if body == nil {
			m.gone[name] = true
			continue
		}
		m.files[name] = body
		for at := name; at != "."; at = path.Dir(at) {
			m.dirs[path.Dir(at)] = append(m.dirs[path.Dir(at)], path.Base(at))
		}
	}
	for dir, names := range m.dirs {
		slices.Sort(names)
		m.dirs[dir] = slices.Compact(names)
	}
	return m
}

// Open opens a file or directory.
func (m *Mixed) Open(name string) (fs.File, error) {
	e, err := m.entry("open", name)
	if err != nil {
		return nil, err
	}
	if !e.IsDir() {
		if own, ok := e.(mixedEntry); ok {
			return &mixedFile{own, bytes.NewReader(own.body)}, nil
		}
		return m.below.Open(name)
	}
	list, err := m.ReadDir(name)
	if err != nil {
		return nil, err
	}
	return &mixedDir{e, list}, nil
}

// Stat follows no link.
func (m *Mixed) Stat(name string) (fs.FileInfo, error) {
	e, err := m.entry("stat", name)
	if err != nil {
		return nil, err
	}
	return e.Info()
}

// Entry gives what ReadDir would list for the name; see policy.Entry.
func (m *Mixed) Entry(name string) (fs.DirEntry, error) { return m.entry("stat", name) }

func (m *Mixed) entry(op, name string) (fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if body, ok := m.files[name]; ok {
		return mixedEntry{name: path.Base(name), body: body}, nil
	}
	if _, ok := m.dirs[name]; ok {
		return mixedEntry{name: path.Base(name), dir: true}, nil
	}
	if m.gone[name] || m.belowFile(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return policy.Entry(m.below, name)
}

// belowFile tells whether a file of its own stands where the name would need a directory.
func (m *Mixed) belowFile(name string) bool {
	for at := path.Dir(name); at != "."; at = path.Dir(at) {
		if _, ok := m.files[at]; ok {
			return true
		}
	}
	return false
}

// ReadDir lists a directory, sorted by name.
func (m *Mixed) ReadDir(name string) ([]fs.DirEntry, error) {
	own, ours := m.dirs[name]
	if e, err := m.entry("readdir", name); err != nil {
		return nil, err
	} else if !e.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fmt.Errorf("not a directory")}
	}
	var list []fs.DirEntry
	if e, err := policy.Entry(m.below, name); err == nil && e.IsDir() {
		if list, err = fs.ReadDir(m.below, name); err != nil {
			return nil, err
		}
	} else if !ours {
		return nil, err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(e fs.DirEntry) bool {
		return m.gone[path.Join(name, e.Name())] || slices.Contains(own, e.Name())
	})
	for _, base := range own {
		e, err := m.entry("readdir", path.Join(name, base))
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// ReadFile gives the content of a file.
func (m *Mixed) ReadFile(name string) ([]byte, error) {
	if body, ok := m.files[name]; ok {
		return bytes.Clone(body), nil
	}
	if _, err := m.entry("read", name); err != nil {
		return nil, err
	}
	return fs.ReadFile(m.below, name)
}

// A mixedEntry is a file or directory that the tree below need not have.
type mixedEntry struct {
	name string
	body []byte
	dir  bool
}

func (e mixedEntry) Name() string               { return e.name }
func (e mixedEntry) IsDir() bool                { return e.dir }
func (e mixedEntry) Type() fs.FileMode          { return e.Mode().Type() }
func (e mixedEntry) Info() (fs.FileInfo, error) { return e, nil }
func (e mixedEntry) Size() int64                { return int64(len(e.body)) }
func (e mixedEntry) ModTime() time.Time         { return time.Time{} }
func (e mixedEntry) Sys() any                   { return nil }
func (e mixedEntry) String() string             { return fs.FormatDirEntry(e) }
func (e mixedEntry) Mode() fs.FileMode {
	if e.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

type mixedFile struct {
	info mixedEntry
	*bytes.Reader
}

func (f *mixedFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *mixedFile) Close() error               { return nil }

type mixedDir struct {
	at   fs.DirEntry
	rest []fs.DirEntry
}

func (d *mixedDir) Stat() (fs.FileInfo, error) { return d.at.Info() }
func (d *mixedDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.at.Name(), Err: fmt.Errorf("is a directory")}
}
func (d *mixedDir) Close() error { return nil }

// ReadDir gives the next n entries, all that are left where n is not above 0.
func (d *mixedDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(d.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(d.rest) {
		n = len(d.rest)
	}
	list := d.rest[:n]
	d.rest = d.rest[n:]
	return list, nil
}
