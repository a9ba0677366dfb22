package schema

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A quick is a schema in a form that tells in a tenth of the library's time that a value is valid. It never says why one is not:
// then the library judges, which keeps the places of all that it tries. Most files are valid.
type quick struct {
	second     *quick // that must accept the value too; mostly nil
	never      bool
	types      shape // 0: any
	noFraction bool  // draft 4: 1.0 is no integer
	enum       []any
	constant   []any // one value, or none
	format     func(any) bool

	refs, all, anyOf, oneOf []*quick
	not, when, then, other  *quick

	minLength, maxLength int // -1: none, as below
	pattern              *regexp.Regexp

	bounds   []quickBound
	multiple *big.Rat

	minItems, maxItems       int
	unique                   bool
	prefix                   []*quick
	rest                     *quick // of the items
	contains                 *quick
	minContains, maxContains int

	minProperties, maxProperties int
	required                     []string
	properties                   map[string]*quick
	patterns                     []quickPattern
	closed                       bool
	additional, names            *quick
	dependent                    []dependency
}

type quickPattern struct {
	pattern *regexp.Regexp
	below   *quick
}

// A dependency holds where the mapping has a property of the name.
type dependency struct {
	name     string
	required []string
	below    *quick // nil: none
}

// A quickBound is what a number may be: compared with it, one of the signs.
type quickBound struct {
	rat   *big.Rat
	small int64 // the same, where exact
	exact bool
	signs [2]int // allowed results of comparing
}

// A shape is a set of kinds of JSON values.
type shape uint8

const (
	isNull shape = 1 << iota
	isBoolean
	isNumber
	isInteger
	isString
	isList
	isMapping
)

var shapes = map[string]shape{"null": isNull, "boolean": isBoolean, "number": isNumber, "integer": isInteger, "string": isString, "array": isList, "object": isMapping}

// Bounds on one quick look. What passes them is left to the library, which has bounds of its own.
const (
	quickSteps = 2_000_000
	quickDepth = 2_000
)

// accepts tells that the value is valid for certain.
func (q *quick) accepts(v any) bool {
	if q == nil {
		return false
	}
	r := quickRun{left: quickSteps}
	return r.fits(q, v) && (q.second == nil || r.fits(q.second, v)) && !r.lost
}

// A quickRun is one look at a value. Once it is lost its answers mean nothing.
type quickRun struct {
	left, depth int
	lost        bool
}

func (r *quickRun) fits(q *quick, v any) bool {
	r.left--
	if r.depth++; r.left < 0 || r.depth > quickDepth {
		r.lost = true
	}
	ok := !r.lost && !q.never && r.fitsKind(q, v) && r.fitsOthers(q, v)
	r.depth--
	return ok
}

func (r *quickRun) fitsKind(q *quick, v any) bool {
	var kind shape
	switch v := v.(type) {
	case nil:
		kind = isNull
	case bool:
		kind = isBoolean
	case string:
		kind = isString
	case json.Number:
		if q.types&(isNumber|isInteger) == isInteger && !r.integer(string(v), q.noFraction) {
			return false
		}
		kind = isNumber | isInteger
	case []any:
		kind = isList
	case map[string]any:
		kind = isMapping
	default:
		r.lost = true
	}
	if q.types != 0 && q.types&kind == 0 || q.format != nil && !q.format(v) {
		return false
	}
	if q.constant != nil && !r.equal(v, q.constant[0]) {
		return false
	}
	if len(q.enum) == 0 {
		return true
	}
	for _, item := range q.enum {
		if r.equal(v, item) {
			return true
		}
	}
	return false
}

// fitsOthers looks at the keywords for one kind of value, and those that apply other schemas to the value.
func (r *quickRun) fitsOthers(q *quick, v any) bool {
	ok := true
	switch v := v.(type) {
	case string:
		ok = r.fitsText(q, v)
	case json.Number:
		ok = r.fitsNumber(q, string(v))
	case []any:
		ok = r.fitsList(q, v)
	case map[string]any:
		ok = r.fitsMapping(q, v)
	}
	if !ok {
		return false
	}
	for _, list := range [2][]*quick{q.refs, q.all} {
		for _, below := range list {
			if !r.fits(below, v) {
				return false
			}
		}
	}
	if q.anyOf != nil && r.count(q.anyOf, v, 1) == 0 || q.oneOf != nil && r.count(q.oneOf, v, 2) != 1 || q.not != nil && r.fits(q.not, v) {
		return false
	}
	if q.when == nil {
		return true
	}
	then := q.other
	if r.fits(q.when, v) {
		then = q.then
	}
	return then == nil || r.fits(then, v)
}

// count counts the schemas that accept the value, up to enough.
func (r *quickRun) count(list []*quick, v any, enough int) int {
	n := 0
	for _, below := range list {
		if r.fits(below, v) {
			if n++; n == enough {
				break
			}
		}
	}
	return n
}

func (r *quickRun) fitsText(q *quick, s string) bool {
	if q.minLength >= 0 || q.maxLength >= 0 {
		n := utf8.RuneCountInString(s)
		if n < q.minLength || q.maxLength >= 0 && n > q.maxLength {
			return false
		}
	}
	return q.pattern == nil || q.pattern.MatchString(s)
}

func (r *quickRun) fitsNumber(q *quick, n string) bool {
	for _, b := range q.bounds {
		if sign := r.compare(n, b); sign != b.signs[0] && sign != b.signs[1] {
			return false
		}
	}
	if q.multiple == nil {
		return true
	}
	x := r.rat(n)
	return x != nil && x.Quo(x, q.multiple).IsInt()
}

// compare gives -1, 0 or 1: whether the number is less than the bound, equal or more.
func (r *quickRun) compare(n string, b quickBound) int {
	if small, ok := smallInteger(n); ok && b.exact {
		switch {
		case small < b.small:
			return -1
		case small > b.small:
			return 1
		}
		return 0
	}
	x := r.rat(n)
	if x == nil {
		return 0
	}
	return x.Cmp(b.rat)
}

// smallInteger reads a number without fraction and exponent.
func smallInteger(n string) (int64, bool) {
	if len(n) > 18 {
		return 0, false
	}
	small, err := strconv.ParseInt(n, 10, 64)
	return small, err == nil
}

// rat gives the number as it is; nil, and the run is lost, for one that may take long to work out.
func (r *quickRun) rat(n string) *big.Rat {
	if len(n) <= 100 && !strings.ContainsAny(n, "eE") {
		if x, ok := new(big.Rat).SetString(n); ok {
			return x
		}
	}
	r.lost = true
	return nil
}

// integer tells whether a number is one.
func (r *quickRun) integer(n string, noFraction bool) bool {
	if !strings.ContainsAny(n, ".eE") {
		return true
	}
	x := r.rat(n)
	return x != nil && !noFraction && x.IsInt()
}

// equal compares values as JSON Schema does: 1 and 1.0 are equal.
func (r *quickRun) equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		if !ok || a == b {
			return ok
		}
		x, y := r.rat(string(a)), r.rat(string(b))
		return x != nil && y != nil && x.Cmp(y) == 0
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !r.equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name, v := range a {
			if w, there := b[name]; !there || !r.equal(v, w) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return a == b
}
