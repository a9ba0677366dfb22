package status

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
)

type customerPage struct {
	served
	Customer string
	Name     string // in addresses
	State    string
	Why      string
	Configs  []configView
	Stages   []stage
	Older    string
}

// A configView is one config with its values.
type configView struct {
	Type, Path, URL string
	Values          []valueLine
	More            int    // values that are not listed
	Problem         string // why there are none
}

type valueLine struct{ Pointer, Text, URL string }

// maxValues is how many values of one config are listed.
const maxValues = 300

// customer shows what one customer, or the shared configs, are served, and which releases brought it.
func (s *Status) customer(r *http.Request) (content, error) {
	v, unit, err := s.unit(r)
	if err != nil {
		return content{}, err
	}
	p := customerPage{served: v, Customer: unit, Name: nameInQuery(unit)}
	p.State, p.Why = v.stateOf(unit)
	b, _, err := v.store.Bundle(r.Context(), v.State.Release, unit)
	if err != nil {
		return content{}, err
	}
	books, err := s.books(r.Context(), v, commitOf(v.State.Release, unit))
	if err != nil {
		return content{}, err
	}
	for _, typ := range slices.Sorted(maps.Keys(b.Configs)) {
		p.Configs = append(p.Configs, s.configView(v, unit, typ, b.Configs[typ], books))
	}
	upTo, _ := strconv.ParseInt(r.URL.Query().Get("upto"), 10, 64)
	stages, next, err := s.history(r.Context(), v, unit, upTo)
	if err != nil {
		return content{}, err
	}
	p.Stages = stages
	if next > 0 {
		p.Older = v.URL("/customer", "name", p.Name, "upto", decimal(next))
	}
	return content{template: "customer", title: unitName(unit), trail: trail(v), data: p}, nil
}

func trail(v served) []link {
	return []link{{"Overview", "/"}, {v.Repo.String(), v.URL("")}}
}

// unit reads what a request names, and which customer of it.
func (s *Status) unit(r *http.Request) (served, string, error) {
	v, err := s.served(r)
	if err != nil {
		return v, "", err
	}
	unit := unitInQuery(r.URL.Query().Get("name"))
	if _, there := v.State.Release.Entry(unit); !there {
		return v, "", fmt.Errorf("%s of %s serves no %s: %w", v.Channel, v.Repo, unitName(unit), fs.ErrNotExist)
	}
	return v, unit, nil
}

// Books are the schemas that say what must not be shown: those that a config was written by, and those that count now.
type books struct{ then, now *book }

func (s *Status) books(ctx context.Context, v served, then forge.Commit) (books, error) {
	a, err := s.book(ctx, v.Repo, then)
	if err != nil || then == v.State.Channel.Commit {
		return books{a, a}, err
	}
	b, err := s.book(ctx, v.Repo, v.State.Channel.Commit)
	return books{a, b}, err
}

// errHidden says why values are not shown.
var errHidden = errors.New("its schema is not at hand, so nobody can tell what of it is secret: nothing is shown")

// compare gives what differs between two versions of a config, each with the schemas that say what is secret.
func (s *Status) compare(typ string, old, new *release.Config, before, after books) (diff.File, error) {
	for _, b := range []*book{before.then, before.now, after.then, after.now} {
		if _, ok := b.of(typ); !ok {
			return diff.File{}, errHidden
		}
	}
	var was, is []byte
	if old != nil {
		was = old.Source()
	}
	if new != nil {
		is = new.Source()
	}
	then, _ := before.then.of(typ)
	now, _ := after.then.of(typ)
	latest, _ := after.now.of(typ) // what it calls secret was always meant to be
	f := diff.Files(was, is, then, now, s.cfg.Limits, latest)
	if f.Problem != "" {
		return f, errors.New(f.Problem)
	}
	return f, nil
}

func (s *Status) configView(v served, unit, typ string, c release.Config, b books) configView {
	view := configView{Type: typ, Path: c.Path, URL: s.cfg.GitHub + "/" + v.Repo.String() + "/blob/" + string(commitOf(v.State.Release, unit)) + "/" + c.Path}
	docs, found := document.Parse(c.Source(), s.cfg.Limits)
	if len(found) > 0 {
		view.Problem = found[0].Message
		return view
	}
	for i, doc := range docs {
		hidden, ok := b.hides(typ, doc)
		if !ok {
			view.Problem = errHidden.Error()
			return view
		}
		number := 0
		if len(docs) > 1 {
			number = i + 1
		}
		flatten(nil, doc.Value, hidden, func(path []string, text string) {
			if len(view.Values) == maxValues {
				view.More++
				return
			}
			at := pointer(number, path)
			view.Values = append(view.Values, valueLine{at, text, v.URL("/value", "name", nameInQuery(unit), "type", typ, "at", at)})
		})
	}
	return view
}
