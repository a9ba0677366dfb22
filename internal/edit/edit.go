// Package edit changes values in the text of YAML and JSON files, and leaves all else as a person wrote it: comments, order,
// quotes, blank lines, indentation and ends of lines. Or it writes all of it in one style, and leaves alone what it says.
//
// No edit is believed: the new text is read again, and must mean exactly what was asked for.
package edit

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// An Op is what is done to a value.
type Op int

const (
	Set   Op = iota // gives the value at Path, which is made where it is not there, with the mappings on the way to it
	Unset           // removes what is at Path
	Move            // takes what is at From to Path, where nothing may be yet; within one mapping it renames the key
)

// A Change is one thing to do. Paths are the tokens of JSON Pointers; "-" as the last one is the place behind the last item of a list.
type Change struct {
	Op       Op
	Document int // from 0
	Path     []string
	From     []string // of Move
	Value    any      // of Set: as package document gives values
}

// Apply gives the text of a file after changes, each of which is made to what the one before left. A file whose name ends with
// .json stays JSON. Where one of them cannot be made without changing more than was asked, there is an error for the person who
// asked, and no text. What changes nothing gives src itself.
func Apply(name string, src []byte, changes []Change, limits document.Limits) ([]byte, error) {
	docs, found := document.Parse(src, limits)
	if len(found) > 0 {
		return nil, unread(found[0])
	}
	out, _, err := ApplyTo(name, src, docs, changes, limits)
	return out, err
}

// ApplyTo is Apply for a file that has been read: docs are its documents. It gives besides what those of the new text mean.
func ApplyTo(name string, src []byte, docs []*document.Document, changes []Change, limits document.Limits) (out []byte, values []any, err error) {
	first, err := newPage(name, src, docs)
	if err != nil {
		return nil, nil, err
	}
	s := &session{name: name, limits: limits, page: first}
	for _, d := range docs {
		s.values = append(s.values, d.Value)
	}
	for _, c := range changes {
		if err := s.do(c); err != nil {
			return nil, nil, err
		}
	}
	if s.page == first && len(s.pending) == 0 {
		return src, s.values, nil
	}
	out, proven := s.provenPart()
	if !proven {
		if err := s.flush(); err != nil {
			return nil, nil, err
		}
		if err := s.prove(); err != nil {
			return nil, nil, err
		}
		out = s.page.src
	}
	if len(src) != len(first.src) {
		out = append([]byte(mark), out...)
	}
	return out, s.values, nil
}

func unread(f finding.Finding) error {
	return fmt.Errorf("line %d, column %d: %s", f.At.Start.Line, f.At.Start.Column, f.Message)
}

// mark is the byte order mark of UTF-8.
const mark = "\ufeff"

// A session makes changes to one file. Those that do not touch each other are made together.
type session struct {
	name    string
	limits  document.Limits
	page    *page
	values  []any // what the documents are to mean
	pending []splice
	zones   zones
}

// A splice replaces the bytes from one offset up to another.
type splice struct {
	from, to int
	text     string
}

func (s *session) do(c Change) error {
	if c.Document < 0 || c.Document >= len(s.values) {
		return fmt.Errorf("there is no document %d in this file: it has %d", c.Document+1, len(s.values))
	}
	steps, err := s.steps(c)
	if err != nil {
		return fmt.Errorf("%s: %w", pointer(c.Path), err)
	}
	for _, one := range steps {
		if err := s.step(one); err != nil {
			return fmt.Errorf("%s: %w", pointer(one.path), err)
		}
	}
	return nil
}

func pointer(path []string) string {
	if len(path) == 0 {
		return "the document"
	}
	return document.Pointer(path)
}

// steps gives the small steps of which a change is made.
func (s *session) steps(c Change) ([]step, error) {
	root := s.values[c.Document]
	switch c.Op {
	case Unset:
		if len(c.Path) == 0 {
			return nil, errors.New("a document as a whole cannot be removed; remove the file")
		}
		if _, ok := document.ValueAt(root, c.Path); !ok {
			return nil, nil
		}
		return []step{{kind: remove, doc: c.Document, path: c.Path}}, nil
	case Move:
		return moves(root, c)
	}
	return sets(root, c)
}

// step makes one step, together with those before it where that can be.
func (s *session) step(one step) error {
	next, err := one.done(s.values[one.doc])
	if err != nil {
		return err
	}
	if s.zones.meets(one) {
		if err := s.flush(); err != nil {
			return err
		}
	}
	if err := s.make(one); err != nil {
		return err
	}
	s.values[one.doc] = next
	return nil
}

func (s *session) make(one step) error {
	if one.kind == move {
		return s.carry(one)
	}
	splices, err := s.page.splices(one)
	if err != nil {
		return err
	}
	if s.overlaps(splices) {
		if err := s.flush(); err != nil {
			return err
		}
		if splices, err = s.page.splices(one); err != nil {
			return err
		}
	}
	s.put(splices)
	s.zones.add(one)
	return nil
}

func compareSplices(a, b splice) int { return a.from - b.from }

// put adds splices, which overlap with none, in their order.
func (s *session) put(splices []splice) {
	for _, one := range splices {
		at, _ := slices.BinarySearchFunc(s.pending, one, compareSplices)
		s.pending = slices.Insert(s.pending, at, one)
	}
}

// overlaps tells whether one of the splices touches what another one is to change.
func (s *session) overlaps(splices []splice) bool {
	for _, one := range splices {
		at, same := slices.BinarySearchFunc(s.pending, one, compareSplices)
		if same || at > 0 && s.pending[at-1].to > one.from || at < len(s.pending) && s.pending[at].from < one.to {
			return true
		}
	}
	return false
}

// spliced gives the text with what is pending; false where that contradicts itself.
func (s *session) spliced() ([]byte, bool) {
	out := make([]byte, 0, len(s.page.src)+64*len(s.pending))
	at := 0
	for _, one := range s.pending {
		if one.from < at || one.to > len(s.page.src) {
			return nil, false
		}
		out = append(append(out, s.page.src[at:one.from]...), s.page.native(one.text)...)
		at = one.to
	}
	return append(out, s.page.src[at:]...), true
}

// flush makes what is pending, and reads the text anew.
func (s *session) flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	out, ok := s.spliced()
	if !ok {
		return errMore
	}
	docs, found := document.Parse(out, s.limits)
	if len(found) > 0 {
		return fmt.Errorf("the file could no longer be read: %w", unread(found[0]))
	}
	next, err := newPage(s.name, out, docs)
	if err != nil {
		return err
	}
	s.page, s.pending, s.zones = next, nil, zones{}
	return nil
}

// errMore is said where an edit would not do just what was asked.
var errMore = errors.New("the text cannot be changed here without changing more than was asked: change it by hand")

// prove compares what the file means with what it is to mean.
func (s *session) prove() error {
	if len(s.page.docs) != len(s.values) {
		return errMore
	}
	for i, d := range s.page.docs {
		if !diff.Equal(d.Value, s.values[i]) {
			return errMore
		}
	}
	return nil
}
