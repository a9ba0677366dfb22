package evolution

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/schema"
)

// Hurt tells whether the change of a type's schema breaks a service, and how, at the lines of the new schema, which stands in the tree new.
func (c Change) Hurt(new *catalog.Catalog, copies *Copies, s Consumer) []finding.Finding {
	var found []finding.Finding
	for _, r := range s.Reads {
		if r.Type == c.Type {
			found = append(found, hurting{change: c, new: new, copies: copies, service: s, read: r}.look()...)
		}
	}
	return found
}

// A hurting is one service that reads a type whose schema changes.
type hurting struct {
	change  Change
	new     *catalog.Catalog
	copies  *Copies
	service Consumer
	read    Read
}

func (h hurting) look() []finding.Finding {
	if h.change.Gone {
		return []finding.Finding{h.tell(Culprit{File: h.change.File}, h.read.TypeAt, fmt.Sprintf("it reads the type %q, which has no schema any more", h.read.Type))}
	}
	v := h.change.views
	if v == nil {
		return nil // nobody can tell, and the schema fails
	}
	var found []finding.Finding
	for _, p := range h.read.Paths {
		tokens := document.Tokens(p.Text)
		said := reached(v.before, tokens)
		what := lost(said, reached(v.after, tokens))
		if what == "" && said.described {
			what = v.meant(tokens)
		}
		if what != "" {
			found = append(found, h.tell(v.nearest(h.new, h.change.File, tokens), p.At, fmt.Sprintf("it reads %s of %q, %s", p.Text, h.read.Type, what)))
		}
	}
	return append(found, h.refused(v)...)
}

// lost says what a reader of a path loses; nothing where all is as before.
func lost(before, after reach) string {
	switch {
	case !before.described || before.kinds == 0:
		return "" // it was not there
	case after.kinds == 0:
		return gone
	case !after.described:
		return "which the schema no longer describes"
	case after.kinds&^before.kinds != 0:
		return fmt.Sprintf("where %s may stand now as well", (after.kinds &^ before.kinds).words())
	case before.always && !after.always:
		return missing
	}
	return ""
}

// nearest gives the place in the new schema that describes the path, or as much of it as is described: in its file as a whole, where
// nothing is.
func (v *views) nearest(tree *catalog.Catalog, file string, tokens []string) Culprit {
	for k := len(tokens); k >= 0; k-- {
		if r := reached(v.after, tokens[:k]); r.described && r.at != nil && r.at.File != "" {
			return Culprit{r.at.File, r.at.Pointer, place(tree, r.at.File, r.at.Pointer)}
		}
	}
	return Culprit{File: file, At: place(tree, file, "")}
}

// refused finds what the new schema accepts, the old one did not, and the service's own schema refuses.
func (h hurting) refused(v *views) []finding.Finding {
	if !h.read.validates() || !h.change.Report.Breaks(compat.Forward) {
		return nil
	}
	own, name := h.own()
	if own == nil {
		return nil // a finding of the consumer's
	}
	verdict, err := v.budget.Beyond(v.is, v.was, own)
	if err != nil || !verdict.Broken {
		return nil
	}
	what := fmt.Sprintf("its own schema %s refuses %s of %q, which is accepted now", name, compat.Shown(verdict.Witness), h.read.Type)
	if !verdict.Proven {
		if before, err := v.budget.Beyond(v.was, own); err == nil && !before.Proven {
			return nil // it was not before, either
		}
		what = fmt.Sprintf("it is not proven that its own schema %s accepts every %q that is valid now", name, h.read.Type)
	}
	return []finding.Finding{h.tell(h.widened(v.is, own), h.read.At, what)}
}

// own gives the schema by which the service validates, and how it is called.
func (h hurting) own() (*schema.Schema, string) {
	if h.read.Commit != "" {
		p := h.copies.at(h.read)
		return p.schema, p.name
	}
	name := h.read.Schema
	own, _ := h.new.Schema(name)
	if copied, _ := h.copies.Tree.Schema(name); copied != nil && (own == nil || own.Digest() != copied.Digest()) {
		return copied, name + ", as it was,"
	}
	return own, name
}

// widened gives the place of the new schema that accepts what was refused: the first whose witness the service refuses, else the first.
func (h hurting) widened(is, own *schema.Schema) Culprit {
	tree, err := own.Tree()
	var first *compat.Change
	for i := range h.change.Report.Changes {
		ch := &h.change.Report.Changes[i]
		if !slices.Contains(ch.Breaks, compat.Forward) {
			continue
		}
		if first == nil {
			first = ch
		}
		if witness, proven := ch.Witnesses[compat.Forward]; proven && err == nil {
			if fits, err := tree.Accepts(witness); err == nil && !fits {
				first = ch
				break
			}
		}
	}
	return site(h.new, h.change.File, is, *first)
}

func (h hurting) tell(at Culprit, declared finding.Span, what string) finding.Finding {
	return finding.Finding{Rule: "consumer-broken", Level: finding.Failure, File: at.File, At: at.At, Pointer: at.Pointer,
		Message: fmt.Sprintf("this change breaks the service %q of %q: %s", h.service.Name, h.service.Owner, what),
		Fix:     fmt.Sprintf("keep it as it was, or first let %q change the service, and then %s", h.service.Owner, h.service.File),
		Cause:   h.service.Name + " " + strconv.Quote(what),
		Related: []finding.Related{{File: h.service.File, At: declared, Message: "declared here"}}}
}
