package validate

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/document"
)

// maxKeptValue bounds what is kept of the values of one file, in bytes: a larger one is parsed again.
const maxKeptValue = 256 << 10

// packValues writes the values of a file's documents; nil where its words matter too: a yes or no that is a text is told of.
func packValues(docs []*document.Document) []byte {
	b := binary.AppendUvarint(nil, uint64(len(docs)))
	for _, doc := range docs {
		if b = appendValue(b, doc.Value); doc.YesNo() != nil || len(b) > maxKeptValue {
			return nil
		}
	}
	return (&packer{b: b}).sealed()
}

func appendText(b []byte, kind byte, s string) []byte {
	return append(binary.AppendUvarint(append(b, kind), uint64(len(s))), s...)
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(b, 't')
		}
		return append(b, 'f')
	case string:
		return appendText(b, 's', v)
	case json.Number:
		return appendText(b, 'n', string(v))
	case []any:
		b = binary.AppendUvarint(append(b, '['), uint64(len(v)))
		for _, item := range v {
			b = appendValue(b, item)
		}
		return b
	case map[string]any:
		b = binary.AppendUvarint(append(b, '{'), uint64(len(v)))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			b = appendValue(appendText(b, 's', key), v[key])
		}
		return b
	}
	return append(b, '0') // null
}

// unpackValues reads what packValues wrote, as documents without places; false where it is damaged.
func unpackValues(b []byte) ([]*document.Document, bool) {
	u := unseal(b)
	if u.bad {
		return nil, false
	}
	r := valueReader{rest: u.b}
	var docs []*document.Document
	for range r.count() {
		docs = append(docs, document.Bare(r.value()))
	}
	return docs, !r.damaged && len(r.rest) == 0
}

type valueReader struct {
	rest    []byte
	damaged bool
}

// count reads a number of things, of which each takes a byte at least.
func (r *valueReader) count() int {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > uint64(len(r.rest)-size) {
		r.damaged, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

func (r *valueReader) text() string {
	n := r.count()
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *valueReader) value() any {
	if len(r.rest) == 0 {
		r.damaged = true
		return nil
	}
	kind := r.rest[0]
	r.rest = r.rest[1:]
	switch kind {
	case 't', 'f':
		return kind == 't'
	case 's':
		return r.text()
	case 'n':
		return json.Number(r.text())
	case '[':
		list := make([]any, r.count())
		for i := range list {
			list[i] = r.value()
		}
		return list
	case '{':
		n := r.count()
		m := make(map[string]any, n)
		for range n {
			if len(r.rest) > 0 && r.rest[0] == 's' {
				r.rest = r.rest[1:]
			} else {
				r.damaged = true
			}
			key := r.text()
			m[key] = r.value()
		}
		return m
	case '0':
		return nil
	}
	r.damaged = true
	return nil
}
