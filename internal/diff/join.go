package diff

// joinMoves makes one Move of the removal and the addition of equal containers, where no third one is equal: the value went to
// another list or mapping.
func (c *comparer) joinMoves() {
	removed, added := map[int][]int{}, map[int][]int{} // by class
	for i, d := range c.found {
		switch d.op {
		case Remove:
			c.remember(removed, d.old, i)
		case Add:
			c.remember(added, d.new, i)
		}
	}
	joined := map[int]bool{}
	for class, from := range removed {
		if to := added[class]; len(from) == 1 && len(to) == 1 {
			d := &c.found[to[0]]
			*d = difference{op: Move, at: spot{c.found[from[0]].at.old, d.at.new}}
			joined[from[0]] = true
		}
	}
	kept := c.found[:0]
	for i, d := range c.found {
		if !joined[i] {
			kept = append(kept, d)
		}
	}
	c.found = kept
}

// remember notes the difference of a container that holds enough to be known again.
func (c *comparer) remember(by map[int][]int, v any, i int) {
	if isScalar(v) {
		return
	}
	if class := c.classes.of(v); c.classes.weight[class] >= evidentWeight {
		by[class] = append(by[class], i)
	}
}
