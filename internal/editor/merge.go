package editor

import (
	"bytes"
	"reflect"
	"slices"
)

// A settings is a text in JSON with comments that is being changed.
type settings struct {
	text []byte
	err  error
}

// set gives the member that names lead to a value, and makes what is missing on the way.
func (s *settings) set(v any, names ...string) {
	s.change(func(root value) {
		at := root
		for i, name := range names {
			m := at.member(name)
			if m == nil {
				s.insert(at, name, nest(v, names[i+1:]))
				return
			}
			at = m.value
			if i == len(names)-1 {
				s.replace(at, v)
			} else if at.open != '{' {
				s.replace(at, nest(v, names[i+1:]))
				return
			}
		}
	})
}

// setNew is set that leaves a value that is there.
func (s *settings) setNew(v any, name string) {
	s.change(func(root value) {
		if root.member(name) == nil {
			s.insert(root, name, v)
		}
	})
}

// add puts a value at the end of a list, unless the list has one that is the same thing; that one is replaced.
func (s *settings) add(v any, same func(old any) bool, name string) {
	s.change(func(root value) {
		list := root.member(name)
		if list == nil || list.open != '[' {
			s.set([]any{v}, name)
			return
		}
		for _, m := range list.members {
			if same(m.decoded(s.text)) {
				s.replace(m.value, v)
				return
			}
		}
		s.insert(list.value, "", v)
	})
}

// remove takes the members that are old away from the object or list that a name leads to, and no comment but those behind them on
// their lines.
func (s *settings) remove(old func(name string, v any) bool, from string) {
	for again := true; again && s.err == nil; {
		again = false
		s.change(func(root value) {
			if at := root.member(from); at != nil {
				i := slices.IndexFunc(at.members, func(m member) bool { return old(m.name, m.decoded(s.text)) })
				if again = i >= 0; again {
					s.cut(at.value, i)
				}
			}
		})
	}
}

// cut takes away the i-th member.
func (s *settings) cut(at value, i int) {
	m := at.members[i]
	start, end := m.from-len(indentBefore(s.text, m.from)), m.to
	if i+1 < len(at.members) || at.comma {
		end = s.commaBehind(end) + 1
	}
	if next := s.lineEnd(end); start == 0 || s.text[start-1] == '\n' {
		if end = next; end < len(s.text) && s.text[end] == '\r' {
			end++
		}
		if end < len(s.text) && s.text[end] == '\n' {
			end++
		}
	}
	s.splice(start, end, "")
	if i > 0 && i+1 == len(at.members) && !at.comma { // the one before is now the last one
		comma := s.commaBehind(at.members[i-1].to)
		s.splice(comma, comma+1, "")
	}
}

// commaBehind is where the comma stands that follows a value, behind comments perhaps.
func (s *settings) commaBehind(at int) int {
	scan := &scanner{text: s.text, at: at}
	_ = scan.space() // which has been passed before
	return scan.at
}

// indentBefore is the white space right before an offset, on its line.
func indentBefore(text []byte, at int) string {
	line := text[bytes.LastIndexByte(text[:at], '\n')+1 : at]
	return string(line[len(bytes.TrimRight(line, " \t")):])
}

// change reads the text and has it changed once.
func (s *settings) change(do func(root value)) {
	if s.err != nil {
		return
	}
	if len(bytes.TrimSpace(s.text)) == 0 {
		s.text = []byte("{}\n")
	}
	root, err := parseJSON(s.text)
	if err == nil && root.open != '{' {
		err = errNotJSON
	}
	if err != nil {
		s.err = err
		return
	}
	do(root)
}

func (v value) member(name string) *member {
	for i := range v.members {
		if v.members[i].name == name {
			return &v.members[i]
		}
	}
	return nil
}

// nest gives a value within objects of the names.
func nest(v any, names []string) any {
	for _, name := range slices.Backward(names) {
		v = map[string]any{name: v}
	}
	return v
}

// replace puts another value in the place of one, if it is another.
func (s *settings) replace(old value, v any) {
	if !reflect.DeepEqual(old.decoded(s.text), plain(v)) {
		s.splice(old.from, old.to, encode(v, indentOf(s.text, old.from), unit(s.text)))
	}
}

func (s *settings) splice(from, to int, with string) {
	s.text = bytes.Join([][]byte{s.text[:from], []byte(with), s.text[to:]}, nil)
}

// insert puts a member at the end of an object, or of a list where it has no name.
func (s *settings) insert(into value, name string, v any) {
	outer := indentOf(s.text, into.from)
	indent := outer + unit(s.text)
	inLine := into.open == '[' && len(into.members) > 0 && !bytes.Contains(s.text[into.from:into.to], []byte("\n"))
	written := encode(v, indent, unit(s.text))
	if into.open == '{' {
		written = encode(name, "", "") + ": " + written
	}
	if len(into.members) == 0 {
		s.splice(into.from+1, into.from+1, "\n"+indent+written)
		if end := into.to + len("\n"+indent+written) - 1; len(bytes.TrimSpace(s.text[bytes.LastIndexByte(s.text[:end], '\n')+1:end])) > 0 {
			s.splice(end, end, "\n"+outer)
		}
		return
	}
	last := into.members[len(into.members)-1]
	switch {
	case inLine && !into.comma:
		s.splice(last.to, last.to, ", "+written)
	case into.comma:
		at := s.lineEnd(into.commaEnd)
		s.splice(at, at, "\n"+indent+written+",")
	default:
		at := s.lineEnd(last.to)
		s.splice(at, at, "\n"+indent+written)
		s.splice(last.to, last.to, ",")
		s.closeLine(into, outer)
	}
}

// closeLine sees to it that what is now the last member does not share its line with the end of what holds it.
func (s *settings) closeLine(into value, outer string) {
	root, err := parseJSON(s.text)
	if err != nil {
		s.err = err
		return
	}
	if v := root.startingAt(into.from); v != nil {
		last := v.members[len(v.members)-1]
		if rest := s.text[last.to : v.to-1]; !bytes.Contains(rest, []byte("\n")) {
			s.splice(v.to-1, v.to-1, "\n"+outer)
		}
	}
}

func (v value) startingAt(from int) *value {
	if v.from == from {
		return &v
	}
	for _, m := range v.members {
		if found := m.value.startingAt(from); found != nil {
			return found
		}
	}
	return nil
}

// lineEnd is where the line ends on which an offset lies, if nothing but white space and a comment stands there; else the offset.
func (s *settings) lineEnd(at int) int {
	scan := &scanner{text: s.text, at: at}
	for scan.at < len(s.text) {
		switch rest := s.text[scan.at:]; {
		case rest[0] == ' ' || rest[0] == '\t':
			scan.at++
		case rest[0] == '\n':
			return scan.at
		case bytes.HasPrefix(rest, []byte("\r\n")):
			return scan.at
		case bytes.HasPrefix(rest, []byte("//")):
			if i := bytes.IndexByte(rest, '\n'); i >= 0 {
				return scan.at + len(bytes.TrimRight(rest[:i], "\r"))
			}
			return len(s.text)
		default:
			return at
		}
	}
	return at
}

// plain gives a value as JSON would be read.
func plain(v any) any {
	parsed, err := parseJSON([]byte(encode(v, "", "")))
	if err != nil {
		return v
	}
	return parsed.decoded([]byte(encode(v, "", "")))
}
