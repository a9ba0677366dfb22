package validate

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rule"
	"github.com/tamerhq/tamer/internal/schema"
)

// A judge holds one tree against its policy, and against the tree that it came from.
type judge struct {
	head    *side
	base    *side                       // nil without a change
	touched map[string]forge.ChangeKind // paths that the change touches; nil without a change
	opts    Options
	whole   bool     // everything is judged
	types   []string // whose schemas the change may alter
	rest    string   // what all customers rest on besides their files, where they are kept as a whole; see restKey
	alike   sync.Map // type → whether both sides judge a file of it alike
}

// An outcome is all that was found, before what is explained by something else is left out.
type outcome struct {
	files    []policy.File // that were judged
	schemas  []finding.Finding
	said     map[string]bool // schemas whose own findings say why their configs cannot be judged, by path
	defined  []finding.Finding
	faults   []fault
	astray   []finding.Finding
	existing finding.Count
}

// look finds everything.
func (j *judge) look(choose chooser) (outcome, error) {
	o := outcome{said: map[string]bool{}}
	some, err := choose(j.head.Catalog)
	if err != nil {
		return o, err
	}
	files, err := j.withReferrers(some.files)
	if err != nil {
		return o, err
	}
	if j.whole {
		j.head.Name(files)
	}
	o.files = slices.DeleteFunc(files, func(f policy.File) bool { return !under(f.Path, j.opts.Only) })
	if o.faults, o.existing, err = j.customers(o.files); err != nil {
		return o, err
	}
	for _, path := range some.schemas {
		if !under(path, j.opts.Only) {
			continue
		}
		found, existing := j.schema(path)
		o.schemas = append(o.schemas, found...)
		o.existing = o.existing.Plus(existing)
		o.said[path] = slices.ContainsFunc(found, func(f finding.Finding) bool { return j.level(f) == finding.Failure })
	}
	defined, existing, err := j.definitions()
	o.defined, o.existing = defined, o.existing.Plus(existing)
	o.astray = j.astray(some.beside)
	return o, err
}

func (j *judge) run(choose chooser) (Result, error) {
	defer j.head.save()
	defer j.base.save()
	o, err := j.look(choose)
	if err != nil {
		return Result{}, err
	}
	r := Result{Existing: o.existing, Whole: j.base == nil, policy: j.head.Policy, head: j.head.Catalog}
	for _, f := range o.files {
		r.Files = append(r.Files, f.Path)
	}
	slices.Sort(r.Files)
	r.Findings = append(o.schemas, o.defined...)
	faults := slices.DeleteFunc(o.faults, func(f fault) bool {
		return f.Rule == "schema-invalid" && o.said[j.head.SchemaPath(j.head.Policy.Layout.Read(f.File).Type)]
	})
	if faults, err = j.withCauses(knowable(r.Findings, faults)); err != nil {
		return Result{}, err
	}
	if err := j.mend(faults); err != nil {
		return Result{}, err
	}
	for _, f := range faults {
		r.Findings = append(r.Findings, f.Finding)
	}
	var live []finding.Finding
	if r.Questions, live, err = j.questions(o.files); err != nil {
		return Result{}, err
	}
	r.Findings = append(r.Findings, live...)
	like, err := j.lookalikes()
	if err != nil {
		return Result{}, err
	}
	alone, err := j.outliers()
	if err != nil {
		return Result{}, err
	}
	if r.Schemas, err = j.schemaChanges(); err != nil {
		return Result{}, err
	}
	services, existing, err := j.consumers(r.Schemas)
	if err != nil {
		return Result{}, err
	}
	r.Existing = r.Existing.Plus(existing)
	r.Findings = slices.Concat(r.Findings, o.astray, like, alone, services, j.unannounced(r.Schemas))
	for i := range r.Schemas {
		r.Schemas[i].Forget()
	}
	r.Findings = distinct(settled(j.levelled(r.Findings)))
	r.Customers = j.tally(o.files, r.Findings)
	return r, nil
}

// distinct sorts findings, and leaves one of those that say the same of the same place, whatever their causes.
func distinct(found []finding.Finding) []finding.Finding {
	slices.SortFunc(found, func(a, b finding.Finding) int {
		return cmp.Or(finding.Compare(a, b), cmp.Compare(a.Cause, b.Cause))
	})
	return slices.CompactFunc(found, func(a, b finding.Finding) bool { return finding.Compare(a, b) == 0 })
}

// tally counts by customer.
func (j *judge) tally(files []policy.File, found []finding.Finding) []Customer {
	t := newTally()
	for _, f := range files {
		t.add(f, j.isTouched(f.Path))
	}
	for path, kind := range j.touched {
		if f := j.head.Policy.Layout.Read(path); f.Kind == policy.Config && kind == forge.Removed && under(path, j.opts.Only) {
			t.removed(f.Customer)
		}
	}
	for _, f := range found {
		t.count(j.head.Policy.Layout.Read(f.File), f.Level)
	}
	return t.customers()
}

