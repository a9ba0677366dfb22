package status

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/ship"
)

// Served is what one channel of one store serves of one repository: what most pages are about.
type served struct {
	Repo    forge.Repo
	Stores  []string // of the repository
	Store   string   // the one that is looked at
	Channel string
	State   ship.State
	store   *ship.Store
}

// URL gives the address of a page about the same store and channel.
func (v served) URL(page string, pairs ...string) string {
	store, channel := v.Store, v.Channel
	if len(v.Stores) > 0 && store == v.Stores[0] {
		store = ""
	}
	if channel == release.Production {
		channel = ""
	}
	return to(pathOf(v.Repo)+page, append(pairs, "store", store, "channel", channel)...)
}

// ResumeURL takes the form that ends a hold.
func (v served) ResumeURL() string { return pathOf(v.Repo) + "/resume" }

// DiffURL takes the form that chooses two releases.
func (v served) DiffURL() string { return pathOf(v.Repo) + "/diff" }

// At gives the address of the repository's page for another store or channel.
func (v served) At(store, channel string) string {
	return to(pathOf(v.Repo), "store", store, "channel", channel)
}

// served reads what a request names: by default the first store, and production.
func (s *Status) served(r *http.Request) (served, error) {
	repo, err := s.find(r)
	if err != nil {
		return served{}, err
	}
	v := served{Repo: repo, Store: r.URL.Query().Get("store"), Channel: r.URL.Query().Get("channel")}
	if v.Channel == "" {
		v.Channel = release.Production
	}
	sinks, err := s.cfg.Sinks.Sinks(r.Context(), repo)
	if err != nil {
		return v, err
	}
	var found *flow.NamedSink
	for i, one := range sinks {
		v.Stores = append(v.Stores, one.Name)
		if one.Name == v.Store || v.Store == "" && found == nil {
			found = &sinks[i]
		}
	}
	if found == nil {
		return v, fmt.Errorf("%s is deployed to no store named %q: %w", repo, v.Store, fs.ErrNotExist)
	}
	v.Store = found.Name
	opened, err := found.Open(r.Context())
	if err != nil {
		return v, fmt.Errorf("open the store %s: %w", found.Name, err)
	}
	v.store, err = ship.New(ship.Config{Sink: opened, Owner: release.Owner{Repository: repo.String(), ID: repo.ID}, Now: s.cfg.Now})
	if err == nil {
		v.State, err = v.store.Read(r.Context(), v.Channel)
	}
	if err != nil {
		return v, fmt.Errorf("read the store %s: %w", found.Name, err)
	}
	return v, nil
}

// commitOf gives the commit that what a unit is served is of.
func commitOf(r release.Release, unit string) forge.Commit {
	if e, _ := r.Entry(unit); e.Held != nil && e.Held.Commit != nil {
		return *e.Held.Commit
	}
	return r.Commit
}

// A book gives the schemas of one commit. Nil knows none, and shows nothing.
type book struct{ schemas *catalog.Catalog }

// book reads the schemas of a commit that has been fetched; one that was not gives nil.
func (s *Status) book(ctx context.Context, repo forge.Repo, at forge.Commit) (*book, error) {
	if at == "" {
		return nil, nil
	}
	tree, err := s.cfg.Trees.Snapshot(ctx, repo, at.Tree())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the schemas of %s: %w", at.Short(), err)
	}
	p, _, err := policy.Read(tree)
	if err != nil || p == nil {
		return nil, err
	}
	return &book{catalog.New(tree, p)}, nil
}

// of gives the schema of a type, nil where it has none; ok is false where what is secret cannot be told.
func (b *book) of(typ string) (s *schema.Schema, ok bool) {
	if b == nil {
		return nil, false
	}
	path := b.schemas.SchemaPath(typ)
	if path == "" {
		return nil, true
	}
	s, _ = b.schemas.Schema(path)
	return s, s != nil
}

// hides tells which values of a document must not be shown: those that a schema of either book calls secret. ok is false where that
// cannot be told.
func (b books) hides(typ string, doc *document.Document) (hidden func(path []string) bool, ok bool) {
	secret := map[string]bool{}
	for _, one := range []*book{b.then, b.now} {
		s, ok := one.of(typ)
		if !ok {
			return nil, false
		}
		if s == nil {
			continue
		}
		untold := s.Walk(doc, schema.WithSecret, func(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
			if !ofKey && k.Secret {
				secret[document.Pointer(tokens)] = true
			}
		})
		if len(untold) > 0 {
			return nil, false
		}
	}
	return func(path []string) bool { return secret[document.Pointer(path)] }, true
}

// A stage is one release in the history of a unit, and what the unit was served by it.
type stage struct {
	release.Move
	Release release.Release
	Digest  release.Digest
	Held    *release.Held
	Pull    string // address of the pull request; empty for none
	Commit  string // address of the commit on GitHub
}

// maxStages is how many releases one page looks through, each a read of the store.
const maxStages = 25

// history gives those of the latest releases up to a generation, 0 for all, that served the unit something else than the one before. next is
// the generation to go on from, 0 where there is nothing more.
func (s *Status) history(ctx context.Context, v served, unit string, upTo int64) (all []stage, next int64, err error) {
	moves := slices.DeleteFunc(release.History(v.State.Channel, v.State.Journal), func(m release.Move) bool { return upTo > 0 && m.Generation > upTo })
	for i, m := range moves {
		if i == maxStages {
			next = m.Generation
			break
		}
		rel, err := v.store.Release(ctx, m.Release)
		if errors.Is(err, fs.ErrNotExist) {
			break // collected
		}
		if err != nil {
			return nil, 0, err
		}
		e, there := rel.Entry(unit)
		if rel.Customers = nil; there && unit != release.Shared { // of many customers, this one is kept
			rel.Customers = map[string]release.Entry{unit: e}
		}
		one := stage{Move: m, Release: rel, Digest: rel.Digest(unit), Held: e.Held, Commit: s.cfg.GitHub + "/" + v.Repo.String() + "/commit/" + string(m.Commit)}
		if rel.PullRequest != nil {
			one.Pull = fmt.Sprintf("%s/%s/pull/%d", s.cfg.GitHub, v.Repo, *rel.PullRequest)
		}
		if n := len(all); n > 0 && all[n-1].Digest == one.Digest {
			all[n-1] = one // the older of two that serve the same is the one that brought it
			continue
		}
		all = append(all, one)
	}
	if n := len(all); n > 0 && next == 0 && all[n-1].Digest == "" {
		all = all[:n-1] // before the customer was there
	}
	return all, next, nil
}
