package validate

import (
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/parallel"
	"github.com/tamerhq/tamer/internal/schema"
)

// maxMended is for how many files edits of references are made, the first by name: each of them is read and judged again.
const maxMended = 200

// maxTried is how many edits of one file are tried one by one, where all of them together do not do.
const maxTried = 10

// Apply is finding.Apply without the edits that together with others spoil the file: each by itself may be right, and two may write
// the same key.
func Apply(src []byte, edits []finding.Edit) (out []byte, made int) {
	unread := func(src []byte) int {
		_, found := document.Parse(src, document.Limits{})
		return len(found)
	}
	before := unread(src)
	if out, made = finding.Apply(src, edits); unread(out) <= before {
		return out, made
	}
	var kept []finding.Edit
	for _, e := range edits[:min(len(edits), maxTried)] {
		if out, _ := finding.Apply(src, append(kept[:len(kept):len(kept)], e)); unread(out) <= before {
			kept = append(kept, e)
		}
	}
	return finding.Apply(src, kept)
}

// surely tells whether a name is what a word was meant to be: the only one that is nearest. Names that differ in their numbers only
// are told apart by them: who writes plan-2 does not mean plan-1.
func surely(word string, m near.Match) bool {
	return m.Sole && (m.Edits == 0 || withoutDigits(near.Fold(word)) != withoutDigits(near.Fold(m.Name)))
}

func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
}

// mend gives each reference of which it is certain what was meant the edit that writes that.
func (j *judge) mend(faults []fault) error {
	byFile := map[string][]*fault{}
	for i := range faults {
		if f := &faults[i]; f.meant != "" && f.blocker == "" {
			byFile[f.File] = append(byFile[f.File], f)
		}
	}
	files := slices.Sorted(maps.Keys(byFile))
	files = files[:min(len(files), maxMended)]
	return parallel.Each(files, itself, parallel.Options{Workers: j.opts.Workers}, func(_ int, f string) error { return j.mendFile(f, byFile[f]) })
}

// mendFile makes the edits of one file, as far as the file fits its schema no less with them than before.
func (j *judge) mendFile(name string, faults []*fault) error {
	src, large, err := read(j.head.Tree, name, j.opts.Limits)
	if err != nil || large != nil {
		return err
	}
	docs, broken := document.Parse(src, j.opts.Limits)
	if len(broken) > 0 {
		return nil
	}
	typ := j.head.Policy.Layout.Read(name).Type
	defs, err := j.head.Definitions()
	if err != nil {
		return err
	}
	compiled, why := schemaOf(j.head.Catalog, typ)
	m := mending{src: src, judge: func(src []byte) *judged { return judgeSource(src, name, compiled, why, defs.Of(typ), j.opts.Limits) }}
	for _, f := range faults[:min(len(faults), maxGuessed)] {
		if e := editReference(docs, f); e != nil {
			m.faults, m.edits = append(m.faults, f), append(m.edits, *e)
		}
	}
	if len(m.edits) > 0 {
		m.make()
	}
	return nil
}

// editReference writes what was meant where a reference stands; nil where what is written there is not just the value.
func editReference(docs []*document.Document, f *fault) *finding.Edit {
	if f.ref.Doc >= len(docs) {
		return nil
	}
	doc, at := docs[f.ref.Doc], f.ref.At
	src, ok := doc.Source(at)
	if !ok {
		return nil
	}
	is, text := f.ref.Value.Text()
	meant, wantsText := f.meant.Text()
	switch {
	case text && wantsText:
		return schema.EditText(doc, at, is, meant)
	case wantsText && !strings.ContainsAny(src, `"'\ !&*`):
		return schema.EditText(doc, at, src, meant)
	case text && !wantsText && (src == `"`+is+`"` || src == "'"+is+"'"):
		return &finding.Edit{At: at, Text: meant}
	}
	return nil
}

// A mending is edits of one file that are tried before they are given.
type mending struct {
	src    []byte
	judge  func([]byte) *judged
	faults []*fault
	edits  []finding.Edit // one for each of faults
}

// make gives the faults their edits: all of them if they do together, else those that do by themselves.
func (m mending) make() {
	before := m.judge(m.src)
	if m.does(before, 0, len(m.edits)) {
		for i, f := range m.faults {
			f.Edit = &m.edits[i]
		}
		return
	}
	if len(m.edits) == 1 || len(m.edits) > maxTried {
		return
	}
	for i, f := range m.faults {
		if m.does(before, i, i+1) {
			f.Edit = &m.edits[i]
		}
	}
}

// does tells whether after some of the edits everything refers to what was meant, and nothing else is wrong than before.
func (m mending) does(before *judged, from, to int) bool {
	out, made := finding.Apply(m.src, m.edits[from:to])
	if made != to-from {
		return false
	}
	after := m.judge(out)
	if len(after.found) > len(before.found) || len(after.facts.Refs) != len(before.facts.Refs) {
		return false
	}
	for _, f := range m.faults[from:to] {
		count := func(facts catalog.Facts, v catalog.Value) (n int) {
			for _, r := range facts.Refs {
				if r.To == f.ref.To && r.Scope == f.ref.Scope && r.Value == v {
					n++
				}
			}
			return n
		}
		if count(after.facts, f.meant) <= count(before.facts, f.meant) || count(after.facts, f.ref.Value) >= count(before.facts, f.ref.Value) {
			return false
		}
	}
	return true
}
