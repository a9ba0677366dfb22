// Package diff tells how two documents differ in what they mean: values, not text. Formatting, comments, the order of keys,
// quoting, anchors and merge keys never show.
//
// Numbers are compared by value (1.0 is 1, 1e2 is 100), integers of any size exactly. 1 and "1" differ, and so do null and a
// key that is absent. Items of a list are told apart by what the schema calls their key, else by an evident identity, else
// by a shortest edit script.
package diff

import (
	"cmp"
	"maps"
	"slices"
)

// An Op is what happens to a value.
type Op string

const (
	Add    Op = "add"
	Remove Op = "remove"
	Modify Op = "change"
	Move   Op = "move" // an item to another position, or a value to another key or parent
)

// A Side is one of the two files that are compared.
type Side struct {
	// Documents are the values of the file's documents, as package document gives them; none for a file that is not there.
	// They are read only, and parts of them come back in changes.
	Documents []any
	// Guides tell what the schema says, one for each document. Nil: there is no schema.
	Guides []Guide
}

// One is the side of a file with one document, without a schema.
func One(value any) Side { return Side{Documents: []any{value}} }

// A Change is one difference. See Apply for how changes work together.
type Change struct {
	Op Op
	// Document counts from 1 where one of the files has several documents; else it is 0. It is that of Path.
	Document int
	// Path leads to the value in the new document; for Remove in the old one. Its tokens are those of a JSON Pointer.
	Path []string
	// FromDocument and From are where the value of a Move stood in the old file.
	FromDocument int
	From         []string
	// Old is what was there; for Add it means nothing, and neither for a Move, whose own changes are listed apart.
	Old any
	// New is what is there now; for Remove and Move it means nothing.
	New any
	// Name is Path for people, such as segments[vip].threshold; FromName is From. Both are empty for a document as a whole.
	Name, FromName string
	// Note is what the schema says of the value. Where it is secret, Old and New hold Secret in its place.
	Note Note
	// Owners answer for the value, or read it: those of the value itself and of all around it, sorted.
	Owners []string
	// Effect tells what the change comes to; only CompareWithDefaults sets it, and Default with it.
	Effect Effect
	// Default, where Effect is Filled, is the schema's default: what counted before an addition, or counts after a removal.
	Default any
}

// Compare gives what turns old into new, in the order of the paths. It is empty exactly if both mean the same; items of a
// list that the schema declares a set (uniqueItems, all scalars) have no order.
//
// It takes near linear time: what cannot be found within a bound on the work, such as the most similar of thousands of
// renamed items, is reported less cleverly, and as truly.
func Compare(old, new Side) []Change {
	c := newComparer(old, new)
	c.run()
	return c.inWords()
}

// A comparer compares two files.
type comparer struct {
	sides   [2]Side
	classes *classes
	budget  int // of values that may still be looked at to see how similar they are
	detail  int // of steps that paths of differences may still take
	found   []difference
	around  [2]map[*step]Note // see aroundOf
}

// maxDetail bounds the length of all paths together, in steps. When it is reached, containers that differ are reported as a whole.
const maxDetail = 5_000_000

// A difference is a change before it is put in words.
type difference struct {
	op       Op
	old, new any
	at       spot
	effect   Effect
	other    any // with effect Filled: the default on the other side
}

// A spot is where two values stand that are taken for the same one.
type spot struct{ old, new *step }

func (s spot) key(name string) spot {
	return spot{&step{up: s.old, token: name}, &step{up: s.new, token: name}}
}

func newComparer(old, new Side) *comparer {
	return &comparer{sides: [2]Side{old, new}, classes: newClasses(), budget: similarityBudget, detail: maxDetail,
		around: [2]map[*step]Note{{}, {}}}
}

func (c *comparer) run() {
	old, new := c.sides[0].Documents, c.sides[1].Documents
	if len(old) == 1 && len(new) == 1 {
		c.value(old[0], new[0], spot{&step{token: "0"}, &step{token: "0"}})
	} else {
		c.sequence(old, new, spot{})
	}
	c.joinMoves()
}

func (c *comparer) report(op Op, old, new any, at spot) {
	c.detail -= cmp.Or(at.new, at.old).depth()
	c.found = append(c.found, difference{op: op, old: old, new: new, at: at})
}

func (c *comparer) value(old, new any, at spot) {
	if c.detail < 0 || isContainer(old) && isContainer(new) && c.noteOf(0, at.old).and(c.noteOf(1, at.new)).Secret {
		if !Equal(old, new) { // keys of what is secret are secret too
			c.report(Modify, old, new, at)
		}
		return
	}
	switch a := old.(type) {
	case map[string]any:
		if b, ok := new.(map[string]any); ok {
			c.mapping(a, b, at)
			return
		}
	case []any:
		if b, ok := new.([]any); ok {
			c.list(a, b, at)
			return
		}
	}
	if !Equal(old, new) {
		c.report(Modify, old, new, at)
	}
}

func (c *comparer) mapping(old, new map[string]any, at spot) {
	var gone, came []string
	for _, key := range slices.Sorted(maps.Keys(old)) {
		if v, has := new[key]; has {
			c.value(old[key], v, at.key(key))
		} else {
			gone = append(gone, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(new)) {
		if _, has := old[key]; !has {
			came = append(came, key)
		}
	}
	renamed := map[string]bool{}
	for _, p := range c.renames(valuesAt(old, gone), valuesAt(new, came)) {
		from, to := gone[p.old], came[p.new]
		renamed[from], renamed[to] = true, true
		moved := spot{at.key(from).old, at.key(to).new}
		c.report(Move, nil, nil, moved)
		c.value(old[from], new[to], moved)
	}
	for _, key := range gone {
		if !renamed[key] {
			c.report(Remove, old[key], nil, spot{old: at.key(key).old})
		}
	}
	for _, key := range came {
		if !renamed[key] {
			c.report(Add, nil, new[key], spot{new: at.key(key).new})
		}
	}
}

// valuesAt gives the values of some keys.
func valuesAt(m map[string]any, keys []string) []any {
	values := make([]any, len(keys))
	for i, key := range keys {
		values[i] = m[key]
	}
	return values
}

// inWords puts what was found in words.
func (c *comparer) inWords() []Change {
	var changes []Change
	for _, d := range c.found {
		changes = append(changes, c.change(d))
	}
	slices.SortStableFunc(changes, compareChanges)
	return changes
}

func (c *comparer) change(d difference) Change {
	ch := Change{Op: d.op, Old: d.old, New: d.new, Effect: d.effect, Default: d.other}
	to := d.at.new
	if d.op == Remove {
		to = d.at.old
	}
	ch.Path, ch.Name = to.tokens(), to.name()
	if d.op == Move {
		ch.From, ch.FromName = d.at.old.tokens(), d.at.old.name()
	}
	if len(c.sides[0].Documents) > 1 || len(c.sides[1].Documents) > 1 {
		ch.Document = to.document() + 1
		if d.op == Move {
			ch.FromDocument = d.at.old.document() + 1
		}
	}
	c.annotate(&ch, d.at)
	return ch
}
