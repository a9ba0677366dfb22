package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	yaml4 "go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// A refusal is why a stream, or its rest, could not be read.
type refusal struct {
	problem string        // in the parser's words
	at      finding.Place // where the parser stopped
	from    finding.Place // where the construct began that it was reading; zero where it does not say
	context string        // what that construct was
	src     []byte        // what the parser read; each character stands where it does in the file
}

// read gives the root node of each document of a stream. yaml.v3 reads it, as a reader of YAML 1.1 that refuses some of
// YAML 1.2 and overlooks some faults. What it refuses, and what looks like such a fault, is read by its successor: the
// stream is refused only where both refuse it, or where its successor finds the fault.
func read(src []byte, depth int) ([]*yaml.Node, *refusal) {
	readable, stoodIn := standIn(asVersion11(src))
	readable, hidden := hideSurrogates(readable)
	if bytes.HasSuffix(readable, []byte(" ")) {
		readable = append(readable[:len(readable):len(readable)], '\n') // else a block text loses its last line
	}
	var r *refusal
	roots, err := readV3(readable)
	if err != nil || overlooked(readable) {
		if roots, r = readV4(readable, depth); r != nil {
			r.src = readable
		}
	}
	if stoodIn {
		for _, root := range roots {
			giveBack(root)
		}
	}
	if hidden {
		for _, root := range roots {
			showSurrogates(root)
		}
	}
	return roots, r
}

func readV3(src []byte) (roots []*yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil { // a fault of the library is an error of the file
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(src))
	for {
		root := new(yaml.Node)
		switch err := dec.Decode(root); {
		case errors.Is(err, io.EOF):
			return roots, nil
		case err != nil:
			return roots, err
		}
		roots = append(roots, content(root))
	}
}

func readV4(src []byte, depth int) (roots []*yaml.Node, r *refusal) {
	defer func() {
		if p := recover(); p != nil {
			r = &refusal{problem: fmt.Sprint(p)}
		}
	}()
	// The outermost value has depth 0. The parser counts no more levels than the builder does.
	limits := loaderlimits.New(loaderlimits.DepthValue(min(depth+1, 10_000)), loaderlimits.AliasNone())
	dec, err := yaml4.NewLoader(bytes.NewReader(src), yaml4.WithPlugin(limits))
	for err == nil {
		var root yaml4.Node
		if err = dec.Load(&root); err == nil {
			roots = append(roots, content(converted(&root, map[*yaml4.Node]*yaml.Node{})))
		}
	}
	if errors.Is(err, io.EOF) {
		return roots, nil
	}
	r = &refusal{problem: err.Error()}
	if le := new(yaml4.LoadError); errors.As(err, &le) {
		r = &refusal{problem: le.Message, context: le.ContextMsg,
			at:   finding.Place{Line: le.Mark.Line, Column: le.Mark.Column},
			from: finding.Place{Line: le.ContextMark.Line, Column: le.ContextMark.Column}}
	}
	return roots, r
}

// converted makes a node of yaml.v3 from one of its successor: both have the same fields and constants.
func converted(n *yaml4.Node, seen map[*yaml4.Node]*yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	if done, ok := seen[n]; ok {
		return done
	}
	to := &yaml.Node{
		Kind: yaml.Kind(n.Kind), Style: yaml.Style(n.Style), Tag: n.Tag, Value: n.Value, Anchor: n.Anchor,
		Line: n.Line, Column: n.Column,
	}
	if n.Anchor != "" {
		seen[n] = to
	}
	to.Alias = converted(n.Alias, seen)
	for _, child := range n.Content {
		to.Content = append(to.Content, converted(child, seen))
	}
	return to
}

func content(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.DocumentNode {
		if len(n.Content) == 0 {
			return nil
		}
		return n.Content[0]
	}
	return n
}

