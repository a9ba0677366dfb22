// Package outside holds the words for what is asked of the operator's own systems: queries to live data, and checks by
// programs of their own. What comes back from there is plain values; why something did not come back is a Fault, and no
// text of the other side's.
package outside

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
)

// A Query asks a source for the values of one declared query.
type Query struct {
	Source string
	Name   string
	Args   map[string]string // by name, as Text gives them
}

// String is SOURCE/QUERY, as people read it.
func (q Query) String() string { return q.Source + "/" + q.Name }

// Key is the query with its arguments as one text: distinct queries have distinct keys.
func (q Query) Key() string {
	parts := []string{q.Source, q.Name}
	for _, name := range slices.Sorted(maps.Keys(q.Args)) {
		parts = append(parts, name, q.Args[name])
	}
	b, err := json.Marshal(parts)
	if err != nil {
		return strings.Join(parts, "\x00") // texts always have a JSON form
	}
	return string(b)
}

// A Fault says why something was not answered. It is all that leaves the hand: errors of a source may hold rows.
type Fault string

const (
	Answered      Fault = ""
	UnknownSource Fault = "unknown source" // none that this repository may use has the name
	UnknownQuery  Fault = "unknown query"
	WrongArgs     Fault = "wrong arguments" // the query takes others
	Silent        Fault = "no answer"       // worth another try
	Unusable      Fault = "unusable answer" // an answer of the wrong shape or size, or a refusal
	Spent         Fault = "budget spent"    // one pull request may not ask for so much
)

// An Answer is what became of a Query.
type Answer struct {
	Fault  Fault
	Near   string   // with UnknownSource and UnknownQuery: the name that was likely meant, if any
	Args   []string // with WrongArgs: the names that the query takes
	Values Values
}

// Values are a set of scalars. The kinds of a source are not those of YAML, so they are compared as texts, and numbers by
// their value: 1 is in a set that was made of "1.00", and so is the text "1.00". What kind a value must have says its schema.
type Values map[string]struct{}

// Add puts the text of a value in.
func (v Values) Add(text string) {
	v[text] = struct{}{}
	if n, ok := number(text); ok {
		v[n] = struct{}{}
	}
}

// Has tells whether the set holds a value of a document.
func (v Values) Has(value any) bool {
	if n, ok := value.(json.Number); ok {
		if key, ok := number(n.String()); ok {
			_, has := v[key]
			return has
		}
	}
	text, ok := Text(value)
	_, has := v[text]
	return ok && has && !strings.HasPrefix(text, "\x00")
}

// Text gives a scalar of a document as a text; not null, lists and mappings.
func Text(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case bool:
		return strconv.FormatBool(value), true
	case json.Number:
		return value.String(), true
	}
	return "", false
}

// number gives the one form of all ways to write a decimal number: its digits without zeros at the ends, and the power of ten
// of the last one. The NUL before it keeps numbers apart from texts.
func number(text string) (string, bool) {
	if !json.Valid([]byte(text)) || text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return "", false
	}
	digits, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	power := 0
	if exponent != "" {
		var err error
		if power, err = strconv.Atoi(exponent); err != nil || power > 1e9 || power < -1e9 {
			return "", false
		}
	}
	digits, negative := strings.CutPrefix(digits, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	digits = strings.TrimLeft(whole+fraction, "0")
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return "\x000", true
	}
	power += len(digits) - len(short) - len(fraction)
	sign := ""
	if negative {
		sign = "-"
	}
	return "\x00" + sign + short + "e" + strconv.Itoa(power), true
}

// A Check is a program of the operator's that judges configs.
type Check struct {
	Name  string
	Types []string // of config; empty: all
	Paths []string // patterns of path.Match; empty: all
}

// Allows tells whether one of the patterns OWNER/NAME and OWNER/* means the repository. GitHub's names ignore case.
func Allows(patterns []string, repo forge.Repo) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(strings.ToLower(p), strings.ToLower(repo.String()))
		return ok && err == nil
	})
}
