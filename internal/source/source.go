// Package source looks values up in live data that the operator has declared: SQL databases and JSON over HTTP. Values go to
// a source as parameters only, and what comes back is bounded, in time and in size.
package source

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/outside"
)

// Config declares the sources.
type Config struct {
	Sources map[string]Source
	// Report, if set, is told why a query was not answered. The error holds neither rows nor secrets. Calls may overlap.
	Report func(ctx context.Context, q outside.Query, err error)
	Now    func() time.Time // required
}

// A Source is one place of live data. Exactly one of Postgres, MySQL, SQLite and HTTP is set.
type Source struct {
	Repositories []string // OWNER/NAME or OWNER/*: who may ask
	Postgres     string   // postgres://USER:PASSWORD@HOST/DATABASE, or a connection string of libpq
	MySQL        string   // USER:PASSWORD@tcp(HOST:3306)/DATABASE
	SQLite       string   // a file; it is opened for reading only
	HTTP         string   // the address that the paths of queries are put behind, without a slash at its end
	Header       string   // "Name: value", sent with each HTTP request; a secret
	Queries      map[string]Query
	Budget       int // distinct queries in one judgement of a pull request; default 200
}

// A Query is one question that configs may put to a source.
type Query struct {
	SQL     string        // selects one column; its parameters are $1, $2 for PostgreSQL, and ? for the others
	Args    []string      // names of the parameters of SQL, in their order
	Path    string        // of HTTP, where {name} stands for an argument
	JSON    string        // of HTTP: a JSON Pointer, in which * stands for every item or property, that selects the values
	Rows    int           // at most; default 10,000
	Timeout time.Duration // default 5s
	Cache   time.Duration // how old an answer may be; default 1m
}

// Bounds that an operator does not set.
const (
	maxTime     = 5 * time.Minute // of one call of Ask
	maxBytes    = 10 << 20        // of one answer
	maxTogether = 4               // queries of one source at once
)

// Sources answers queries. It is safe for concurrent use.
type Sources struct {
	open   map[string]*opened
	cache  cache
	report func(context.Context, outside.Query, error)
}

// opened is a source that can be asked.
type opened struct {
	Source
	asker
	slots chan struct{}
}

// An asker gets one answer from one kind of source. Its errors are made by fault.go.
type asker interface {
	// args gives the names of the arguments that the query takes.
	args(q Query) []string
	ask(ctx context.Context, q Query, args map[string]string) (outside.Values, error)
	// reach tells whether somebody is there to be asked.
	reach(ctx context.Context) error
	close() error
}

// New opens the sources; none of them is asked yet. The errors of all are reported together.
func New(cfg Config) (*Sources, error) {
	if cfg.Report == nil {
		cfg.Report = func(context.Context, outside.Query, error) {}
	}
	s := &Sources{open: map[string]*opened{}, cache: cache{now: cfg.Now}, report: cfg.Report}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(cfg.Sources)) {
		one := cfg.Sources[name]
		a, err := one.connect()
		if err != nil {
			errs = append(errs, fmt.Errorf("source %s: %w", name, err))
			continue
		}
		if one.Budget == 0 {
			one.Budget = 200
		}
		s.open[name] = &opened{Source: one, asker: a, slots: make(chan struct{}, maxTogether)}
	}
	if len(errs) > 0 {
		return nil, errors.Join(append(errs, s.Close())...)
	}
	return s, nil
}

func (s Source) connect() (asker, error) {
	switch {
	case s.Postgres != "":
		return openPostgres(s)
	case s.MySQL != "":
		return openMySQL(s)
	case s.SQLite != "":
		return openSQLite(s)
	}
	return openHTTP(s)
}

// Close ends all connections.
func (s *Sources) Close() error {
	var errs []error
	for _, one := range s.open {
		errs = append(errs, one.close())
	}
	return errors.Join(errs...)
}

// Ask answers the queries, in their order; the same query is asked once. Beyond a source's budget nothing is asked, and
// a source that was silent is not asked again in the same call; after five minutes none is. With fresh, no answer from before is taken but of the last
// seconds. Only the end of ctx is an error.
func (s *Sources) Ask(ctx context.Context, repo forge.Repo, queries []outside.Query, fresh bool) ([]outside.Answer, error) {
	limited, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	round := round{Sources: s, repo: repo, fresh: fresh, answers: map[string]outside.Answer{}, silent: map[string]bool{}}
	asked := map[string]int{}
	var wg sync.WaitGroup
	for _, q := range queries {
		key := q.Key()
		if round.known(key) {
			continue
		}
		one, bad := s.find(repo, q)
		if bad == nil {
			if asked[q.Source]++; asked[q.Source] > one.Budget {
				bad = &outside.Answer{Fault: outside.Spent}
			}
		}
		if bad != nil {
			round.put(key, *bad)
			continue
		}
		round.put(key, outside.Answer{Fault: outside.Silent}) // until there is another one
		if !one.take(limited) {
			continue
		}
		wg.Go(func() {
			defer one.free()
			round.put(key, round.ask(limited, one, q, key))
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("ask live data: %w", context.Cause(ctx))
	}
	out := make([]outside.Answer, len(queries))
	for i, q := range queries {
		out[i] = round.answers[q.Key()]
	}
	return out, nil
}

// find gives the source of a query, or says what is wrong with the query.
func (s *Sources) find(repo forge.Repo, q outside.Query) (*opened, *outside.Answer) {
	one, ok := s.open[q.Source]
	if !ok || !outside.Allows(one.Repositories, repo) {
		var names []string
		for name, other := range s.open {
			if outside.Allows(other.Repositories, repo) {
				names = append(names, name)
			}
		}
		return nil, &outside.Answer{Fault: outside.UnknownSource, Near: nearest(q.Source, names)}
	}
	declared, ok := one.Queries[q.Name]
	if !ok {
		return nil, &outside.Answer{Fault: outside.UnknownQuery, Near: nearest(q.Name, slices.Collect(maps.Keys(one.Queries)))}
	}
	want := slices.Compact(slices.Sorted(slices.Values(one.args(declared))))
	if !slices.Equal(want, slices.Sorted(maps.Keys(q.Args))) {
		return nil, &outside.Answer{Fault: outside.WrongArgs, Args: want}
	}
	return one, nil
}

func nearest(name string, names []string) string {
	slices.Sort(names)
	found, _ := near.Name(name, names)
	return found
}

func (o *opened) take(ctx context.Context) bool {
	select {
	case o.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (o *opened) free() { <-o.slots }
