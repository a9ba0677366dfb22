package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
)

// A history adds to an explanation how the value came to be.
type history struct {
	*subject
	trace  tracer
	e      *render.Explanation
	stderr io.Writer
}

// follow finds the last change of the value, which is in one of the documents unless it is absent; false where it never was.
func (h *history) follow(ctx context.Context, number int, tokens []string) (bool, error) {
	if h.head == "" {
		h.e.Since.Uncommitted = "added"
		h.note("nothing is committed in this repository yet")
		return !h.e.Absent, nil
	}
	last, found, err := h.newest(ctx, number, tokens)
	switch {
	case errors.Is(err, errBounded):
		h.note("nobody has changed it that is known: " + err.Error())
		return !h.e.Absent, nil
	case err != nil || !found:
		return found, err
	}
	if last.by == workingTree {
		h.e.Since.Uncommitted = last.kind
		if last.was == nil {
			return true, nil
		}
		last, err = h.trace.lastTurn(ctx, *last.was)
		if errors.Is(err, errBounded) {
			h.note("nobody has changed it before that is known: " + err.Error())
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	if err := h.record(ctx, last); err != nil {
		return false, err
	}
	return true, h.whence(ctx, last.by)
}

func (h *history) note(text string) { h.e.Since.Notes = append(h.e.Since.Notes, text) }

func (h *history) newest(ctx context.Context, number int, tokens []string) (turn, bool, error) {
	if !h.e.Absent {
		last, err := h.trace.lastTurn(ctx, point{workingTree, h.path, number, tokens})
		return last, true, err
	}
	return h.trace.removal(ctx, tokens)
}

// record writes down what a commit did.
func (h *history) record(ctx context.Context, last turn) error {
	written, err := h.clone.Written(ctx, last.by)
	if err != nil {
		return err
	}
	c := &render.LastChange{Kind: last.kind, Commit: last.by, Author: written.Author, Email: written.Email, At: written.At, Subject: written.Subject,
		File: h.fromRoot(last.at.path), Pointer: last.at.pointer()}
	if last.was != nil {
		doc, err := h.trace.read(ctx, *last.was)
		if err != nil {
			return err
		}
		if doc != nil {
			if c.Old, err = h.shownOf(ctx, doc, *last.was); err != nil {
				return err
			}
			c.Known = true
		}
	}
	if last.now != nil {
		if err := h.hideMoved(ctx, c, *last.now); err != nil {
			return err
		}
		c.Moved, c.MovedFile, c.MovedTo = true, h.fromRoot(last.now.path), last.now.pointer()
	}
	if last.kind == "added" && h.clone.Shallow(ctx) {
		h.note("it may be older: this clone is shallow; git fetch --unshallow brings the rest")
	}
	h.e.Since.Last = c
	return nil
}

// fromRoot gives a path of the clone as it is shown.
func (h *history) fromRoot(path string) string { return strings.TrimPrefix(path, h.below) }

// shownOf is an old value as it may be shown: not what is secret by the schema of now, or by that of then.
func (h *history) shownOf(ctx context.Context, doc *document.Document, at point) (any, error) {
	then, err := h.guideAt(ctx, at)
	if err != nil {
		return nil, err
	}
	if h.guide.about(doc, at.tokens).Secret || then.about(doc, at.tokens).Secret {
		return diff.Secret{}, nil
	}
	if len(at.tokens) == 0 {
		return doc.Value, nil
	}
	return doc.At(at.tokens).Value, nil
}

// hideMoved hides an old value that is secret where it went.
func (h *history) hideMoved(ctx context.Context, c *render.LastChange, now point) error {
	doc, err := h.trace.read(ctx, now)
	if err != nil || doc == nil {
		return err
	}
	there := h.guide
	if now.commit != workingTree {
		if there, err = h.guideAt(ctx, now); err != nil {
			return err
		}
	}
	if there.about(doc, now.tokens).Secret {
		c.Old = diff.Secret{}
	}
	return nil
}

// guideAt is what the schema of a version says.
func (h *history) guideAt(ctx context.Context, at point) (guide, error) {
	tree, err := h.clone.Snapshot(ctx, at.commit)
	if err != nil {
		return guide{}, err
	}
	if h.below != "" {
		if tree, err = fs.Sub(tree, strings.TrimSuffix(h.below, "/")); err != nil {
			return guide{}, err
		}
	}
	p, _, err := policy.Read(tree)
	if err != nil {
		return guide{}, fmt.Errorf("read %s at %s: %w", policy.Path, at.commit.Short(), err)
	}
	if p == nil {
		return guide{blind: true}, nil
	}
	return guideIn(tree, p, h.fromRoot(at.path)), nil
}
