package compat

import (
	"hash/maphash"
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// A lit says that a value is accepted by the schemas of one class, or, where it is odd, that it is refused.
type lit int32

const (
	anything lit = 0
	nothing  lit = 1
)

func (l lit) not() lit      { return l ^ 1 }
func (l lit) refuses() bool { return l&1 == 1 }

// classes put schemas of the same meaning together, as far as their form tells: the order of what has no order, names of
// definitions, and what is said twice make no difference.
type classes struct {
	of        map[*schema.Node]lit
	rep       []*schema.Node // by lit/2
	byHash    map[uint64]lit
	annotates bool // there are unevaluated…, for which it matters how the rest is written
}

// slot is a schema below another one, and what it is there.
type slot struct {
	tag  uint64
	node *schema.Node
}

type shape struct {
	local uint64
	slots []slot
	sets  [][]*schema.Node // without order
}

var seed = maphash.MakeSeed()

func hashOf(s string) uint64 { return maphash.String(seed, s) }

func mix(parts ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		h = (h ^ p) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return h
}

func newClasses(within *Budget, roots ...*schema.Node) *classes {
	c := &classes{of: map[*schema.Node]lit{}, byHash: map[uint64]lit{}}
	c.rep = []*schema.Node{{Bool: new(true)}}
	c.of[nil] = anything
	var nodes []*schema.Node
	seen := map[*schema.Node]bool{nil: true}
	for _, r := range roots {
		nodes = reach(r, nodes, seen)
	}
	for _, n := range nodes {
		c.annotates = c.annotates || n.UnevaluatedItems != nil || n.UnevaluatedProperties != nil
	}
	colours := c.refine(nodes, within)
	for _, references := range []bool{false, true} { // what stands for a class says it itself
		for _, n := range nodes {
			if c.shapeOf(n).refers() == references {
				c.put(n, colours[n])
			}
		}
	}
	return c
}

// put gives a node the class of its hash.
func (c *classes) put(n *schema.Node, hash uint64) lit {
	l, ok := c.byHash[hash]
	if !ok {
		l = lit(len(c.rep) * 2)
		c.rep = append(c.rep, n)
		c.byHash[hash] = l
	}
	c.of[n] = l
	return l
}

// lit gives the class of a node; one that was made for the search gets its own at the first asking.
func (c *classes) lit(n *schema.Node) lit {
	if l, ok := c.of[n]; ok {
		return l
	}
	sh := c.shapeOf(n)
	return c.put(n, mix(1, sh.hash(func(n *schema.Node) uint64 { return uint64(c.lit(n)) })))
}

const (
	trueColour  = 11
	falseColour = 13
)

// maxRefined bounds how many schemas are looked at in all rounds of refine, each some microseconds. Those that people write take as
// many rounds as their schemas are nested.
const maxRefined = 1_000_000

// refine tells schemas apart by what they say, then by what those below them say, until that makes no more difference. Where that
// takes too long, each is a class of its own.
func (c *classes) refine(nodes []*schema.Node, within *Budget) map[*schema.Node]uint64 {
	c.byHash[trueColour], c.byHash[falseColour] = anything, nothing
	shapes := make(map[*schema.Node]shape, len(nodes))
	for _, n := range nodes {
		shapes[n] = c.shapeOf(n)
	}
	meant := func(n *schema.Node) *schema.Node { // what a schema leads to that is only a reference
		for range len(nodes) {
			sh := shapes[n]
			if n == nil || !sh.refers() {
				break
			}
			n = sh.slots[0].node
		}
		return n
	}
	colour := map[*schema.Node]uint64{nil: trueColour}
	for before, rounds := 0, 0; rounds <= len(nodes); rounds++ {
		if rounds*len(nodes) > maxRefined || within.spent() {
			return apart(nodes, shapes)
		}
		next := map[*schema.Node]uint64{nil: trueColour}
		different := make(map[uint64]bool, len(nodes))
		for _, n := range nodes {
			sh := shapes[n]
			if sh.refers() {
				continue
			}
			h := sh.hash(func(n *schema.Node) uint64 { return colour[meant(n)] })
			if h != trueColour && h != falseColour {
				h = mix(h, colour[n])
			}
			next[n] = h
			different[h] = true
		}
		colour = next
		if len(different) == before {
			break
		}
		before = len(different)
	}
	for _, n := range nodes {
		if shapes[n].refers() {
			colour[n] = colour[meant(n)]
		}
	}
	return colour
}

// apart gives each schema a colour of its own, but those that say nothing or refuse all.
func apart(nodes []*schema.Node, shapes map[*schema.Node]shape) map[*schema.Node]uint64 {
	colour := map[*schema.Node]uint64{nil: trueColour}
	for i, n := range nodes {
		own := shapes[n].hash(func(*schema.Node) uint64 { return 0 })
		if own != trueColour && own != falseColour {
			own = mix(2, uint64(i))
		}
		colour[n] = own
	}
	return colour
}

// refers tells whether a schema says only that another one holds.
func (sh shape) refers() bool {
	return sh.local == 0 && len(sh.sets) == 0 && len(sh.slots) == 1 && sh.slots[0].tag == 0
}

func (sh shape) hash(colour func(*schema.Node) uint64) uint64 {
	if sh.local == 0 && len(sh.slots) == 0 && len(sh.sets) == 0 {
		return trueColour
	}
	if sh.local == falseColour {
		return falseColour
	}
	parts := []uint64{sh.local}
	for _, s := range sh.slots {
		parts = append(parts, s.tag, colour(s.node))
	}
	for _, set := range sh.sets {
		var below []uint64
		for _, n := range set {
			below = append(below, colour(n))
		}
		slices.Sort(below)
		parts = append(parts, mix(below...))
	}
	return mix(parts...)
}

// reach lists the nodes below and with n, each once.
func reach(n *schema.Node, list []*schema.Node, seen map[*schema.Node]bool) []*schema.Node {
	if seen[n] {
		return list
	}
	seen[n] = true
	list = append(list, n)
	for below := range belowOf(n) {
		list = reach(below, list, seen)
	}
	return list
}

func belowOf(n *schema.Node) func(yield func(*schema.Node) bool) {
	return func(yield func(*schema.Node) bool) {
		lists := [][]*schema.Node{n.Refs, n.AllOf, n.AnyOf, n.OneOf, n.Prefix,
			{n.Not, n.If, n.Then, n.Else, n.Rest, n.Contains, n.UnevaluatedItems, n.Additional, n.Names, n.UnevaluatedProperties}}
		for _, p := range n.Patterns {
			lists = append(lists, []*schema.Node{p.Node})
		}
		for _, named := range []map[string]*schema.Node{n.Properties, n.NeedsSchemas} {
			for _, name := range sortedNames(named) {
				lists = append(lists, []*schema.Node{named[name]})
			}
		}
		for _, list := range lists {
			for _, b := range list {
				if b != nil && !yield(b) {
					return
				}
			}
		}
	}
}
