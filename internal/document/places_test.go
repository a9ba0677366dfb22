package document

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/finding"
)

// Every place that is told lies in the file, and what stands at the place of a value is that value.
func FuzzPlaces(f *testing.F) {
	for _, s := range []string{
		"a: 1\nb: [x, \"y\", 'it''s', {c: ~}]\n", "- é: ü\r- 日本: 'x'\r\n", "a: &x [1]\nb: *x\nc: {<<: {d: 1}}\n", "a: |\n  one\n\n  two\nb: >-\n  folded\n  text\n",
		"%YAML 1.2\n---\n!!str 1\n--- # next\n\"a\\\n  b\"\n...\n", "? k\n: v\n? [x]\n: y\n", "\xef\xbb\xbfa: 1\n", "{\"a\":\t[true,\n\tfalse]}", "a:\n\t- b\n", "! \"!\"", "?", ": &x [:]\n0: *x", "a: \"\\ud83d\\ude00\"\nb: '\\ud83d\\ude00'\n", "0E1000\n", "a: [1\nb: \"x\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		docs, found := Parse(src, Limits{Bytes: 1 << 14, Nodes: 2000})
		text, unread := decoded(src)
		if unread != nil {
			return // its lines are those of no text
		}
		in := newText(text)
		for _, x := range found {
			inFile(t, in, x.At)
		}
		for _, d := range docs {
			standsThere(t, in, d, d.Value, nil)
		}
	})
}

// inFile tells whether a span begins and ends in a text, in that order. The place after the last character of a line counts.
func inFile(t *testing.T, in *text, at finding.Span) {
	t.Helper()
	within := func(p finding.Place) bool {
		lines := in.split()
		if p.Line < 1 || p.Line > len(lines) || p.Column < 1 {
			return false
		}
		l := lines[p.Line-1]
		return p.Column <= utf8.RuneCount(in.src[l.start:l.end])+2
	}
	after := at.End.Line > at.Start.Line || at.End.Line == at.Start.Line && at.End.Column >= at.Start.Column
	if !within(at.Start) || at.End != (finding.Place{}) && (!within(at.End) || !after) {
		t.Errorf("%+v is no place in the file", at)
	}
}

func standsThere(t *testing.T, in *text, d *Document, v any, tokens []string) {
	spot := d.Find(tokens)
	inFile(t, in, spot.Value)
	if !spot.Exact {
		t.Fatalf("%q is not found", tokens)
	}
	if written, ok := d.Source(spot.Value); ok && written != "" && d.root != nil { // a document of nothing stands where the file begins
		if _, reads := readsAs(written, v); !reads {
			t.Errorf("at %+v of %q stands %q, and not %#v", spot.Value, tokens, written, v)
		}
	}
	if origin, elsewhere := d.Origin(tokens); elsewhere {
		inFile(t, in, origin.Spot.Value)
		if written, ok := d.Source(origin.Spot.Value); ok && written != "" {
			if _, reads := readsAs(written, v); !reads {
				t.Errorf("%q comes from %+v, where %q stands, and not %#v", tokens, origin, written, v)
			}
		}
	}
	said, isText := v.(string)
	for i, p := range d.Lines(tokens) {
		if !isText {
			break
		}
		line := strings.Split(said, "\n")[i]
		if rest := string(in.rest(p)); !strings.HasPrefix(rest, line) {
			t.Errorf("line %d of %q is %q, but there stands %q", i+1, tokens, line, rest)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for name, below := range v {
			at := append(tokens[:len(tokens):len(tokens)], name)
			stands := d.Find(at)
			through, _ := d.Source(stands.Value) // below an alias the key is that of the alias
			if written, ok := d.Source(stands.Key); ok && written != "" && !strings.HasPrefix(through, "*") && !isName(written, name) {
				t.Errorf("at the key of %q stands %q", at, written)
			}
			standsThere(t, in, d, below, at)
		}
	case []any:
		for i, below := range v {
			standsThere(t, in, d, below, append(tokens[:len(tokens):len(tokens)], strconv.Itoa(i)))
		}
	}
}

// readsAs tells whether what is written is that value; an alias may be any.
func readsAs(written string, v any) (any, bool) {
	if s, ok := v.(string); ok && s == written || strings.HasPrefix(written, "*") {
		return v, true
	}
	docs, _ := Parse([]byte(written), Limits{})
	if len(docs) != 1 {
		return nil, false
	}
	return docs[0].Value, sameJSON(docs[0].Value, v)
}

func sameJSON(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func isName(written, name string) bool {
	if written == name {
		return true
	}
	_, reads := readsAs(written, name)
	return reads
}
