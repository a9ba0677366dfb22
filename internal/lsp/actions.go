package lsp

import (
	"context"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/validate"
)

// Kinds of code actions.
const (
	quickFix = "quickfix"
	fixAll   = "source.fixAll.tamer"
)

// codeActions offers the edits that are certain, for what was found in the text as it is now.
func (s *server) codeActions(_ context.Context, p codeActionParams) (any, error) {
	actions := []codeAction{}
	w, name := s.of(p.TextDocument.URI)
	if w == nil {
		return actions, nil
	}
	j := w.verdict()
	b := w.buffer(name)
	if b == nil || j.tree == nil || j.tree.open[name] == nil || j.tree.open[name].text != b.text {
		return actions, nil // the client asks again when it is told what is wrong now
	}
	text := newPage(b.text)
	s.mu.Lock()
	versions := s.client.Workspace.WorkspaceEdit.DocumentChanges
	s.mu.Unlock()
	var all []finding.Edit
	for _, f := range j.found[name] {
		if f.Edit == nil {
			continue
		}
		all = append(all, *f.Edit)
		d := diagnosticOf(w, j, text, f)
		if wanted(p.Context.Only, quickFix) && meet(d.Range, p.Range) {
			edit := textEdit{text.rangeOf(f.Edit.At), f.Edit.Text}
			actions = append(actions, codeAction{Title: f.Fix, Kind: quickFix, Diagnostics: []diagnostic{d}, IsPreferred: true, Edit: editOf(b, versions, edit)})
		}
	}
	if len(all) > 0 && wanted(p.Context.Only, fixAll) {
		if after, made := validate.Apply([]byte(b.text), all); made > 0 {
			edit := textEdit{text.between(0, len(b.text)), string(after)}
			actions = append(actions, codeAction{Title: "Make all edits of tamer that are certain", Kind: fixAll, Edit: editOf(b, versions, edit)})
		}
	}
	return actions, nil
}

func editOf(b *buffer, versions bool, edits ...textEdit) workspaceEdit {
	if !versions {
		return workspaceEdit{Changes: map[string][]textEdit{b.uri: edits}}
	}
	d := documentEdit{Edits: edits}
	d.TextDocument.URI, d.TextDocument.Version = b.uri, &b.version
	return workspaceEdit{Documents: []documentEdit{d}}
}

// wanted tells whether a client that asks for some kinds, or for all, wants one of this kind.
func wanted(only []string, kind string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(k string) bool { return k == kind || strings.HasPrefix(kind, k+".") })
}

// meet tells whether two ranges have a place in common.
func meet(a, b textRange) bool { return !before(a.End, b.Start) && !before(b.End, a.Start) }

func before(a, b position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Character < b.Character
}
