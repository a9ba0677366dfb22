package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rule"
)

// definitions judges the definitions of references, and counts what was wrong before in files that the change leaves alone.
func (j *judge) definitions() (now []finding.Finding, existing finding.Count, err error) {
	u, err := j.head.definitions()
	if err != nil || len(u.found) == 0 {
		return nil, existing, err
	}
	var before []finding.Finding
	if j.base != nil {
		was, err := j.base.definitions()
		if err != nil {
			return nil, existing, err
		}
		before = was.found
	}
	for _, f := range u.found {
		switch {
		case !under(f.File, j.opts.Only):
		case !j.isTouched(f.File) && slices.ContainsFunc(before, func(w finding.Finding) bool { return finding.Same(w, f) }):
			existing.Add(j.level(f))
		default:
			now = append(now, f)
		}
	}
	return now, existing, nil
}

// knowable leaves out the references of which nobody can tell where they lead, where the verdict names the fault that has to be mended
// first. Of the others it keeps one for each file and fault.
func knowable(found []finding.Finding, faults []fault) []fault {
	failing := map[string]bool{}
	for _, f := range found {
		failing[f.File] = failing[f.File] || rule.Fixed(f.Rule)
	}
	for _, f := range faults {
		failing[f.File] = failing[f.File] || rule.Fixed(f.Rule)
	}
	type cause struct{ file, blocker string }
	first := map[cause]int{}
	var kept []fault
	for _, f := range faults {
		if f.blocker == "" {
			kept = append(kept, f)
			continue
		}
		at, again := first[cause{f.File, f.blocker}]
		switch {
		case failing[f.blocker]:
		case !again:
			first[cause{f.File, f.blocker}] = len(kept)
			kept = append(kept, f)
		case finding.Compare(f.Finding, kept[at].Finding) < 0:
			kept[at] = f
		}
	}
	return kept
}

// A removed is a value that the change has taken away, where it was.
type removed struct {
	file policy.File
	*catalog.Target
	still []finding.Finding // that refer to it
	site  site
}

// withCauses adds what broke references: to each one the place, and at the place who still refers to it.
func (j *judge) withCauses(faults []fault) ([]fault, error) {
	if j.base == nil || !slices.ContainsFunc(faults, func(f fault) bool { return f.ref != nil }) {
		return faults, nil
	}
	byValue, err := j.removedValues()
	if err != nil || len(byValue) == 0 {
		return faults, err
	}
	var causes []*removed
	for i := range faults {
		f := &faults[i]
		if f.ref == nil || f.blocker != "" {
			continue
		}
		for _, r := range byValue[f.ref.To][f.ref.Value] {
			if !answers(r.file, f) {
				continue
			}
			if len(r.still) == 0 {
				causes = append(causes, r)
				if r.site, err = j.siteOf(r); err != nil {
					return nil, err
				}
			}
			if r.site.now != "" {
				f.Message = fmt.Sprintf("there is no %s any more: the change has made it %s", r.Value, r.site.now)
				f.Fix = fmt.Sprintf("write %s here as well, or %s again where it was", r.site.now, r.Value)
			}
			f.meant = "" // or that the target stays
			r.still = append(r.still, f.Finding)
			f.Related = append(f.Related, finding.Related{File: r.file.Path, At: r.site.At, Message: fmt.Sprintf("%s was here", r.Value)})
		}
	}
	for _, r := range causes {
		faults = append(faults, fault{Finding: stillReferred(r), customer: r.file.Customer})
	}
	return faults, nil
}

// answers tells whether a reference looks for its target in a file.
func answers(target policy.File, f *fault) bool {
	switch {
	case f.ref.Scope == policy.ScopeAny:
		return true
	case f.ref.Scope == policy.ScopeShared || f.customer == "":
		return target.Kind == policy.Shared
	}
	return target.Kind == policy.Config && target.Customer == f.customer
}

