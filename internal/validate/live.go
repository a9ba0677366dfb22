package validate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A Question is one value of a config that must be in the result of a query to live data. Judging asks nobody: who can puts the
// questions of a Result to the sources, and has Looked say what follows.
type Question struct {
	outside.Query
	File    string
	Pointer string
	At      finding.Span
	Value   any // a text, number or boolean
	Level   finding.Level
	Schema  schema.Site // of the keyword that asks

	secrets []string // texts of the file that must not be shown
}

// maxQuestions bounds what one judgement collects.
const maxQuestions = 200_000

// questions gives what the files ask of live data. Of a file that the change leaves alone only what its schema did not ask
// before: what was wrong with the rest was wrong already. The findings are those of questions that cannot be put.
func (j *judge) questions(files []policy.File) ([]Question, []finding.Finding, error) {
	level := j.head.Policy.Level("live", finding.Failure)
	if level == policy.Off {
		return nil, nil, nil
	}
	var all inquiry
	for _, f := range files {
		now, err := j.asks(j.head.Catalog, f)
		if err != nil {
			return nil, nil, err
		}
		if now == nil {
			continue
		}
		if j.base != nil && !j.isTouched(f.Path) && j.readBefore(f) {
			if s, _ := schemaOf(j.base.Catalog, f.Type); s != nil && s.Digest() == now.schema.Digest() {
				continue
			}
			before, err := j.asks(j.base.Catalog, f)
			if err != nil {
				return nil, nil, err
			}
			now.drop(before)
		}
		all.put = append(all.put, now.put...)
		all.found = append(all.found, now.found...)
		if len(all.put) > maxQuestions {
			all.put = all.put[:maxQuestions]
			all.found = append(all.found, finding.Finding{Rule: "unanswered", Level: finding.Failure,
				Message: fmt.Sprintf("the change asks too much of live data: values after the first %d were not looked up", maxQuestions),
				Fix:     "split the change into several"})
			break
		}
	}
	for i := range all.put {
		all.put[i].Level = level
	}
	return all.put, all.found, nil
}

// An inquiry is what one file asks.
type inquiry struct {
	file   policy.File
	schema *schema.Schema
	doc    *document.Document
	put    []Question
	found  []finding.Finding

	secrets []string // texts that must not be shown
}

// asks gives nil for a file that cannot be read, whose own findings say so, and for one whose schema asks nothing; then it is
// not read.
func (j *judge) asks(c *catalog.Catalog, f policy.File) (*inquiry, error) {
	s, _ := schemaOf(c, f.Type)
	if s == nil || !s.Carries(schema.WithLive) || badName(f) != nil || f.Mode.Type() != 0 {
		return nil, nil
	}
	src, large, err := read(c.Tree, f.Path, j.opts.Limits)
	if err != nil || large != nil {
		return nil, err
	}
	docs, _ := document.Parse(src, j.opts.Limits)
	return inquire(s, docs, f), nil
}

func inquire(s *schema.Schema, docs []*document.Document, f policy.File) *inquiry {
	if !s.Carries(schema.WithLive) {
		return &inquiry{}
	}
	q := &inquiry{file: f, schema: s, secrets: secretsIn(s, docs)}
	for _, q.doc = range docs {
		q.found = append(q.found, s.Walk(q.doc, schema.WithLive, q.visit)...)
	}
	for i := range q.found {
		q.found[i].File = f.Path
	}
	q.put = unique(q.put)
	return q
}

// visit asks for a scalar, for each scalar in a list, and for each key of a mapping; for null nothing.
func (q *inquiry) visit(tokens []string, ofKey bool, value any, k *schema.Keywords) {
	if k.Live == nil {
		return
	}
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			at := append(slices.Clip(tokens), strconv.Itoa(i))
			q.ask(at, q.doc.Find(at).Value, item, k.Live)
		}
	case map[string]any:
		for key := range value {
			at := append(slices.Clip(tokens), key)
			q.ask(at, q.doc.Find(at).Key, key, k.Live)
		}
	default:
		spot := q.doc.Find(tokens)
		if ofKey {
			spot.Value = spot.Key
		}
		q.ask(tokens, spot.Value, value, k.Live)
	}
}

func (q *inquiry) ask(tokens []string, at finding.Span, value any, live *schema.Live) {
	if _, ok := outside.Text(value); !ok {
		return
	}
	query := outside.Query{Source: live.Source, Name: live.Query, Args: map[string]string{}}
	for name, arg := range live.Args {
		text, why := q.argument(tokens, arg)
		if why != "" {
			q.found = append(q.found, finding.Finding{Rule: "live", At: at, Pointer: document.Pointer(tokens),
				Message: veiled(fmt.Sprintf("%s cannot be looked up in %s: its %q is to be taken from %s", quoted(value), query, name, why), q.secrets),
				Fix:     "write that value too"})
			return
		}
		query.Args[name] = text
	}
	q.put = append(q.put, Question{Query: query, File: q.file.Path, Pointer: document.Pointer(tokens), At: at, Value: value, Schema: live.Site, secrets: q.secrets})
}

// argument gives the text of an argument, or says where it is missing. It may be a constant, {from: customer}, {from: type}, a
// JSON Pointer from the document, or one from the value. Source of the last form: "Relative JSON Pointers" of json-schema.org.
func (q *inquiry) argument(tokens []string, arg any) (text, missing string) {
	m, ok := arg.(map[string]any)
	if !ok {
		text, _ = outside.Text(arg)
		return text, ""
	}
	from, _ := outside.Text(m["from"]) // 0 may be written as a number
	switch from {
	case "customer":
		return q.file.Customer, ""
	case "type":
		return q.file.Type, ""
	}
	up, below, _ := strings.Cut(from, "/")
	at := document.Tokens(strings.TrimPrefix(from, up))
	if up != "" {
		n, err := strconv.Atoi(up)
		if err != nil || n > len(tokens) {
			return "", fmt.Sprintf("%d levels up, which is outside of the document", n)
		}
		at = slices.Concat(tokens[:len(tokens)-n], at)
	}
	value, _ := document.ValueAt(q.doc.Value, at)
	text, ok = outside.Text(value)
	if !ok {
		return "", fmt.Sprintf("%s, where there is no text, number or boolean", cmp.Or(document.Pointer(at), "/"+below))
	}
	return text, ""
}

// drop takes out what before asks too.
func (q *inquiry) drop(before *inquiry) {
	if before == nil {
		return
	}
	asked := map[string]bool{}
	for _, b := range before.put {
		asked[b.Pointer+"\x00"+b.Key()] = true
	}
	q.put = slices.DeleteFunc(q.put, func(n Question) bool { return asked[n.Pointer+"\x00"+n.Key()] })
	q.found = slices.DeleteFunc(q.found, func(n finding.Finding) bool {
		return slices.ContainsFunc(before.found, func(b finding.Finding) bool { return b.Pointer == n.Pointer })
	})
}

// unique sorts questions by their places, and leaves one of those that ask the same: that of level failure, if one is.
func unique(all []Question) []Question {
	compare := func(a, b Question) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.At.Start.Line, b.At.Start.Line), cmp.Compare(a.At.Start.Column, b.At.Start.Column),
			cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Key(), b.Key()))
	}
	slices.SortFunc(all, func(a, b Question) int { return cmp.Or(compare(a, b), cmp.Compare(a.Level, b.Level)) })
	return slices.CompactFunc(all, func(a, b Question) bool { return compare(a, b) == 0 })
}
