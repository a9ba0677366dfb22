package validate

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
)

// maxDangling bounds how many references of one file that lead nowhere are listed: a list of a million is one mistake.
const maxDangling = 1000

// maxGuessed is for how many of them the name that was meant is looked for.
const maxGuessed = 50

// references gives the references of a file that lead nowhere, as far as the customer's own and the shared configs tell.
func (u *unit) references(f policy.File, j *judged) ([]fault, error) {
	var lost []fault
	for i := range j.facts.Refs {
		ref := &j.facts.Refs[i]
		if i > 0 && sameRef(&j.facts.Refs[i-1], ref) {
			continue
		}
		x, err := u.lookUp(ref)
		if err != nil {
			return nil, err
		}
		if x.found {
			continue
		}
		if len(lost) == maxDangling {
			return append(lost, fault{customer: u.customer, Finding: moreDangling(f)}), nil
		}
		one := fault{customer: u.customer, ref: ref, blocker: x.blocker, open: ref.Scope == policy.ScopeAny}
		one.Finding = finding.Finding{Rule: "reference", Level: finding.Failure, File: f.Path, At: ref.At, Pointer: ref.Pointer,
			Cause: fmt.Sprintf("%s %s %s", ref.Scope, ref.To.Type, ref.To.Path)}
		x.explain(&one, u, len(lost) < maxGuessed)
		lost = append(lost, one)
	}
	return lost, nil
}

// sameRef tells whether two are of the same value to the same target, defined twice.
func sameRef(a, b *catalog.Ref) bool {
	return a.Pointer == b.Pointer && a.Doc == b.Doc && a.At == b.At && a.To == b.To && a.Scope == b.Scope
}

func moreDangling(f policy.File) finding.Finding {
	return finding.Finding{Rule: "reference", Level: finding.Failure, File: f.Path, At: top,
		Message: fmt.Sprintf("this file has more than %d references that lead nowhere; the others are not listed", maxDangling),
		Fix:     "mend those that are listed, and check it again"}
}

// A lookUp is what a search for the target of a reference has found.
type lookUp struct {
	found   bool
	blocker string // what was not wholly read, so that the target may be there
	indexes []*index
}

// lookUp searches the customer's own and the shared configs, whichever the reference's scope names.
func (u *unit) lookUp(ref *catalog.Ref) (lookUp, error) {
	units := []*unit{u}
	switch {
	case u.customer == "" || ref.Scope == policy.ScopeCustomer:
	case ref.Scope == policy.ScopeShared:
		units = []*unit{u.side.shared}
	default:
		units = append(units, u.side.shared)
	}
	var l lookUp
	for _, one := range units {
		x, err := one.index(ref.To.Type)
		if err != nil {
			return l, err
		}
		if _, l.found = x.targets[ref.To.Path][ref.Value]; l.found {
			return l, nil
		}
		l.indexes = append(l.indexes, x)
		if l.blocker == "" {
			l.blocker = u.side.blocker(x.unread, ref.To.Path, ref.Value)
		}
	}
	if l.blocker == "" {
		blocker, err := u.side.undefined(ref.To)
		l.blocker = blocker
		return l, err
	}
	return l, nil
}

// explain says that the reference leads nowhere, and, where it is to guess, what may have been meant.
func (l lookUp) explain(f *fault, u *unit, guess bool) {
	ref := f.ref
	if l.blocker != "" {
		f.Message = fmt.Sprintf("nobody can tell whether %s is there: %s has a fault of its own", ref.Value, l.blocker)
		f.Fix = fmt.Sprintf("mend %s first; it was broken before this change", l.blocker)
		return
	}
	where, files := u.placeNamed(ref, l.indexes)
	if files == 0 {
		f.Message = fmt.Sprintf("there is no %s: %s", ref.Value, where)
		f.Fix = fmt.Sprintf("add a config of the type %q that has it, or refer to something else", ref.To.Type)
		return
	}
	f.Message = fmt.Sprintf("there is no %s in %s (%s)", ref.Value, where, ref.To.Path)
	f.Fix = fmt.Sprintf("write a value that is there, or add %s to %s first", ref.Value, where)
	if ref.Scope == policy.ScopeAny {
		f.Fix = fmt.Sprintf("write a value that is there, or add %s to a config of the type %q first", ref.Value, ref.To.Type)
	}
	if f.open {
		return // until all customers have been looked at; see suggest
	}
	var other near.Match
	if guess {
		for _, x := range l.indexes {
			other = other.Or(x.namesAt(ref.To.Path).Nearest(ref.Value.Bare()))
		}
	}
	f.suggest(func(v catalog.Value) bool {
		return slices.ContainsFunc(l.indexes, func(x *index) bool { return x.targets[ref.To.Path][v] != nil })
	}, other)
}

// suggest adds what was likely meant: the same characters of another kind, if they are there, or else the nearest name.
func (f *fault) suggest(has func(catalog.Value) bool, nearest near.Match) {
	is := f.ref.Value
	for _, v := range is.OtherKinds() {
		if has(v) {
			f.Message += ", but " + asWhat(v)
			f.Fix = fmt.Sprintf("write %s", v)
			f.meant = v
			return
		}
	}
	if nearest.Credible() {
		meant := catalog.TextValue(nearest.Name)
		f.Message += fmt.Sprintf("; did you mean %s?", meant)
		f.Fix = fmt.Sprintf("write %s instead of %s", meant, is)
		if surely(is.Bare(), nearest) {
			f.meant = meant
		}
	}
}

func asWhat(v catalog.Value) string {
	if _, ok := v.Text(); ok {
		return "the text " + v.String()
	}
	return "the value " + v.String() + " without quotes"
}

// placeNamed says where the target was looked for, and in how many files.
func (u *unit) placeNamed(ref *catalog.Ref, in []*index) (string, int) {
	var names []string
	for _, x := range in {
		for _, f := range x.files {
			names = append(names, f.Path)
		}
	}
	switch {
	case len(names) == 0 && ref.Scope == policy.ScopeAny:
		return fmt.Sprintf("no config of the type %q has it, of any customer", ref.To.Type), 0
	case len(names) == 0 && (ref.Scope == policy.ScopeShared || u.customer == ""):
		return fmt.Sprintf("there is no shared config of the type %q", ref.To.Type), 0
	case len(names) == 0:
		return fmt.Sprintf("%s has no config of the type %q", u.customer, ref.To.Type), 0
	case len(names) == 1 && ref.Scope == policy.ScopeCustomer:
		return path.Base(names[0]), 1
	}
	where := strings.Join(names[:min(len(names), 3)], ", ")
	if ref.Scope == policy.ScopeAny {
		where += ", or with any other customer"
	}
	return where, len(names)
}

func duplicateTarget(f policy.File, t *catalog.Target, first spot) finding.Finding {
	return finding.Finding{Rule: "target-duplicate", Level: finding.Warning, File: f.Path, At: t.At, Pointer: t.Pointer,
		Message: fmt.Sprintf("%s stands twice, and references to it (%s) could mean either", t.Value, t.Path),
		Fix:     "give one of the two another name, or remove it",
		Related: []finding.Related{{File: first.file, At: first.At, Message: fmt.Sprintf("%s stands here first", t.Value)}}}
}

func duplicateFile(f policy.File, other string) finding.Finding {
	return finding.Finding{Rule: "config-duplicate", Level: finding.Failure, File: f.Path, At: top,
		Message: fmt.Sprintf("%s holds the same type for the same customer", other), Fix: "keep one of the two files"}
}