// withReferrers adds the files that the change breaks although it leaves them and their customer alone.
func (j *judge) withReferrers(files []policy.File) ([]policy.File, error) {
	if j.base == nil || j.whole {
		return files, nil
	}
	for _, look := range []func([]policy.File) ([]policy.File, error){j.referrers, j.forsaken} {
		more, err := look(files)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}

func (j *judge) isTouched(path string) bool {
	_, touched := j.touched[path]
	return touched
}

// readBefore gives what the base's layout read a file as, if it was the same: else nothing in it can have been there before.
func (j *judge) readBefore(f policy.File) bool {
	before := j.base.Policy.Layout.Read(f.Path)
	return before.Kind == f.Kind && before.Customer == f.Customer && before.Type == f.Type
}

// same tells whether a file of the base is judged alike on both sides, by itself.
func (j *judge) same(f policy.File) bool {
	if j.isTouched(f.Path) || !j.readBefore(f) {
		return false
	}
	if alike, known := j.alike.Load(f.Type); known {
		return alike.(bool)
	}
	alike, err := j.base.equalInputs(j.head, f.Type)
	j.alike.Store(f.Type, alike && err == nil)
	return alike && err == nil
}

// schemaOf gives the schema of a type, or the finding, without File, that there is none that can be used.
func schemaOf(c *catalog.Catalog, typ string) (*schema.Schema, *finding.Finding) {
	path := c.SchemaPath(typ)
	if path == "" {
		missing := schemaMissing(c, typ)
		return nil, &missing
	}
	compiled, why := c.Schema(path)
	if compiled == nil {
		return nil, &finding.Finding{Rule: "schema-invalid", Level: finding.Failure, At: top,
			Message: fmt.Sprintf("this file cannot be judged: its schema %s cannot be used (%s)", path, why[0].Message),
			Fix:     fmt.Sprintf("mend %s first", path)}
	}
	return compiled, nil
}

func schemaMissing(c *catalog.Catalog, typ string) finding.Finding {
	fix := "add a line for it under schemas in the layout of .tamer.yaml"
	if places := c.Policy.Layout.SchemaPaths(typ); len(places) > 0 {
		fix = "add " + places[0]
	}
	return finding.Finding{Rule: "schema-missing", Level: finding.Failure, At: top, Message: fmt.Sprintf("the type %q has no schema", typ),
		Fix: fix + ", or move the file if it is no configuration of that type"}
}

// misnamed says, of a file whose type has no schema, which type that has one was likely meant.
func (u *unit) misnamed(f policy.File, missing finding.Finding) (finding.Finding, error) {
	types, err := u.side.described.get(func() (*near.Names, error) {
		schemas, err := u.side.Find(policy.Query{Kind: policy.Schema})
		var names []string
		for _, s := range schemas {
			names = append(names, s.Type)
		}
		return near.NewNames(names), err
	})
	if err != nil {
		return missing, err
	}
	meant := types.Nearest(f.Type)
	name := u.side.Policy.Layout.Retyped(f, meant.Name)
	if !meant.Credible() || name == "" {
		return missing, nil
	}
	there, err := u.ofType(meant.Name)
	if err != nil {
		return missing, err
	}
	missing.Message += fmt.Sprintf("; did you mean %q?", meant.Name)
	missing.Fix = fmt.Sprintf("rename the file to %s", name)
	if len(there) > 0 {
		missing.Fix = fmt.Sprintf("move what it says to %s, and remove this file", there[0].Path)
	}
	if places := u.side.Policy.Layout.SchemaPaths(f.Type); len(places) > 0 {
		missing.Fix += fmt.Sprintf("; if %q is meant to be a new type, add %s", f.Type, places[0])
	}
	return missing, nil
}

var top = finding.Span{Start: finding.Place{Line: 1, Column: 1}}

// read gives the content of a file, or a finding where it is too large to be read at all.
func read(tree fs.FS, name string, limits document.Limits) ([]byte, *finding.Finding, error) {
	info, err := fs.Stat(tree, name)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	if large := document.TooLarge(info.Size(), limits); large != nil {
		large.File = name
		return nil, large, nil
	}
	src, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	return src, nil, nil
}

// maxNames bounds customer and type together, in bytes: with what tamer puts around them, a key of a store holds 1,024.
const maxNames = 900

// badName refuses names that a store could not hold, or that would collide with tamer's own directories there.
func badName(f policy.File) *finding.Finding {
	if n := len(f.Customer) + len(f.Type); n > maxNames {
		return &finding.Finding{Rule: "name", Level: finding.Failure, File: f.Path, At: top,
			Message: fmt.Sprintf("the names of customer and type have %d bytes together", n), Fix: fmt.Sprintf("use names of at most %d bytes together", maxNames)}
	}
	for _, part := range []struct{ what, name string }{{"customer", f.Customer}, {"type", f.Type}} {
		for seg := range strings.SplitSeq(part.name, "/") {
			if !strings.HasPrefix(seg, ".") && len(seg) <= 200 && strings.TrimSpace(seg) == seg && !strings.ContainsFunc(seg, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' || r == 0xfffd }) {
				continue
			}
			return &finding.Finding{Rule: "name", Level: finding.Failure, File: f.Path, At: top,
				Message: fmt.Sprintf("%q cannot be the name of a %s", seg, part.what),
				Fix:     "use a name of at most 200 bytes without a dot or a space before it, a space behind it, backslashes and control characters"}
		}
	}
	return nil
}

// schema judges a schema file itself, and counts what was wrong before in files that the change leaves alone.
func (j *judge) schema(path string) (now []finding.Finding, existing finding.Count) {
	found := schemaFaults(j.head.Catalog, path)
	if j.isTouched(path) || j.base == nil || len(found) == 0 || len(schemaFaults(j.base.Catalog, path)) == 0 {
		return found, existing
	}
	for _, f := range found {
		if j.isTouched(f.File) { // a part of it
			now = append(now, f)
		} else {
			existing.Add(j.level(f))
		}
	}
	return now, existing
}

// level is what the policy makes of a finding.
func (j *judge) level(f finding.Finding) finding.Level {
	def := f.Level
	if r, ok := rule.ByID(f.Rule); ok && (def == "" || r.Off) {
		def = r.Default()
	}
	return j.head.Policy.Level(f.Rule, def)
}

func (j *judge) levelled(found []finding.Finding) []finding.Finding {
	kept := found[:0]
	for _, f := range found {
		if f.Level = j.level(f); f.Level != policy.Off {
			kept = append(kept, f)
		}
	}
	return kept
}
