package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/outside"
)

// Bounds of what a check may answer.
const (
	maxVerdict      = 1000 // findings about one posting
	maxTextOfTheirs = 2000 // characters of a message and of a fix
)

// verdictOf is what "tamer check --format json" writes, as far as it is read.
type theirVerdict struct {
	Files *[]struct {
		Path     string
		Findings []theirFinding
	}
}

type theirFinding struct {
	Rule, Level, Path, Message, Fix string
	Line, Column                    int
	EndLine                         int `json:"end_line"`
	EndColumn                       int `json:"end_column"`
}

// Read gives the findings in a check's answer, their rules after the name of the check: they cannot pass for those of tamer.
// The error says what is wrong with the answer as a whole, and quotes nothing of it.
func (p Posting) Read(answer []byte) ([]finding.Finding, error) {
	var v theirVerdict
	dec := json.NewDecoder(bytes.NewReader(answer))
	if err := dec.Decode(&v); err != nil || dec.More() {
		return nil, errors.New("the answer is no JSON of the shape that docs/external-checks.md shows")
	}
	if v.Files == nil {
		return nil, errors.New(`the answer has no "files"; write {"files": []} where nothing is wrong`)
	}
	var found []finding.Finding
	for _, theirs := range *v.Files {
		i := slices.IndexFunc(p.Files, func(f posted) bool { return f.Path == theirs.Path })
		if i < 0 {
			return nil, errors.New("the answer names a file that was not posted")
		}
		for _, f := range theirs.Findings {
			ours, err := p.finding(p.Files[i], f)
			if err != nil {
				return nil, fmt.Errorf("finding %d of the answer: %w", len(found)+1, err)
			}
			if found = append(found, ours); len(found) > maxVerdict {
				return nil, fmt.Errorf("the answer has more than %d findings", maxVerdict)
			}
		}
	}
	return found, nil
}

var ruleOfTheirs = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

func (p Posting) finding(in posted, f theirFinding) (finding.Finding, error) {
	out := finding.Finding{Rule: p.Check + "/" + f.Rule, Level: finding.Level(f.Level), File: in.Path, Pointer: f.Path,
		Message: shortened(f.Message), Fix: shortened(f.Fix)}
	switch {
	case !ruleOfTheirs.MatchString(f.Rule):
		return out, errors.New(`"rule" must be 1 to 64 of a-z, 0-9, - and _`)
	case out.Level != finding.Failure && out.Level != finding.Warning && out.Level != finding.Notice:
		return out, errors.New(`"level" must be failure, warning or notice`)
	case out.Message == "":
		return out, errors.New(`"message" must say what is wrong`)
	case f.Path != "" && f.Path[0] != '/':
		return out, errors.New(`"path" must be a JSON Pointer`)
	}
	if out.Fix == "" {
		out.Fix = "ask who looks after the check " + p.Check
	}
	out.At = in.Head.place(f)
	return out, nil
}

// place is where a finding stands: by its line, else by its pointer, and always within the file.
func (v *version) place(f theirFinding) finding.Span {
	switch {
	case v == nil:
		return top
	case f.Line <= 0 && len(v.docs) == 1 && f.Path != "":
		return v.docs[0].Find(document.Tokens(f.Path)).Value
	case f.Line <= 0:
		return top
	}
	lines := strings.Count(strings.TrimSuffix(v.Text, "\n"), "\n") + 1
	at := finding.Span{Start: finding.Place{Line: min(f.Line, lines), Column: max(f.Column, 1)}}
	if f.EndLine >= f.Line && f.EndLine <= lines && f.EndColumn > 0 && (f.EndLine > f.Line || f.EndColumn >= at.Start.Column) {
		at.End = finding.Place{Line: f.EndLine, Column: f.EndColumn}
	}
	return at
}

// shortened is a text of theirs in one line and of bounded length.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxTextOfTheirs {
		return string(runes[:maxTextOfTheirs]) + "…"
	}
	return text
}

// Unchecked says that a check did not judge the postings that it was sent, n of them.
func Unchecked(check string, fault outside.Fault, n int) finding.Finding {
	return gap{fault, check}.finding(many(n, "customer") + " could not be checked by it")
}
