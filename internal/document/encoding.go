package document

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/finding"
)

// decoded gives the text of a file as UTF-8 without a byte order mark: places then count what an editor shows. The source
// is UTF-8, or UTF-16 with a byte order mark (yaml.org/spec/1.2.2, section 5.2). For anything else it gives a finding.
func decoded(src []byte) ([]byte, *finding.Finding) {
	if rest, ok := bytes.CutPrefix(src, []byte("\xff\xfe")); ok {
		return fromUTF16(rest, binary.LittleEndian)
	}
	if rest, ok := bytes.CutPrefix(src, []byte("\xfe\xff")); ok {
		return fromUTF16(rest, binary.BigEndian)
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if i := bytes.IndexByte(src, 0); i >= 0 {
		return nil, notText(src, i, "this is a binary file, not YAML text", "save it as UTF-8 text, or move it out of the configuration directories")
	}
	if !utf8.Valid(src) {
		return nil, notText(src, invalidAt(src), "this character is not UTF-8: the file was saved with another encoding", "save the file with the encoding UTF-8")
	}
	return src, nil
}

func fromUTF16(src []byte, order binary.ByteOrder) ([]byte, *finding.Finding) {
	text := make([]byte, 0, len(src))
	for len(src) >= 2 {
		r := rune(order.Uint16(src))
		src = src[2:]
		if utf16.IsSurrogate(r) && len(src) >= 2 {
			r = utf16.DecodeRune(r, rune(order.Uint16(src)))
			src = src[2:]
		}
		if r == 0 || r == utf8.RuneError || utf16.IsSurrogate(r) {
			return nil, notText(text, len(text), "this is no UTF-16 text, though the file begins with its byte order mark", "save the file with the encoding UTF-8")
		}
		text = utf8.AppendRune(text, r)
	}
	if len(src) > 0 {
		return nil, notText(text, len(text), "the file ends in the middle of a character", "save the file with the encoding UTF-8")
	}
	return text, nil
}

// invalidAt is the offset of the first byte that is not part of a UTF-8 character.
func invalidAt(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(src)
}

func notText(src []byte, offset int, message, fix string) *finding.Finding {
	return &finding.Finding{
		Rule: "encoding", Level: finding.Failure, At: newText(src).spanAt(offset), Message: message, Fix: fix,
	}
}
