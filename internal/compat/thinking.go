package compat

import (
	"slices"
)

// A thinking makes a list of n items where items are counted or stand somewhere, item by item.
type thinking struct {
	*listing
	n      int
	failed map[string]bool
	unsure bool
	list   []any
}

// next chooses the item at i: which of the counted it is, and which of those that stand somewhere.
func (t *thinking) next(i int, counted []int, placed uint64, list []any) bool {
	if !t.step(1) {
		t.unsure = true
		return false
	}
	if i == t.n {
		t.list = append([]any{}, list...)
		return placed == 1<<len(t.beyonds)-1 && t.counted(counted)
	}
	key := string(binaryKey(i, counted, placed))
	if t.failed[key] {
		return false
	}
	for placing := range uint64(1) << len(t.beyonds) {
		if placing&placed != 0 || !t.mayStand(i, placing) {
			continue
		}
		for signs := range 1 << len(t.counts) {
			goal, next, ok := t.chosen(i, counted, signs, placing)
			if !ok {
				continue
			}
			r := t.solve(goal...)
			if r.status == unsure {
				t.unsure = true
			}
			if r.status == found && t.next(i+1, next, placed|placing, append(list, r.value)) {
				return true
			}
		}
	}
	t.failed[key] = true
	return false
}

func (t *thinking) mayStand(i int, placing uint64) bool {
	for k, f := range t.beyonds {
		if placing&(1<<k) != 0 && i < f.from {
			return false
		}
	}
	return true
}

// chosen is what the item at i is asked; false where a count could no longer be met.
func (t *thinking) chosen(i int, counted []int, signs int, placing uint64) (goal []lit, next []int, ok bool) {
	goal, next = t.asked(i), slices.Clone(counted)
	for k, c := range t.counts {
		if signs&(1<<k) == 0 {
			goal = append(goal, c.of)
			next[k]++
		} else {
			goal = append(goal, c.of.not())
		}
		if c.max >= 0 && next[k] > c.max || next[k]+t.n-i-1 < c.min {
			return nil, nil, false
		}
	}
	for k, f := range t.beyonds {
		if placing&(1<<k) != 0 {
			goal = append(goal, f.is)
		}
	}
	return goal, next, true
}

func (t *thinking) counted(counted []int) bool {
	for k, c := range t.counts {
		if counted[k] < c.min || c.max >= 0 && counted[k] > c.max {
			return false
		}
	}
	return true
}

func binaryKey(i int, counted []int, placed uint64) []byte {
	key := []byte{byte(i), byte(placed), byte(placed >> 8)}
	for _, c := range counted {
		key = append(key, byte(c))
	}
	return key
}
