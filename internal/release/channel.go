// Package release decides what a store should hold: the channel that points to what is served, and the steps from what a
// store holds to what it should hold. It reads and writes nothing.
package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// Keys of a store's own objects.
const (
	ProductionKey = ".tamer/channels/production.json" // the Channel of production
	PendingKey    = ".tamer/pending/production.json"  // the Pending of production
)

// A Channel is the pointer from a name to what is served under it, as it stands in a store; see
// schemas/channel.schema.json.
type Channel struct {
	Repository string       `json:"repository"` // OWNER/NAME: no other repository may use this store
	Channel    string       `json:"channel"`
	Release    *string      `json:"release"` // digest of the release object; null for a store that holds plain files only
	Commit     forge.Commit `json:"commit"`
	Generation int64        `json:"generation"` // rises with every move, and never falls
	UpdatedAt  time.Time    `json:"updated_at"`
	Hold       *Hold        `json:"hold"`
}

// A Hold keeps a channel where it is until somebody resumes it.
type Hold struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Next is the channel after it has moved to a commit. The zero Channel is one that was never written.
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

// Encode gives the canonical JSON of an object: sorted keys, no insignificant space.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	var sorted any
	dec := json.NewDecoder(&b)
	dec.UseNumber()
	if err := dec.Decode(&sorted); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	b.Reset()
	if err := enc.Encode(sorted); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Decode reads an object that Encode wrote. The error names the key, and what to do.
func Decode(key string, b []byte, into any) error {
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("the object %s is damaged (%w): restore it from a backup of the store, or remove it to deploy anew", key, err)
	}
	return nil
}

// A Placement says which file of the repository stands under a key of the store.
type Placement struct{ Key, Path string }

// Steps are what brings a store from what it holds to what it should hold, in this order: Remove, then Write.
type Steps struct {
	Remove []string
	Write  []Placement
}

// Touched are the keys of the steps, sorted.
func (s Steps) Touched() []string {
	keys := slices.Clone(s.Remove)
	for _, w := range s.Write {
		keys = append(keys, w.Key)
	}
	slices.Sort(keys)
	return keys
}

// Plan gives the steps from the placements of old to those of wanted. changed tells whether the content of a path differs
// between the two; dirty are keys whose content is not known. A key that two files want is an error.
func Plan(old, wanted []Placement, changed func(path string) bool, dirty []string) (Steps, error) {
	was, will := map[string]string{}, map[string]string{}
	for _, p := range old {
		was[p.Key] = p.Path
	}
	for _, p := range wanted {
		if other, twice := will[p.Key]; twice {
			return Steps{}, fmt.Errorf("%s and %s would be stored under the same key %s: rename or remove one of them", other, p.Path, p.Key)
		}
		will[p.Key] = p.Path
	}
	var s Steps
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
