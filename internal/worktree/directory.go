package worktree

import (
	"crypto/sha1"
	"encoding/binary"
	"io/fs"
	"maps"
	"slices"
)

// A stamp is what tells that a file was not touched: times in nanoseconds since 1970.
type stamp struct {
	size, mtime, ctime int64
	inode              uint64
}

// A mark is a file as it was when its content was read.
type mark struct {
	stamp
	object [sha1.Size]byte
}

// A directory is what is known of the files in it, by name.
type directory struct {
	files   map[string]mark
	changed bool
}

// forgetAllBut forgets files that are not there any more.
func (d *directory) forgetAllBut(list []fs.DirEntry) {
	if len(d.files) == 0 {
		return
	}
	there := make(map[string]bool, len(list))
	for _, e := range list {
		there[e.Name()] = true
	}
	for name := range d.files {
		if !there[name] {
			delete(d.files, name)
			d.changed = true
		}
	}
}

// markSize is the encoded size of a mark.
const markSize = 4*8 + sha1.Size

func (d *directory) encode() []byte {
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		m := d.files[name]
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
		for _, v := range []uint64{uint64(m.size), uint64(m.mtime), uint64(m.ctime), m.inode} {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
		b = append(b, m.object[:]...)
	}
	return b
}

// decode reads what encode wrote. Of anything else nothing is known.
func decode(b []byte) *directory {
	d := &directory{files: map[string]mark{}}
	for len(b) > 0 {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)) || uint64(len(b)-used) < n+markSize {
			return &directory{files: map[string]mark{}}
		}
		name := string(b[used : used+int(n)])
		b = b[used+int(n):]
		var m mark
		m.size, m.mtime = int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:]))
		m.ctime, m.inode = int64(binary.LittleEndian.Uint64(b[16:])), binary.LittleEndian.Uint64(b[24:])
		m.object = [sha1.Size]byte(b[32:])
		b = b[markSize:]
		d.files[name] = m
	}
	return d
}
