package diff

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

func (s spot) items(i, j int) spot {
	return spot{&step{up: s.old, token: strconv.Itoa(i), item: true}, &step{up: s.new, token: strconv.Itoa(j), item: true}}
}

func (c *comparer) list(old, new []any, at spot) {
	if len(old) == 0 || len(new) == 0 || len(old) == len(new) && Equal(old, new) {
		c.sequence(old, new, at) // nothing to tell apart
		return
	}
	note := c.noteOf(0, at.old).and(c.noteOf(1, at.new))
	if note.Unique && !slices.ContainsFunc(old, isContainer) && !slices.ContainsFunc(new, isContainer) {
		c.set(old, new, at)
		return
	}
	for _, key := range []string{note.Key, "id", "name", "key"} {
		if key == "" {
			continue
		}
		if a, b := c.identities(old, key), c.identities(new, key); a != nil && b != nil {
			keyed{c, old, new, key, a, b, at}.compare()
			return
		}
	}
	c.sequence(old, new, at)
}

func isContainer(v any) bool { return !isScalar(v) }

// identities gives the position of each item by the class of its identity; nil where an item has none, or two have the same.
func (c *comparer) identities(list []any, key string) map[int]int {
	at := make(map[int]int, len(list))
	for i, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return nil
		}
		id, has := m[key]
		if !has || id == nil || isContainer(id) {
			return nil
		}
		class := c.classes.of(id)
		if _, twice := at[class]; twice {
			return nil
		}
		at[class] = i
	}
	return at
}

// A keyed comparison is that of two lists whose items have an identity.
type keyed struct {
	*comparer
	old, new     []any
	key          string
	oldAt, newAt map[int]int // position by class of the identity
	at           spot
}

// spot is where two items stand.
func (k keyed) spot(i, j int) spot {
	s := k.at.items(i, j)
	if i >= 0 {
		k.call(0, s.old, k.old[i])
	}
	if j >= 0 {
		k.call(1, s.new, k.new[j])
	}
	return s
}

// call gives an item of a side its label, unless that is a secret.
func (k keyed) call(side int, s *step, item any) {
	if id := item.(map[string]any)[k.key]; !k.noteOf(side, &step{up: s, token: k.key}).Secret {
		s.label = label(k.key, id)
	}
}

func (k keyed) compare() {
	var pairs []pair // in the order of the new list
	var gone, came []int
	for j, item := range k.new {
		if i, ok := k.oldAt[k.classes.of(item.(map[string]any)[k.key])]; ok {
			pairs = append(pairs, pair{i, j})
		} else {
			came = append(came, j)
		}
	}
	for i, item := range k.old {
		if _, ok := k.newAt[k.classes.of(item.(map[string]any)[k.key])]; !ok {
			gone = append(gone, i)
		}
	}
	renamed := k.renames(without(pick(k.old, gone), k.key), without(pick(k.new, came), k.key))
	old, new := map[int]bool{}, map[int]bool{}
	for _, p := range renamed {
		i, j := gone[p.old], came[p.new]
		old[i], new[j] = true, true
		pairs = append(pairs, pair{i, j})
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.new, b.new) })
	k.inOrder(pairs)
	for _, i := range gone {
		if !old[i] {
			k.report(Remove, k.old[i], nil, spot{old: k.spot(i, -1).old})
		}
	}
	for _, j := range came {
		if !new[j] {
			k.report(Add, nil, k.new[j], spot{new: k.spot(-1, j).new})
		}
	}
}

// inOrder reports which of the paired items moved, and what changed within each. The pairs are in the order of the new list.
func (k keyed) inOrder(pairs []pair) {
	stay := rising(pairs)
	for _, p := range pairs {
		s := k.spot(p.old, p.new)
		if len(stay) > 0 && stay[0] == p {
			stay = stay[1:]
		} else {
			k.report(Move, nil, nil, s)
		}
		k.value(k.old[p.old], k.new[p.new], s)
	}
}

// without gives the items but for their identity.
func without(items []any, key string) []any {
	rest := make([]any, len(items))
	for i, item := range items {
		m := maps.Clone(item.(map[string]any))
		delete(m, key)
		rest[i] = m
	}
	return rest
}

// set compares two lists of scalars whose order means nothing.
func (c *comparer) set(old, new []any, at spot) {
	a, b := c.classes.all(old), c.classes.all(new)
	matched := occurrences(a, b)
	kept, had := make([]bool, len(old)), make([]bool, len(new))
	for _, p := range matched {
		kept[p.old], had[p.new] = true, true
	}
	for i, v := range old {
		if !kept[i] {
			c.report(Remove, v, nil, spot{old: at.items(i, 0).old})
		}
	}
	for j, v := range new {
		if !had[j] {
			c.report(Add, nil, v, spot{new: at.items(0, j).new})
		}
	}
}
