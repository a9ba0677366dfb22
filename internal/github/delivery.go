package github

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/work"
)

// Deliveries gives the attempts at the app's webhooks, the newest first, a page at a time. An error is the last that it gives.
func (c *Client) Deliveries(ctx context.Context) iter.Seq2[work.Sent, error] {
	return func(yield func(work.Sent, error) bool) {
		page := github.ListCursorOptions{PerPage: perPage}
		for {
			got, resp, err := c.app().Apps.ListHookDeliveries(ctx, &page)
			if err != nil {
				yield(work.Sent{}, fmt.Errorf("list deliveries: %w", explain(err)))
				return
			}
			for _, d := range got {
				s := work.Sent{ID: d.GetID(), GUID: d.GetGUID(), Event: d.GetEvent(), At: d.GetDeliveredAt().Time,
					Code: d.GetStatusCode(), OK: d.GetStatusCode() >= 200 && d.GetStatusCode() < 300}
				if !yield(s, nil) {
					return
				}
			}
			if resp.Cursor == "" || resp.Cursor == page.Cursor {
				return
			}
			page.Cursor = resp.Cursor
		}
	}
}

// Payload gives the JSON that an attempt has sent. The error wraps fs.ErrNotExist when GitHub has forgotten it.
func (c *Client) Payload(ctx context.Context, s work.Sent) ([]byte, error) {
	got, _, err := c.app().Apps.GetHookDelivery(ctx, s.ID)
	if err != nil {
		return nil, fmt.Errorf("get delivery %d: %w", s.ID, explain(err))
	}
	if got.Request == nil || got.Request.RawPayload == nil {
		return nil, fmt.Errorf("get delivery %d: %w", s.ID, errors.Join(errors.New("GitHub shows no payload"), fs.ErrNotExist))
	}
	return *got.Request.RawPayload, nil
}
