package cachefile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"sort"
)

// The file: a head of 24 bytes (magic; number of rows; checksum of the rows), the rows, sorted by key, and the values in the
// order of the rows. A row is key, day of last use, place of the value, its size and its checksum. Numbers are
// little-endian, checksums CRC-32C.
const (
	magic    = "tamer cache 1\n\x00\x00"
	headSize = len(magic) + 8
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
	n := int64(binary.LittleEndian.Uint32(head[len(magic):]))
	if string(head[:len(magic)]) != magic || !info.Mode().IsRegular() || info.Size() > limit || int64(headSize)+n*int64(rowSize) > info.Size() {
		return nil, errDamaged
	}
	t = &table{file: file, size: uint64(info.Size()), rows: make([]byte, n*int64(rowSize))}
	if _, err := io.ReadFull(file, t.rows); err != nil {
		return nil, err
	}
	if crc32.Checksum(t.rows, castagnoli) != binary.LittleEndian.Uint32(head[len(magic)+4:]) {
		return nil, errDamaged
	}
	return t, nil
}

func (t *table) close() error { return t.file.Close() }

func (t *table) len() int { return len(t.rows) / rowSize }

func (t *table) row(i int) []byte { return t.rows[i*rowSize : (i+1)*rowSize] }

func (t *table) day(i int) uint32 { return binary.LittleEndian.Uint32(t.row(i)[32:]) }

func (t *table) entry(i int) entry {
	return entry{key: [32]byte(t.row(i)), day: t.day(i), size: binary.LittleEndian.Uint32(t.row(i)[44:]), at: i}
}

// find gives the place of the key's row.
func (t *table) find(key [32]byte) (int, bool) {
	i := sort.Search(t.len(), func(i int) bool { return bytes.Compare(t.row(i)[:32], key[:]) >= 0 })
	return i, i < t.len() && [32]byte(t.row(i)) == key
}

// value reads the value of a row, if it is whole.
func (t *table) value(i int) ([]byte, bool) {
	row := t.row(i)
	at, size := binary.LittleEndian.Uint64(row[36:]), binary.LittleEndian.Uint32(row[44:])
	if at > t.size || uint64(size) > t.size-at {
		return nil, false
	}
	v := make([]byte, size)
	if _, err := t.file.ReadAt(v, int64(at)); err != nil {
		return nil, false
	}
	return v, crc32.Checksum(v, castagnoli) == binary.LittleEndian.Uint32(row[48:])
}

// writeTo writes the file.
func (c contents) writeTo(out io.WriteSeeker) error {
	at := int64(headSize) + int64(len(c.entries))*int64(rowSize)
	if _, err := out.Seek(at, io.SeekStart); err != nil {
		return err
	}
	values := bufio.NewWriterSize(out, 1<<20)
	rows := make([]byte, 0, len(c.entries)*rowSize)
	for _, e := range c.entries {
		v, ok := c.file.fresh[e.key], true
		if e.at >= 0 {
			v, ok = c.file.old.value(e.at)
		}
		if !ok {
			continue // damaged: its row is left out, and a gap stays before the values
		}
		if _, err := values.Write(v); err != nil {
			return err
		}
		rows = append(rows, e.key[:]...)
		rows = binary.LittleEndian.AppendUint32(rows, e.day)
		rows = binary.LittleEndian.AppendUint64(rows, uint64(at))
		rows = binary.LittleEndian.AppendUint32(rows, uint32(len(v)))
		rows = binary.LittleEndian.AppendUint32(rows, crc32.Checksum(v, castagnoli))
		at += int64(len(v))
	}
	if err := values.Flush(); err != nil {
		return err
	}
	head := []byte(magic)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(rows)/rowSize))
	head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(rows, castagnoli))
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := out.Write(append(head, rows...))
	return err
}
