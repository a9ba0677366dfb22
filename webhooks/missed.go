package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// A Ledger tells what GitHub has tried to deliver.
type Ledger interface {
	// Deliveries gives the attempts at deliveries, the newest first. An error is the last that it gives.
	Deliveries(ctx context.Context) iter.Seq2[work.Sent, error]
	// Payload gives the JSON of what was sent.
	Payload(ctx context.Context, s work.Sent) ([]byte, error)
}

// Marks remember how far the ledger was read.
type Marks interface {
	Recall(ctx context.Context, repo forge.Repo, name string) ([]byte, error)
	Remember(ctx context.Context, repo forge.Repo, name string, text []byte) error
}

// Missed works deliveries that did not arrive, as if they had come: GitHub never sends one again by itself.
type Missed struct {
	Ledger Ledger
	Inbox  Inbox
	// Seen tells whether a delivery of that id was accepted.
	Seen  func(ctx context.Context, id string) (bool, error)
	Marks Marks
	Log   *slog.Logger
	Now   func() time.Time
	// Found, if set, is told of each delivery that was missed.
	Found func(event string)
}

const (
	// How long GitHub keeps deliveries, 3 days, is how far back the first look goes. Source: docs.github.com, "Redelivering webhooks".
	ledgerKept = 72 * time.Hour
	// Every look goes back so much further than the one before: an attempt stands in the ledger only when it has ended.
	overlap = 10 * time.Minute
	// Bounds of one look: attempts listed, a hundred in a call, and payloads read. What is beyond the first is found by the sweep;
	// what is beyond the second, by the next look.
	maxListed = 10_000
	maxWorked = 500

	mark = "deliveries read until"
)

// Look finds and accepts what was missed since the last look, and gives how many deliveries that were. It may be repeated.
func (m *Missed) Look(ctx context.Context) (int, error) {
	began := m.Now()
	since, err := m.since(ctx)
	if err != nil {
		return 0, err
	}
	lost, err := m.lost(ctx, since)
	if err != nil {
		return 0, err
	}
	worked := 0
	for _, s := range lost {
		seen, err := m.Seen(ctx, s.GUID)
		if err != nil {
			return worked, err
		}
		if seen {
			continue
		}
		if worked == maxWorked {
			return worked, work.After(time.Second, errors.New("more deliveries were missed than one look takes"))
		}
		if err := m.accept(ctx, s); err != nil {
			return worked, err
		}
		worked++
		if m.Found != nil {
			m.Found(s.Event)
		}
	}
	return worked, m.Marks.Remember(ctx, forge.Repo{}, mark, []byte(began.UTC().Format(time.RFC3339)))
}

// since gives the moment from which attempts are looked at.
func (m *Missed) since(ctx context.Context) (time.Time, error) {
	oldest := m.Now().Add(-ledgerKept)
	text, err := m.Marks.Recall(ctx, forge.Repo{}, mark)
	if err != nil || text == nil {
		return oldest, err
	}
	last, err := time.Parse(time.RFC3339, string(text))
	if err != nil || last.Before(oldest) {
		return oldest, nil // damaged, or long ago
	}
	return last.Add(-overlap), nil
}

// lost gives the deliveries of which every attempt since then has failed, the oldest first.
func (m *Missed) lost(ctx context.Context, since time.Time) ([]work.Sent, error) {
	arrived := map[string]bool{} // by the id that attempts share
	var failed []work.Sent
	n := 0
	for s, err := range m.Ledger.Deliveries(ctx) {
		if err != nil {
			return nil, err
		}
		if n++; n > maxListed || s.At.Before(since) {
			break
		}
		if s.OK {
			arrived[s.GUID] = true
		} else if known(s.Event) {
			failed = append(failed, s)
		}
	}
	failed = slices.DeleteFunc(failed, func(s work.Sent) bool {
		drop := arrived[s.GUID]
		arrived[s.GUID] = true // one of several attempts is enough
		return drop
	})
	slices.Reverse(failed)
	return failed, nil
}

// accept works one delivery. One that cannot be read or understood is noted too: no other look will do better.
func (m *Missed) accept(ctx context.Context, s work.Sent) error {
	body, err := m.Ledger.Payload(ctx, s)
	d := work.Delivery{Event: s.Event}
	switch gone := errors.Is(err, fs.ErrNotExist) || work.IsPermanent(err); {
	case err != nil && !gone:
		return fmt.Errorf("read delivery %s: %w", s.GUID, err)
	case err == nil:
		d, err = translate(s.Event, body)
	}
	if d.ID = s.GUID; err != nil {
		m.Log.WarnContext(ctx, "missed delivery not understood", "event", s.Event, "delivery", s.GUID, "error", err)
		d = work.Delivery{ID: s.GUID, Event: s.Event}
	}
	if _, err := m.Inbox.Accept(ctx, d); err != nil {
		return err
	}
	m.Log.InfoContext(ctx, "missed delivery accepted", "event", s.Event, "delivery", s.GUID, "keys", len(d.Wanted))
	return nil
}

// known tells whether tamer acts on events of that name.
func known(name string) bool {
	return slices.ContainsFunc(events, func(e event) bool { return e.name == name })
}
