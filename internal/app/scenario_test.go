package app_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/scenario"
)

// Every scenario, from webhook to check run: a pull request is opened, and its annotations, conclusion and summary say what
// the core says.
func TestScenarios(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	if _, err := w.Hub.Install("acme"); err != nil {
		t.Fatal(err)
	}
	for _, s := range scenario.Load(t, "../validate/testdata") {
		t.Run(s.Name, func(t *testing.T) {
			w := &world{World: w.World, t: t, dir: w.dir}
			repo := "acme/" + s.Name
			w.must(w.Hub.CreateRepo(repo, s.Base.Files))
			change := fakegithub.Change{Files: map[string][]byte{}, Links: s.Head.Links, Author: "anna"}
			for _, ch := range s.Changes() {
				if data, ok := s.Head.Files[ch.Path]; ok && s.Head.Links[ch.Path] == "" {
					change.Files[ch.Path] = data
				} else if s.Head.Links[ch.Path] == "" {
					change.Delete = append(change.Delete, ch.Path)
				}
			}
			_, err := w.Hub.Push(repo, "change", change)
			w.must(err)
			n, err := w.Hub.OpenPull(repo, fakegithub.Pull{Head: "change", Author: "anna"})
			w.must(err)
			run := w.judged(repo, n)

			want := strings.Split(strings.TrimSuffix(s.Want(t, "want"), "\n"), "\n")
			findings, sum := strings.Join(want[:len(want)-1], "\n"), want[len(want)-1]
			if got, want := annotationsText(run.Annotations), withoutColumns(findings); got != want {
				t.Error(golden.Difference(got, want))
			}
			conclusion := "success"
			if strings.Contains(findings, ": failure: ") {
				conclusion = "failure"
			}
			if run.Conclusion != conclusion || !strings.Contains(run.Summary, sum) {
				t.Errorf("%s, want %s; summary:\n%s\nwant in it: %s", run.Conclusion, conclusion, run.Summary, sum)
			}
		})
	}
}

func annotationsText(all []fakegithub.Annotation) string {
	var lines []string
	for _, a := range all {
		message, fix, _ := strings.Cut(a.Message, "\nFix: ")
		lines = append(lines, fmt.Sprintf("%s:%d: %s: %s [%s]\n\tfix: %s", a.Path, a.StartLine, a.Level, message, a.Title, strings.ReplaceAll(fix, "\nSee ", "\n\tsee: ")))
	}
	return strings.Join(lines, "\n")
}

var (
	column = regexp.MustCompile(`(?m)^([^\t].*?:\d+):\d+: `)
	noLine = regexp.MustCompile(`(?m)^([^\t:]+): (failure|warning|notice): `)
)

// withoutColumns gives findings as annotations show them: a finding about a whole file stands at its first line.
func withoutColumns(text string) string {
	return noLine.ReplaceAllString(column.ReplaceAllString(text, "$1: "), "$1:1: $2: ")
}
