package cachefile

import (
	"encoding/binary"
	"hash/crc32"
	"os"
)

// A writing is the next file of a cache.
type writing struct {
	file *os.File
	at   int64  // where the next value goes
	size int64  // of the file, if nothing else were added
	wait []byte // values that are not written yet
}

// add takes a value; flush writes it.
func (w *writing) add(v []byte) place {
	p := place{at: uint64(w.at) + uint64(len(w.wait)), size: uint32(len(v)), sum: crc32.Checksum(v, castagnoli)}
	w.wait = append(w.wait, v...)
	w.size += int64(len(v)) + rowSize
	return p
}

func (w *writing) flush() error {
	n, err := w.file.WriteAt(w.wait, w.at)
	w.at += int64(n)
	w.wait = w.wait[:0]
	return err
}

// flushAt is how many bytes wait at most while old values are copied.
const flushAt = 1 << 20

// finish copies the values that stay from the old table, and writes the rows and the head. A value that is damaged is left out.
func (w *writing) finish(old *table, entries []entry) error {
	rows := make([]byte, 0, len(entries)*rowSize)
	for _, e := range entries {
		p := e.place
		if e.old {
			v, ok := old.read(p)
			if !ok {
				continue
			}
			if p = w.add(v); len(w.wait) >= flushAt {
				if err := w.flush(); err != nil {
					return err
				}
			}
		}
		rows = append(rows, e.key[:]...)
		rows = binary.LittleEndian.AppendUint32(rows, e.day)
		rows = binary.LittleEndian.AppendUint64(rows, p.at)
		rows = binary.LittleEndian.AppendUint32(rows, p.size)
		rows = binary.LittleEndian.AppendUint32(rows, p.sum)
	}
	if err := w.flush(); err != nil {
		return err
	}
	head := []byte(magic)
	head = binary.LittleEndian.AppendUint64(head, uint64(w.at))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(rows)/rowSize))
	head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(rows, castagnoli))
	if _, err := w.file.WriteAt(rows, w.at); err != nil {
		return err
	}
	_, err := w.file.WriteAt(head, 0)
	return err
}
