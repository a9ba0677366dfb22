package cachefile

import (
	"bytes"
	"slices"
)

// An entry is one row of the new file. The value of one from the old table has still to be copied.
type entry struct {
	key [32]byte
	day uint32 // of the last use
	place
	old bool
}

// kept chooses what the new file holds, sorted by key: all that is fresh or was used within the last month, and of too much the
// part that was used last. Some room is made then, so that not every run has to choose again.
func (f *File) kept() []entry {
	var all []entry
	for key, p := range f.fresh {
		all = append(all, entry{key: key, day: f.today, place: p})
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
	total := headSize
	for _, e := range all {
		total += rowSize + int64(e.size)
	}
	if total > f.limit {
		all = newest(all, f.limit*3/4)
	}
	slices.SortFunc(all, func(a, b entry) int { return bytes.Compare(a.key[:], b.key[:]) })
	return all
}

// newest gives the entries that were used last, as many as fit.
func newest(all []entry, limit int64) []entry {
	slices.SortStableFunc(all, func(a, b entry) int { return int(int64(b.day) - int64(a.day)) })
	total := headSize
	for i, e := range all {
		if total += rowSize + int64(e.size); total > limit {
			return all[:i]
		}
	}
	return all
}
