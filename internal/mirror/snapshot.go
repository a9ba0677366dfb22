package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// A Snapshot is the files of one commit or tree. It reads trees when they are first walked through, and contents when
// they are read; it keeps trees and no contents. It is safe for concurrent use.
//
// Links and submodules have their modes and cannot be read; links are not followed. A name that is not UTF-8 is listed
// and cannot be opened. Files and trees over 128 MiB are not read. FileInfo.Sys gives the object's name as a string:
// the same for the same content; so does the method Object() string of what ReadDir and Entry give. There are no times.
type Snapshot struct {
	ctx   context.Context // the methods of fs.FS have no place for one
	store *store
	root  string

	mu   sync.Mutex
	dirs map[string]*dir // by object
}

var (
	_ fs.ReadDirFS  = (*Snapshot)(nil)
	_ fs.ReadFileFS = (*Snapshot)(nil)
	_ fs.StatFS     = (*Snapshot)(nil)
)

// Open opens a file or directory without reading it.
func (s *Snapshot) Open(name string) (fs.File, error) {
	e, err := s.find("open", name)
	if err != nil {
		return nil, err
	}
	if e.mode.IsDir() {
		return &openDir{info: s.infoOf(e), path: name}, nil
	}
	return &openFile{info: s.infoOf(e), path: name}, nil
}

// Stat reads no content.
func (s *Snapshot) Stat(name string) (fs.FileInfo, error) {
	e, err := s.find("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := s.infoOf(e).Info()
	return info, inPath("stat", name, err)
}

// Entry gives what ReadDir would list for the name: Stat without the size, which is all that Stat asks git for.
func (s *Snapshot) Entry(name string) (fs.DirEntry, error) {
	e, err := s.find("stat", name)
	if err != nil {
		return nil, err
	}
	return s.infoOf(e), nil
}

// ReadDir lists a directory, sorted by name, and reads nothing else. Sizes are asked for by DirEntry.Info.
func (s *Snapshot) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := s.find("readdir", name)
	if err != nil {
		return nil, err
	}
	list, err := s.list(e)
	return list, inPath("readdir", name, err)
}

// ReadFile gives the content of a regular file, in memory of the caller's own.
func (s *Snapshot) ReadFile(name string) ([]byte, error) {
	e, err := s.find("read", name)
	if err != nil {
		return nil, err
	}
	data, err := s.content(e)
	return data, inPath("read", name, err)
}

// Files gives every file under the directory, at any depth, to yield until that says no: its path from the root, its
// mode, and the name of its object. They come sorted by path. It asks git once, and so is much faster than
// fs.WalkDir over many directories.
func (s *Snapshot) Files(under string, yield func(path string, mode fs.FileMode, object string) bool) error {
	e, err := s.find("list", under)
	if err != nil {
		return err
	}
	if !e.mode.IsDir() {
		return inPath("list", under, errNotDir)
	}
	out, err := s.store.git.run(s.ctx, "", "ls-tree", "-r", "-z", "--full-tree", "--end-of-options", e.object())
	if err != nil {
		return inPath("list", under, s.store.judge(err))
	}
	return inPath("list", under, parseListing(string(out), func(name string, mode fs.FileMode, object string) bool {
		return yield(strings.TrimPrefix(path.Clean(under)+"/", "./")+name, mode, object)
	}))
}

var (
	errNotDir    = errors.New("not a directory")
	errDir       = errors.New("is a directory")
	errLink      = errors.New("is a symbolic link, which is not followed: commit a file instead")
	errSubmodule = errors.New("is a submodule, which is not read: commit the files instead")
)

// inPath makes err one of package fs.
func inPath(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// find walks from the root to the entry. Whatever is not there, or lies beyond a link, does not exist.
func (s *Snapshot) find(op, name string) (entry, error) {
	if !fs.ValidPath(name) {
		return entry{}, inPath(op, name, fs.ErrInvalid)
	}
	e := rootEntry(s.root)
	if name == "." {
		return e, nil
	}
	for part := range strings.SplitSeq(name, "/") {
		if !e.mode.IsDir() {
			return entry{}, inPath(op, name, fs.ErrNotExist)
		}
		d, err := s.dir(e.object())
		if err != nil {
			return entry{}, inPath(op, name, err)
		}
		next, ok := d.find(part)
		if !ok {
			return entry{}, inPath(op, name, fs.ErrNotExist)
		}
		e = next
	}
	return e, nil
}

// dir gives the tree, reading it the first time.
func (s *Snapshot) dir(object string) (*dir, error) {
	s.mu.Lock()
	d := s.dirs[object]
	s.mu.Unlock()
	if d != nil {
		return d, nil
	}
	if d = s.store.large.get(object); d == nil {
		o, err := s.read(object, "tree")
		if err != nil {
			return nil, err
		}
		if d, err = parseTree(o.data, len(object)/2); err != nil {
			return nil, err
		}
		s.store.large.put(object, d)
	}
	s.mu.Lock()
	s.dirs[object] = d
	s.mu.Unlock()
	return d, nil
}

// content reads a regular file.
func (s *Snapshot) content(e entry) ([]byte, error) {
	switch {
	case e.mode.IsDir():
		return nil, errDir
	case e.mode&fs.ModeSymlink != 0:
		return nil, errLink
	case !e.mode.IsRegular():
		return nil, errSubmodule
	}
	o, err := s.read(e.object(), "blob")
	return o.data, err
}

// read reads an object that a tree names. That it is not there means that the repository is damaged.
func (s *Snapshot) read(id, kind string) (object, error) {
	o, err := s.store.ask(s.ctx, "contents", id)
	if isAbsent(err) {
		err = &gitError{verb: "cat-file", text: "unable to find " + id}
	}
	if err != nil {
		return object{}, s.store.judge(err)
	}
	if o.kind != kind {
		return object{}, fmt.Errorf("object %s is a %s where a %s is needed", id, o.kind, kind)
	}
	return o, nil
}

// size asks for a file's size without reading it.
func (s *Snapshot) size(e entry) (int64, error) {
	if e.mode.IsDir() || e.mode&fs.ModeIrregular != 0 {
		return 0, nil
	}
	o, err := s.store.ask(s.ctx, "info", e.object())
	if isAbsent(err) {
		err = &gitError{verb: "cat-file", text: "unable to find " + e.object()}
	}
	return o.size, s.store.judge(err)
}

// list gives the entries of a directory.
func (s *Snapshot) list(e entry) ([]fs.DirEntry, error) {
	if !e.mode.IsDir() {
		return nil, errNotDir
	}
	d, err := s.dir(e.object())
	if err != nil {
		return nil, err
	}
	list := make([]fs.DirEntry, len(d.entries))
	for i, e := range d.entries {
		list[i] = s.infoOf(e)
	}
	return list, nil
}
