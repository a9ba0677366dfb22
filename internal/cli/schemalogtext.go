package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/compat"
)

func writeSchemaLogText(w io.Writer, typ string, versions []schemaVersion) error {
	var b strings.Builder
	if len(versions) == 0 {
		fmt.Fprintf(&b, "no commit has a version of %s\n", printable(typ))
	}
	for _, v := range versions {
		pull := ""
		if v.Pull != nil {
			pull = fmt.Sprintf(" #%d", v.Pull.Number)
		}
		verdict := v.Note
		if verdict == "" {
			verdict = compatWords[v.Report.Compatibility]
		}
		fmt.Fprintf(&b, "%s %s%s %s (%s)\n\t%s\n", v.Committed.Format(time.DateOnly), v.Commit.Short(), pull, printable(v.Subject), printable(v.Author), printable(verdict))
		for _, c := range v.Report.Changes {
			if len(c.Breaks) > 0 {
				fmt.Fprintf(&b, "\t%s: %s\n", printable(c.Path), printable(c.Message))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeSchemaLogJSON(w io.Writer, typ string, versions []schemaVersion) error {
	type change struct {
		Path    string             `json:"path"`
		Kind    string             `json:"kind"`
		Breaks  []compat.Direction `json:"breaks"`
		Message string             `json:"message"`
	}
	type version struct {
		Commit        string               `json:"commit"`
		Date          time.Time            `json:"date"`
		Author        string               `json:"author"`
		Subject       string               `json:"subject"`
		PullRequest   *int                 `json:"pull_request"`
		File          string               `json:"file"`
		Compatibility compat.Compatibility `json:"compatibility,omitempty"`
		Note          string               `json:"note,omitempty"`
		Changes       []change             `json:"changes"`
	}
	out := struct {
		Type     string    `json:"type"`
		Versions []version `json:"versions"`
	}{typ, []version{}}
	for _, v := range versions {
		one := version{Commit: string(v.Commit), Date: v.Committed, Author: v.Author, Subject: v.Subject, File: v.File,
			Compatibility: v.Report.Compatibility, Note: v.Note, Changes: []change{}}
		if v.Pull != nil {
			one.PullRequest = &v.Pull.Number
		}
		for _, c := range v.Report.Changes {
			one.Changes = append(one.Changes, change{c.Path, c.Kind, c.Breaks, c.Message})
		}
		out.Versions = append(out.Versions, one)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
