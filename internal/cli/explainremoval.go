package cli

import (
	"context"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
)

// removal finds the newest change that took a value away, which the working tree does not have; false where it was never there.
func (t *tracer) removal(ctx context.Context, tokens []string) (turn, bool, error) {
	l, err := t.line(ctx, workingTree, t.path)
	if err != nil {
		return turn{}, false, err
	}
	for _, v := range l.order {
		for _, parent := range v.Parents {
			if _, known := l.versions[parent]; !known {
				return turn{}, false, errBounded
			}
			document, there, err := t.documentWith(ctx, point{commit: parent, path: t.path, tokens: tokens})
			if err != nil {
				return turn{}, false, err
			}
			if !there {
				continue
			}
			stood := point{parent, t.path, document, tokens}
			now, err := t.whereNow(ctx, v, stood)
			return turn{kind: "removed", at: stood, by: v.Commit, was: &stood, now: now}, err == nil, err
		}
	}
	return turn{}, false, nil
}

// documentWith tells in which document of a version the value is, counting from 0.
func (t *tracer) documentWith(ctx context.Context, at point) (int, bool, error) {
	src, err := t.source(ctx, at.commit, at.path)
	if t.looked++; t.progress != nil {
		t.progress(t.looked)
	}
	if err != nil || src == nil {
		return 0, false, err
	}
	docs, _ := document.Parse(src, document.Limits{})
	for i, doc := range docs {
		if has(doc, at.tokens) {
			return i, true, nil
		}
	}
	return 0, false, nil
}

// whereNow tells where a value went with the version that has it no more at its place; nil for nowhere.
func (t *tracer) whereNow(ctx context.Context, v mirror.Version, stood point) (*point, error) {
	before, readable, err := t.side(ctx, stood.commit, stood.path)
	if err != nil || !readable {
		return nil, err
	}
	paths := []string{t.path}
	if v.Commit != workingTree {
		renames, err := t.clone.Renames(ctx, v.Commit)
		if err != nil {
			return nil, err
		}
		for _, r := range renames {
			if r.From == t.path {
				paths = append(paths, r.To)
			}
		}
	}
	for _, path := range paths {
		if now, err := t.within(ctx, v.Commit, path, before, stood); now != nil || err != nil {
			return now, err
		}
	}
	return nil, nil
}

// within looks for the value in one file of a commit.
func (t *tracer) within(ctx context.Context, commit forge.Commit, path string, before diff.Side, stood point) (*point, error) {
	after, readable, err := t.side(ctx, commit, path)
	if err != nil || !readable {
		return nil, err
	}
	o, known, err := diff.OriginOf(after, before, stood.document, stood.tokens)
	if err != nil || !known {
		return nil, err
	}
	return &point{commit, path, o.Document, o.Path}, nil
}
