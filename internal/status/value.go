package status

import (
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/release"
)

type valuePage struct {
	served
	Customer string
	Type     string
	Path     string
	At       string
	Text     string
	Line     int
	URL      string // of the line on GitHub
	Note     diff.Note
	Changes  []valueChange
	Since    bool   // the first of the changes brought what is served
	Older    string // where to look further back
}

// A valueChange is one release that changed the value.
type valueChange struct {
	stage
	Lines []changeLine
}

// value shows one value: what it is, what its schema says of it, and which releases changed it.
func (s *Status) value(r *http.Request) (content, error) {
	v, unit, err := s.unit(r)
	if err != nil {
		return content{}, err
	}
	q := r.URL.Query()
	p := valuePage{served: v, Customer: unit, Type: q.Get("type"), At: q.Get("at")}
	b, _, err := v.store.Bundle(r.Context(), v.State.Release, unit)
	if err != nil {
		return content{}, err
	}
	c, there := b.Configs[p.Type]
	if !there {
		return content{}, fmt.Errorf("%s has no config of the type %q: %w", unitName(unit), p.Type, fs.ErrNotExist)
	}
	p.Path = c.Path
	if err := s.explain(r, &p, c); err != nil {
		return content{}, err
	}
	upTo, _ := strconv.ParseInt(q.Get("upto"), 10, 64)
	if err := s.changes(r, &p, upTo); err != nil {
		return content{}, err
	}
	back := v.URL("/customer", "name", nameInQuery(unit))
	return content{template: "value", title: p.Type + " " + p.At, trail: append(trail(v), link{unitName(unit), back}), data: p}, nil
}

// explain says what the value is now.
func (s *Status) explain(r *http.Request, p *valuePage, c release.Config) error {
	commit := commitOf(p.State.Release, p.Customer)
	books, err := s.books(r.Context(), p.served, commit)
	if err != nil {
		return err
	}
	number, at := 1, p.At
	if n, rest, several := strings.Cut(p.At, "#"); several {
		if i, err := strconv.Atoi(n); err == nil {
			number, at = i, rest
		}
	}
	docs, _ := document.Parse(c.Source(), s.cfg.Limits)
	tokens := document.Tokens(at)
	if number < 1 || number > len(docs) || at != "" && !strings.HasPrefix(at, "/") {
		return fmt.Errorf("%s has no value at %q: %w", p.Path, p.At, fs.ErrNotExist)
	}
	doc := docs[number-1]
	found, there := document.ValueAt(doc.Value, tokens)
	if !there {
		p.Text = "there is no such value now"
		return nil
	}
	p.Line = doc.Find(tokens).Value.Start.Line
	p.URL = fmt.Sprintf("%s/%s/blob/%s/%s#L%d", s.cfg.GitHub, p.Repo, commit, p.Path, p.Line)
	secret := false
	for _, b := range []*book{books.now, books.then} {
		schema, ok := b.of(p.Type)
		secret = secret || !ok
		if schema != nil {
			p.Note = diff.About(schema, doc, tokens)
			secret = secret || p.Note.Secret
		}
	}
	p.Note.Secret = secret
	p.Text = diff.Secret{}.String()
	if !secret {
		p.Text = text(found)
	}
	return nil
}

// changes looks through the history for releases that changed the value.
func (s *Status) changes(r *http.Request, p *valuePage, upTo int64) error {
	stages, next, err := s.history(r.Context(), p.served, p.Customer, upTo)
	if err != nil {
		return err
	}
	for i, to := range stages {
		from := stage{}
		if i+1 < len(stages) {
			from = stages[i+1]
		} else if next > 0 {
			break // what was before is on the next page
		}
		files, err := s.between(r.Context(), p.served, p.Customer, from, to)
		if err != nil {
			return err
		}
		one := valueChange{stage: to}
		for _, f := range files {
			if f.Type != p.Type {
				continue
			}
			for _, line := range f.Changes {
				if line.Where == "the whole config" || touches(line.Where, p.At) {
					one.Lines = append(one.Lines, line)
				}
			}
		}
		if len(one.Lines) > 0 {
			p.Changes = append(p.Changes, one)
		}
	}
	p.Since = len(p.Changes) > 0 && upTo == 0
	if next > 0 {
		last := next
		if n := len(stages); n > 0 {
			last = stages[n-1].Generation
		}
		p.Older = p.URLOf(last)
	}
	return nil
}

// URLOf gives the address of the same page from a generation on.
func (p valuePage) URLOf(generation int64) string {
	return p.served.URL("/value", "name", nameInQuery(p.Customer), "type", p.Type, "at", p.At, "upto", decimal(generation))
}
