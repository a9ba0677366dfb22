package cachefile

import (
	"bytes"
	"slices"
)

// An entry is what is to be written: a fresh value, or the place of one in the old table.
type entry struct {
	key  [32]byte
	day  uint32 // of the last use
	size uint32 // of the value
	at   int    // in the old table; -1 for a fresh one
}

// A contents is all that the new file will hold, sorted by key.
type contents struct {
	file    *File
	entries []entry
}

// kept chooses what the new file holds: all that is fresh or was used within the last month, and of too much the part that
// was used last. Some room is made then, so that not every run has to choose again.
func (f *File) kept() contents {
	var all []entry
	for key, v := range f.fresh {
		all = append(all, entry{key: key, day: f.today, size: uint32(len(v)), at: -1})
	}
	if f.old != nil {
		for i := range f.old.len() {
			e := f.old.entry(i)
			if f.used[i] {
				e.day = f.today
			}
			_, replaced := f.fresh[e.key]
			if !replaced && e.day+uint32(forgotten.Hours()/24) >= f.today {
				all = append(all, e)
			}
		}
	}
	total := int64(headSize)
	for _, e := range all {
		total += rowSize + int64(e.size)
	}
	if total > f.limit {
		all = newest(all, f.limit*3/4)
	}
	slices.SortFunc(all, func(a, b entry) int { return bytes.Compare(a.key[:], b.key[:]) })
	return contents{f, all}
}

// newest gives the entries that were used last, as many as fit.
func newest(all []entry, limit int64) []entry {
	slices.SortStableFunc(all, func(a, b entry) int { return int(int64(b.day) - int64(a.day)) })
	total := int64(headSize)
	for i, e := range all {
		if total += rowSize + int64(e.size); total > limit {
			return all[:i]
		}
	}
	return all
}
