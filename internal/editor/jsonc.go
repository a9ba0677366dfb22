package editor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// JSON with comments and commas at the end, as VS Code writes it (code.visualstudio.com/docs/languages/json#_json-with-comments): a
// change touches the bytes of what it changes, and nothing else.

// maxNesting bounds how deep the values of a settings file lie in one another.
const maxNesting = 200

// A value is where something stands in a text.
type value struct {
	from, to int
	members  []member // of an object, or a list, whose members have no names
	open     byte     // { or [ or, for a scalar, 0
	comma    bool     // the last member has a comma behind it
	commaEnd int      // behind that comma
}

type member struct {
	name string
	from int // of the name, or of the value
	value
}

// A scanner reads a text once.
type scanner struct {
	text []byte
	at   int
}

var errNotJSON = errors.New("this is no JSON with comments")

func (s *scanner) wrong(what string) error {
	line := 1 + bytes.Count(s.text[:min(s.at, len(s.text))], []byte("\n"))
	return fmt.Errorf("line %d: %s: %w", line, what, errNotJSON)
}

// parseJSON reads a whole text.
func parseJSON(text []byte) (value, error) {
	s := &scanner{text: text}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		s.at = len("\ufeff")
	}
	if err := s.space(); err != nil {
		return value{}, err
	}
	v, err := s.value(0)
	if err != nil {
		return v, err
	}
	if err := s.space(); err != nil {
		return v, err
	}
	if s.at < len(text) {
		return v, s.wrong("something stands behind the end")
	}
	return v, nil
}

// space passes white space and comments.
func (s *scanner) space() error {
	for s.at < len(s.text) {
		switch rest := s.text[s.at:]; {
		case bytes.ContainsRune([]byte(" \t\r\n"), rune(rest[0])):
			s.at++
		case bytes.HasPrefix(rest, []byte("//")):
			if i := bytes.IndexByte(rest, '\n'); i >= 0 {
				s.at += i
			} else {
				s.at = len(s.text)
			}
		case bytes.HasPrefix(rest, []byte("/*")):
			i := bytes.Index(rest[2:], []byte("*/"))
			if i < 0 {
				return s.wrong("a comment does not end")
			}
			s.at += i + 4
		default:
			return nil
		}
	}
	return nil
}

func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scanner) value(depth int) (value, error) {
	if depth > maxNesting {
		return value{}, s.wrong("values lie too deep in one another")
	}
	switch c := s.peek(); c {
	case '{', '[':
		return s.container(c, depth)
	case '"':
		from := s.at
		_, err := s.text1()
		return value{from: from, to: s.at}, err
	}
	from := s.at
	for s.at < len(s.text) && !bytes.ContainsRune([]byte(",]}:\"/ \t\r\n"), rune(s.text[s.at])) {
		s.at++
	}
	if !json.Valid(s.text[from:s.at]) {
		return value{}, s.wrong("a value is missing")
	}
	return value{from: from, to: s.at}, nil
}

// text1 reads a text in quotes.
func (s *scanner) text1() (string, error) {
	from := s.at
	for s.at++; s.at < len(s.text) && s.text[s.at] != '"' && s.text[s.at] != '\n'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	if s.peek() != '"' {
		return "", s.wrong("a quotation mark is missing")
	}
	s.at++
	var text string
	if json.Unmarshal(s.text[from:s.at], &text) != nil {
		return "", s.wrong("a text is not written as JSON writes it")
	}
	return text, nil
}

// container reads an object or a list.
func (s *scanner) container(open byte, depth int) (value, error) {
	v := value{from: s.at, open: open}
	end := open + 2 // ] or }, in ASCII
	s.at++
	for {
		if err := s.space(); err != nil {
			return v, err
		}
		if s.peek() == end {
			s.at++
			v.to = s.at
			return v, nil
		}
		if len(v.members) > 0 && !v.comma {
			return v, s.wrong("a comma is missing")
		}
		m := member{from: s.at}
		if open == '{' {
			if s.peek() != '"' {
				return v, s.wrong("a name in quotes is missing")
			}
			var err error
			if m.name, err = s.text1(); err != nil {
				return v, err
			}
			if err := s.space(); err != nil {
				return v, err
			}
			if s.peek() != ':' {
				return v, s.wrong("a colon is missing")
			}
			s.at++
			if err := s.space(); err != nil {
				return v, err
			}
		}
		var err error
		if m.value, err = s.value(depth + 1); err != nil {
			return v, err
		}
		v.members = append(v.members, m)
		if err := s.space(); err != nil {
			return v, err
		}
		if v.comma = s.peek() == ','; v.comma {
			s.at++
			v.commaEnd = s.at
		}
	}
}

// decoded gives the value without its comments.
func (v value) decoded(text []byte) any {
	switch v.open {
	case '{':
		m := map[string]any{}
		for _, one := range v.members {
			m[one.name] = one.decoded(text)
		}
		return m
	case '[':
		list := []any{}
		for _, one := range v.members {
			list = append(list, one.decoded(text))
		}
		return list
	}
	var scalar any
	_ = json.Unmarshal(text[v.from:v.to], &scalar) // it has been read already
	return scalar
}

// indentOf is the white space before the line on which an offset lies.
func indentOf(text []byte, at int) string {
	line := text[bytes.LastIndexByte(text[:at], '\n')+1:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// unit is what one more level is indented by.
func unit(text []byte) string {
	for line := range bytes.Lines(text) {
		if rest := bytes.TrimLeft(line, " \t"); len(rest) < len(line) && len(bytes.TrimSpace(rest)) > 0 {
			return string(line[:len(line)-len(rest)])
		}
	}
	return "  "
}

// encode writes a value, whose lines but the first are indented.
func encode(v any, indent, unit string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(indent, unit)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("editor: %v is no JSON: %v", v, err)) // we have made it
	}
	return strings.TrimSuffix(b.String(), "\n")
}
