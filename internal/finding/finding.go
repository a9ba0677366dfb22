// Package finding holds the words for one thing that is wrong, or worth knowing, in what a user wrote:
// where it stands, what it is, and what to write instead. What a machine could not do is an error, never a finding.
package finding

import (
	"cmp"
	"slices"
)

// A Level says what a finding does to the verdict.
type Level string

const (
	Failure Level = "failure" // the verdict is a failure
	Warning Level = "warning" // shown, and the verdict stands
	Notice  Level = "notice"  // worth knowing
)

// A Place is a position in a text: line and column count from 1, and a column counts Unicode characters
// (code points), not bytes. The zero Place means "not known".
type Place struct {
	Line   int
	Column int
}

// A Span is the part of a text that a finding is about: End is the place after the last character.
// With a zero End the span is the line of Start.
type Span struct {
	Start, End Place
}

// An Edit mends a fault by a change of the file that a program can make: the text of At is replaced by Text.
// At has both its places, and is empty where Text is only put in.
type Edit struct {
	At   Span
	Text string
}

// A Finding is one thing wrong, or worth knowing, at one place.
type Finding struct {
	Rule    string // stable id, such as "schema-missing"
	Level   Level
	File    string    // slash-separated path in the repository
	At      Span      // a zero Span means the file as a whole
	Pointer string    // JSON Pointer (RFC 6901) of the value; empty for the document, or where there is none
	Cause   string    // of several that one rule may give at one place: what tells them apart, such as a condition; not shown
	Message string    // what is wrong, with the value found; no position, no full stop
	Fix     string    // what to write instead; never empty
	Edit    *Edit     // makes the fix, where it is certain; else nil
	Related []Related // other places that belong to it, such as the line that broke this one; sorted
}

// A Related place is where else one has to look to understand a finding.
type Related struct {
	File    string // empty only while the finding has none either
	At      Span   // a zero Span means the file as a whole
	Message string // what stands there, or stood there; no full stop
}

// Same tells whether two findings are of the same fault, whatever is said about it: what a message suggests may change
// although the fault stays.
func Same(a, b Finding) bool {
	return a.File == b.File && a.Rule == b.Rule && a.Pointer == b.Pointer && a.At.Start == b.At.Start && a.Cause == b.Cause
}

// Compare orders findings by file, then place, then rule and message: the order in which people read them.
func Compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.At.Start.Line, b.At.Start.Line),
		cmp.Compare(a.At.Start.Column, b.At.Start.Column),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Pointer, b.Pointer),
		cmp.Compare(a.Message, b.Message),
	)
}

// In makes findings those of a file, and of the places that belong to them those that are of none.
func In(file string, found []Finding) {
	for i := range found {
		found[i].File = file
		for j := range found[i].Related {
			if r := &found[i].Related[j]; r.File == "" {
				r.File = file
			}
		}
	}
}

// Sort puts findings in the order of Compare.
func Sort(fs []Finding) { slices.SortFunc(fs, Compare) }

// A Count tells how many findings there are of each level.
type Count struct {
	Failures, Warnings, Notices int
}

// Add counts one more finding of the level.
func (c *Count) Add(l Level) {
	switch l {
	case Failure:
		c.Failures++
	case Warning:
		c.Warnings++
	case Notice:
		c.Notices++
	}
}

// Plus gives the sum of both.
func (c Count) Plus(o Count) Count {
	return Count{c.Failures + o.Failures, c.Warnings + o.Warnings, c.Notices + o.Notices}
}

// Max gives the larger number of each level.
func (c Count) Max(o Count) Count {
	return Count{max(c.Failures, o.Failures), max(c.Warnings, o.Warnings), max(c.Notices, o.Notices)}
}

// CountOf counts the findings by level.
func CountOf(fs []Finding) Count {
	var c Count
	for _, f := range fs {
		c.Add(f.Level)
	}
	return c
}
