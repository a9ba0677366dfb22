package diff

import "cmp"

// An Effect says what a change comes to once the schema's defaults are filled in.
type Effect string

const (
	AsWritten Effect = ""        // just what the change says, or there is no schema
	None      Effect = "none"    // nothing: a default that was written out, or is now
	Filled    Effect = "default" // an addition or removal that changes a value: Change.Default is the default on the other side
	Unwritten Effect = "effect"  // no line of the file says it: a default of the schema has changed
)

// CompareWithDefaults is Compare, and tells besides what the changes come to. Full are the same files as the sides, with the schema's
// defaults in the place of what is absent. What is different there although the file does not say so comes back as unwritten.
func CompareWithDefaults(old, new, fullOld, fullNew Side) (changes, unwritten []Change) {
	written, full := newComparer(old, new), newComparer(fullOld, fullNew)
	written.run()
	full.run()
	numbers := &way{ids: map[wayKey]int{}}
	inFull := newTouched(numbers, full.found)
	for i := range written.found {
		d := &written.found[i]
		if d.op == Move {
			continue
		}
		at, overlaps := inFull.at(d.at)
		switch {
		case !overlaps:
			d.effect = None
		case at >= 0 && d.op != Modify && full.found[at].op == Modify:
			d.effect, d.other = Filled, full.found[at].old
			if d.op == Remove {
				d.other = full.found[at].new
			}
		}
	}
	said := newTouched(numbers, written.found)
	kept := full.found[:0]
	for _, d := range full.found {
		if _, overlaps := said.at(d.at); !overlaps && d.op != Move {
			d.effect = Unwritten
			kept = append(kept, d)
		}
	}
	full.found = kept
	return written.inWords(), full.inWords()
}

// touched are the places that some differences are about.
type touched struct {
	*way
	exact  map[int]int  // place → position of its difference
	around map[int]bool // these places, and all around them
}

func newTouched(w *way, found []difference) touched {
	t := touched{w, map[int]int{}, map[int]bool{}}
	for i, d := range found {
		for _, places := range w.places(d.at) {
			for _, place := range places {
				t.around[place] = true
			}
			if len(places) > 0 && d.op != Move { // what is within something that moved did not change by that
				t.exact[places[len(places)-1]] = i
			}
		}
	}
	return t
}

// at gives the position of a difference at just this spot, or -1, and whether there is any at, around or within it.
func (t touched) at(s spot) (position int, overlaps bool) {
	position = -1
	for _, places := range t.places(s) {
		for i, place := range places {
			at, ok := t.exact[place]
			overlaps = overlaps || ok
			if i < len(places)-1 {
				continue
			}
			overlaps = overlaps || t.around[place]
			if ok {
				position = at
			}
		}
	}
	return position, overlaps
}

// A way numbers places, so that what is said of two files with the same paths can be compared.
type way struct{ ids map[wayKey]int }

type wayKey struct {
	around int // 0 and 1 are the two sides
	token  string
}

// places gives the numbers of a spot and of all that is around it, on each side, from the document inwards.
// What is added or removed has the same place on the other side, unless positions in a list lead to it.
func (w *way) places(s spot) [2][]int {
	var all [2][]int
	for side, at := range []*step{s.old, s.new} {
		if other := cmp.Or(s.old, s.new); at == nil && !other.amongItems() {
			at = other
		}
		place := side
		for _, one := range at.way() {
			key := wayKey{place, one.token}
			next, known := w.ids[key]
			if !known {
				next = len(w.ids) + 2
				w.ids[key] = next
			}
			place = next
			all[side] = append(all[side], place)
		}
	}
	return all
}
