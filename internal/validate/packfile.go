package validate

import (
	"slices"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// finding writes all of a finding.
func (p *packer) finding(f finding.Finding) {
	p.text(f.Rule)
	p.text(string(f.Level))
	p.text(f.File)
	p.span(f.At)
	p.prefixed(f.Pointer)
	p.text(f.Cause)
	p.text(f.Message)
	p.text(f.Fix)
	p.flag(f.Edit != nil)
	if f.Edit != nil {
		p.span(f.Edit.At)
		p.text(f.Edit.Text)
	}
	pack(p, f.Related, func(r finding.Related) {
		p.text(r.File)
		p.span(r.At)
		p.text(r.Message)
	})
}

func (u *unpacker) finding() (f finding.Finding) {
	f.Rule = u.text()
	f.Level = finding.Level(u.text())
	f.File = u.text()
	f.At = u.span()
	f.Pointer = u.prefixed()
	f.Cause = u.text()
	f.Message = u.text()
	f.Fix = u.text()
	if u.flag() {
		f.Edit = &finding.Edit{At: u.span(), Text: u.text()}
	}
	f.Related = unpack(u, func() finding.Related { return finding.Related{File: u.text(), At: u.span(), Message: u.text()} })
	return f
}

// A way is what references of one kind have in common.
type way struct {
	to      catalog.Selection
	scope   policy.Scope
	acyclic bool
}

func wayOf(r catalog.Ref) way { return way{r.To, r.Scope, r.Acyclic} }

// facts writes all of a file's facts. What many of them share is written once.
func (p *packer) facts(f catalog.Facts) {
	p.flag(f.Unread)
	ways, paths := numberOff(f.Refs, wayOf), numberOff(f.Targets, func(t catalog.Target) string { return t.Path })
	pack(p, ways.list, func(w way) {
		p.text(w.to.Type)
		p.text(w.to.Path)
		p.text(string(w.scope))
		p.flag(w.acyclic)
	})
	pack(p, f.Refs, func(r catalog.Ref) {
		p.number(ways.at[wayOf(r)])
		p.value(r.Value, r.Pointer, r.Doc, r.At)
	})
	pack(p, paths.list, p.text)
	pack(p, f.Targets, func(t catalog.Target) {
		p.number(paths.at[t.Path])
		p.value(t.Value, t.Pointer, t.Doc, t.At)
	})
}

func (u *unpacker) facts() (f catalog.Facts) {
	f.Unread = u.flag()
	ways := unpack(u, func() way {
		return way{to: catalog.Selection{Type: u.text(), Path: u.text()}, scope: policy.Scope(u.text()), acyclic: u.flag()}
	})
	f.Refs = unpack(u, func() (r catalog.Ref) {
		w := choose(u, ways)
		r.To, r.Scope, r.Acyclic = w.to, w.scope, w.acyclic
		r.Value, r.Pointer, r.Doc, r.At = u.value()
		return r
	})
	paths := unpack(u, u.text)
	f.Targets = unpack(u, func() (t catalog.Target) {
		t.Path = choose(u, paths)
		t.Value, t.Pointer, t.Doc, t.At = u.value()
		return t
	})
	return f
}

// value writes a value and where it stands.
func (p *packer) value(v catalog.Value, pointer string, doc int, at finding.Span) {
	p.text(string(v))
	p.prefixed(pointer)
	p.number(doc)
	p.span(at)
}

func (u *unpacker) value() (catalog.Value, string, int, finding.Span) {
	return catalog.Value(u.text()), u.prefixed(), u.number(), u.span()
}

// A numbered is a list of different things, and where each of them stands in it.
type numbered[T comparable] struct {
	list []T
	at   map[T]int
}

func numberOff[T any, K comparable](all []T, key func(T) K) numbered[K] {
	x := numbered[K]{at: map[K]int{}}
	for _, v := range all {
		k := key(v)
		if _, known := x.at[k]; !known {
			x.at[k] = len(x.list)
			x.list = append(x.list, k)
		}
	}
	return x
}

// choose reads a place in the list and gives what stands there.
func choose[T any](u *unpacker, list []T) (v T) {
	n := u.number()
	if n < 0 || n >= len(list) {
		u.fail()
		return v
	}
	return list[n]
}

// packJudged packs what the file of that name says. A finding in the file itself is packed without the name, for the same
// content may stand in many files.
func packJudged(j *judged, name string) []byte {
	p := &packer{}
	pack(p, j.found, func(f finding.Finding) {
		if f.File == name {
			f.File = ""
			f.Related = slices.Clone(f.Related)
			for i, r := range f.Related {
				if r.File == name {
					f.Related[i].File = ""
				}
			}
		}
		p.finding(f)
	})
	p.facts(j.facts)
	return p.sealed()
}

// unpackJudged reads it for a file of another name; false where it is not what packJudged has written.
func unpackJudged(b []byte, name string) (*judged, bool) {
	u := unseal(b)
	j := &judged{}
	j.found = unpack(u, u.finding)
	for i, f := range j.found {
		if f.File == "" {
			finding.In(name, j.found[i:i+1])
		}
	}
	j.facts = u.facts()
	return j, u.ok()
}
