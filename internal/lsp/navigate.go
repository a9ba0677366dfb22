package lsp

import (
	"context"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// A cursor is what stands at one position of a document, as far as it has to do with other files.
type cursor struct {
	file    policy.File
	at      finding.Span
	refs    []catalog.Ref
	targets []catalog.Target
}

// lookAt looks at a position of a document; use is not called where the document is no config.
func (s *server) lookAt(ctx context.Context, p positionParams, use func(view, cursor) error) error {
	w, name := s.of(p.TextDocument.URI)
	if w == nil {
		return nil
	}
	return w.look(ctx, func(v view) error {
		known, ok := v.index.File(name)
		if !ok {
			return nil
		}
		page := pageOf(v.tree, name)
		at := page.place(page.offset(p.Position))
		c := cursor{file: known.File}
		for _, r := range known.Facts.Refs {
			if holds(r.At, at) {
				c.refs, c.at = append(c.refs, r), r.At
			}
		}
		for _, t := range known.Facts.Targets {
			if holds(t.At, at) {
				c.targets, c.at = append(c.targets, t), t.At
			}
		}
		return use(v, c)
	})
}

// holds tells whether a place lies in a span, or right behind it.
func holds(s finding.Span, at finding.Place) bool {
	if s.End.Line < 1 {
		return at.Line == s.Start.Line && at.Column >= s.Start.Column
	}
	return at.Line == s.Start.Line && s.End.Line == s.Start.Line && at.Column >= s.Start.Column && at.Column <= s.End.Column
}

// A spot is a place in a file.
type spot struct {
	file string
	at   finding.Span
}

// locations gives spots as the client reads them, each once, in their order.
func (v view) locations(spots []spot) []location {
	all := []location{}
	pages := map[string]*page{}
	seen := map[spot]bool{}
	for _, s := range spots {
		if seen[s] {
			continue
		}
		seen[s] = true
		if pages[s.file] == nil {
			pages[s.file] = pageOf(v.tree, s.file)
		}
		all = append(all, location{v.uriOf(s.file), pages[s.file].rangeOf(s.at)})
	}
	return all
}

// definition gives where a reference leads; for a value that others refer to, where it stands itself.
func (s *server) definition(ctx context.Context, p positionParams) (any, error) {
	found := []location{}
	err := s.lookAt(ctx, p, func(v view, c cursor) error {
		var spots []spot
		for _, r := range c.refs {
			spots = append(spots, spotsOf(v.index.Targets(c.file, r))...)
		}
		if len(c.refs) == 0 {
			for _, t := range c.targets {
				spots = append(spots, spot{c.file.Path, t.At})
			}
		}
		found = v.locations(spots)
		return nil
	})
	return found, err
}

func spotsOf(hits []catalog.Hit) []spot {
	var all []spot
	for _, h := range hits {
		all = append(all, spot{h.File.Path, h.Target.At})
	}
	return all
}

// references gives all that refers to what the cursor is at, or to what that refers to itself.
func (s *server) references(ctx context.Context, p referenceParams) (any, error) {
	found := []location{}
	err := s.lookAt(ctx, p.positionParams, func(v view, c cursor) error {
		var spots []spot
		for _, hit := range v.meant(c) {
			if p.Context.IncludeDeclaration {
				spots = append(spots, spot{hit.File.Path, hit.Target.At})
			}
			for _, r := range v.index.Referrers(hit.File, hit.Target) {
				spots = append(spots, spot{r.File.Path, r.Ref.At})
			}
		}
		slices.SortStableFunc(spots, func(a, b spot) int { return strings.Compare(a.file, b.file) })
		found = v.locations(spots)
		return nil
	})
	return found, err
}

// meant gives the values that are meant at the cursor: those that stand there, and those that a reference there leads to.
func (v view) meant(c cursor) []catalog.Hit {
	var hits []catalog.Hit
	for _, t := range c.targets {
		hits = append(hits, catalog.Hit{File: c.file, Target: t})
	}
	for _, r := range c.refs {
		hits = append(hits, v.index.Targets(c.file, r)...)
	}
	return hits
}
