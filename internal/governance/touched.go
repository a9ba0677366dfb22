package governance

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/evolution"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A Touch is a gate of the policy that a change runs into.
type Touch struct {
	Name  string // "new-type", "breaking-schema", "policy-change", or that of a rule
	Why   string // what of the change it is about, for people
	Needs policy.Needs
	Files []string // those of the change that the gate is about, sorted
	// Content says what these files come to: the same for two commits that change the same in the same way. Comments, formatting and
	// whatever else was merged from the base do not show in it.
	Content string
	Each    map[string]string // the same of each file
}

// A Change is what is to be merged: the tree that it starts from, the one that it leads to, and the paths that differ.
type Change struct {
	Base, Head fs.FS
	Paths      []forge.Change
	// Tip is the branch to be merged into, where it has gone on from Base: a type that it has no more is new again. Nil: it has not.
	Tip fs.FS
	// Schemas, if set, keeps compiled schemas from change to change.
	Schemas *schema.Shelf
}

// Touched gives the gates that the change runs into, by the policy p that decides: that of the branch to be merged into. The error
// is that of reading the trees; what cannot be understood touches the gate.
func Touched(p *policy.Policy, c Change) ([]Touch, error) {
	t := &touching{change: c, policy: p, base: catalog.NewKept(c.Base, p, c.Schemas), head: catalog.NewKept(c.Head, p, c.Schemas)}
	var all []Touch
	for _, gate := range []struct {
		name  string
		needs policy.Needs
		find  func() (paths []string, why string, err error)
	}{
		{"new-type", p.Governance.NewType, t.newTypes},
		{"breaking-schema", p.Governance.BreakingSchema, t.schemas},
		{"policy-change", p.Governance.PolicyChange, t.ownPolicy},
	} {
		if gate.needs.None() {
			continue
		}
		paths, why, err := gate.find()
		if err != nil {
			return nil, err
		}
		if why == "" {
			continue
		}
		touch, err := t.touch(gate.name, why, gate.needs, paths)
		if err != nil {
			return nil, err
		}
		all = append(all, touch)
	}
	rules, err := t.rules()
	return append(all, rules...), err
}

// A touching looks for the gates that one change touches.
type touching struct {
	change     Change
	policy     *policy.Policy
	base, head *catalog.Catalog
}

func (t *touching) touch(name, why string, needs policy.Needs, paths []string) (Touch, error) {
	slices.Sort(paths)
	paths = slices.Compact(paths)
	each, content, err := t.content(paths)
	return Touch{Name: name, Why: why, Needs: needs, Files: paths, Content: content, Each: each}, err
}

// newTypes gives the files of types that the base does not know, be it by a schema, a config, or another layout.
func (t *touching) newTypes() (paths []string, why string, err error) {
	fresh := map[string]bool{}
	known := map[string]bool{}
	look := func(path, typ string) error {
		if _, asked := known[typ]; !asked {
			if known[typ], err = t.knownBefore(typ); err != nil {
				return err
			}
		}
		if !known[typ] {
			fresh[typ] = true
			paths = append(paths, path)
		}
		return nil
	}
	for _, ch := range t.change.Paths {
		if f := t.policy.Layout.Read(ch.Path); f.Type != "" && ch.Kind != forge.Removed {
			if err := look(ch.Path, f.Type); err != nil {
				return nil, "", err
			}
		}
	}
	if own := t.layout(); own != nil { // another layout: every file of the tree may be of a type that is new
		for _, kind := range []policy.Kind{policy.Schema, policy.Config, policy.Shared} {
			files, err := own.Find(policy.Query{Kind: kind})
			if err != nil {
				return nil, "", err
			}
			for _, f := range files {
				if err := look(policy.Path, f.Type); err != nil {
					return nil, "", err
				}
				if fresh[f.Type] && t.isChanged(f.Path) { // what such a file says was there to be approved, too
					paths = append(paths, f.Path)
				}
			}
		}
	}
	if len(fresh) == 0 {
		return nil, "", nil
	}
	return paths, "adds the " + plural("type", slices.Sorted(maps.Keys(fresh))), nil
}

// layout gives the head by its own policy, where the change edits that and it can be read.
func (t *touching) layout() *catalog.Catalog {
	if !t.isChanged(policy.Path) {
		return nil
	}
	own, _, err := policy.Read(t.change.Head)
	if err != nil || own == nil {
		return nil
	}
	return catalog.New(t.change.Head, own)
}

func (t *touching) isChanged(name string) bool {
	return slices.ContainsFunc(t.change.Paths, func(ch forge.Change) bool { return ch.Path == name })
}

// knownBefore tells whether the base knows the type: where the change starts, and where it is to go.
func (t *touching) knownBefore(typ string) (bool, error) {
	known, err := knows(t.base, typ)
	if err != nil || !known || t.change.Tip == nil {
		return known, err
	}
	return knows(catalog.New(t.change.Tip, t.policy), typ)
}

