// Package document turns the bytes of YAML and JSON files into values with positions. It is the only home of the
// YAML library.
//
// A value is what encoding/json would give with UseNumber: nil, bool, string, json.Number, []any or map[string]any.
// Scalars are resolved by the core schema of YAML 1.2 (yaml.org/spec/1.2.2, section 10.3).
package document

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// Limits bound what one file may hold, so that hostile input costs linear time and memory only: what passes one ends in a
// finding at its line. A zero field means its default.
//
// A file with a syntax fault is read again in search of the fault's place, a bounded number of bytes in all. The parsers
// bound the depth that they read by themselves, yaml.v3 by 10,000.
type Limits struct {
	Bytes  int // of the file
	Depth  int // of nesting
	Nodes  int // values of one document after aliases are expanded
	Keys   int // of one mapping
	Scalar int // bytes of one text or number
}

// A Document is one document of a stream. It is not safe for concurrent use.
type Document struct {
	Value any
	root  *yaml.Node // nil for a document that holds nothing
	text  *text
	keys  map[*yaml.Node]map[string]int // of the mappings with many keys that were asked for one
	yesNo []*yaml.Node                  // in the order of the file; keys with an anchor among them

	unread map[*yaml.Node]bool // whose values are not what the file means
}

// Parse reads a stream of documents. It gives those that could be read, and a finding, without File, for everything
// that could not; a document with a finding is still given where its value makes sense. An empty file is one document
// that holds null.
func Parse(src []byte, limits Limits) ([]*Document, []finding.Finding) {
	limits = limits.withDefaults()
	if large := TooLarge(int64(len(src)), limits); large != nil {
		return nil, []finding.Finding{*large}
	}
	src, unread := decoded(src)
	if unread != nil {
		return nil, []finding.Finding{*unread}
	}
	txt := newText(src)
	if at := crowded(src, limits.Nodes); at >= 0 {
		return nil, []finding.Finding{{
			Rule: "file-size", Level: finding.Failure, At: txt.spanAt(at),
			Message: fmt.Sprintf("the file holds more than %d values", limits.Nodes), Fix: "split it into several smaller files",
		}}
	}
	if found := conflicts(txt); len(found) > 0 {
		return nil, found
	}
	roots, refused := read(src, limits.Depth)
	docs, found, complete := build(roots, txt, limits)
	if refused != nil && complete {
		found = append(found, locate(refused, limits))
	}
	if len(docs) == 0 && len(found) == 0 {
		docs = []*Document{{text: txt}}
	}
	return docs, found
}

// crowded gives the offset at which a source has twice as many signs that part values as values are allowed; -1 if it has
// fewer. The parser would take some hundred bytes for each value before the builder could count them.
func crowded(src []byte, nodes int) int {
	if len(src) <= 2*nodes {
		return -1
	}
	signs := 0
	for i, c := range src {
		switch c {
		case ',', '[', '{', '\n', '\r':
			signs++
		case '-', ':', '?':
			if i+1 < len(src) && src[i+1] == ' ' {
				signs++
			}
		}
		if signs > 2*nodes {
			return i
		}
	}
	return -1
}

// build gives the documents of the roots, up to the first one that passes a limit: it is then not complete.
func build(roots []*yaml.Node, txt *text, limits Limits) (docs []*Document, found []finding.Finding, complete bool) {
	for _, root := range roots {
		doc := &Document{root: root, text: txt}
		b := builder{limits: limits, text: txt}
		doc.Value = b.value(root, 0)
		doc.yesNo, doc.unread = b.yesNo, b.unread
		found = append(found, b.found...)
		if b.aborted {
			return docs, found, false
		}
		docs = append(docs, doc)
	}
	return docs, found, true
}

// TooLarge gives the finding, without File, for a file that has more bytes than the limits allow; else nil.
func TooLarge(size int64, limits Limits) *finding.Finding {
	bound := limits.withDefaults().Bytes
	if size <= int64(bound) {
		return nil
	}
	return &finding.Finding{
		Rule: "file-size", Level: finding.Failure, At: finding.Span{Start: finding.Place{Line: 1, Column: 1}},
		Message: fmt.Sprintf("the file has %d bytes; at most %d are read", size, bound),
		Fix:     "split it into several smaller files",
	}
}

// Bare is a document of a value that is written in no file: every place in it is the file's first.
func Bare(value any) *Document { return &Document{Value: value, text: newText(nil)} }
