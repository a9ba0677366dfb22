package simulation

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
	"github.com/tamerhq/tamer/webhooks"
)

var (
	secret = []byte("secret")
	quiet  = slog.New(slog.DiscardHandler)
)

// A sent is one webhook: under way, or in GitHub's own list of what it has tried to deliver.
type sent struct {
	work.Sent
	body  []byte
	known bool // it asks for something, so tamer must have it once it has said so
}

// send has GitHub tell of something; rest are the fields of the event.
func (h *hub) send(event, rest string) {
	r := h.run
	r.events++
	s := &sent{Sent: work.Sent{ID: int64(r.events), GUID: fmt.Sprint("delivery-", r.events), Event: event}, known: event == "pull_request" || event == "push" && !strings.Contains(rest, forge.MergeQueuePrefix)}
	s.body = fmt.Appendf(nil, `{"installation":{"id":%d},"repository":{"id":%d,"full_name":%q},%s}`, repo.Installation, repo.ID, repo, rest)
	h.flying = append(h.flying, s)
}

// arrive hands a webhook to tamer, and notes in the list whether tamer has taken it.
func (r *run) arrive(s *sent) {
	mac := hmac.New(sha256.New, secret)
	mac.Write(s.body)
	req := httptest.NewRequest(http.MethodPost, "/webhook", bytes.NewReader(s.body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-GitHub-Event", s.Event)
	req.Header.Set("X-GitHub-Delivery", s.GUID)
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	answer := httptest.NewRecorder()
	r.door.ServeHTTP(answer, req)
	ok := answer.Code/100 == 2
	if ok && s.known && !r.db.deliveries[s.GUID] {
		r.fail(1, "%s was acknowledged, and is not stored", s.GUID)
	}
	r.list(s, ok)
}

// list notes an attempt at a delivery in GitHub's list.
func (r *run) list(s *sent, ok bool) {
	try := *s
	try.OK, try.At = ok, r.hub.second()
	try.ID = int64(len(r.hub.ledger) + 1)
	r.hub.ledger = append(r.hub.ledger, &try)
}

func newDoor(inbox webhooks.Inbox) http.Handler {
	door, err := webhooks.New(webhooks.Config{Secrets: [][]byte{secret}, Inbox: inbox, Log: quiet})
	if err != nil {
		panic(err)
	}
	return door
}

// Deliveries implements webhooks.Ledger.
func (h *hub) Deliveries(ctx context.Context) iter.Seq2[work.Sent, error] {
	return func(yield func(work.Sent, error) bool) {
		all, err := read(ctx, h.run, forgeParty, "list deliveries", func() ([]*sent, error) { return slices.Clone(h.ledger), nil })
		if err != nil {
			yield(work.Sent{}, err)
			return
		}
		for _, s := range slices.Backward(all) {
			if !yield(s.Sent, nil) {
				return
			}
		}
	}
}

// Payload implements webhooks.Ledger.
func (h *hub) Payload(ctx context.Context, s work.Sent) ([]byte, error) {
	return read(ctx, h.run, forgeParty, "read delivery "+s.GUID, func() ([]byte, error) {
		for _, kept := range h.ledger {
			if kept.ID == s.ID {
				return kept.body, nil
			}
		}
		return nil, fs.ErrNotExist
	})
}
