package document

import (
	"bytes"
	"fmt"

	"github.com/tamerhq/tamer/internal/finding"
)

// conflicts gives a finding for each conflict of a merge that was left in a text, between the lines with which git marks it
// (git-scm.com/docs/git-merge, "How conflicts are presented").
func conflicts(t *text) []finding.Finding {
	if !bytes.Contains(t.src, []byte("<<<<<<< ")) {
		return nil
	}
	var found []finding.Finding
	begin, middle := 0, 0 // lines, from 1; 0 where none is open
	for i, l := range t.split() {
		switch line := t.src[l.start:l.end]; {
		case bytes.HasPrefix(line, []byte("<<<<<<< ")):
			begin, middle = i+1, 0
		case string(line) == "=======" && begin > 0:
			middle = i + 1
		case bytes.HasPrefix(line, []byte(">>>>>>>")) && middle > 0:
			found = append(found, finding.Finding{Rule: "yaml", Level: finding.Failure, At: finding.Span{Start: finding.Place{Line: begin, Column: 1}},
				Message: fmt.Sprintf("lines %d to %d are a merge conflict that nobody has resolved", begin, i+1),
				Fix:     "keep what is right of both versions, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>"})
			begin, middle = 0, 0
		}
	}
	return found
}
