package lsp

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/creachadair/jrpc2"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/validate"
)

// refuse is the answer to what cannot be done, which the editor shows.
func refuse(format string, args ...any) error {
	return jrpc2.Errorf(-32803, format, args...) // RequestFailed
}

func (s *server) prepareRename(ctx context.Context, p positionParams) (any, error) {
	var out any
	err := s.lookAt(ctx, p, func(v view, c cursor) error {
		if value, ok := c.value(); ok {
			out = prepared{pageOf(v.tree, c.file.Path).rangeOf(c.at), value.Bare()}
		}
		return nil
	})
	return out, err // null: there is nothing to rename
}

func (c cursor) value() (catalog.Value, bool) {
	switch {
	case len(c.targets) > 0:
		return c.targets[0].Value, true
	case len(c.refs) > 0:
		return c.refs[0].Value, true
	}
	return "", false
}

// rename writes another value where one stands that others refer to, and wherever it is referred to. What would then be wrong that is
// not wrong now is told instead.
func (s *server) rename(ctx context.Context, p renameParams) (any, error) {
	var out any
	err := s.lookAt(ctx, p.positionParams, func(v view, c cursor) error {
		is, ok := c.value()
		if !ok {
			return refuse("nothing that other files refer to stands here")
		}
		to, err := another(is, p.NewName)
		if err != nil {
			return err
		}
		r := renaming{view: v, is: is, to: to, spots: map[spot]bool{}}
		if err := r.from(c); err != nil {
			return err
		}
		if err := r.edit(); err != nil {
			return err
		}
		if err := r.try(); err != nil {
			return err
		}
		s.mu.Lock()
		versions := s.client.Workspace.WorkspaceEdit.DocumentChanges
		s.mu.Unlock()
		out = r.workspaceEdit(versions)
		return nil
	})
	return out, err
}

// another gives the value of the new name, which is of the same kind.
func another(is catalog.Value, name string) (catalog.Value, error) {
	if strings.TrimSpace(name) == "" {
		return "", refuse("write the new name: it cannot be empty")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", refuse("a name has no line breaks and no control characters")
	}
	if _, isText := is.Text(); isText {
		return catalog.TextValue(name), nil
	}
	docs, found := parse(name)
	if len(found) > 0 || len(docs) != 1 {
		return "", refuse("%q is no number: what is renamed is one", name)
	}
	to, ok := catalog.ValueOf(docs[0].Value)
	if !ok || to == "" || to[0] != is[0] {
		return "", refuse("%q is not of the kind of %s, which is no text", name, is)
	}
	return to, nil
}

// A renaming collects what is to be written.
type renaming struct {
	view
	is, to catalog.Value
	spots  map[spot]bool
	edits  map[string][]textEdit
	texts  map[string]string // as they will be
}

// maxRenamed bounds the places of one renaming.
const maxRenamed = 100_000

// from finds all places: the values that are meant at the cursor and, where one of these is a reference itself, so on.
func (r *renaming) from(c cursor) error {
	todo := r.nearest(c)
	for _, ref := range c.refs {
		r.spots[spot{c.file.Path, ref.At}] = true
	}
	done := map[spot]bool{}
	for len(todo) > 0 {
		hit := todo[0]
		todo = todo[1:]
		at := spot{hit.File.Path, hit.Target.At}
		if r.spots[at] = true; done[at] {
			continue
		}
		done[at] = true
		if err := r.taken(hit); err != nil {
			return err
		}
		known, _ := r.index.File(hit.File.Path)
		for _, t := range known.Facts.Targets {
			if t.At != hit.Target.At || t.Value != r.is {
				continue
			}
			for _, other := range r.index.Referrers(hit.File, t) {
				todo = append(todo, r.alsoTargets(other)...)
				r.spots[spot{other.File.Path, other.Ref.At}] = true
			}
		}
		for _, ref := range known.Facts.Refs {
			if ref.At == hit.Target.At && ref.Value == r.is {
				todo = append(todo, first(r.index.Targets(hit.File, ref))...)
			}
		}
		if len(r.spots) > maxRenamed {
			return refuse("%s stands in more than %d places: use tamer set", r.is, maxRenamed)
		}
	}
	return nil
}

// nearest gives what is meant at the cursor; of values of several customers those of the first.
func (r *renaming) nearest(c cursor) []catalog.Hit {
	var hits []catalog.Hit
	for _, t := range c.targets {
		hits = append(hits, catalog.Hit{File: c.file, Target: t})
	}
	for _, ref := range c.refs {
		hits = append(hits, first(r.index.Targets(c.file, ref))...)
	}
	return hits
}

// first gives those of the hits that are of the same customer as the first one.
func first(hits []catalog.Hit) []catalog.Hit {
	var own []catalog.Hit
	for _, h := range hits {
		if h.File.Kind == hits[0].File.Kind && h.File.Customer == hits[0].File.Customer {
			own = append(own, h)
		}
	}
	return own
}

// alsoTargets gives the values at a reference that others refer to.
func (r *renaming) alsoTargets(other catalog.Referrer) []catalog.Hit {
	var hits []catalog.Hit
	known, _ := r.index.File(other.File.Path)
	for _, t := range known.Facts.Targets {
		if t.At == other.Ref.At && t.Value == r.is {
			hits = append(hits, catalog.Hit{File: other.File, Target: t})
		}
	}
	return hits
}

