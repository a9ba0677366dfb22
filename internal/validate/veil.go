package validate

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rule"
	"github.com/tamerhq/tamer/internal/schema"
)

// A veil is what must not be shown of one file: what its schema calls secret.
type veil struct {
	within []string       // JSON Pointers of the secret values
	lines  []finding.Span // where they stand
	texts  []string       // what they are, the longest first
	all    bool           // the file cannot be read by its schema, so anything may be secret
}

// veilOf is nil where nothing is secret. readable tells that docs are all of the file.
func veilOf(s *schema.Schema, docs []*document.Document, readable bool) *veil {
	if !s.Carries(schema.WithSecret) {
		return nil
	}
	v := &veil{all: !readable, texts: secretsIn(s, docs)}
	for _, doc := range docs {
		untold := s.Walk(doc, schema.WithSecret, func(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
			at := doc.Find(tokens)
			if ofKey {
				at.Value = at.Key
			}
			v.within, v.lines = append(v.within, document.Pointer(tokens)), append(v.lines, at.Value)
		})
		v.all = v.all || len(untold) > 0
	}
	if !v.all && len(v.within) == 0 {
		return nil
	}
	return v
}

// veiledAlready are the rules whose messages are the words of the schema's author or of the operator, with the secrets in them hidden.
var veiledAlready = []string{"condition", "condition-unjudged", "live", "live-unknown", "unanswered"}

// over hides the secrets in findings of the file. What is wrong with a secret value is said without anything that follows from it.
func (v *veil) over(found []finding.Finding) {
	for i := range found {
		f := &found[i]
		if secret, holds := v.holds(f.Pointer); holds && !slices.Contains(veiledAlready, f.Rule) {
			f.Pointer = secret
			f.Message, f.Fix, f.Edit = "a secret value, which is not shown, breaks a rule: "+purposeOf(f.Rule), "look into the schema for what it allows here, and write that", nil
		}
		f.Message, f.Fix = veiled(f.Message, v.texts), veiled(f.Fix, v.texts)
		if f.Edit != nil && veiled(f.Edit.Text, v.texts) != f.Edit.Text {
			f.Edit = nil
		}
		f.Related = slices.Clone(f.Related)
		for j := range f.Related {
			f.Related[j].Message = veiled(f.Related[j].Message, v.texts)
		}
	}
}

// holds gives the secret value that a pointer leads to, or into.
func (v *veil) holds(pointer string) (secret string, ok bool) {
	i := slices.IndexFunc(v.within, func(p string) bool { return p == pointer || strings.HasPrefix(pointer, p+"/") })
	if i < 0 {
		return "", false
	}
	return v.within[i], true
}

func joinVeils(a, b map[string]*veil) map[string]*veil {
	all := map[string]*veil{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

func purposeOf(id string) string {
	if i := slices.IndexFunc(rule.All, func(r rule.Rule) bool { return r.ID == id }); i >= 0 {
		return strings.TrimSuffix(rule.All[i].Purpose, ".")
	}
	return id
}

// Veiled tells whether something on a line of a file that was judged is secret, so that the line must not be shown.
func (r Result) Veiled(file string, line int) bool {
	v := r.veils[file]
	return v != nil && (v.all || slices.ContainsFunc(v.lines, func(s finding.Span) bool { return s.Start.Line <= line && line <= max(s.Start.Line, s.End.Line) }))
}

// hide hides the secrets of configs in the findings, which are sorted by file.
func (r *Result) hide(limits document.Limits) error {
	c := r.head
	if r.head = nil; c == nil {
		return nil
	}
	r.veils = map[string]*veil{}
	for from, to := 0, 0; from < len(r.Findings); from = to {
		file := r.Findings[from].File
		for to < len(r.Findings) && r.Findings[to].File == file {
			to++
		}
		v, err := veilIn(c, file, limits)
		if err != nil {
			return err
		}
		if v != nil {
			v.over(r.Findings[from:to])
			r.veils[file] = v
		}
	}
	return nil
}

// veilIn gives the veil of a file; nil for what is no config.
func veilIn(c *catalog.Catalog, file string, limits document.Limits) (*veil, error) {
	f := c.Policy.Layout.Read(file)
	if f.Kind != policy.Config && f.Kind != policy.Shared {
		return nil, nil
	}
	s, _ := schemaOf(c, f.Type)
	if s == nil || !s.Carries(schema.WithSecret) {
		return nil, nil
	}
	info, err := fs.Lstat(c.Tree, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", file, err)
	case !info.Mode().IsRegular():
		return nil, nil
	}
	src, large, err := read(c.Tree, file, limits)
	if err != nil || large != nil {
		return nil, err
	}
	docs, found := document.Parse(src, limits)
	return veilOf(s, docs, len(found) == 0), nil
}
