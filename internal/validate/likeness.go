package validate

import (
	"fmt"

	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A new type is taken for one that exists already where its schema is at least that much like the other's (see schema.Likeness),
// by that many properties.
const (
	alike       = 0.6
	alikePaths  = 3
	shownShared = 5
)

// lookalikes warns of each new type whose schema resembles that of a type that was there before.
func (j *judge) lookalikes() ([]finding.Finding, error) {
	var found []finding.Finding
	if j.base == nil {
		return nil, nil
	}
	for path, kind := range j.touched {
		f := j.head.Policy.Layout.Read(path)
		if kind == forge.Removed || f.Kind != policy.Schema || !under(path, j.opts.Only) || j.head.SchemaPath(f.Type) != path || j.base.SchemaPath(f.Type) != "" {
			continue
		}
		compiled, _ := j.head.Schema(path)
		if compiled == nil {
			continue
		}
		like, err := j.likest(compiled)
		if err != nil {
			return nil, err
		}
		if like.share >= alike {
			found = append(found, like.finding(f))
		}
	}
	return found, nil
}

// A likeness to a type that there is already.
type likeness struct {
	to     policy.File
	share  float64
	shared []string
}

// likest compares a schema with those that stay of the base, and gives the most alike.
func (j *judge) likest(to *schema.Schema) (likeness, error) {
	var best likeness
	files, err := j.base.Find(policy.Query{Kind: policy.Schema})
	if err != nil {
		return best, err
	}
	for _, f := range files {
		if j.head.SchemaPath(f.Type) == "" {
			continue // the change renames it, perhaps to the new one
		}
		known, _ := j.base.Schema(f.Path)
		if known == nil {
			continue
		}
		if share, shared := schema.Likeness(to, known); share > best.share && len(shared) >= alikePaths {
			best = likeness{f, share, shared}
		}
	}
	return best, nil
}

func (l likeness) finding(f policy.File) finding.Finding {
	shown := strings.Join(l.shared[:min(len(l.shared), shownShared)], ", ")
	if more := len(l.shared) - shownShared; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return finding.Finding{
		Rule: "type-duplicate", Level: finding.Warning, File: f.Path, At: top,
		Message: fmt.Sprintf("the new type %q is %d%% like %q: both have %s", f.Type, int(100*l.share), l.to.Type, shown),
		Fix:     fmt.Sprintf("use %q, or extend it, if both mean the same", l.to.Type),
		Related: []finding.Related{{File: l.to.Path, At: top, Message: "the schema that it is like"}},
	}
}
