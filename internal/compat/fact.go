package compat

import (
	"math/big"

	"github.com/tamerhq/tamer/internal/schema"
)

// A kind is one of the six kinds of values. A search looks for a value of one kind at a time.
type kind int

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindText
	kindList
	kindObject
	kinds
)

var kindNames = [kinds]string{"null", "boolean", "number", "string", "array", "object"}

// A fact is something that must hold of the value that is looked for. A lit is a fact too.
type fact interface{}

// A choice is a list of options of which one must hold, and an option is facts that hold together.
type (
	option []fact
	choice struct {
		from    lit // what says so
		options []option
		tested  bool // see apart
	}
)

// Facts of any kind.
type (
	fail    struct{}               // nothing holds
	finite  []any                  // it is one of these
	differs struct{ from any }     // it is not this one
	length  struct{ min, max int } // of texts, lists and objects; no bound above where max is negative
)

// Facts of numbers.
type (
	bound struct {
		at          *big.Rat
		upper, open bool // open: at itself is outside
	}
	multiple struct {
		of  *big.Rat
		not bool
	}
)

// Facts of texts.
type (
	match struct {
		pattern *schema.Pattern
		not     bool
	}
	format struct {
		name string
		not  bool
	}
)

// Facts of lists.
type (
	items struct { // every item, by its place
		prefix []lit
		rest   lit
	}
	at struct { // there is an item at i, and it is this
		i  int
		is lit
	}
	beyond struct { // there is such an item at from or later
		from int
		is   lit
	}
	count struct { // how many items are such; no bound above where max is negative
		of       lit
		min, max int
	}
	unique  struct{}
	repeats struct{} // two items are equal
)

// Facts of objects.
type (
	members struct { // every property, by its name
		named    map[string]lit
		patterns []patternLit
		rest     lit
	}
	patternLit struct {
		pattern *schema.Pattern
		is      lit
	}
	has struct { // it has the property, and that is this
		name string
		is   lit
	}
	lacks struct{ name string }
	some  struct { // it has a property that is this, with a name that is none of these, and is as the matches and the lit say
		except  map[string]bool
		matches []match
		name    lit
		is      lit
	}
	names struct{ are lit } // every name is this
)

var one = big.NewRat(1, 1)
