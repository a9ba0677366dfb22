package release

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// A Judge judges a tree against what a store serves, of which it differs in the changes.
type Judge func(tree fs.FS, changes []forge.Change) ([]finding.Finding, error)

// A Coming is a commit on its way into a store.
type Coming struct {
	Tree    fs.FS
	Layout  policy.Layout     // of Tree
	Before  policy.Layout     // of what is served
	Changes []forge.Change    // between what is served, as a tree, and Tree
	Units   []string          // that may differ between the two, sorted
	Served  map[string]Bundle // what they are served; without those that are served nothing
	Asked   map[string]string // units that keep what they are served whatever the commit says, with the reason
}

// A Decision says which units take what the commit says.
type Decision struct {
	Held     map[string]string // units that keep what they are served, with the reason, for people
	Findings []finding.Finding // about the commit as it is
	Stop     bool              // nobody can take anything of it: the findings say why
}

// Decide holds every unit that fails, and every unit that fails beside those that are held: what is taken, together with what is
// kept, is judged until nothing fails any more that the commit has to answer for.
func (c Coming) Decide(judge Judge) (Decision, error) {
	d := Decision{Held: map[string]string{}}
	for _, unit := range c.Units {
		if reason, ok := c.Asked[unit]; ok {
			d.Held[unit] = reason
		}
	}
	found, err := judge(c.Tree, c.Changes)
	if err != nil {
		return d, err
	}
	if d.Findings, d.Stop = found, stops(found); d.Stop {
		return d, nil
	}
	for judged := len(d.Held) == 0; ; judged = true {
		more, err := c.blame(found, d.Held)
		if err != nil || len(more) == 0 && judged {
			return d, err
		}
		maps.Copy(d.Held, more)
		if found, err = c.judgeWith(d.Held, judge); err != nil {
			return d, err
		}
	}
}

// stops tells whether a finding is about all of the commit: a policy that nobody can read.
func stops(found []finding.Finding) bool {
	return slices.ContainsFunc(found, func(f finding.Finding) bool {
		return f.Level == finding.Failure && (f.File == "" || f.File == policy.Path)
	})
}

// Unit gives the customer whose file a path is, Shared for a shared config; false for other files.
func Unit(f policy.File) (string, bool) {
	return f.Customer, f.Kind == policy.Config || f.Kind == policy.Shared
}

// unit is Unit by the layout of the commit, else by that of what is served.
func (c Coming) unit(path string) (string, bool) {
	if unit, ok := Unit(c.Layout.Read(path)); ok {
		return unit, true
	}
	return Unit(c.Before.Read(path))
}

// free gives the units that are not held.
func (c Coming) free(held map[string]string) []string {
	return slices.DeleteFunc(slices.Clone(c.Units), func(unit string) bool { _, is := held[unit]; return is })
}

// blame gives the units that are to be held for the failures found: the one whose file it is; those with a config of the type, where it
// is a schema; all of them, where it is another file.
func (c Coming) blame(found []finding.Finding, held map[string]string) (map[string]string, error) {
	more := map[string]string{}
	free := c.free(held)
	hold := func(unit string, f finding.Finding) {
		if _, known := more[unit]; !known {
			more[unit] = reason(f)
		}
	}
	for _, f := range found {
		if f.Level != finding.Failure || f.Rule == schemaBreaks {
			continue
		}
		if unit, ok := c.unit(f.File); ok {
			if _, is := slices.BinarySearch(free, unit); is {
				hold(unit, f)
			}
			continue
		}
		typ := ""
		if as := c.Layout.Read(f.File); as.Kind == policy.Schema {
			typ = as.Type
		}
		for _, unit := range free {
			has, err := c.has(unit, typ)
			if err != nil {
				return nil, err
			}
			if has {
				hold(unit, f)
			}
		}
	}
	return more, nil
}

// schemaBreaks is the rule that tells at a schema what is told at each config that it breaks as well.
const schemaBreaks = "schema-breaks"

// maxReason is how many characters a reason has.
const maxReason = 300

func reason(f finding.Finding) string {
	text := fmt.Sprintf("%s:%d: %s", f.File, max(1, f.At.Start.Line), f.Message)
	if runes := []rune(text); len(runes) > maxReason {
		return string(runes[:maxReason]) + "…"
	}
	return text
}

// has tells whether a unit has a config of the type, in the commit or where it is served; any config where the type is empty.
func (c Coming) has(unit, typ string) (bool, error) {
	for known := range c.Served[unit].Configs {
		if typ == "" || known == typ {
			return true, nil
		}
	}
	files, err := FilesOf(c.Tree, c.Layout, unit, typ)
	return len(files) > 0, err
}

// FilesOf gives the files of one unit in a tree, of one type where that is not empty, sorted by path.
func FilesOf(tree fs.FS, layout policy.Layout, unit, typ string) ([]policy.File, error) {
	q := policy.Query{Kind: policy.Config, Customer: unit, Type: typ}
	if unit == Shared {
		q.Kind = policy.Shared
	}
	byPath := map[string]policy.File{}
	err := layout.Find(tree, q, func(f policy.File) bool {
		byPath[f.Path] = f
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("list the files of a customer: %w", err)
	}
	var files []policy.File
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		files = append(files, byPath[path])
	}
	return files, nil
}

// judgeWith judges the tree that would be served if the units were held.
func (c Coming) judgeWith(held map[string]string, judge Judge) ([]finding.Finding, error) {
	tree, err := c.With(held)
	if err != nil {
		return nil, err
	}
	changes := slices.DeleteFunc(slices.Clone(c.Changes), func(ch forge.Change) bool {
		unit, ok := c.unit(ch.Path)
		_, is := held[unit]
		return ok && is
	})
	return judge(tree, changes)
}

// With is the commit's tree with what the held units are served in the place of their files.
func (c Coming) With(held map[string]string) (fs.FS, error) {
	kept := map[string]Bundle{}
	for unit := range held {
		kept[unit] = c.Served[unit]
	}
	return Keeping(c.Tree, c.Layout, kept)
}

// Keeping is a tree with bundles in the place of the files of their units.
func Keeping(tree fs.FS, layout policy.Layout, kept map[string]Bundle) (fs.FS, error) {
	if len(kept) == 0 {
		return tree, nil
	}
	files := map[string][]byte{}
	for unit := range kept {
		theirs, err := FilesOf(tree, layout, unit, "")
		if err != nil {
			return nil, err
		}
		for _, f := range theirs {
			files[f.Path] = nil
		}
	}
	for _, b := range kept {
		for _, config := range b.Configs {
			files[config.Path] = config.Source()
		}
	}
	return Mix(tree, files), nil
}
