package diff

import "slices"

// Bounds on the work of finding what was most likely meant. What passes them is reported as removed and added, or item by item.
const (
	similarityBudget = 4_000_000 // values that are looked at
	maxCells         = 250_000   // of the table in which changed items are aligned
)

// evidentWeight is the number of values, the container included, from which on a removed and an added one that are equal are hardly so
// by chance.
const evidentWeight = 3

// sameEnough is the share of common values from which on a removed and an added container are taken for one that was renamed.
const sameEnough = 0.6

// share tells how much two values have in common: from 0 to 1, the Sørensen–Dice coefficient of the values that they hold.
func (c *comparer) share(a, b any) float64 {
	x, y := c.classes.of(a), c.classes.of(b)
	if x == y {
		return 1
	}
	return 2 * float64(c.shared(a, b)) / float64(c.classes.weight[x]+c.classes.weight[y])
}

// shared counts the values that two containers have in common.
func (c *comparer) shared(a, b any) int {
	if c.budget--; c.budget < 0 {
		return 0
	}
	if x := c.classes.of(a); x == c.classes.of(b) {
		return c.classes.weight[x]
	}
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			return 0
		}
		n := 1
		for key, v := range a {
			if w, has := b[key]; has {
				n += c.shared(v, w)
			}
		}
		return n
	case []any:
		b, ok := b.([]any)
		if !ok {
			return 0
		}
		c.budget -= len(a) + len(b)
		n := 1
		x := c.classes.all(a)
		for _, p := range occurrences(x, c.classes.all(b)) {
			n += c.classes.weight[x[p.old]]
		}
		return n
	}
	return 0
}

// renames pairs what is gone with what came, where both are containers so much alike that one is the other under a new name, and each
// is the other's best choice, alone.
func (c *comparer) renames(old, new []any) []pair {
	gone, came := len(old), len(new)
	if gone == 0 || came == 0 || gone*came > maxCells {
		return nil
	}
	table := make([]float64, gone*came)
	for i := range gone {
		for j := range came {
			table[i*came+j] = c.renamed(old[i], new[j])
		}
	}
	best := func(n int, at func(int) float64) int {
		top, alone := -1, false
		for k := range n {
			switch {
			case at(k) < sameEnough || top >= 0 && at(k) < at(top):
			case top >= 0 && at(k) == at(top):
				alone = false
			default:
				top, alone = k, true
			}
		}
		if !alone {
			return -1
		}
		return top
	}
	var pairs []pair
	for i := range gone {
		j := best(came, func(j int) float64 { return table[i*came+j] })
		if j >= 0 && best(gone, func(i int) float64 { return table[i*came+j] }) == i {
			pairs = append(pairs, pair{i, j})
		}
	}
	return pairs
}

// renamed is how much two values have in common, 0 where too little is there to tell.
func (c *comparer) renamed(a, b any) float64 {
	if isScalar(a) || isScalar(b) || min(c.classes.weight[c.classes.of(a)], c.classes.weight[c.classes.of(b)]) < evidentWeight {
		return 0
	}
	return c.share(a, b)
}

// alike pairs items that stood between the same neighbours, in their order: as many as there can be, and those that have most in
// common.
func (c *comparer) alike(a, b []any) []pair {
	old, new := len(a), len(b)
	if old*new > maxCells || old == 1 && new == 1 {
		pairs := make([]pair, min(old, new))
		for i := range pairs {
			pairs[i] = pair{i, i}
		}
		return pairs
	}
	if old == 0 || new == 0 {
		return nil
	}
	// score[i][j] is the most that the items from i and j on can reach.
	width := new + 1
	score, one := make([]float64, (old+1)*width), make([]float64, old*new)
	for i := old - 1; i >= 0; i-- {
		for j := new - 1; j >= 0; j-- {
			one[i*new+j] = c.pairing(a[i], b[j])
			score[i*width+j] = max(score[(i+1)*width+j], score[i*width+j+1], one[i*new+j]+score[(i+1)*width+j+1])
		}
	}
	var pairs []pair
	for i, j := 0, 0; i < old && j < new; {
		switch score[i*width+j] {
		case one[i*new+j] + score[(i+1)*width+j+1]:
			pairs = append(pairs, pair{i, j})
			i, j = i+1, j+1
		case score[i*width+j+1]:
			j++
		default:
			i++
		}
	}
	return slices.Clip(pairs)
}

// pairing says how well an item could be another one that was changed: above all of the same kind, then by what they have in common.
func (c *comparer) pairing(a, b any) float64 {
	if isScalar(a) != isScalar(b) {
		return 1
	}
	return 2 + c.share(a, b)
}
