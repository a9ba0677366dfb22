package source

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/outside"
)

// A selection reads a JSON text once, from its beginning to its end, and keeps nothing but what the pointer of a query selects: as values in
// memory, an answer takes fifty times its bytes.
type selection struct {
	Query
	dec    *json.Decoder
	tokens []string // of the pointer
	met    []int    // how many values were met at each of them
	values outside.Values
	over   json.RawMessage // what was skipped last
}

// selected gives what the query selects, at most so many values at each step. A list or object that is missing where one is named is no
// answer; a property that some of many items lack is.
func selected(src []byte, q Query) (outside.Values, error) {
	s := selection{Query: q, dec: json.NewDecoder(bytes.NewReader(src)), tokens: pointerTokens(q.JSON), values: outside.Values{}}
	s.met = make([]int, len(s.tokens))
	s.dec.UseNumber()
	if err := s.value(0); err != nil {
		return nil, err
	}
	if _, err := s.dec.Token(); err != io.EOF {
		return nil, errNoJSON
	}
	return s.values, nil
}

var errNoJSON = unusablef("the answer is no JSON")

func pointerTokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, t := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
	}
	return tokens
}

// value reads one value, to which the tokens before the one of that number have led.
func (s *selection) value(at int) error {
	token, err := s.dec.Token()
	if err != nil {
		return errNoJSON
	}
	if at == len(s.tokens) {
		return s.leaf(token)
	}
	switch {
	case token == json.Delim('{'):
		err = s.object(at)
	case token == json.Delim('[') && s.tokens[at] == "*":
		err = s.list(at)
	case token == json.Delim('['):
		return unusablef("the answer has a list where the query looks for %q", s.tokens[at])
	default:
		return unusablef("the answer has no list or object where the query looks for %q", s.tokens[at])
	}
	if err != nil {
		return err
	}
	if _, err := s.dec.Token(); err != nil { // its end
		return errNoJSON
	}
	return nil
}

func (s *selection) leaf(value any) error {
	text, ok := outside.Text(value)
	if !ok && value != nil {
		return unusablef("%s selects lists or objects in the answer; it must select texts, numbers or booleans", s.JSON)
	}
	if ok {
		s.values.Add(text)
	}
	return nil
}

func (s *selection) list(at int) error {
	for s.dec.More() {
		if err := s.child(at); err != nil {
			return err
		}
	}
	return nil
}

func (s *selection) object(at int) error {
	name, found := s.tokens[at], false
	for s.dec.More() {
		key, err := s.dec.Token()
		if err != nil {
			return errNoJSON
		}
		switch {
		case name == "*":
			err = s.child(at)
		case key != name:
			err = s.skip()
		case found:
			return unusablef("the answer has %q twice where the query looks", name)
		default:
			found, err = true, s.child(at)
		}
		if err != nil {
			return err
		}
	}
	if name != "*" && !found && !slices.Contains(s.tokens[:at], "*") {
		return unusablef("the answer has no %q where the query looks", name)
	}
	return nil
}

// child reads a value that the token leads to.
func (s *selection) child(at int) error {
	if s.met[at]++; s.met[at] > s.Rows {
		return unusablef("the answer has more than %d values", s.Rows)
	}
	return s.value(at + 1)
}

func (s *selection) skip() error {
	if s.dec.Decode(&s.over) != nil {
		return errNoJSON
	}
	return nil
}