// knows tells whether a tree has a schema or a file of the type.
func knows(c *catalog.Catalog, typ string) (bool, error) {
	if c.SchemaPath(typ) != "" {
		return true, nil
	}
	for _, kind := range []policy.Kind{policy.Shared, policy.Config} {
		files, err := c.Find(policy.Query{Kind: kind, Type: typ})
		if err != nil || len(files) > 0 {
			return len(files) > 0, err
		}
	}
	return false, nil
}

// schemas gives the changed files of which those schemas are made that hurt files or services by what they say now.
func (t *touching) schemas() (paths []string, why string, err error) {
	scope, err := t.head.Scope(t.base, t.change.Paths)
	if err != nil {
		return nil, "", err
	}
	var types, whys []string
	for _, c := range evolution.Compare(t.base, t.head, scope.Types) {
		if c.Safe() {
			continue
		}
		types, paths = append(types, c.Type), append(paths, t.partsOf(c)...)
		whys = append(whys, "it can break "+c.Whom()+": "+strings.Join(c.Why(maxReasons), "; "))
	}
	if len(types) == 0 {
		return nil, "", nil
	}
	why = "changes the schema of the " + plural("type", types) + "; " + whys[0]
	if len(types) > 1 {
		why = "changes the schemas of the " + plural("type", types) + fmt.Sprintf("; of %q: ", types[0]) + whys[0]
	}
	return paths, why, nil
}

// maxReasons is how many changes of a schema a gate names.
const maxReasons = 2

// partsOf gives the changed files that a type's schemas are made of, before or after: where one of these cannot be read, all files
// that may be a part of it.
func (t *touching) partsOf(schema evolution.Change) []string {
	parts := map[string]bool{}
	for _, c := range []*catalog.Catalog{t.base, t.head} {
		path := c.SchemaPath(schema.Type)
		parts[path] = true
		if compiled, _ := c.Schema(path); path != "" && compiled != nil {
			for _, part := range compiled.Files() {
				parts[part] = true
			}
		}
	}
	var paths []string
	for _, ch := range t.change.Paths {
		kind := t.policy.Layout.Read(ch.Path).Kind
		if parts[ch.Path] || schema.Problem != "" && kind != policy.Config && kind != policy.Shared {
			paths = append(paths, ch.Path)
		}
	}
	return paths
}

func (t *touching) ownPolicy() (paths []string, why string, err error) {
	for _, ch := range t.change.Paths {
		if ch.Path != policy.Path {
			continue
		}
		f, err := t.read(ch.Path)
		if err != nil {
			return nil, "", err
		}
		if f.unread() || len(f.changes()) > 0 {
			return []string{policy.Path}, "changes the policy in .tamer.yaml", nil
		}
	}
	return nil, "", nil
}

// A file is both versions of a changed file.
type file struct {
	path     string
	old, new version
}

// A version is a file at one end of the change.
type version struct {
	there bool
	docs  []any
	text  string // where it is not read as YAML: what it says, byte for byte
	// broken tells that it should be YAML or JSON, and cannot be read as that.
	broken bool
}

// isDocument tells whether a file means what YAML or JSON makes of it. In any other, such as CODEOWNERS, every byte may count.
func (t *touching) isDocument(name string) bool {
	return t.policy.Layout.Read(name).Kind != policy.Other || slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name))
}

func (f file) unread() bool { return f.old.text != "" || f.new.text != "" }

func (f file) broken() bool { return f.old.broken || f.new.broken }

// read gives both versions of a file.
func (t *touching) read(name string) (file, error) {
	f := file{path: name}
	for _, end := range []struct {
		tree fs.FS
		into *version
	}{{t.change.Base, &f.old}, {t.change.Head, &f.new}} {
		info, err := fs.Lstat(end.tree, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return file{}, fmt.Errorf("read %s: %w", name, err)
		}
		end.into.there = true
		if !info.Mode().IsRegular() {
			end.into.text, end.into.broken = info.Mode().Type().String()+" "+fmt.Sprint(info.Sys()), t.isDocument(name)
			continue
		}
		src, err := fs.ReadFile(end.tree, name)
		if err != nil {
			return file{}, fmt.Errorf("read %s: %w", name, err)
		}
		if !t.isDocument(name) {
			end.into.text = string(src)
			continue
		}
		docs, found := document.Parse(src, document.Limits{})
		if len(found) > 0 {
			end.into.text, end.into.broken = string(src), true
			continue
		}
		for _, d := range docs {
			end.into.docs = append(end.into.docs, d.Value)
		}
	}
	return f, nil
}

// plural is "type `a`", or "types `a`, `b` and 3 more".
func plural(noun string, names []string) string {
	const most = 3
	quoted := make([]string, 0, most)
	for _, n := range names[:min(len(names), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	if len(names) > 1 {
		noun += "s"
	}
	text := noun + " " + strings.Join(quoted, ", ")
	if n := len(names) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}