// asVersion11 gives the source with directives that the parsers can read: a minor version is no reason to refuse a
// file, and an unknown directive is to be ignored (yaml.org/spec/1.2.2, sections 6.8 and 6.8.1). No place moves.
func asVersion11(src []byte) []byte {
	if !bytes.HasPrefix(src, []byte("%")) && !bytes.Contains(src, []byte("\n%")) {
		return src
	}
	out := bytes.Clone(src)
	prologue := true // before "---", where directives stand
	for start := 0; start < len(out); {
		end := start + lineEnd(out[start:])
		switch now := out[start:end]; {
		case prologue && bytes.HasPrefix(now, []byte("%")):
			readableDirective(now)
		case bytes.HasPrefix(now, []byte("...")):
			prologue = true
		case len(bytes.TrimSpace(now)) > 0 && now[0] != '#':
			prologue = false
		}
		start = end + 1
	}
	return out
}

func lineEnd(src []byte) int {
	if i := bytes.IndexByte(src, '\n'); i >= 0 {
		return i
	}
	return len(src)
}

func readableDirective(now []byte) {
	name, rest, _ := bytes.Cut(now, []byte(" "))
	switch version := bytes.TrimLeft(rest, " \t"); {
	case string(name) == "%YAML" && len(version) >= 3 && string(version[:2]) == "1." && version[2] > '0' && version[2] <= '9':
		version[2] = '1'
	case string(name) != "%YAML" && string(name) != "%TAG":
		now[0] = '#'
	}
}

// Ends of lines of YAML 1.1 that are characters like any other in YAML 1.2 (yaml.org/spec/1.2.2, section 5.4), and the
// private ones that stand in for them while the parsers read.
var (
	standIns  = strings.NewReplacer("\u0085", "\uf885", "\u2028", "\uf8a8", "\u2029", "\uf8a9")
	givenBack = strings.NewReplacer("\uf885", "\u0085", "\uf8a8", "\u2028", "\uf8a9", "\u2029")
)

func standIn(src []byte) ([]byte, bool) {
	if !bytes.Contains(src, []byte("\u0085")) && !bytes.Contains(src, []byte("\xe2\x80\xa8")) && !bytes.Contains(src, []byte("\xe2\x80\xa9")) {
		return src, false
	}
	if bytes.ContainsAny(src, "\uf885\uf8a8\uf8a9") {
		return src, false
	}
	return []byte(standIns.Replace(string(src))), true
}

func giveBack(n *yaml.Node) {
	if n == nil {
		return
	}
	n.Value = givenBack.Replace(n.Value)
	for _, child := range n.Content {
		giveBack(child)
	}
}

// overlooked tells whether the source may have one of the faults that yaml.v3 does not see, or something that it
// misreads: a directive where none can be, a comment without a space before it, \' in double quotes, a lone "-" or a text
// that begins with "?" in brackets, or a comma in a tag. That seldom is so; then the stream is read by its successor.
func overlooked(src []byte) bool {
	for _, part := range []string{`\'`, "[-", ", -,", ", -]", "[?", "{?", "[ ?", "{ ?", ", ?", "\n%"} {
		if bytes.Contains(src, []byte(part)) {
			return true
		}
	}
	return bytes.HasPrefix(src, []byte("%")) || anyAt(src, '#', gluedComment) || anyAt(src, '!', commaInTag)
}

// anyAt tells whether one of the places where c stands is as asked.
func anyAt(src []byte, c byte, asked func(src []byte, i int) bool) bool {
	for i := 0; ; i++ {
		next := bytes.IndexByte(src[i:], c)
		if next < 0 {
			return false
		}
		if i += next; asked(src, i) {
			return true
		}
	}
}

func gluedComment(src []byte, i int) bool {
	if i < 2 {
		return false
	}
	switch src[i-1] {
	case '"', '\'': // not one that opens, as in "#fff"
		return strings.IndexByte(" \n[{,:", src[i-2]) < 0
	case ']', '}', ',', '|', '>':
		return true
	}
	return false
}

func commaInTag(src []byte, i int) bool {
	word := src[i:min(i+100, len(src))]
	end := bytes.IndexAny(word, " \t\r\n")
	return end > 0 && word[end-1] == ','
}
