package source

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
)

// A round is one call of Ask.
type round struct {
	*Sources
	repo  forge.Repo
	fresh bool

	mu      sync.Mutex
	answers map[string]outside.Answer // by key of the query
	silent  map[string]bool           // by source
}

func (r *round) known(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.answers[key]
	return ok
}

func (r *round) put(key string, a outside.Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[key] = a
}

func (r *round) isSilent(source string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.silent[source]
}

// freshFor is how long even an answer that must be fresh is good: a button that is pressed twice asks once.
const freshFor = 5 * time.Second

// ask takes the answer from the cache, else from the source.
func (r *round) ask(ctx context.Context, one *opened, q outside.Query, key string) outside.Answer {
	declared := one.Queries[q.Name].withDefaults()
	age := declared.Cache
	if r.fresh {
		age = min(age, freshFor)
	}
	if values, ok := r.cache.get(key, age); ok {
		return outside.Answer{Values: values}
	}
	if r.isSilent(q.Source) {
		return outside.Answer{Fault: outside.Silent}
	}
	limited, cancel := context.WithTimeout(ctx, declared.Timeout)
	defer cancel()
	values, err := one.ask(limited, declared, q.Args)
	if err == nil {
		r.cache.put(key, values)
		return outside.Answer{Values: values}
	}
	fault := faultOf(err)
	if !errors.Is(ctx.Err(), context.Canceled) {
		r.report(ctx, outside.Query{Source: q.Source, Name: q.Name}, one.redacted(err))
	}
	if fault == outside.Silent {
		r.mu.Lock()
		r.silent[q.Source] = true
		r.mu.Unlock()
	}
	return outside.Answer{Fault: fault}
}

func (q Query) withDefaults() Query {
	if q.Rows == 0 {
		q.Rows = 10_000
	}
	if q.Timeout == 0 {
		q.Timeout = 5 * time.Second
	}
	if q.Cache == 0 {
		q.Cache = time.Minute
	}
	return q
}
