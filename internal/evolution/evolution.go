// Package evolution tells what a change of schemas means: to the files that they judge, to the services that read these files, and
// by what was announced before. It reads two trees, and knows nothing of time but what it is told.
package evolution

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/schema"
)

// A Change is one type whose schema another tree has otherwise.
type Change struct {
	Type string
	File string // the schema in the new tree; in the old one where it is gone
	Gone bool   // the type has no schema any more
	// Report compares both schemas. It is empty where Problem says why they cannot be compared.
	Report  compat.Report
	Problem string
	// Beyond are the keywords of tamer that differ and that no comparison of accepted values covers, such as x-tamer-rules; sorted.
	Beyond []string
	// Culprit is the first place in the new schema that refuses what was accepted; its file as a whole where there is none.
	Culprit Culprit

	views *views // nil where Problem says why
}

// maxTime bounds what the comparisons of one change of schemas take together, also where services read them: none of an ordinary
// change takes a second.
const maxTime = 30 * time.Second

// Compare gives the types of the list whose schemas differ, in its order. A type that had no schema before is none of them.
// Steps and time are bounded: what could not be proven in them counts as broken.
func Compare(old, new *catalog.Catalog, types []string) []Change {
	var all []Change
	budget := compat.NewBudget(maxTime)
	for _, typ := range types {
		if c, differs := compare(old, new, typ, budget); differs {
			all = append(all, c)
		}
	}
	return all
}

func compare(old, new *catalog.Catalog, typ string, budget *compat.Budget) (Change, bool) {
	was, is := old.SchemaPath(typ), new.SchemaPath(typ)
	if was == "" {
		return Change{}, false
	}
	c := Change{Type: typ, File: is}
	if is == "" {
		c.File, c.Gone, c.Problem = was, true, "the type has no schema any more"
		c.Culprit = Culprit{File: was}
		return c, true
	}
	a, why := old.Schema(was)
	if a == nil {
		c.Problem = fmt.Sprintf("the old schema cannot be used: %s", why[0].Message)
	}
	b, why := new.Schema(is)
	if b == nil {
		c.Problem = fmt.Sprintf("the new schema cannot be used: %s", why[0].Message)
	}
	if c.Problem != "" {
		return c, true
	}
	if was == is && a.Digest() == b.Digest() {
		return c, false
	}
	report, err := budget.Compare(a, b)
	if err == nil {
		c.views, err = look(a, b, report, budget)
	}
	if err != nil {
		c.Problem = err.Error()
		return c, true
	}
	c.Report, c.Beyond = report, beyond(a, b)
	c.Culprit = culprit(new, is, b, report)
	return c, report.Compatibility != compat.Identical || len(c.Beyond) > 0
}

// Forget lets go of what only Hurt and Removals need, which must not be asked any more.
func (c *Change) Forget() { c.views = nil }

// Safe tells whether neither a file nor a service can be hurt by the change.
func (c Change) Safe() bool {
	return c.Problem == "" && len(c.Beyond) == 0 && !c.Report.Breaks(compat.Backward) && !c.Report.Breaks(compat.Forward)
}

// HurtsFiles tells whether files that the old schema accepted may be refused now.
func (c Change) HurtsFiles() bool {
	return c.Problem == "" && (len(c.Beyond) > 0 || c.Report.Breaks(compat.Backward))
}

// beyond gives the keywords by which the schemas judge, or hide, besides what they accept, and that do not say the same at the same places.
func beyond(old, new *schema.Schema) []string {
	was, is := spoken(old), spoken(new)
	var words []string
	for _, word := range []string{"x-tamer-key", "x-tamer-live", "x-tamer-ref", "x-tamer-rules", "x-tamer-secret"} {
		if !bytes.Equal(was[word], is[word]) {
			words = append(words, word)
		}
	}
	return words
}

// spoken writes what a schema says by keywords of tamer: by the keyword, as one text.
func spoken(s *schema.Schema) map[string][]byte {
	all := map[string][]byte{}
	say := func(word, pointer string, what any) {
		b, _ := json.Marshal([]any{pointer, what}) // plain values from a file of JSON or YAML
		all[word] = append(append(all[word], b...), '\n')
	}
	order := slices.SortedFunc(slices.Values(s.Keywords()), func(a, b *schema.Keywords) int {
		return bytes.Compare([]byte(a.Site.Pointer), []byte(b.Site.Pointer))
	})
	for _, k := range order {
		at := k.Site.Pointer
		if k.Key != "" {
			say("x-tamer-key", at, k.Key)
		}
		if k.Live != nil {
			say("x-tamer-live", at, []any{k.Live.Source, k.Live.Query, k.Live.Args})
		}
		if k.Ref != nil {
			say("x-tamer-ref", at, []any{k.Ref.Type, k.Ref.Path, k.Ref.Scope, k.Ref.Acyclic})
		}
		for _, r := range k.Rules {
			say("x-tamer-rules", at, []any{r.Expr, r.Level, r.At})
		}
		if k.Secret {
			say("x-tamer-secret", at, true)
		}
	}
	return all
}

// place is where in a file of the tree a pointer leads, or the nearest place around it that is there.
func place(c *catalog.Catalog, file, pointer string) finding.Span {
	at := c.Place(file, document.Tokens(pointer), 0)
	for _, span := range []finding.Span{at.Key, at.Value} {
		if span.Start.Line > 0 {
			return span
		}
	}
	return finding.Span{Start: finding.Place{Line: 1, Column: 1}}
}

// A Culprit is where in the files of a schema something stands that hurts files.
type Culprit struct {
	File, Pointer string
	At            finding.Span
}

// culprit gives the first place of the new schema, which stands in a file of the tree, that refuses what was accepted.
func culprit(tree *catalog.Catalog, file string, s *schema.Schema, r compat.Report) Culprit {
	i := slices.IndexFunc(r.Changes, func(ch compat.Change) bool { return slices.Contains(ch.Breaks, compat.Backward) })
	if i < 0 {
		return Culprit{file, "", place(tree, file, "")}
	}
	return site(tree, file, s, r.Changes[i])
}

// site is where a change of a schema stands in the new tree: at what is around it, where it is gone.
func site(tree *catalog.Catalog, file string, s *schema.Schema, ch compat.Change) Culprit {
	pointer := strings.TrimPrefix(ch.Path, "#")
	if slices.Contains(s.Files(), ch.File) {
		file = ch.File
	} else {
		pointer = ""
	}
	return Culprit{file, pointer, place(tree, file, pointer)}
}
