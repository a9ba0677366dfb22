package catalog

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/document"
)

// What paths select: the table of docs/references.md, and what is odd.
func TestSelect(t *testing.T) {
	for _, c := range []struct{ path, in, want string }{
		{"/account", "account: A1", `/account "A1"`},
		{"/segments/*/id", "segments: [{id: vip}, {id: loyal}]", `/segments/0/id "vip", /segments/1/id "loyal"`},
		{"/markets", "markets: [de, fr]", `/markets/0 "de", /markets/1 "fr"`},
		{"/markets/*", "markets: [de, fr]", `/markets/0 "de", /markets/1 "fr"`},
		{"/plans", "plans: {free: {seats: 1}, pro: {seats: 9}}", `/plans/free# "free", /plans/pro# "pro"`},
		{"/plans/*", "plans: {free: {seats: 1}, pro: {seats: 9}}", `/plans/free# "free", /plans/pro# "pro"`},
		{"/plans/*", "plans: {free: , pro: }", `/plans/free# "free", /plans/pro# "pro"`},
		{"/labels/*", "labels: {a: red, b: blue}", `/labels/a "red", /labels/b "blue"`},
		{"/labels/*", "labels: {a: red, b: {x: 1}, c: }", `/labels/a "red"`},
		{"/labels/*#", "labels: {a: red, b: blue}", `/labels/a# "a", /labels/b# "b"`},
		{"/labels/*#", "labels: [red]", ""},
		{"/*/x", "{a: {x: 1}, b: {x: [true, null, 2.50]}, c: 5}", "/a/x 1, /b/x/0 true, /b/x/2 2.5"},
		{"/a~1b/1", "a/b: [x, y]", `/a~1b/1 "y"`},
		{"/list/2", "list: [x, y]", ""},
		{"/a/b", "a: null", ""},
		{"/*", "[1, 1.0, 10e-1, -0]", "/0 1, /1 1, /2 1, /3 0"},
	} {
		docs, found := document.Parse([]byte(c.in), document.Limits{})
		if len(found) > 0 {
			t.Fatal(c.in, found)
		}
		var got []string
		ParsePath(c.path).Select(docs[0].Value, func(tokens []string, ofKey bool, v Value) bool {
			mark := ""
			if ofKey {
				mark = "#"
			}
			got = append(got, fmt.Sprintf("%s%s %s", document.Pointer(tokens), mark, v))
			return true
		})
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s in %q selects\n%s, want\n%s", c.path, c.in, s, c.want)
		}
	}
}

func TestItem(t *testing.T) {
	for _, c := range []struct{ path, pointer, want string }{
		{"/segments/*/id", "/segments/3/parents/0", "/segments/3"},
		{"/segments/*/id", "/models/3", "none"},
		{"/regions/*/plans/*/id", "/regions/eu/plans/2/id", "/regions/eu/plans/2"},
		{"/regions/*/plans/*/id", "/regions/eu", "none"},
		{"/a~1b/*", "/a~1b/x~0y/z", "/a~1b/x~0y"},
		{"/account", "/anything", ""},
	} {
		got, ok := ParsePath(c.path).Item(c.pointer)
		if !ok {
			got = "none"
		}
		if got != c.want {
			t.Errorf("%s lies in %q of %s, want %q", c.pointer, got, c.path, c.want)
		}
	}
}

// Equal numbers are one value, whatever they are written as, and no number is a text.
func TestValues(t *testing.T) {
	for _, group := range [][]any{
		{json.Number("10"), json.Number("10.0"), json.Number("1e1"), json.Number("100e-1")}, {"10"}, {json.Number("0.1"), json.Number("1e-1")},
		{json.Number("0"), json.Number("-0"), json.Number("0.0"), json.Number("0e5")}, {json.Number("1e300")}, {json.Number("-10"), json.Number("-1e1")}, {true}, {"true"}, {""},
	} {
		first, _ := ValueOf(group[0])
		for _, other := range group {
			if v, ok := ValueOf(other); !ok || v != first {
				t.Errorf("%v is %q, and %v is %q", group[0], first, other, v)
			}
		}
		for _, text := range []any{"1e1", json.Number("1"), false, "0"} {
			if v, _ := ValueOf(text); v == first {
				t.Errorf("%v and %v are both %q", group[0], text, v)
			}
		}
	}
	if _, ok := ValueOf(nil); ok {
		t.Error("null is no value that refers")
	}
}

// A path that selects a million values is cut off, and that is said.
func TestTooManyValues(t *testing.T) {
	docs, found := document.Parse([]byte("ids: ["+strings.Repeat("x,", 300_000)+"]"), document.Limits{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	s := &Spec{in: []Path{ParsePath("/ids"), ParsePath("/ids/*")}}
	facts, found := s.Facts(docs, nil)
	if len(facts.Targets) != maxValues || !facts.Unread || len(found) != 1 || found[0].Rule != "file-size" {
		t.Errorf("%d targets, unread %t, %+v", len(facts.Targets), facts.Unread, found)
	}
}
