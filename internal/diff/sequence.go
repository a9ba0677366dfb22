package diff

// sequence compares two lists whose items have no identity, by a shortest edit script: equal items stay or move, and what was
// removed and added between the same neighbours is taken for one changed item.
func (c *comparer) sequence(old, new []any, at spot) {
	head := 0
	for head < min(len(old), len(new)) && Equal(old[head], new[head]) {
		head++
	}
	tail := 0
	for tail < min(len(old), len(new))-head && Equal(old[len(old)-1-tail], new[len(new)-1-tail]) {
		tail++
	}
	s := &script{comparer: c, old: old[head : len(old)-tail], new: new[head : len(new)-tail], head: head, at: at}
	if len(s.old) > 0 && len(s.new) > 0 && len(s.old)+len(s.new) > 2 {
		s.a, s.b = c.classes.all(s.old), c.classes.all(s.new)
		s.compare()
	} else {
		s.gap(upTo(0, len(s.old)), upTo(0, len(s.new))) // at most one item that changed: no need to know what is equal
	}
	s.rest()
}

// A script compares what is left of two lists after what they have in common at both ends.
type script struct {
	*comparer
	old, new   []any
	a, b       []int // their classes
	head       int   // how many items were cut off in front
	at         spot
	gone, came []int // positions of what is nowhere on the other side
}

func (s *script) spot(i, j int) spot { return s.at.items(s.head+i, s.head+j) }

func (s *script) compare() {
	stay := common(s.a, s.b)
	movedOld, movedNew := s.moves(stay)
	from := pair{}
	for _, p := range append(stay, pair{len(s.old), len(s.new)}) {
		s.gap(left(from.old, p.old, movedOld), left(from.new, p.new, movedNew))
		from = pair{p.old + 1, p.new + 1}
	}
}

// moves reports the items that are in both lists and do not stay, and gives their positions.
func (s *script) moves(stay []pair) (old, new map[int]bool) {
	old, new = map[int]bool{}, map[int]bool{}
	a, b := keep(len(s.a), stay, func(p pair) int { return p.old }), keep(len(s.b), stay, func(p pair) int { return p.new })
	for _, p := range occurrences(pick(s.a, a), pick(s.b, b)) {
		i, j := a[p.old], b[p.new]
		old[i], new[j] = true, true
		s.report(Move, nil, nil, s.spot(i, j))
	}
	return old, new
}

// keep gives the positions of a list that none of the pairs has.
func keep(length int, pairs []pair, position func(pair) int) []int {
	var rest []int
	i := 0
	for _, p := range pairs {
		rest = append(rest, upTo(i, position(p))...)
		i = position(p) + 1
	}
	return append(rest, upTo(i, length)...)
}

// left gives the positions from one to another but for those that are taken.
func left(from, to int, taken map[int]bool) []int {
	var rest []int
	for i := from; i < to; i++ {
		if !taken[i] {
			rest = append(rest, i)
		}
	}
	return rest
}

func upTo(from, to int) []int { return left(from, to, nil) }

// gap pairs what was removed and added between two items that stay, reports what changed, and keeps what is left.
func (s *script) gap(old, new []int) {
	pairs := s.alike(pick(s.old, old), pick(s.new, new))
	i, j := 0, 0
	for _, p := range append(pairs, pair{len(old), len(new)}) {
		for ; i < p.old; i++ {
			s.gone = append(s.gone, old[i])
		}
		for ; j < p.new; j++ {
			s.came = append(s.came, new[j])
		}
		if p.old < len(old) {
			s.value(s.old[old[p.old]], s.new[new[p.new]], s.spot(old[p.old], new[p.new]))
		}
		i, j = p.old+1, p.new+1
	}
}

// rest reports what is left: items that moved and changed at once, and those that were removed and added.
func (s *script) rest() {
	old, new := map[int]bool{}, map[int]bool{}
	for _, p := range s.renames(pick(s.old, s.gone), pick(s.new, s.came)) {
		i, j := s.gone[p.old], s.came[p.new]
		old[i], new[j] = true, true
		s.report(Move, nil, nil, s.spot(i, j))
		s.value(s.old[i], s.new[j], s.spot(i, j))
	}
	for _, i := range s.gone {
		if !old[i] {
			s.report(Remove, s.old[i], nil, spot{old: s.spot(i, 0).old})
		}
	}
	for _, j := range s.came {
		if !new[j] {
			s.report(Add, nil, s.new[j], spot{new: s.spot(0, j).new})
		}
	}
}
