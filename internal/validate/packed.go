package validate

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/tamerhq/tamer/internal/finding"
)

// A packer writes values one after the other in few bytes. Its counterpart unpacker reads them in the same order.
type packer struct {
	b    []byte
	last string // what prefixed compares with
	line int    // what span counts from
}

// sealed gives all that was written, with a checksum.
func (p *packer) sealed() []byte {
	return binary.LittleEndian.AppendUint32(p.b, crc32.Checksum(p.b, castagnoli))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (p *packer) number(n int) { p.b = binary.AppendVarint(p.b, int64(n)) }

func (p *packer) text(s string) {
	p.number(len(s))
	p.b = append(p.b, s...)
}

func (p *packer) flag(is bool) {
	if is {
		p.b = append(p.b, 1)
		return
	}
	p.b = append(p.b, 0)
}

// prefixed writes a text as how much of the one before it begins with, and the rest.
func (p *packer) prefixed(s string) {
	n := 0
	for n < min(len(s), len(p.last)) && s[n] == p.last[n] {
		n++
	}
	p.number(n)
	p.text(s[n:])
	p.last = s
}

// span writes a place as its distance from the one before.
func (p *packer) span(s finding.Span) {
	p.number(s.Start.Line - p.line)
	p.number(s.Start.Column)
	p.number(s.End.Line - s.Start.Line)
	p.number(s.End.Column - s.Start.Column)
	p.line = s.Start.Line
}

// pack writes how many there are, and each of them.
func pack[T any](p *packer, list []T, each func(T)) {
	p.number(len(list))
	for _, v := range list {
		each(v)
	}
}

// An unpacker reads what a packer has written. Once something is not as a packer writes it, it is bad, and gives zeros.
type unpacker struct {
	b    []byte
	last string
	line int
	bad  bool
}

// unseal gives an unpacker for what a packer has sealed. It is bad from the start where a bit has changed.
func unseal(b []byte) *unpacker {
	n := len(b) - 4
	if n < 0 || crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return &unpacker{bad: true}
	}
	return &unpacker{b: b[:n]}
}

// ok tells whether all was read, and was as it should be.
func (u *unpacker) ok() bool { return !u.bad && len(u.b) == 0 }

func (u *unpacker) fail() { u.b, u.bad = nil, true }

func (u *unpacker) number() int {
	n, used := binary.Varint(u.b)
	if used <= 0 || int64(int(n)) != n {
		u.fail()
		return 0
	}
	u.b = u.b[used:]
	return int(n)
}

// take gives the next n bytes.
func (u *unpacker) take(n int) []byte {
	if n < 0 || n > len(u.b) {
		u.fail()
		return nil
	}
	b := u.b[:n]
	u.b = u.b[n:]
	return b
}

func (u *unpacker) text() string { return string(u.take(u.number())) }

func (u *unpacker) flag() bool {
	b := u.take(1)
	if len(b) == 0 || b[0] > 1 {
		u.fail()
		return false
	}
	return b[0] == 1
}

func (u *unpacker) prefixed() string {
	n := u.number()
	if n < 0 || n > len(u.last) {
		u.fail()
		return ""
	}
	u.last = u.last[:n] + u.text()
	return u.last
}

func (u *unpacker) span() (s finding.Span) {
	s.Start.Line = u.line + u.number()
	s.Start.Column = u.number()
	s.End.Line = s.Start.Line + u.number()
	s.End.Column = s.Start.Column + u.number()
	u.line = s.Start.Line
	return s
}

// unpack reads a list.
func unpack[T any](u *unpacker, each func() T) []T {
	n := u.number()
	if n < 0 || n > len(u.b) { // each takes a byte at least
		u.fail()
		return nil
	}
	var list []T
	for range n {
		list = append(list, each())
		if u.bad {
			return nil
		}
	}
	return list
}
