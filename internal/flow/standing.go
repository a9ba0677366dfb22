package flow

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
)

// StandingNote is the name of the note that says how a repository's deploy branch stands in its sinks, for those who watch.
const StandingNote = "standing"

// A Standing is how a deploy branch stands in one sink.
type Standing struct {
	Held  int       `json:"held,omitempty"`  // customers, and the shared configs as one, that are kept at an earlier commit
	Stays bool      `json:"stays,omitempty"` // production is held: by an operator, or because the branch was rewritten
	Since time.Time `json:"since,omitzero"`  // when the tip was committed that is not served there yet; zero where it is, or production is held
}

// ReadStandings reads the note: standings by the names of the sinks. What cannot be read is none.
func ReadStandings(note []byte) map[string]Standing {
	all := map[string]Standing{}
	_ = json.Unmarshal(note, &all) // the next announcement writes it anew
	return all
}

// noteStandings writes the note, where it changes.
func (f *Flow) noteStandings(ctx context.Context, repo forge.Repo, d render.Deploy) error {
	all := map[string]Standing{}
	for _, s := range d.Stores {
		one := Standing{Held: len(s.Release.Held()), Stays: s.Channel.Hold != nil}
		if s.Channel.Commit != d.Commit && !one.Stays {
			at, err := f.committed(ctx, repo, d.Commit)
			if err != nil {
				return err
			}
			one.Since = at
		}
		all[s.Name] = one
	}
	now, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("write how %s stands: %w", repo, err)
	}
	before, err := f.Notes.Recall(ctx, repo, StandingNote)
	if err != nil || bytes.Equal(before, now) {
		return err
	}
	return f.Notes.Remember(ctx, repo, StandingNote, now)
}

// committed tells when a commit was made.
func (f *Flow) committed(ctx context.Context, repo forge.Repo, at forge.Commit) (time.Time, error) {
	if err := f.Remotes.Fetch(ctx, repo, at); err != nil {
		return time.Time{}, fmt.Errorf("fetch %s: %w", at.Short(), err)
	}
	info, err := f.History.CommitInfo(ctx, repo, at)
	return info.Committed, err
}
