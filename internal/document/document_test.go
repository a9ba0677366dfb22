package document

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/tamerhq/tamer/internal/finding"
)

func TestValues(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty file", "", `null`},
		{"comment only", "# nothing\n", `null`},
		{"core schema", "a: null\nb: ~\nc: True\nd: 12\ne: -1.50\nf: yes\ng: 0x1F\nh: 0o17\ni: 010\nj: +7\nk: .5\nl: 1e3\n",
			`{"a":null,"b":null,"c":true,"d":12,"e":-1.50,"f":"yes","g":31,"h":15,"i":10,"j":7,"k":0.5,"l":1e3}`},
		{"not numbers", "a: 1_000\nb: 1.2.3\nc: 0x\nd: '12'\ne: 12h\nf: '-'\ng: 1e\nh: ++1\ni: .\nj: 0E+\nk: 1e+-5\nl: 1e5x\n",
			`{"a":"1_000","b":"1.2.3","c":"0x","d":"12","e":"12h","f":"-","g":"1e","h":"++1","i":".","j":"0E+","k":"1e+-5","l":"1e5x"}`},
		{"digits are kept", "a: 123456789012345678901234567890\nb: 0.1000\n", `{"a":123456789012345678901234567890,"b":0.1000}`},
		{"dates are texts", "a: 2024-01-02\nb: !!timestamp 2024-01-02\nc: !!binary aGk=\n", `{"a":"2024-01-02","b":"2024-01-02","c":"aGk="}`},
		{"tags that fit", "a: !!str 1\nb: !!int 7\nc: !!int '0x1F'\nd: !!float 1\ne: !!null ~\nf: !!bool True\ng: !!str\nh: !!seq [1]\n",
			`{"a":"1","b":7,"c":31,"d":1,"e":null,"f":true,"g":"","h":[1]}`},
		{"tags of YAML 1.1", "a: !!set {x, y}\nb: !!omap [x: 1]\nc: !!pairs [x: 1, x: 2]\n", `{"a":{"x":null,"y":null},"b":[{"x":1}],"c":[{"x":1},{"x":2}]}`},
		{"aliases and merges", "base: &b {x: 1, y: 2}\nuse: *b\nmore:\n  <<: *b\n  y: 3\n", `{"base":{"x":1,"y":2},"more":{"x":1,"y":3},"use":{"x":1,"y":2}}`},
		{"merge of several: the first wins", "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc: {<<: [*a, *b]}\n", `{"a":{"x":1},"b":{"x":2,"z":3},"c":{"x":1,"z":3}}`},
		{"merge key with its tag", "a: &a {x: 1}\nb: {!!merge <<: *a}\n", `{"a":{"x":1},"b":{"x":1}}`},
		{"quoted merge key is a key", `{"<<": 1}`, `{"\u003c\u003c":1}`},
		{"keys are as written", "1: a\ntrue: b\n~: c\n", `{"1":"a","true":"b","~":"c"}`},
		{"several documents", "a: 1\n---\nb: 2\n", `{"a":1}|{"b":2}`},
		{"json", "{\"a\":\t[1, \"x\"]}", `{"a":[1,"x"]}`},
		{"windows line ends", "a: 1\r\nb: x\r\n", `{"a":1,"b":"x"}`},
		{"lone CR", "a: 1\rb: x\r", `{"a":1,"b":"x"}`},
		{"byte order mark", "\xef\xbb\xbfa: 1\n", `{"a":1}`},
		{"UTF-16, little end first", utf16LE("é: 😀\r\n"), `{"é":"😀"}`},
		{"UTF-16, big end first", "\xfe\xff\x00a\x00:\x00 \x00\xe9", `{"a":"é"}`},
		{"json with tabs", "{\n\t\"a\": \"x\\/y\",\n\t\"b\": [\n\t\t1\n\t]\n}\n", `{"a":"x/y","b":[1]}`},
		{"directives", "%YAML 1.2\n%OTHER x\n---\na: 1\n...\n%YAML 1.3\n---\nb: 2\n", `{"a":1}|{"b":2}`},
		{"no directive", "a: |\n  x\n  %YAML 1.2\n", `{"a":"x\n%YAML 1.2\n"}`},
		{"question marks in brackets", "a: [one?, ?two]\nb: {c: d?}\n", `{"a":["one?","?two"],"b":{"c":"d?"}}`},
		{"anchor on a key", "&a a: b\nc: *a\n&n 1: x\nd: *n\n", `{"1":"x","a":"b","c":"a","d":1}`},
		{"anchor in a merge", "a:\n  <<: &b {x: 1}\n  y: *b\n", `{"a":{"x":1,"y":{"x":1}}}`},
		{"the tag ! makes a text", "a: ! 12\nb: &x ! true\nc: !\n  3\nd: !!int 4\ne: a! b\nf: !", `{"a":"12","b":"true","c":"3","d":4,"e":"a! b","f":""}`},
		{"characters of two escapes", `{"a": "x\ud83d\uDE00y", "\uD83D\ude00": 1}` + "\n---\na: \\ud83d\\ude00\nb: '\\ud83d\\ude00'\nc: \"\\\\ud83d\"\n",
			`{"a":"x😀y","😀":1}|{"a":"\\ud83d\\ude00","b":"\\ud83d\\ude00","c":"\\ud83d"}`},
		{"line separators are characters", "a: x\u2028y\nb: \"z\u0085\"\n", `{"a":"x\u2028y","b":"z` + "\u0085" + `"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			docs, found := Parse([]byte(c.in), Limits{})
			if len(found) > 0 {
				t.Fatalf("findings: %v", found)
			}
			var got []string
			for _, d := range docs {
				b, err := json.Marshal(d.Value)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(b))
			}
			if s := strings.Join(got, "|"); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

// Every fault stands where a person must type, and says what to write.
func TestFaults(t *testing.T) {
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	var many strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&many, "k%d: 1\n", i)
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), c-1)
	}
	for _, c := range []struct{ name, in, want string }{
		{"two colons", "a: b: c\n", "1:5 yaml: a colon stands where no new key can begin"},
		{"wrong indentation", "a:\n  b: 1\n c: 2\n", "3:2 yaml: this line is not indented like its neighbours"},
		{"unclosed list", "x: 1\na: [1, 2\nb: 3\n", `2:4 yaml: this "[" is never closed`},
		{"unclosed mapping", "a: {b: 1\nc: 2\n", `1:4 yaml: this "{" is never closed`},
		{"unclosed quote", "x: 1\na: \"abc\nb: 3\n", "2:4 yaml: this quote is never closed"},
		{"tab", "a:\n\tb: 1\n", "2:1 yaml: a tab stands where only spaces can"},
		{"second document", "a: 1\n---\nb: [\n", `3:4 yaml: this "[" is never closed`},
		{"key twice", "a: 1\nb: 2\na: 3\n", `3:1 yaml: the key "a" stands twice in this mapping`},
		{"key twice, once quoted", "1: x\n\"1\": y\n", `2:1 yaml: the key "1" stands twice in this mapping`},
		{"list as key", "[a]: 1\n", "1:1 yaml: a key must be a single text, not a list or a mapping"},
		{"not a number", "a: .nan\n", "1:4 yaml: .nan is no number that configuration can hold"},
		{"exponent", "a: 1e999999999\n", "1:4 yaml: 1e999999999 is no number that configuration can hold"},
		{"unknown alias", "a: *x\n", "1:4 yaml: this alias names an anchor that is not defined above it"},
		{"alias of itself", "a: &a [*a]\n", "1:8 file-size: the alias *a refers to itself"},
		{"alias bomb", bomb, "6:29 file-size: the document holds more than 1000000 values after its aliases are expanded"},
		{"deep", deep, "1:202 file-size: values are nested more than 200 levels deep"},
		{"many keys", many.String(), "1:1 file-size: a mapping has 30000 keys; at most 20000 are allowed"},
		{"binary", "PNG\x00\x01", "1:4 encoding: this is a binary file, not YAML text"},
		{"not UTF-8", "a: é\xff\n", "1:5 encoding: this character is not UTF-8: the file was saved with another encoding"},
		{"half a character", "\xff\xfea\x00b", "1:2 encoding: the file ends in the middle of a character"},
		{"not UTF-16", "\xfe\xff\x00a\xd8\x00\x00b", "1:2 encoding: this is no UTF-16 text, though the file begins with its byte order mark"},
		{"control character", "a: 1\nb: x\x1by\n", "2:5 yaml: the file holds a control character that YAML forbids"},
		{"in UTF-16", utf16LE("é: 1\r\nb: [2\r\nc: 3\r\n"), `2:4 yaml: this "[" is never closed`},
		{"below lone CR", "é: 1\rb: [2\rc: 3\r", `2:4 yaml: this "[" is never closed`},
		{"quote below lone CR", "a: \"1\rb: \"2\"\rc: 3\r", `1:4 yaml: this quote is never closed`},
		{"quote below a directive", "%YAML 1.2\n---\na: \"1\nb: \"2\"\nc: 3\n", `3:4 yaml: this quote is never closed`},
		{"indentation beside what only YAML 1.2 has", "a: [x?]\nb:\n  c: \"\\/\"\n   d: 1\n  e: 2\n", "4:4 yaml: this line is not indented like its neighbours"},
		{"below a line separator", "a: x\u2028y\nb: [2\nc: 3\n", `2:4 yaml: this "[" is never closed`},
		{"unclosed quote of a key", "a: b\n'c:\n  d: '#/e'\n", "2:1 yaml: this quote is never closed"},
		{"unclosed quote of a key with a colon", "a: b\n\"c:d:\n  e: '{{\"f\"}}'\n", "2:1 yaml: this quote is never closed"},
		{"missing colon", "a: 1\nname Acme\nb: 2\n", "2:1 yaml: a key without a colon"},
		{"missing colon of a mapping", "a: 1\nowner\n  b: 2\n", "2:1 yaml: a key without a colon"},
		{"missing space", "a: 1\nname:Acme\nb: 2\n", "2:5 yaml: a space is missing after this colon"},
		{"missing comma", "a: [\"b\" \"c\"]\nd: 1\n", "1:9 yaml: a comma is missing here"},
		{"text after a quote", "a: \"b\" c\nd: \"e\"\n", "1:8 yaml: something follows the value that ends here"},
		{"unknown escape", "a: 1\nb: \"c:\\dir\"\n", "2:7 yaml: a backslash in \"double quotes\" begins an escape, and this one is unknown"},
		{"unknown escape in what an unclosed quote swallows", "a: \"x\nb: c\\.d\ne: \"f\"\n", "1:4 yaml: this quote is never closed"},
		{"comment without a space", "a: \"b\"#c\n", "1:7 yaml: a comment needs a space before it"},
		{"a tag of an application", "a: !Acme Outdoor\n", "1:4 yaml: !Acme is read as a tag of YAML, which is no part of the value and would be lost"},
		{"a tag of a mapping", "a: &x\n  !Ref\n  b: 1\n", "2:3 yaml: !Ref is read as a tag of YAML, which is no part of the value and would be lost"},
		{"a tag of a key", "!a b: 1\n", "1:1 yaml: !a is read as a tag of YAML, which is no part of the value and would be lost"},
		{"a tag of nobody", "a: !!code b\n", "1:4 yaml: !!code is read as a tag of YAML, which is no part of the value and would be lost"},
		{"no whole number", "a: !!int 12abc\n", `1:4 yaml: !!int asks for a whole number, and here is "12abc"`},
		{"no boolean", "a: !!bool yes\n", `1:4 yaml: !!bool asks for true or false, and here is "yes"`},
		{"not null", "a: !!null foo\n", `1:4 yaml: !!null asks for null, and here is "foo"`},
		{"no mapping", "a: !!map [1]\n", "1:4 yaml: !!map asks for a mapping, and here is a list"},
		{"no text", "a: !!str {b: 1}\n", "1:4 yaml: !!str asks for a text, and here is a mapping"},
		{"merge of a text", "a: {<<: x}\n", "1:9 yaml: << merges mappings only"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, found := Parse([]byte(c.in), Limits{})
			if len(found) != 1 {
				t.Fatalf("got %d findings, want 1: %v", len(found), found)
			}
			f := found[0]
			got := fmt.Sprintf("%d:%d %s: %s", f.At.Start.Line, f.At.Start.Column, f.Rule, f.Message)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if f.Fix == "" {
				t.Error("no fix")
			}
		})
	}
}

// utf16LE gives a text as UTF-16 with its byte order mark, the little end first.
func utf16LE(s string) string {
	out := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return string(out)
}

func TestFileSize(t *testing.T) {
	_, found := Parse(make([]byte, 11<<20), Limits{})
	if len(found) != 1 || found[0].Rule != "file-size" {
		t.Errorf("got %v, want one file-size", found)
	}
}

func TestFind(t *testing.T) {
	src := "base: &b\n  x: 1\nlist:\n  - name: \"é\"  # c\n    on: 'it''s'\nuse: *b\nmore:\n  <<: *b\n  z: 12\nflow: {ä: [1, 22]}\nnone:\n"
	docs, found := Parse([]byte(src), Limits{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	for _, c := range []struct{ pointer, key, value string }{
		{"", "-", "1:1"},
		{"/base/x", "2:3-2:4", "2:6-2:7"},
		{"/list", "3:1-3:5", "4:3"},
		{"/list/0/name", "4:5-4:9", "4:11-4:14"},
		{"/list/0/on", "5:5-5:7", "5:9-5:16"},
		{"/use/x", "6:1-6:4", "6:6-6:8"},
		{"/more/x", "8:7-8:9", "8:7-8:9"},
		{"/more/z", "9:3-9:4", "9:6-9:8"},
		{"/flow/ä/1", "-", "10:15-10:17"},
		{"/none", "11:1-11:5", "11:6"},
		{"/list/0/missing", "-", "4:5 near"},
		{"/list/7", "3:1-3:5", "4:3 near"},
	} {
		spot := docs[0].Find(Tokens(c.pointer))
		value := spanText(spot.Value)
		if !spot.Exact {
			value += " near"
		}
		if got := spanText(spot.Key); got != c.key || value != c.value {
			t.Errorf("%s: key %s value %s, want %s and %s", c.pointer, got, value, c.key, c.value)
		}
	}
}

func spanText(s finding.Span) string {
	switch {
	case s == finding.Span{}:
		return "-"
	case s.End == finding.Place{}:
		return fmt.Sprintf("%d:%d", s.Start.Line, s.Start.Column)
	}
	return fmt.Sprintf("%d:%d-%d:%d", s.Start.Line, s.Start.Column, s.End.Line, s.End.Column)
}

func TestPointer(t *testing.T) {
	tokens := []string{"a/b", "~", "", "0"}
	if p := Pointer(tokens); p != "/a~1b/~0//0" || fmt.Sprint(Tokens(p)) != fmt.Sprint(tokens) {
		t.Errorf("got %q, %q", p, Tokens(p))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: 1\n", "a: [1, {b: c}]\n---\n- x\n", "a: &a 1\nb: *a\nc: {<<: {x: 1}}\n", "\xff\xfea\x00", "? [x]\n: y\n", "a: !b c\n", "{'a': 0x1F, b: [1,],}\n", "a: {{ b }}\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		docs, found := Parse(src, Limits{Bytes: 1 << 16})
		for _, d := range docs {
			if _, err := json.Marshal(d.Value); err != nil {
				t.Errorf("no JSON value: %v", err)
			}
			walk(d, d.Value, nil)
		}
		lines := strings.Count(string(src), "\n") + strings.Count(string(src), "\r") + 2
		_, asJSON := ParseFile("a.json", src, Limits{Bytes: 1 << 16})
		for _, x := range slices.Concat(found, asJSON) {
			if x.Fix == "" || x.Message == "" || x.At.Start.Line > lines {
				t.Errorf("finding %+v", x)
			}
		}
		if json.Valid(src) != (len(asJSON) == 0) && len(found) == 0 {
			t.Errorf("JSON: %t, findings %v", json.Valid(src), asJSON)
		}
	})
}

func walk(d *Document, v any, at []string) {
	d.Find(at)
	if m, ok := v.(map[string]any); ok && len(at) < 5 {
		for k, v := range m {
			walk(d, v, append(at, k))
		}
	}
}
