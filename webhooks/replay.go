package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/tamerhq/tamer/internal/work"
)

// Recent gives the newest attempts at deliveries, at most n, the newest first.
func (m *Missed) Recent(ctx context.Context, n int) ([]work.Sent, error) {
	var all []work.Sent
	for s, err := range m.Ledger.Deliveries(ctx) {
		if err != nil {
			return nil, err
		}
		if all = append(all, s); len(all) == n {
			break
		}
	}
	return all, nil
}

// replayable bounds how far back an attempt is looked for.
const replayable = 300

// Replay works an attempt at a delivery once more, as if it came now, whether or not it was accepted before. The error wraps
// fs.ErrNotExist where GitHub lists no such attempt among the newest ones.
func (m *Missed) Replay(ctx context.Context, attempt int64) error {
	recent, err := m.Recent(ctx, replayable)
	if err != nil {
		return err
	}
	for _, s := range recent {
		if s.ID != attempt {
			continue
		}
		body, err := m.Ledger.Payload(ctx, s)
		if err != nil {
			return fmt.Errorf("read delivery %s: %w", s.GUID, err)
		}
		d, err := translate(s.Event, body)
		if err != nil {
			return fmt.Errorf("understand delivery %s: %w", s.GUID, err)
		}
		d.ID = s.GUID + " again " + strconv.FormatInt(m.Now().UnixNano(), 36) // or it would count as seen
		for i := range d.Wanted {
			d.Wanted[i].Anew = true
		}
		_, err = m.Inbox.Accept(ctx, d)
		return err
	}
	return errors.Join(fmt.Errorf("GitHub lists no attempt %d any more", attempt), fs.ErrNotExist)
}
