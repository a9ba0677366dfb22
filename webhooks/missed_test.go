package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// ledger is GitHub's, the oldest attempt first; every payload is a push to a branch that is called as the delivery is.
type ledger struct {
	sent  []work.Sent
	reads int
	err   error // of listing, at its end
}

func (l *ledger) Deliveries(context.Context) iter.Seq2[work.Sent, error] {
	return func(yield func(work.Sent, error) bool) {
		for i := len(l.sent) - 1; i >= 0; i-- {
			if !yield(l.sent[i], nil) {
				return
			}
		}
		if l.err != nil {
			yield(work.Sent{}, l.err)
		}
	}
}

func (l *ledger) Payload(_ context.Context, s work.Sent) ([]byte, error) {
	l.reads++
	switch s.GUID {
	case "odd":
		return []byte(`"no object"`), nil
	case "gone":
		return nil, fs.ErrNotExist
	case "unread":
		return nil, errors.New("no answer")
	}
	return fmt.Appendf(nil, `{"ref":"refs/heads/%s",%s}`, s.GUID, where), nil
}

type marks map[string][]byte

func (m marks) Recall(_ context.Context, _ forge.Repo, name string) ([]byte, error) {
	return m[name], nil
}

func (m marks) Remember(_ context.Context, _ forge.Repo, name string, text []byte) error {
	m[name] = text
	return nil
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func missedFrom(l *ledger) (*Missed, *inbox) {
	in := &inbox{deliveries: map[string]work.Delivery{}}
	seen := func(_ context.Context, id string) (bool, error) { _, ok := in.deliveries[id]; return ok, nil }
	return &Missed{Ledger: l, Inbox: in, Seen: seen, Marks: marks{}, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }}, in
}

func TestMissedDeliveriesAreWorkedAsIfTheyHadCome(t *testing.T) {
	at := func(ago time.Duration, guid string, ok bool) work.Sent {
		return work.Sent{GUID: guid, Event: "push", At: noon.Add(-ago), OK: ok}
	}
	star := at(time.Hour, "star", false)
	star.Event = "star"
	l := &ledger{sent: []work.Sent{
		at(100*time.Hour, "forgotten", false),
		at(50*time.Hour, "old", false),
		at(3*time.Hour, "arrived", true),
		at(3*time.Hour, "redelivered", false),
		at(2*time.Hour, "twice", false),
		at(2*time.Hour, "redelivered", true),
		star,
		at(time.Hour, "twice", false),
		at(time.Hour, "odd", false),
		at(time.Hour, "gone", false),
		at(time.Hour, "stored", false), // but the answer was lost
	}}
	m, in := missedFrom(l)
	in.deliveries["stored"] = work.Delivery{}
	n, err := m.Look(t.Context())
	if got := strings.Join(in.keys(), " "); n != 4 || err != nil || got != "branch/1/2/old branch/1/2/twice" {
		t.Errorf("%d: %s, %v", n, got, err)
	}
	if n, err := m.Look(t.Context()); n != 0 || err != nil || l.reads != 4 {
		t.Errorf("a second look finds %d, %v; %d payloads were read", n, err, l.reads)
	}
	l.sent = append(l.sent, at(-time.Minute, "new", false))
	delete(in.deliveries, "old") // long before the last look
	m.Now = func() time.Time { return noon.Add(5 * time.Minute) }
	if n, err := m.Look(t.Context()); n != 1 || err != nil {
		t.Errorf("the look after the next delivery finds %d, %v", n, err)
	}
}

func TestALookThatIsCutOffIsDoneAgain(t *testing.T) {
	l := &ledger{}
	for i := range maxWorked + 20 {
		l.sent = append(l.sent, work.Sent{GUID: fmt.Sprint("b", i), Event: "push", At: noon})
	}
	m, in := missedFrom(l)
	_, err := m.Look(t.Context())
	if _, waits := work.WaitOf(err); !waits || len(in.deliveries) != maxWorked {
		t.Errorf("%d in one look, %v", len(in.deliveries), err)
	}
	if n, err := m.Look(t.Context()); n != 20 || err != nil {
		t.Errorf("%d in the next one, %v", n, err)
	}
	l.sent = append(l.sent, work.Sent{GUID: "unread", Event: "push", At: noon})
	if n, err := m.Look(t.Context()); err == nil || n != 0 {
		t.Errorf("a payload that was not read: %d, %v", n, err)
	}
	l.sent, l.err = append(l.sent, work.Sent{GUID: "c", Event: "push", At: noon}), errors.New("no answer")
	if n, err := m.Look(t.Context()); err == nil || n != 0 {
		t.Errorf("half a list: %d, %v", n, err)
	}
}
