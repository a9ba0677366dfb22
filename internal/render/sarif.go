package render

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/rule"
	"github.com/tamerhq/tamer/internal/validate"
)

// sarifSchema names the standard: OASIS SARIF 2.1.0 with errata 01. The names of what follows are explained there.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

var sarifLevels = map[finding.Level]string{finding.Failure: "error", finding.Warning: "warning", finding.Notice: "note", "off": "none"}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string            `json:"id"`
	Short   sarifText         `json:"shortDescription"`
	Full    sarifText         `json:"fullDescription"`
	Help    sarifText         `json:"help"`
	Default map[string]string `json:"defaultConfiguration"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    *int              `json:"ruleIndex,omitempty"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Fixes        []sarifFix        `json:"fixes,omitempty"`
	Related      []sarifLocation   `json:"relatedLocations,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion `json:"deletedRegion"`
	Inserted sarifText   `json:"insertedContent"`
}

// SARIF writes a result as SARIF 2.1.0, for programs that collect what analysers find.
func SARIF(w io.Writer, r validate.Result, o Options) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `{"$schema":"%s","version":"2.1.0","runs":[{"tool":{"driver":`, sarifSchema)
	driver := sarifDriver{Name: "tamer", Version: o.Version}
	index := map[string]int{}
	for i, known := range rule.All {
		index[known.ID] = i
		driver.Rules = append(driver.Rules, asSARIFRule(known))
	}
	if err := compact(b, driver); err != nil {
		return err
	}
	b.WriteString(`},"columnKind":"unicodeCodePoints","results":[`)
	prints := fingerprints{}
	for i, f := range r.Findings {
		if i > 0 {
			b.WriteByte(',')
		}
		result := asSARIF(f)
		result.Fingerprints = map[string]string{"tamer/v1": prints.of(f)}
		if at, known := index[f.Rule]; known {
			result.RuleIndex = &at
		}
		if err := compact(b, result); err != nil {
			return err
		}
	}
	b.WriteString("]}]}\n")
	return b.Flush()
}

func asSARIFRule(r rule.Rule) sarifRule {
	var text strings.Builder
	_ = Rule(&text, r) // a strings.Builder takes everything
	return sarifRule{
		ID: r.ID, Short: sarifText{Text: r.Purpose}, Full: sarifText{Text: flow(r.Why)},
		Help: sarifText{text.String(), ruleMarkdown(r)}, Default: map[string]string{"level": sarifLevels[r.Default()]},
	}
}

func asSARIF(f finding.Finding) sarifResult {
	result := sarifResult{RuleID: f.Rule, Level: sarifLevels[f.Level], Message: sarifText{Text: f.Message + "\nFix: " + f.Fix}}
	for _, r := range f.Related {
		result.Related = append(result.Related, sarifLocation{
			Physical: sarifPhysical{Artifact: artifact(r.File), Region: asRegion(r.At)}, Message: &sarifText{Text: r.Message}})
	}
	if f.File == "" {
		return result
	}
	file := artifact(f.File)
	here := sarifLocation{Physical: sarifPhysical{Artifact: file, Region: asRegion(f.At)}}
	if f.Pointer != "" {
		here.Logical = []sarifLogical{{f.Pointer}}
	}
	result.Locations = []sarifLocation{here}
	if f.Edit != nil {
		result.Fixes = []sarifFix{{sarifText{Text: f.Fix}, []sarifChange{{file, []sarifReplacement{{*asRegion(f.Edit.At), sarifText{Text: f.Edit.Text}}}}}}}
	}
	return result
}

// asRegion gives the place as far as it is known; nil for the file as a whole.
func asRegion(at finding.Span) *sarifRegion {
	if at.Start.Line == 0 {
		return nil
	}
	return &sarifRegion{at.Start.Line, at.Start.Column, at.End.Line, at.End.Column}
}

// artifact names a file by a URI: relative to the top of what was checked, unless the path is absolute.
func artifact(file string) sarifArtifact {
	if path.IsAbs(file) {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: file}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: file}).String(), Base: "%SRCROOT%"}
}

// fingerprints count how often the same was found. Two runs tell by a fingerprint whether a finding is the same: it holds
// no line, so that it stays when lines above are added.
type fingerprints map[string]int

func (p fingerprints) of(f finding.Finding) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{f.Rule, f.File, f.Pointer, f.Message}, "\x00")))
	print := hex.EncodeToString(sum[:16])
	p[print]++
	return fmt.Sprintf("%s:%d", print, p[print])
}
