package lsp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/finding"
)

// judgeOnAndOn judges whenever something has changed. What changes meanwhile is judged next, all at once.
func (s *server) judgeOnAndOn(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for _, w := range s.all() {
			if w.unjudged.Swap(false) {
				s.judge(ctx, w)
			}
		}
	}
}

func (s *server) judge(ctx context.Context, w *workspace) {
	defer func() {
		if p := recover(); p != nil { // a mistake of ours, which must not end the server
			s.tell(ctx, fmt.Errorf("judge: %v", p))
		}
	}()
	j, err := w.judge()
	switch {
	case errors.Is(err, errMoved):
		s.judgeLater(w)
	case err != nil:
		s.tell(ctx, fmt.Errorf("judge: %w", err))
	default:
		s.publish(ctx, w, j)
	}
}

// compareOnAndOn asks git what has changed, which takes longer than judging it.
func (s *server) compareOnAndOn(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.ask:
		}
		for _, w := range s.all() {
			if !w.uncompared.Swap(false) {
				continue
			}
			if err := w.compare(ctx); err != nil && ctx.Err() == nil {
				s.tell(ctx, err)
			}
			s.judgeLater(w)
		}
	}
}

// publish shows what was found, and takes away what is not wrong any more; of a workspace that was left, all.
func (s *server) publish(ctx context.Context, w *workspace, j judged) {
	w.publishing.Lock()
	defer w.publishing.Unlock()
	if !slices.Contains(s.all(), w) {
		j = judged{tree: newOverlay(w.disk, nil)}
	}
	names := maps.Clone(w.published)
	for name := range j.found {
		names[name] = true
	}
	for name := range j.tree.open {
		names[name] = true
	}
	delete(names, "") // of the change as a whole: at no file
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out := publishParams{URI: w.uriOf(name), Diagnostics: s.diagnostics(w, j, name)}
		if b := j.tree.open[name]; b != nil {
			out.Version = &b.version
		}
		if s.rpc.Notify(ctx, "textDocument/publishDiagnostics", out) != nil {
			return // the connection has ended
		}
		if w.published[name] = true; len(out.Diagnostics) == 0 {
			delete(w.published, name)
		}
	}
}

// diagnostics gives what was found in one file; never nil, which clients do not take for an empty list.
func (s *server) diagnostics(w *workspace, j judged, name string) []diagnostic {
	list := []diagnostic{}
	if len(j.found[name]) == 0 {
		return list
	}
	p := pageOf(j.tree, name)
	for _, f := range j.found[name] {
		list = append(list, diagnosticOf(w, j, p, f))
	}
	return list
}

func diagnosticOf(w *workspace, j judged, p *page, f finding.Finding) diagnostic {
	d := diagnostic{Range: p.rangeOf(f.At), Severity: severity[f.Level], Code: f.Rule, Source: "tamer", Message: message(f)}
	if f.Rule == "deprecated" {
		d.Tags = []int{2}
	}
	for _, r := range f.Related {
		d.Related = append(d.Related, related{location{w.uriOf(r.File), pageOf(j.tree, r.File).rangeOf(r.At)}, r.Message})
	}
	return d
}

// message is what a finding says, and on a line of its own what to write instead, as `tamer check` prints them.
func message(f finding.Finding) string { return f.Message + "\nfix: " + f.Fix }

var severity = map[finding.Level]int{finding.Failure: 1, finding.Warning: 2, finding.Notice: 3}
