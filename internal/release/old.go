package release

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// Keys of a store's own objects.
const (
	ProductionKey = ".tamer/channels/production.json" // the Channel of production
	PendingKey    = ".tamer/pending/production.json"  // the Pending of production
)

// Next is the channel after it has moved to a commit.
func (c Channel) Next(repo forge.Repo, to forge.Commit, now time.Time) Channel {
	return Channel{Repository: repo.String(), Channel: "production", Commit: to, Generation: c.Generation + 1, UpdatedAt: now.UTC().Truncate(time.Second)}
}

// A Pending says which keys a deploy is about to touch. It is written before the first of them and stays. While the channel
// has not come to its generation, the deploy was cut off, and any of its keys may or may not have been touched.
type Pending struct {
	Commit     forge.Commit `json:"commit"`
	Generation int64        `json:"generation"` // that the channel will have
	Keys       []string     `json:"keys"`
}

// Interrupted gives the keys that a deploy before this one may have left half done.
func (p Pending) Interrupted(c Channel) []string {
	if p.Generation <= c.Generation {
		return nil
	}
	return p.Keys
}

// A Placement says which file of the repository stands under a key of the store.
type Placement struct{ Key, Path string }

// Steps are what brings a store from what it holds to what it should hold, in this order: Remove, then Write.
type OldSteps struct {
	Remove []string
	Write  []Placement
}

// Touched are the keys of the steps, sorted.
func (s OldSteps) Touched() []string {
	keys := slices.Clone(s.Remove)
	for _, w := range s.Write {
		keys = append(keys, w.Key)
	}
	slices.Sort(keys)
	return keys
}

// Plan gives the steps from the placements of old to those of wanted. changed tells whether the content of a path differs
// between the two; dirty are keys whose content is not known. A key that two files want is an error.
func OldPlan(old, wanted []Placement, changed func(path string) bool, dirty []string) (OldSteps, error) {
	was, will := map[string]string{}, map[string]string{}
	for _, p := range old {
		was[p.Key] = p.Path
	}
	for _, p := range wanted {
		if other, twice := will[p.Key]; twice {
			return OldSteps{}, fmt.Errorf("%s and %s would be stored under the same key %s: rename or remove one of them", other, p.Path, p.Key)
		}
		will[p.Key] = p.Path
	}
	var s OldSteps
	for key := range was {
		if _, stays := will[key]; !stays {
			s.Remove = append(s.Remove, key)
		}
	}
	for _, key := range dirty {
		if _, stays := will[key]; !stays {
			s.Remove = append(s.Remove, key)
		}
	}
	for key, path := range will {
		before, stood := was[key]
		if !stood || before != path || changed(path) || slices.Contains(dirty, key) {
			s.Write = append(s.Write, Placement{key, path})
		}
	}
	slices.Sort(s.Remove)
	s.Remove = slices.Compact(s.Remove)
	slices.SortFunc(s.Write, func(a, b Placement) int { return bytes.Compare([]byte(a.Key), []byte(b.Key)) })
	return s, nil
}

// Place gives the key of a file in a store.
func Place(f policy.File) (Placement, bool) {
	if f.Kind != policy.Config && f.Kind != policy.Shared {
		return Placement{}, false
	}
	return Placement{Key: Key(f), Path: f.Path}, true
}
