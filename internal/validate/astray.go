package validate

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// maxMissed is how many files that look like configuration are told one by one: more of them are one mistake.
const maxMissed = 100

// astray looks at files that no pattern covers: those that the change touches, or those that were listed where there is no change.
func (j *judge) astray(listed []policy.File) []finding.Finding {
	if j.base != nil {
		listed = j.touchedBeside()
	}
	var (
		found  []finding.Finding
		missed int
		last   *finding.Finding // stands for all that are not told one by one
	)
	for _, f := range listed {
		if !under(f.Path, j.opts.Only) {
			continue
		}
		if f.Mode.Type() != 0 && j.head.Policy.Layout.Within(f.Path) {
			found = append(found, catalog.Irregular(f.Path))
			continue
		}
		miss := j.nearMiss(f.Path)
		if miss == nil {
			continue
		}
		if missed++; missed <= maxMissed {
			found = append(found, *miss)
		} else if last == nil {
			last = miss
		}
	}
	if others := missed - maxMissed - 1; last != nil {
		if others > 0 {
			last.Message = fmt.Sprintf("this file and %d more are not read as configuration: no pattern of the layout covers them", others)
		}
		found = append(found, *last)
	}
	return found
}

// touchedBeside gives the files that no pattern covers and that the change adds or modifies, sorted.
func (j *judge) touchedBeside() []policy.File {
	var touched []policy.File
	for name, kind := range j.touched {
		f := j.head.Policy.Layout.Read(name)
		if kind == forge.Removed || f.Kind != policy.Other {
			continue
		}
		if e, err := policy.Entry(j.head.Tree, name); err == nil {
			f.Mode = e.Type()
		}
		touched = append(touched, f)
	}
	slices.SortFunc(touched, func(a, b policy.File) int { return cmp.Compare(a.Path, b.Path) })
	return touched
}

// nearMiss says of a file that no pattern covers where it was likely meant to be; nil where it is something else.
func (j *judge) nearMiss(name string) *finding.Finding {
	if name == policy.Path {
		return nil
	}
	meant, pattern := j.head.Policy.Layout.Near(name)
	if pattern == "" || meant.Path != "" && badName(meant) != nil {
		return nil
	}
	what := "configuration"
	switch meant.Kind {
	case policy.Schema:
		what = "a schema"
	case policy.Consumer:
		what = "the declaration of a service"
	}
	return &finding.Finding{Rule: "near-miss", Level: finding.Notice, File: name, At: top,
		Message: fmt.Sprintf("this file is not read as %s: no pattern of the layout covers it", what),
		Fix:     fmt.Sprintf("if it is meant to be %s, %s", what, j.whither(name, meant.Path, pattern))}
}

// whither says what becomes of a file that was meant to be at another path, by a pattern; the path is empty where nobody knows it.
func (j *judge) whither(name, meant, pattern string) string {
	if meant == "" {
		return "move it to where the layout looks, which is " + pattern
	}
	if _, err := fs.Lstat(j.head.Tree, meant); err == nil {
		return fmt.Sprintf("move what it says to %s, and remove this file", meant)
	}
	if !policy.Rewritten(name, meant) {
		return "move it to " + meant
	}
	how := "write it as JSON in " + meant
	if path.Dir(name) == path.Dir(meant) {
		how += fmt.Sprintf(", or add %s to the layout in %s", strings.TrimSuffix(pattern, path.Ext(pattern))+path.Ext(name), policy.Path)
	}
	return how
}