// taken refuses a name that stands there already: references could then mean either.
func (r *renaming) taken(hit catalog.Hit) error {
	own := hit.File
	for other := range r.index.Offers(own, catalog.Selection{Type: own.Type, Path: hit.Target.Path}, scopeOf(own)) {
		if other.Target.Value == r.to {
			return refuse("there is %s already, in %s on line %d", r.to, other.File.Path, other.Target.At.Start.Line)
		}
	}
	return nil
}

func scopeOf(f policy.File) policy.Scope {
	if f.Kind == policy.Shared {
		return policy.ScopeShared
	}
	return policy.ScopeCustomer
}

// edit makes the edits of all places.
func (r *renaming) edit() error {
	if len(r.spots) == 0 || r.is == r.to {
		return nil
	}
	r.edits, r.texts = map[string][]textEdit{}, map[string]string{}
	byFile := map[string][]finding.Span{}
	for s := range r.spots {
		byFile[s.file] = append(byFile[s.file], s.at)
	}
	for _, name := range slices.Sorted(maps.Keys(byFile)) {
		if known, ok := r.index.File(name); !ok || known.Facts.Unread {
			return refuse("%s has a fault of its own, so nobody can tell what stands there: mend it first", name)
		}
		src, err := r.tree.ReadFile(name)
		if err != nil {
			r.touch(name)
			return refuse("%s has changed on disk just now: try again (%v)", name, err)
		}
		p := newPage(string(src))
		spans := byFile[name]
		slices.SortFunc(spans, func(a, b finding.Span) int { return p.offsetOf(b.Start) - p.offsetOf(a.Start) })
		text := p.text
		for _, at := range spans { // the last one first, so that places stay
			from, to := p.spanned(at)
			written, ok := r.instead(p.text[from:to], path.Ext(name) == ".json")
			if !ok {
				return refuse("%s is not written out in %s on line %d, perhaps for an alias: change it by hand", r.is, name, at.Start.Line)
			}
			text = text[:from] + written + text[to:]
			r.edits[name] = append(r.edits[name], textEdit{p.between(from, to), written})
		}
		r.texts[name] = text
	}
	return nil
}

// instead gives what is written in the place of a source, if that is just the value.
func (r *renaming) instead(src string, inJSON bool) (string, bool) {
	docs, found := parse(src)
	if len(found) > 0 || len(docs) != 1 || src == "" || strings.ContainsAny(src[:1], "&*!#") {
		return "", false
	}
	quote := ""
	if src[0] == '"' || src[0] == '\'' {
		quote = src[:1]
	}
	is, ok := catalog.ValueOf(docs[0].Value)
	if ok && quote == "" {
		text, isText := r.is.Text()
		ok = is == r.is || isText && src == text // a key such as 1, which is always a text
	} else {
		ok = ok && is == r.is
	}
	return write(r.to, quote, inJSON), ok
}

// try judges what would be, beside what is.
func (r *renaming) try() error {
	if len(r.texts) == 0 {
		return nil
	}
	open := maps.Clone(r.tree.open)
	var names []string
	for name, text := range r.texts {
		open[name] = newBuffer("", 0, text)
		names = append(names, name)
	}
	slices.Sort(names)
	now, err := r.failures(r.tree, names)
	if err != nil {
		return err
	}
	then, err := r.failures(newOverlay(r.disk, open), names)
	if err != nil {
		return err
	}
	for _, f := range then {
		if !slices.ContainsFunc(now, func(g finding.Finding) bool { return finding.Same(f, g) }) {
			return refuse("that would be wrong: %s, line %d: %s", f.File, f.At.Start.Line, f.Message)
		}
	}
	return nil
}

// failures gives what fails in some files of a tree, and elsewhere for what has changed in them.
func (r *renaming) failures(tree *overlay, names []string) ([]finding.Finding, error) {
	opts := r.options()
	opts.Base = r.tree
	for _, name := range names {
		opts.Changes = append(opts.Changes, forge.Change{Path: name, Kind: forge.Modified})
	}
	result, err := validate.Tree(tree, opts)
	if err != nil {
		return nil, fmt.Errorf("judge what would be: %w", err)
	}
	return slices.DeleteFunc(result.Findings, func(f finding.Finding) bool { return f.Level != finding.Failure }), nil
}

// workspaceEdit gives the edits; with the versions of what is open, where the client looks at these.
func (r *renaming) workspaceEdit(versions bool) workspaceEdit {
	out := workspaceEdit{}
	if !versions {
		out.Changes = map[string][]textEdit{}
	}
	for _, name := range slices.Sorted(maps.Keys(r.edits)) {
		if !versions {
			out.Changes[r.uriOf(name)] = r.edits[name]
			continue
		}
		d := documentEdit{Edits: r.edits[name]}
		d.TextDocument.URI = r.uriOf(name)
		if b := r.tree.open[name]; b != nil {
			d.TextDocument.Version = &b.version
		}
		out.Documents = append(out.Documents, d)
	}
	return out
}
