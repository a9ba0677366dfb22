package status

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
)

// perPage is how many customers one page shows: each is a read of the store.
const perPage = 50

// States of a config in a channel.
const (
	deployed = "deployed" // what the channel's commit says is served
	held     = "held"     // somebody keeps it where it is
	failing  = "failing"  // its customer's configuration fails, and an earlier one is served
	drifted  = "drifted"  // somebody else has changed the file in the store
)

type matrixPage struct {
	served
	Types     []string
	Rows      []matrixRow
	Find      string
	Total     int // customers that the search finds
	Page      int // from 1
	Pages     int
	Earlier   string
	Later     string
	Previews  []release.Channel
	Held      int
	Drifted   int
	CanResume bool
	CSRF      string
	Commit    string
}

type matrixRow struct {
	Customer string
	URL      string
	State    string
	Why      string // it is not served what the commit says; empty where it is
	Cells    []string
}

// repository shows its customers and types, and how each config stands in one channel.
func (s *Status) repository(r *http.Request) (content, error) {
	v, err := s.served(r)
	if err != nil {
		return content{}, err
	}
	p := matrixPage{served: v, Find: strings.TrimSpace(r.URL.Query().Get("find")), Commit: s.cfg.GitHub + "/" + v.Repo.String() + "/commit/" + string(v.State.Channel.Commit)}
	if p.Previews, err = v.store.Previews(r.Context()); err != nil {
		return content{}, err
	}
	drift, err := s.cfg.Operators.Drifted(r.Context(), v.Repo, v.Store)
	if err != nil {
		return content{}, err
	}
	if v.Channel != release.Production {
		drift = nil
	}
	p.Held, p.Drifted = len(v.State.Release.Held()), len(drift)
	units := slices.DeleteFunc(v.State.Release.Units(), func(unit string) bool {
		return !strings.Contains(strings.ToLower(unitName(unit)), strings.ToLower(p.Find))
	})
	p.Total, p.Pages = len(units), max(1, (len(units)+perPage-1)/perPage)
	p.Page, _ = strconv.Atoi(r.URL.Query().Get("page"))
	p.Page = min(max(p.Page, 1), p.Pages)
	if p.Page > 1 {
		p.Earlier = v.URL("", "find", p.Find, "page", strconv.Itoa(p.Page-1))
	}
	if p.Page < p.Pages {
		p.Later = v.URL("", "find", p.Find, "page", strconv.Itoa(p.Page+1))
	}
	if err := p.fill(r, units[(p.Page-1)*perPage:min(len(units), p.Page*perPage)], drift); err != nil {
		return content{}, err
	}
	if who := s.sessions.person(r); who != nil {
		p.CSRF = who.CSRF
		p.CanResume, err = s.cfg.Operators.Operator(r.Context(), v.Repo, forge.User{ID: who.ID, Login: who.Login})
	}
	return content{template: "matrix", title: v.Repo.String(), trail: []link{{"Overview", "/"}}, data: p}, err
}

// fill reads what the units are served.
func (p *matrixPage) fill(r *http.Request, units, drift []string) error {
	types := map[string]bool{}
	bundles := make([]release.Bundle, len(units))
	for i, unit := range units {
		b, _, err := p.store.Bundle(r.Context(), p.State.Release, unit)
		if err != nil {
			return fmt.Errorf("read what %s is served: %w", unitName(unit), err)
		}
		bundles[i] = b
		for typ := range b.Configs {
			types[typ] = true
		}
	}
	p.Types = slices.Sorted(maps.Keys(types))
	for i, unit := range units {
		row := matrixRow{Customer: unit, URL: p.URL("/customer", "name", nameInQuery(unit))}
		row.State, row.Why = p.stateOf(unit)
		for _, typ := range p.Types {
			row.Cells = append(row.Cells, cellState(row.State, bundles[i], unit, typ, drift))
		}
		p.Rows = append(p.Rows, row)
	}
	return nil
}

// stateOf says how a unit stands as a whole.
func (v served) stateOf(unit string) (state, why string) {
	if h, by := v.State.Channel.Holds[unit]; by {
		return held, fmt.Sprintf("held by %s: %s", h.By, h.Reason)
	}
	if e, _ := v.State.Release.Entry(unit); e.Held != nil {
		return failing, e.Held.Reason
	}
	if h := v.State.Channel.Hold; h != nil {
		return held, fmt.Sprintf("held by %s: %s", h.By, h.Reason)
	}
	return deployed, ""
}

func cellState(whole string, b release.Bundle, unit, typ string, drift []string) string {
	if _, there := b.Configs[typ]; !there {
		return ""
	}
	f := policy.File{Kind: policy.Config, Customer: unit, Type: typ}
	if unit == release.Shared {
		f.Kind = policy.Shared
	}
	if slices.Contains(drift, release.Key(f)) {
		return drifted
	}
	return whole
}

// sharedInQuery stands for the shared configs in an address: no customer's name has a slash at its end.
const sharedInQuery = "shared/"

func nameInQuery(unit string) string {
	if unit == release.Shared {
		return sharedInQuery
	}
	return unit
}

func unitInQuery(name string) string {
	if name == sharedInQuery {
		return release.Shared
	}
	return name
}
