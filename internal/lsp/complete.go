package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/policy"
)

// maxOffered bounds the values that one completion offers; the client asks again when more has been written.
const maxOffered = 1000

// complete offers the values that a reference may name. What else may stand there is for a server that knows schemas.
func (s *server) complete(ctx context.Context, p positionParams) (any, error) {
	list := completionList{Items: []completionItem{}}
	w, name := s.of(p.TextDocument.URI)
	if w == nil {
		return list, nil
	}
	err := w.look(ctx, func(v view) error {
		f := v.catalog.Policy.Layout.Read(name)
		if f.Kind != policy.Config && f.Kind != policy.Shared {
			return nil
		}
		page := pageOf(v.tree, name)
		word := wordAt(page.text, page.offset(p.Position))
		for _, ref := range v.refsAt(f, page.text, word) {
			v.offer(&list, f, ref, page, word)
		}
		return nil
	})
	return list, err
}

// offer adds what one reference may name and begins as what is written.
func (v view) offer(list *completionList, f policy.File, ref catalog.Ref, p *page, word word) {
	seen := map[string]bool{}
	begun := strings.ToLower(word.begun)
	for hit := range v.index.Offers(f, ref.To, ref.Scope) {
		text := hit.Target.Value.Bare()
		written := write(hit.Target.Value, word.quote, path.Ext(f.Path) == ".json")
		if seen[written] || !strings.Contains(strings.ToLower(text), begun) {
			continue
		}
		seen[written] = true
		if len(list.Items) == maxOffered {
			list.IsIncomplete = true
			return
		}
		if r := []rune(text); len(r) > 200 {
			text = string(r[:200]) + "…"
		}
		list.Items = append(list.Items, completionItem{Label: text, Kind: 18, Detail: fmt.Sprintf("%s in %s", ref.To.Type, hit.File.Path),
			SortText: fmt.Sprintf("%05d", len(list.Items)), FilterText: written, TextEdit: textEdit{p.between(word.from, word.to), written}})
	}
}

// A word is the scalar at which something is written, as far as its line tells.
type word struct {
	from, to int    // with its quotes
	quote    string // that it begins with; or ""
	begun    string // what stands before the cursor
}

// wordAt gives the word at an offset of a text in YAML or JSON, which may be broken.
func wordAt(text string, at int) word {
	start := strings.LastIndexAny(text[:at], "\r\n") + 1
	end := len(text)
	if i := strings.IndexAny(text[at:], "\r\n"); i >= 0 {
		end = at + i
	}
	line, cursor := text[start:end], at-start
	from, quote, depth := valueStart(line[:cursor])
	if quote == "" && from == cursor && cursor < len(line) && (line[cursor] == '"' || line[cursor] == '\'') {
		quote, cursor = line[cursor:cursor+1], cursor+1 // right before the quotes is as good as within
	}
	w := word{from: start + from, quote: quote}
	w.begun = strings.TrimPrefix(line[from:cursor], quote)
	w.to = start + valueEnd(line, from, cursor, quote, depth > 0)
	return w
}

// valueStart finds where the value begins that the end of the line's beginning lies in.
func valueStart(line string) (from int, quote string, depth int) {
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != "":
			if quote == `"` && c == '\\' {
				i++
			} else if string(c) == quote {
				quote = ""
			}
		case (c == '"' || c == '\'') && strings.TrimSpace(line[from:i]) == "":
			quote, from = string(c), i
		case c == '[' || c == '{':
			depth++
			from = i + 1
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth > 0:
			from = i + 1
		case c == ':' && (i+1 == len(line) || line[i+1] == ' '), c == '-' && strings.TrimSpace(line[:i]) == "" && (i+1 == len(line) || line[i+1] == ' '):
			from = i + 1
		}
	}
	if quote == "" {
		for from < len(line) && (line[from] == ' ' || line[from] == '\t') {
			from++
		}
	}
	return from, quote, depth
}

// valueEnd finds where the value ends that begins at from and holds the cursor.
func valueEnd(line string, from, cursor int, quote string, flow bool) int {
	rest := line[cursor:]
	if quote != "" {
		if i := strings.Index(rest, quote); i >= 0 {
			return cursor + i + 1
		}
		return len(line)
	}
	end := len(rest)
	if i := strings.Index(rest, " #"); i >= 0 {
		end = i
	}
	if flow {
		if i := strings.IndexAny(rest[:end], ",]}"); i >= 0 {
			end = i
		}
	}
	if i := strings.Index(rest[:end], ": "); i >= 0 {
		end = i
	}
	return cursor + len(strings.TrimRight(strings.TrimSuffix(rest[:end], ":"), " \t"))
}

// standIn is written where the cursor is, to see what the value there would be.
const standIn = "tamer0stands0in0here"

// refsAt gives the references that a value would be that is written at the word: as the whole file says or, while that is broken, as what
// comes before says.
func (v view) refsAt(f policy.File, text string, w word) []catalog.Ref {
	if strings.Contains(text, standIn) {
		return nil
	}
	before, after := text[:w.from], text[w.to:]
	lineEnd := len(after)
	if i := strings.IndexAny(after, "\r\n"); i >= 0 {
		lineEnd = i
	}
	for _, try := range []string{
		before + standIn + after,
		before + standIn + after[:lineEnd],
		before + standIn,
		before + standIn + ": " + after,
		before + standIn + ":",
	} {
		if refs := v.refsIn(f, try); len(refs) > 0 {
			return refs
		}
	}
	return nil
}

func (v view) refsIn(f policy.File, text string) []catalog.Ref {
	defs, err := v.catalog.Definitions()
	if err != nil {
		return nil
	}
	docs, _ := document.Parse([]byte(text), document.Limits{})
	facts, _ := defs.Of(f.Type).Facts(docs, v.catalog.SchemaOf(f.Type))
	var refs []catalog.Ref
	for _, r := range facts.Refs {
		if r.Value == catalog.TextValue(standIn) {
			refs = append(refs, r)
		}
	}
	return refs
}

// bare is a text that needs no quotes in any place of YAML, if it is one by PlainText.
var bare = regexp.MustCompile(`^[\pL\pN_/.][\pL\pN_/. +@()-]*$`)

// truths are texts that many a reader of YAML 1.1 takes for true or false (yaml.org/type/bool.html).
var truths = map[string]bool{"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true}

// write gives a value as it is written in YAML, or in JSON: in these quotes, or in such as it needs.
func write(v catalog.Value, quote string, inJSON bool) string {
	text, isText := v.Text()
	switch {
	case !isText:
		return text
	case quote == "'" && !inJSON && !strings.ContainsAny(text, "\r\n\t"):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case quote == "" && !inJSON && document.PlainText(text) && bare.MatchString(text) && !strings.HasSuffix(text, " ") && !truths[strings.ToLower(text)]:
		return text
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a text, into memory
	return strings.TrimSuffix(b.String(), "\n")
}
