package validate

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// blocker gives the first of some files that were not wholly read in which a target may be all the same; "" where it is in none.
func (s *side) blocker(unread []policy.File, path string, v catalog.Value) string {
	first := ""
	for _, f := range unread {
		if (first == "" || f.Path < first) && s.mayHold(f, path, v) {
			first = f.Path
		}
	}
	return first
}

// mayHold tells whether a file that could not be wholly read may have a value at a path: where the same characters stand anywhere in
// its text, or where the fault is in a line that may be such a value itself.
func (s *side) mayHold(f policy.File, path string, v catalog.Value) bool {
	lines, ok := s.faultyLines(f)
	if !ok {
		return true
	}
	s.mu.Lock()
	text := s.texts[f.Path]
	s.mu.Unlock()
	if strings.Contains(text, v.Bare()) {
		return true
	}
	tokens := document.Tokens(path)
	last := tokens[len(tokens)-1]
	if strings.HasPrefix(last, "*") {
		return true
	}
	key := regexp.MustCompile(`(^|[\s{,"'-])` + regexp.QuoteMeta(last) + `["']?\s*(:|$)`)
	return slices.ContainsFunc(lines, key.MatchString)
}

// faultyLines gives the lines of a file at which it could not be read; false where its text is of no use to anybody.
func (s *side) faultyLines(f policy.File) ([]string, bool) {
	j, err := s.keep(f)
	if err != nil || slices.ContainsFunc(j.found, func(x finding.Finding) bool { return x.Rule != "yaml" && fatal[x.Rule] }) {
		return nil, false
	}
	s.mu.Lock()
	text, known := s.texts[f.Path]
	s.mu.Unlock()
	if !known {
		src, large, err := read(s.Tree, f.Path, s.opts.Limits)
		if err != nil || large != nil || !utf8.Valid(src) {
			return nil, false
		}
		text = string(src)
		s.mu.Lock()
		s.texts[f.Path] = text
		s.mu.Unlock()
	}
	all := strings.Split(text, "\n")
	var lines []string
	for _, x := range j.found {
		if n := x.At.Start.Line; x.Rule == "yaml" && n >= 1 && n <= len(all) {
			lines = append(lines, all[n-1])
		}
	}
	return lines, len(lines) > 0
}

// fatal are the rules of which one finding leaves nothing of a file to look at.
var fatal = map[string]bool{"encoding": true, "file-kind": true, "file-size": true, "name": true, "schema-invalid": true}
