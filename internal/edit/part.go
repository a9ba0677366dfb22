package edit

import (
	"bytes"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
)

// Reading a whole file again to prove an edit of one property takes half the time of many edits. In the usual file that is not
// needed: a mapping whose keys stand in the first column is made of parts, from the line of one key up to that of the next. A part
// that is YAML by itself ends before the next key, whatever stands in it, for all that could go on there is indented. So a file
// means what its parts mean, and only the part that changes is read again.

// provenPart gives the new text where all that is pending lies in one part, and what that part now means is just what was asked.
// false: the whole file must be read.
func (s *session) provenPart() ([]byte, bool) {
	p := s.page
	if len(s.pending) == 0 || len(p.docs) != 1 || len(p.used) > 0 || p.json || p.roots[0] == nil || !p.inParts() {
		return nil, false
	}
	from, to, key := p.part(s.pending[0].from)
	if key == "" || s.pending[0].from < from || s.pending[len(s.pending)-1].to > to {
		return nil, false
	}
	out, ok := s.spliced()
	if !ok {
		return nil, false
	}
	changed := out[from : to+len(out)-len(p.src)]
	if to < len(p.src) && !bytes.HasSuffix(changed, []byte("\n")) || marked(changed) {
		return nil, false
	}
	docs, found := document.Parse(changed, s.limits)
	if len(found) > 0 || len(docs) != 1 {
		return nil, false
	}
	return out, s.partMeans(docs[0].Value, key)
}

// partMeans tells whether what a part means, and nothing else, makes of the old document what it is to mean. key is the one that the
// part had.
func (s *session) partMeans(value any, key string) bool {
	old, _ := s.page.docs[0].Value.(map[string]any)
	want, _ := s.values[0].(map[string]any)
	now, isMap := value.(map[string]any)
	if !isMap || len(want) != len(old)-1+len(now) {
		return false
	}
	for name, is := range now {
		if _, before := old[name]; before && name != key {
			return false
		}
		if asked, there := want[name]; !there || !diff.Equal(is, asked) {
			return false
		}
	}
	return true
}

// inParts tells whether the file is one mapping in a block whose keys stand in the first column, and nothing that reaches further
// than one of them: no alias (see provenPart), directive or further document. An anchor that no alias names does nothing.
func (p *page) inParts() bool {
	root := p.roots[0]
	if root.Form != document.BlockMapping || bytes.ContainsAny(p.src, "\u2028\u2029\u0085") {
		return false
	}
	if first := root.Items[0].Start; !plainHead(p.src[:first]) || marked(p.src[first:]) {
		return false
	}
	for _, item := range root.Items {
		if p.lineStart(item.Start) != item.Start || item.Key.Start != item.Start || item.Merge {
			return false
		}
	}
	return true
}

// plainHead tells whether before the first key there is nothing but comments, and a line that begins the document.
func plainHead(src []byte) bool {
	for line := range bytes.FieldsFuncSeq(src, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && string(line) != "---" {
			return false
		}
	}
	return true
}

// marked tells whether a line begins as the signs of documents, and directives, do.
func marked(src []byte) bool {
	for _, sign := range []string{"---", "...", "%"} {
		if bytes.HasPrefix(src, []byte(sign)) || bytes.Contains(src, []byte("\n"+sign)) || bytes.Contains(src, []byte("\r"+sign)) {
			return true
		}
	}
	return false
}

// part gives where the part begins and ends that an offset lies in, and its key; "" where there is none.
func (p *page) part(at int) (from, to int, key string) {
	for i, item := range p.roots[0].Items {
		to := len(p.src)
		if i+1 < len(p.roots[0].Items) {
			to = p.roots[0].Items[i+1].Start
		}
		if item.Start <= at && at < to {
			return item.Start, to, item.Key.Text
		}
	}
	return 0, 0, ""
}
