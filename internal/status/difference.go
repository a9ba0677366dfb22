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
	"github.com/tamerhq/tamer/internal/release"
)

type differencePage struct {
	served
	Customer string
	From, To stage
	Back     string
	Files    []fileChanges
}

type fileChanges struct {
	Type, Path string
	Changes    []changeLine
	More       int
	Problem    string
}

type changeLine struct{ Op, Where, Old, New, URL string }

// maxChanges is how many changes of one config are listed.
const maxChanges = 300

// difference shows what differs between any two releases, for one customer.
func (s *Status) difference(r *http.Request) (content, error) {
	v, err := s.served(r)
	if err != nil {
		return content{}, err
	}
	unit := unitInQuery(r.URL.Query().Get("name"))
	p := differencePage{served: v, Customer: unit, Back: v.URL("/customer", "name", nameInQuery(unit))}
	if p.From, err = s.stageAt(r, v, unit, "from"); err != nil {
		return content{}, err
	}
	if p.To, err = s.stageAt(r, v, unit, "to"); err != nil {
		return content{}, err
	}
	if p.From.Generation > p.To.Generation {
		p.From, p.To = p.To, p.From
	}
	p.Files, err = s.between(r.Context(), v, unit, p.From, p.To)
	return content{template: "diff", title: unitName(unit) + ": what differs", trail: append(trail(v), link{unitName(unit), p.Back}), data: p}, err
}

// stageAt gives the release of the generation that a parameter names.
func (s *Status) stageAt(r *http.Request, v served, unit, parameter string) (stage, error) {
	n, err := strconv.ParseInt(r.URL.Query().Get(parameter), 10, 64)
	if err != nil {
		return stage{}, fmt.Errorf("choose two releases: %q is no number of one", r.URL.Query().Get(parameter))
	}
	for _, m := range release.History(v.State.Channel, v.State.Journal) {
		if m.Generation != n {
			continue
		}
		rel, err := v.store.Release(r.Context(), m.Release)
		return stage{Move: m, Release: rel, Digest: rel.Digest(unit)}, err
	}
	return stage{}, fmt.Errorf("release %d of %s is not kept: %w", n, v.Channel, fs.ErrNotExist)
}

// between gives what differs between two releases for a unit, by config.
func (s *Status) between(ctx context.Context, v served, unit string, from, to stage) ([]fileChanges, error) {
	old, err := s.bundle(ctx, v, unit, from.Release)
	if err != nil {
		return nil, err
	}
	new, err := s.bundle(ctx, v, unit, to.Release)
	if err != nil {
		return nil, err
	}
	after, err := s.books(ctx, v, commitOf(to.Release, unit))
	if err != nil {
		return nil, err
	}
	before := after
	if from.Release.Commit != "" { // else nothing was served before
		if before, err = s.books(ctx, v, commitOf(from.Release, unit)); err != nil {
			return nil, err
		}
	}
	types := map[string]bool{}
	maps.Copy(types, keys(old.Configs))
	maps.Copy(types, keys(new.Configs))
	var all []fileChanges
	for _, typ := range slices.Sorted(maps.Keys(types)) {
		was, is := config(old, typ), config(new, typ)
		if was != nil && is != nil && was.SHA256 == is.SHA256 {
			continue
		}
		f := fileChanges{Type: typ}
		for _, c := range []*release.Config{was, is} {
			if c != nil {
				f.Path = c.Path
			}
		}
		got, err := s.compare(typ, was, is, before, after)
		if err != nil {
			f.Problem = err.Error()
		}
		for _, c := range got.Changes {
			if len(f.Changes) == maxChanges {
				f.More = len(got.Changes) - maxChanges
				break
			}
			f.Changes = append(f.Changes, lineOf(v, unit, typ, c))
		}
		if f.Problem == "" && len(f.Changes) == 0 {
			f.Problem = "the text differs, and what it means does not"
		}
		all = append(all, f)
	}
	return all, nil
}

// bundle gives what a unit is served by a release; one that is collected, or was never there, is empty.
func (s *Status) bundle(ctx context.Context, v served, unit string, r release.Release) (release.Bundle, error) {
	b, _, err := v.store.Bundle(ctx, r, unit)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	return b, err
}

func keys(configs map[string]release.Config) map[string]bool {
	all := map[string]bool{}
	for typ := range configs {
		all[typ] = true
	}
	return all
}

func config(b release.Bundle, typ string) *release.Config {
	if c, there := b.Configs[typ]; there {
		return &c
	}
	return nil
}

func lineOf(v served, unit, typ string, c diff.Change) changeLine {
	at := pointer(c.Document, c.Path)
	l := changeLine{Op: string(c.Op), Where: at, URL: v.URL("/value", "name", nameInQuery(unit), "type", typ, "at", at)}
	if at == "" {
		l.Where = "the whole config"
	}
	switch c.Op {
	case diff.Add:
		l.New = text(c.New)
	case diff.Remove:
		l.Old = text(c.Old)
	case diff.Move:
		l.Old = "was at " + pointer(c.FromDocument, c.From)
	default:
		l.Old, l.New = text(c.Old), text(c.New)
	}
	return l
}
