package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/validate"
)

// commands are the workflow commands that make an annotation.
// Source: docs.github.com, "Workflow commands for GitHub Actions", setting an error message.
var commands = map[finding.Level]string{finding.Failure: "error", finding.Warning: "warning", finding.Notice: "notice"}

var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// GitHub writes findings as workflow commands of GitHub Actions, which shows them at their lines; and nothing else.
func GitHub(w io.Writer, r validate.Result, _ Options) error {
	b := bufio.NewWriter(w)
	for _, f := range r.Findings {
		fmt.Fprintf(b, "::%s %stitle=%s::%s\n", commands[f.Level], commandPlace(f), commandProperty.Replace(f.Rule),
			commandData.Replace(visible(f.Message)+"\nFix: "+visible(f.Fix)+relatedLines(f)))
	}
	return b.Flush()
}

// commandPlace gives file, lines and columns, as far as they are known. Columns go with a single line only, and the last
// one is within the place.
func commandPlace(f finding.Finding) string {
	if f.File == "" {
		return ""
	}
	place := "file=" + commandProperty.Replace(f.File) + ","
	if f.At.Start.Line == 0 {
		return place
	}
	a := annotation(f)
	place += fmt.Sprintf("line=%d,", a.StartLine)
	if a.StartColumn > 0 {
		place += fmt.Sprintf("col=%d,", a.StartColumn)
	}
	place += fmt.Sprintf("endLine=%d,", a.EndLine)
	if a.EndColumn > 0 {
		place += fmt.Sprintf("endColumn=%d,", a.EndColumn)
	}
	return place
}
