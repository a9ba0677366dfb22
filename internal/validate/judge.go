package validate

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rule"
)

// A judge holds one tree against its policy, and against the tree that it came from.
type judge struct {
	head    *catalog.Catalog
	base    *catalog.Catalog            // nil without a change
	touched map[string]forge.ChangeKind // paths that the change touches; nil without a change
	opts    Options
}

func (j *judge) run(choose chooser) (Result, error) {
	files, schemas, err := choose(j.head)
	if err != nil {
		return Result{}, err
	}
	files = slices.DeleteFunc(files, func(f policy.File) bool { return !under(f.Path, j.opts.Only) })
	schemas = slices.DeleteFunc(schemas, func(path string) bool { return !under(path, j.opts.Only) })
	verdicts, err := j.files(files)
	if err != nil {
		return Result{}, err
	}
	var r Result
	for _, f := range files {
		r.Files = append(r.Files, f.Path)
	}
	slices.Sort(r.Files)
	shown := map[string]bool{} // schemas whose own findings say why their configs cannot be judged
	for _, path := range schemas {
		shown[path] = j.schema(&r, path)
	}
	tally := newTally()
	for i, f := range files {
		v := verdicts[i]
		if shown[j.head.SchemaPath(f.Type)] {
			v.found = slices.DeleteFunc(v.found, func(x finding.Finding) bool { return x.Rule == "schema-invalid" })
		}
		r.Findings = append(r.Findings, v.found...)
		r.Existing = r.Existing.Plus(v.existing)
		_, touched := j.touched[f.Path]
		tally.add(f, v.found, touched)
	}
	r.Findings = append(r.Findings, j.duplicates(files)...)
	for path, kind := range j.touched {
		if !under(path, j.opts.Only) {
			continue
		}
		if kind != forge.Removed {
			r.Findings = append(r.Findings, j.astray(path)...)
			continue
		}
		if f := j.head.Policy.Layout.Read(path); f.Kind == policy.Config {
			tally.removed(f.Customer)
		}
	}
	r.Findings = j.levelled(r.Findings)
	r.Customers = tally.customers()
	r.Whole = j.base == nil
	finding.Sort(r.Findings)
	return r, nil
}

type verdict struct {
	found    []finding.Finding
	existing finding.Count
}

// files judges them by several workers, and gives the verdicts in the same order.
func (j *judge) files(files []policy.File) ([]verdict, error) {
	verdicts := make([]verdict, len(files))
	err := each(len(files), j.opts, func(i int) (err error) {
		verdicts[i], err = j.file(files[i])
		return err
	})
	return verdicts, err
}

// file judges one config, and sets aside what was wrong already in a file that the change leaves alone. A file that the base's
// layout did not read as the same was never judged: nothing in it is set aside.
func (j *judge) file(f policy.File) (verdict, error) {
	found, err := judgeFile(j.head, f, j.opts.Limits)
	if err != nil || len(found) == 0 {
		return verdict{}, err
	}
	_, touched := j.touched[f.Path]
	if j.base == nil || touched || !j.readBefore(f) {
		return verdict{found: found}, nil
	}
	before, err := judgeFile(j.base, f, j.opts.Limits)
	if err != nil {
		return verdict{}, err
	}
	var v verdict
	for _, x := range found {
		if slices.ContainsFunc(before, func(y finding.Finding) bool { return finding.Compare(x, y) == 0 }) {
			v.existing.Add(j.level(x))
			continue
		}
		v.found = append(v.found, x)
	}
	return v, nil
}

func (j *judge) readBefore(f policy.File) bool {
	before := j.base.Policy.Layout.Read(f.Path)
	return before.Kind == f.Kind && before.Customer == f.Customer && before.Type == f.Type
}

// judgeFile gives everything that is wrong with one config by the schema of its type.
func judgeFile(c *catalog.Catalog, f policy.File, limits document.Limits) ([]finding.Finding, error) {
	if bad := badName(f); bad != nil {
		return []finding.Finding{*bad}, nil
	}
	if f.Mode&fs.ModeType != 0 {
		return []finding.Finding{catalog.Irregular(f.Path)}, nil
	}
	src, large, err := read(c.Tree, f.Path, limits)
	if err != nil {
		return nil, err
	}
	if large != nil {
		return []finding.Finding{*large}, nil
	}
	docs, found := document.Parse(src, limits)
	found = append(found, againstSchema(c, f, docs)...)
	for i := range found {
		found[i].File = f.Path
	}
	return found, nil
}

