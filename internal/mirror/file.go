package mirror

import (
	"bytes"
	"encoding/hex"
	"io"
	"io/fs"
	"time"
)

func rootEntry(object string) entry {
	raw, _ := hex.DecodeString(object) // git wrote it
	return entry{name: ".", mode: fs.ModeDir | 0o555, raw: string(raw)}
}

// A dirEntry is an entry that knows where its size can be asked.
type dirEntry struct {
	entry
	from *Snapshot
}

func (s *Snapshot) infoOf(e entry) dirEntry { return dirEntry{e, s} }

func (d dirEntry) Name() string      { return d.name }
func (d dirEntry) IsDir() bool       { return d.mode.IsDir() }
func (d dirEntry) Type() fs.FileMode { return d.mode.Type() }
func (d dirEntry) String() string    { return fs.FormatDirEntry(d) }

// Object gives the name of the object, without asking git for anything.
func (d dirEntry) Object() string { return d.object() }

// Info asks git for the size.
func (d dirEntry) Info() (fs.FileInfo, error) {
	size, err := d.from.size(d.entry)
	if err != nil {
		return nil, err
	}
	return fileInfo{d, size}, nil
}

// A fileInfo is an entry with its size.
type fileInfo struct {
	dirEntry
	size int64
}

func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) Sys() any           { return i.object() }
func (i fileInfo) String() string     { return fs.FormatFileInfo(i) }

// An openFile reads its whole content when it is first read from.
type openFile struct {
	info   dirEntry
	path   string
	data   *bytes.Reader
	closed bool
}

func (f *openFile) Stat() (fs.FileInfo, error) {
	if f.closed {
		return nil, inPath("stat", f.path, fs.ErrClosed)
	}
	info, err := f.info.Info()
	return info, inPath("stat", f.path, err)
}

func (f *openFile) Read(p []byte) (int, error) {
	if f.closed {
		return 0, inPath("read", f.path, fs.ErrClosed)
	}
	if f.data == nil {
		data, err := f.info.from.content(f.info.entry)
		if err != nil {
			return 0, inPath("read", f.path, err)
		}
		f.data = bytes.NewReader(data)
	}
	return f.data.Read(p)
}

func (f *openFile) Close() error {
	if f.closed {
		return inPath("close", f.path, fs.ErrClosed)
	}
	f.closed, f.data = true, nil
	return nil
}

// An openDir lists its directory when it is first listed.
type openDir struct {
	info   dirEntry
	path   string
	listed bool
	rest   []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) {
	info, err := d.info.Info()
	return info, inPath("stat", d.path, err)
}

func (d *openDir) Read([]byte) (int, error) { return 0, inPath("read", d.path, errDir) }
func (d *openDir) Close() error             { return nil }

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.listed {
		list, err := d.info.from.list(d.info.entry)
		if err != nil {
			return nil, inPath("readdir", d.path, err)
		}
		d.rest, d.listed = list, true
	}
	if n <= 0 {
		list := d.rest
		d.rest = nil
		return list, nil
	}
	if len(d.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.rest))
	list := d.rest[:n:n]
	d.rest = d.rest[n:]
	return list, nil
}
