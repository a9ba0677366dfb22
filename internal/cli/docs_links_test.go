package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	aLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	aHeading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notSlug  = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// maxPicture is how many bytes a picture of the documentation may have: a clone holds each of their versions.
const maxPicture = 60_000

// Links lead to files and headings that are there, each page is led to, and pictures are small.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	must(t, err)
	led := map[string]bool{}
	for _, path := range append(pages, "../../README.md", "../../CHANGELOG.md") {
		text, err := os.ReadFile(path)
		must(t, err)
		for _, link := range aLink.FindAllStringSubmatch(string(text), -1) {
			to, heading, _ := strings.Cut(link[1], "#")
			if strings.Contains(to, ":") {
				continue // elsewhere
			}
			file := filepath.Join(filepath.Dir(path), filepath.FromSlash(to))
			if to == "" {
				file = path
			}
			led[filepath.Clean(file)] = led[filepath.Clean(file)] || to != ""
			info, err := os.Stat(file)
			switch {
			case err != nil:
				t.Errorf("%s leads to %s, which is not there", filepath.Base(path), link[1])
			case filepath.Ext(file) == ".png" && info.Size() > maxPicture:
				t.Errorf("%s has %d bytes, more than %d: tools/screenshots/take makes pictures small", file, info.Size(), maxPicture)
			case heading != "" && !headings(t, file)[heading]:
				t.Errorf("%s leads to %s: there is no such heading", filepath.Base(path), link[1])
			}
		}
	}
	for _, page := range pages {
		if !led[filepath.Clean(page)] {
			t.Errorf("nothing leads to %s: add it to README.md", page)
		}
	}
}

// headings are the names that GitHub gives the headings of a page.
func headings(t *testing.T, file string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	all := map[string]bool{}
	for _, h := range aHeading.FindAllStringSubmatch(string(text), -1) {
		all[strings.ReplaceAll(notSlug.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return all
}
