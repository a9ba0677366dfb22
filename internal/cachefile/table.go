package cachefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"sort"
)

// The file: a head of 32 bytes (magic; where the rows begin; their number; their checksum), the values in any order, and the rows,
// sorted by key. A row is key, day of last use, place of the value, its size and its checksum. Numbers are little-endian,
// checksums CRC-32C.
const (
	magic    = "tamer cache 2\n\x00\x00"
	headSize = int64(len(magic)) + 16
	rowSize  = 32 + 4 + 8 + 4 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("this is no cache, or a damaged one")

// A table is a file that is there. Its rows are in memory, its values are not.
type table struct {
	file *os.File
	size uint64 // of the file
	rows []byte
}

// openTable opens the file. One that is larger than a cache can be is not read.
func openTable(path string, limit int64) (t *table, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	head := make([]byte, headSize)
	if _, err := io.ReadFull(file, head); err != nil {
		return nil, err
	}
	at, size := binary.LittleEndian.Uint64(head[len(magic):]), uint64(info.Size())
	n := uint64(binary.LittleEndian.Uint32(head[len(magic)+8:]))
	if string(head[:len(magic)]) != magic || !info.Mode().IsRegular() || info.Size() > limit || at > size || size-at != n*rowSize {
		return nil, errDamaged
	}
	t = &table{file: file, size: size, rows: make([]byte, n*rowSize)}
	if _, err := file.ReadAt(t.rows, int64(at)); err != nil {
		return nil, err
	}
	if crc32.Checksum(t.rows, castagnoli) != binary.LittleEndian.Uint32(head[len(magic)+12:]) {
		return nil, errDamaged
	}
	return t, nil
}

func (t *table) close() error { return t.file.Close() }

func (t *table) len() int { return len(t.rows) / rowSize }

func (t *table) row(i int) []byte { return t.rows[i*rowSize : (i+1)*rowSize] }

func (t *table) day(i int) uint32 { return binary.LittleEndian.Uint32(t.row(i)[32:]) }

func (t *table) entry(i int) entry {
	return entry{key: [32]byte(t.row(i)), day: t.day(i), place: t.place(i), old: true}
}

func (t *table) place(i int) place {
	row := t.row(i)
	return place{at: binary.LittleEndian.Uint64(row[36:]), size: binary.LittleEndian.Uint32(row[44:]), sum: binary.LittleEndian.Uint32(row[48:])}
}

// find gives the place of the key's row.
func (t *table) find(key [32]byte) (int, bool) {
	i := sort.Search(t.len(), func(i int) bool { return bytes.Compare(t.row(i)[:32], key[:]) >= 0 })
	return i, i < t.len() && [32]byte(t.row(i)) == key
}

// value reads the value of a row, if it is whole.
func (t *table) value(i int) ([]byte, bool) { return t.read(t.place(i)) }

func (t *table) read(p place) ([]byte, bool) {
	if p.at > t.size || uint64(p.size) > t.size-p.at {
		return nil, false
	}
	return p.read(t.file)
}

// A place is where a value stands in a file.
type place struct {
	at   uint64
	size uint32
	sum  uint32 // its checksum
}

func (p place) read(file *os.File) ([]byte, bool) {
	v := make([]byte, p.size)
	if _, err := file.ReadAt(v, int64(p.at)); err != nil {
		return nil, false
	}
	return v, crc32.Checksum(v, castagnoli) == p.sum
}