func againstSchema(c *catalog.Catalog, f policy.File, docs []*document.Document) []finding.Finding {
	path := c.SchemaPath(f.Type)
	if path == "" {
		return []finding.Finding{schemaMissing(c, f.Type)}
	}
	compiled, why := c.Schema(path)
	if compiled == nil {
		return []finding.Finding{{Rule: "schema-invalid", Level: finding.Failure, At: top,
			Message: fmt.Sprintf("this file cannot be judged: its schema %s cannot be used (%s)", path, why[0].Message),
			Fix:     fmt.Sprintf("mend %s first", path)}}
	}
	return eachDocument(compiled, docs)
}

func schemaMissing(c *catalog.Catalog, typ string) finding.Finding {
	fix := "add a line for it under schemas in the layout of .tamer.yaml"
	if places := c.Policy.Layout.SchemaPaths(typ); len(places) > 0 {
		fix = "add " + places[0]
	}
	return finding.Finding{Rule: "schema-missing", Level: finding.Failure, At: top, Message: fmt.Sprintf("the type %q has no schema", typ),
		Fix: fix + ", or move the file if it is no configuration of that type"}
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
			if !strings.HasPrefix(seg, ".") && len(seg) <= 200 && !strings.ContainsFunc(seg, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' || r == 0xfffd }) {
				continue
			}
			return &finding.Finding{Rule: "name", Level: finding.Failure, File: f.Path, At: top,
				Message: fmt.Sprintf("%q cannot be the name of a %s", seg, part.what),
				Fix:     "use a name of at most 200 bytes that does not begin with a dot and holds no backslash and no control character"}
		}
	}
	return nil
}

// schema judges a schema file itself, and tells whether it has added a failure.
func (j *judge) schema(r *Result, path string) bool {
	_, found := j.head.Schema(path)
	if _, touched := j.touched[path]; !touched && j.base != nil && len(found) > 0 {
		if _, before := j.base.Schema(path); len(before) > 0 {
			for _, f := range found {
				r.Existing.Add(j.level(f))
			}
			return false
		}
	}
	r.Findings = append(r.Findings, found...)
	return slices.ContainsFunc(found, func(f finding.Finding) bool { return j.level(f) == finding.Failure })
}

// duplicates finds customers with two files of one type, such as one in YAML and one in JSON.
func (j *judge) duplicates(files []policy.File) []finding.Finding {
	type address struct{ customer, typ string }
	first := map[address]string{}
	var found []finding.Finding
	for _, f := range files {
		a := address{f.Customer, f.Type}
		other, twice := first[a]
		if !twice {
			first[a] = f.Path
			continue
		}
		found = append(found, finding.Finding{Rule: "config-duplicate", Level: finding.Failure, File: f.Path, At: top,
			Message: fmt.Sprintf("%s holds the same type for the same customer", other), Fix: "keep one of the two files"})
	}
	return found
}

// astray looks at a touched file that no pattern covers.
func (j *judge) astray(name string) []finding.Finding {
	layout := j.head.Policy.Layout
	if layout.Read(name).Kind != policy.Other || name == policy.Path {
		return nil
	}
	if info, err := fs.Lstat(j.head.Tree, name); err == nil && info.Mode().Type() != 0 && layout.Within(name) {
		return []finding.Finding{catalog.Irregular(name)}
	}
	meant, ok := layout.Near(name)
	if !ok {
		return nil
	}
	return []finding.Finding{{Rule: "near-miss", Level: finding.Notice, File: name, At: top,
		Message: "this file is not read as configuration: no pattern of the layout covers it",
		Fix:     fmt.Sprintf("if it is meant to be configuration, move %s to where %s says", path.Base(name), meant)}}
}

// level is what the policy makes of a finding.
func (j *judge) level(f finding.Finding) finding.Level {
	def := f.Level
	if r, ok := rule.ByID(f.Rule); ok && def == "" {
		def = r.Level
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
