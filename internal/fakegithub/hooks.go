package fakegithub

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Limits of webhooks. Source: docs.github.com, "Webhook events and payloads" and "Handling webhook deliveries".
const (
	maxPayload  = 25 << 20 // bytes; a larger one is not sent
	hookTimeout = 10 * time.Second
)

// HookFaults say what goes wrong with webhooks. The zero HookFaults is none.
type HookFaults struct {
	DropAll bool
	Drop    int           // lose so many of the next ones; each is listed as failed
	Double  bool          // send each twice, the second time under another delivery id
	Delay   time.Duration // wait before each
	Hold    bool          // keep them until Hold is taken back; Wait does not wait for them
	Newest  bool          // of those that wait send the newest first
}

// A Delivery is one webhook and what became of it.
type Delivery struct {
	ID           int64
	GUID         string // X-GitHub-Delivery; the same for a redelivery
	Event        string
	Action       string
	Installation int64
	Repository   int64
	Payload      []byte
	Redelivery   bool
	At           time.Time
	Took         time.Duration
	StatusCode   int    // 0 where there was no answer
	Status       string // "OK", or what went wrong
	headers      map[string]string
	answer       []byte
	answered     map[string]string
}

// hooks sends deliveries, one at a time, in the order in which they were queued.
type hooks struct {
	cfg    Config
	client *http.Client
	cancel context.CancelFunc
	ended  chan struct{}
	wake   chan struct{} // holds one token where there may be something to send

	mu     sync.Mutex
	url    string
	secret string
	lastID int64
	faults HookFaults
	queue  []*Delivery
	busy   int             // deliveries in hand
	idle   []chan struct{} // closed when nothing waits
	done   []*Delivery     // oldest first
}

func newHooks(cfg Config) *hooks {
	ctx, cancel := context.WithCancel(context.Background())
	h := &hooks{
		cfg: cfg, url: cfg.WebhookURL, secret: cfg.WebhookSecret, cancel: cancel,
		client: &http.Client{
			Timeout:       hookTimeout,
			Transport:     &http.Transport{},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		ended: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	go h.run(ctx)
	return h
}

func (h *hooks) close() {
	h.cancel()
	<-h.ended
	h.client.CloseIdleConnections()
}

func (h *hooks) setTarget(url, secret string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.url, h.secret = url, secret
}

// SetHookFaults says from now on what goes wrong with webhooks.
func (s *Server) SetHookFaults(f HookFaults) {
	s.hooks.mu.Lock()
	s.hooks.faults = f
	s.hooks.mu.Unlock()
	s.hooks.poke()
}

// Deliveries gives all webhooks that were sent or lost, oldest first.
func (s *Server) Deliveries() []Delivery {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	out := make([]Delivery, 0, len(s.hooks.done))
	for _, d := range s.hooks.done {
		out = append(out, *d)
	}
	return out
}

// Wait returns when every webhook queued so far has been sent or lost, or with ctx's error when it ends first.
func (s *Server) Wait(ctx context.Context) error {
	h := s.hooks
	h.mu.Lock()
	if h.quiet() {
		h.mu.Unlock()
		return nil
	}
	idle := make(chan struct{})
	h.idle = append(h.idle, idle)
	h.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hooks) quiet() bool { return h.busy == 0 && (len(h.queue) == 0 || h.faults.Hold) }

func (h *hooks) poke() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// add queues a delivery; it is nowhere where no URL is set.
func (h *hooks) add(d *Delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.url == "" || len(d.Payload) > maxPayload {
		return
	}
	if d.GUID == "" {
		d.GUID = uuid.NewString()
	}
	h.queue = append(h.queue, d)
	if h.faults.Double {
		again := *d
		again.GUID = uuid.NewString()
		h.queue = append(h.queue, &again)
	}
	h.poke()
}

// redeliver queues a delivery of the past once more, and tells whether there is one of that id.
func (h *hooks) redeliver(id int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := slices.IndexFunc(h.done, func(d *Delivery) bool { return d.ID == id })
	if at < 0 {
		return false
	}
	d := h.done[at]
	h.queue = append(h.queue, &Delivery{
		GUID: d.GUID, Event: d.Event, Action: d.Action, Installation: d.Installation, Repository: d.Repository,
		Payload: d.Payload, Redelivery: true,
	})
	h.poke()
	return true
}

func (h *hooks) run(ctx context.Context) {
	defer close(h.ended)
	for {
		d, drop, delay := h.next()
		if d == nil {
			select {
			case <-h.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		if (Fault{Delay: delay}).wait(ctx) != nil {
			return
		}
		if drop {
			d.At, d.Status = h.cfg.Now().UTC(), "failed to connect to host"
		} else {
			h.send(ctx, d)
		}
		h.finish(d)
	}
}

// next takes a delivery from the queue; nil where none may go.
func (h *hooks) next() (d *Delivery, drop bool, delay time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.queue) == 0 || h.faults.Hold {
		h.tellIdle()
		return nil, false, 0
	}
	at := 0
	if h.faults.Newest {
		at = len(h.queue) - 1
	}
	d = h.queue[at]
	h.queue = slices.Delete(h.queue, at, at+1)
	h.busy++
	if h.faults.Drop > 0 {
		h.faults.Drop--
		drop = true
	}
	return d, drop || h.faults.DropAll, h.faults.Delay
}

func (h *hooks) finish(d *Delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lastID++
	d.ID = h.lastID
	h.done = append(h.done, d)
	h.busy--
	h.tellIdle()
}

func (h *hooks) tellIdle() {
	if !h.quiet() {
		return
	}
	for _, idle := range h.idle {
		close(idle)
	}
	h.idle = nil
}

// send posts the delivery, signed, and writes down the answer.
func (h *hooks) send(ctx context.Context, d *Delivery) {
	h.mu.Lock()
	url, secret := h.url, h.secret
	h.mu.Unlock()
	d.At = h.cfg.Now().UTC()
	d.headers = map[string]string{
		"Accept": "*/*", "Content-Type": "application/json", "User-Agent": "GitHub-Hookshot/fake",
		"X-GitHub-Delivery": d.GUID, "X-GitHub-Event": d.Event, "X-GitHub-Hook-ID": "1",
		"X-GitHub-Hook-Installation-Target-ID":   strconv.FormatInt(h.cfg.AppID, 10),
		"X-GitHub-Hook-Installation-Target-Type": "integration",
	}
	if secret != "" {
		d.headers["X-Hub-Signature"] = "sha1=" + sign(sha1.New, secret, d.Payload)
		d.headers["X-Hub-Signature-256"] = "sha256=" + sign(sha256.New, secret, d.Payload)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(d.Payload))
	if err != nil {
		d.Status = err.Error()
		return
	}
	for name, value := range d.headers {
		req.Header.Set(name, value)
	}
	began := time.Now()
	resp, err := h.client.Do(req)
	d.Took = time.Since(began)
	if err != nil {
		d.Status = "failed to connect to host"
		return
	}
	defer resp.Body.Close()
	d.answer, _ = io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // the status is what counts
	d.answered = map[string]string{"Content-Type": resp.Header.Get("Content-Type")}
	d.StatusCode, d.Status = resp.StatusCode, "OK"
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		d.Status = "Invalid HTTP Response: " + strconv.Itoa(resp.StatusCode)
	}
}

func sign(algorithm func() hash.Hash, secret string, payload []byte) string {
	mac := hmac.New(algorithm, []byte(secret))
	mac.Write(payload)
	return hex.EncodeToString(mac.Sum(nil))
}