// removedValues gives what touched files offered before the change and offer no more.
func (j *judge) removedValues() (map[catalog.Selection]map[catalog.Value][]*removed, error) {
	all := map[catalog.Selection]map[catalog.Value][]*removed{}
	for _, path := range slices.Sorted(maps.Keys(j.touched)) {
		f, ok, err := j.base.stat(path)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		before, after, err := j.beforeAndAfter(f)
		if err != nil {
			return nil, err
		}
		left := map[spotValue]bool{}
		if after != nil {
			for _, t := range after.facts.Targets {
				left[spotValue{t.Path, t.Value}] = true
			}
		}
		for _, spot := range bySpot(before.facts.Targets) {
			var r *removed
			for _, t := range spot {
				if left[spotValue{t.Path, t.Value}] {
					continue
				}
				if r == nil {
					r = &removed{file: f, Target: t}
				}
				sel := catalog.Selection{Type: f.Type, Path: t.Path}
				if all[sel] == nil {
					all[sel] = map[catalog.Value][]*removed{}
				}
				all[sel][t.Value] = append(all[sel][t.Value], r)
			}
		}
	}
	return all, nil
}

// A site is where a removed value was, in the file as it is now.
type site struct {
	At      finding.Span
	Pointer string
	now     catalog.Value // what stands there instead, if it is another value
}

// siteOf finds where a removed value was: at what took its place, else at the list or mapping that it was in.
func (j *judge) siteOf(r *removed) (site, error) {
	before, after, err := j.beforeAndAfter(r.file)
	if err != nil || after == nil {
		return site{At: top}, err
	}
	for i := range after.facts.Targets {
		t := &after.facts.Targets[i]
		old := func(b catalog.Target) bool { return b.Path == t.Path && b.Value == t.Value }
		if t.Path == r.Path && t.Pointer == r.Pointer && t.Doc == r.Doc && !slices.ContainsFunc(before.facts.Targets, old) {
			return site{At: t.At, Pointer: t.Pointer, now: t.Value}, nil
		}
	}
	tokens := document.Tokens(r.Pointer)
	if item, ok := catalog.ParsePath(r.Path).Item(r.Pointer); ok && item != "" {
		tokens = document.Tokens(item)
		tokens = tokens[:len(tokens)-1]
	}
	spot := j.head.Place(r.file.Path, tokens, r.Doc)
	at := spot.Value
	if spot.Key.Start.Line > 0 {
		at = spot.Key
	}
	if at.Start.Line == 0 {
		at = top
	}
	return site{At: at, Pointer: document.Pointer(tokens)}, nil
}

// maxNamed is how many places a message names.
const maxNamed = 3

// stillReferred is the finding at the place where a value was that others need.
func stillReferred(r *removed) finding.Finding {
	slices.SortFunc(r.still, finding.Compare)
	r.still = slices.CompactFunc(r.still, func(a, b finding.Finding) bool { return a.File == b.File && a.At == b.At && a.Pointer == b.Pointer })
	spot := r.site
	f := finding.Finding{Rule: "reference-removed", Level: finding.Failure, File: r.file.Path, At: spot.At, Pointer: spot.Pointer,
		Fix: fmt.Sprintf("put %s back, or change what refers to it as well", r.Value)}
	var named []string
	for _, s := range r.still[:min(len(r.still), maxNamed)] {
		named = append(named, fmt.Sprintf("%s:%d", s.File, s.At.Start.Line))
	}
	what := "1 reference still needs it"
	if n := len(r.still); n > 1 {
		what = fmt.Sprintf("%d references still need it", n)
	}
	where := strings.Join(named, ", ")
	if n := len(r.still) - len(named); n > 0 {
		where += fmt.Sprintf(" and %d more", n)
	}
	f.Message = fmt.Sprintf("%s is no longer here, and %s: %s", r.Value, what, where)
	if spot.now != "" {
		f.Fix = fmt.Sprintf("write %s again, or write %s in the places that refer to it", r.Value, spot.now)
	}
	for _, s := range r.still {
		f.Related = append(f.Related, finding.Related{File: s.File, At: s.At, Message: fmt.Sprintf("refers to %s", r.Value)})
	}
	return f
}
