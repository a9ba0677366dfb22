// Package webhooks is the door through which GitHub tells that something happened: it verifies a delivery, translates
// it to keys of work, has them stored, and only then answers 202. What was seen in the delivery goes no further.
package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// An Inbox stores deliveries. When Accept has returned nil, the work survives a crash; a delivery whose id was
// seen before changes nothing and is not fresh.
type Inbox interface {
	Accept(ctx context.Context, d work.Delivery) (fresh bool, err error)
}

// Config says how deliveries are received.
type Config struct {
	// Secrets are those that GitHub may sign with: one, or two while the secret is being changed. Required; none empty.
	Secrets [][]byte
	Inbox   Inbox        // required
	Log     *slog.Logger // required
	// Answered, if set, is told of each answer. The event is what the sender said it was, and the status 202 or an error.
	Answered func(event string, status int)
	// MaxBytes is the size of the largest body that is read. Default 25 MB, as much as GitHub sends; at least 1.
	// Source: docs.github.com, "Webhook events and payloads", payload cap.
	MaxBytes int64
	// MaxHeld is how many bytes of bodies are held at once, of all requests: they come before their signature is known to be
	// right. Default 128 MiB; at least MaxBytes.
	MaxHeld int64
}

// Validate reports every bad field at once. It never shows a secret.
func (c Config) Validate() error {
	var errs []error
	if n := len(c.Secrets); n < 1 || n > 2 {
		errs = append(errs, fmt.Errorf("%d webhook secrets; one is needed, two are allowed while changing it", n))
	}
	for i, s := range c.Secrets {
		if len(s) == 0 {
			errs = append(errs, fmt.Errorf("webhook secret %d is empty", i+1))
		}
	}
	if c.Inbox == nil {
		errs = append(errs, errors.New("the inbox is missing"))
	}
	if c.Log == nil {
		errs = append(errs, errors.New("the logger is missing"))
	}
	if c.MaxBytes < 0 {
		errs = append(errs, fmt.Errorf("bodies of at most %d bytes; at least 1 is allowed", c.MaxBytes))
	}
	if c.MaxHeld < c.MaxBytes {
		errs = append(errs, fmt.Errorf("at most %d bytes of bodies held at once; at least one of %d bytes must have room", c.MaxHeld, c.MaxBytes))
	}
	return errors.Join(errs...)
}

// New makes the handler of POST /webhook. It is safe for concurrent use.
func New(cfg Config) (http.Handler, error) {
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = 25 << 20
	}
	if cfg.MaxHeld == 0 {
		cfg.MaxHeld = max(128<<20, cfg.MaxBytes)
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configure webhooks: %w", err)
	}
	return &handler{Config: cfg}, nil
}

type handler struct {
	Config
	held atomic.Int64 // bytes of bodies that are being read or worked on
}

// readTimeout bounds the reading of a body: as long as the most patient sender, a GitHub Enterprise Server, waits for
// the answer. Source: docs.github.com, "Handling webhook deliveries": 10 s, on GHES 30 s.
const readTimeout = 30 * time.Second

// maxHeader is as many bytes of a header as are stored or logged: GitHub's delivery ids have 36.
const maxHeader = 100

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	event, id := r.Header.Get("X-GitHub-Event"), r.Header.Get("X-GitHub-Delivery")
	status, text := h.receive(w, r, event, id)
	switch status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "10")
	}
	level := slog.LevelInfo
	if status != http.StatusAccepted {
		level = slog.LevelWarn
	}
	if h.Answered != nil {
		h.Answered(event, status)
	}
	h.Log.Log(r.Context(), level, "delivery answered", "event", event[:min(len(event), maxHeader)],
		"delivery", id[:min(len(id), maxHeader)], "status", status, "outcome", text)
	http.Error(w, text, status)
}

// receive gives the answer to the request: a status, and a text for people.
func (h *handler) receive(w http.ResponseWriter, r *http.Request, event, id string) (status int, text string) {
	signature := r.Header.Get("X-Hub-Signature-256")
	switch {
	case r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed, "webhooks are sent with POST"
	case signature == "":
		return http.StatusUnauthorized, "X-Hub-Signature-256 is missing: give the app a webhook secret"
	}
	meter := &meter{total: &h.held, most: h.MaxHeld}
	defer meter.release()
	body, err := h.read(w, r, meter)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit)
	}
	switch {
	case errors.Is(err, errFull):
		return http.StatusServiceUnavailable, "too much is being delivered at once; deliver it again later"
	case err != nil:
		return http.StatusBadRequest, "the body could not be read to its end"
	case !signed(body, signature, h.Secrets):
		return http.StatusUnauthorized, "the signature is wrong: the webhook secret of the app is another one than tamer's"
	case event == "" || id == "" || len(event) > maxHeader || len(id) > maxHeader:
		return http.StatusBadRequest, "X-GitHub-Event or X-GitHub-Delivery is missing, or too long"
	}
	payload, err := payloadOf(body, r.Header.Get("Content-Type"))
	if err != nil {
		return http.StatusUnsupportedMediaType, err.Error()
	}
	delivery, err := translate(event, payload)
	switch {
	case errors.Is(err, errUnknown):
		return http.StatusAccepted, "not an event that tamer acts on"
	case err != nil:
		return http.StatusBadRequest, err.Error()
	case len(delivery.Wanted) == 0:
		return http.StatusAccepted, "nothing to look at"
	}
	delivery.ID = id
	return h.accept(r.Context(), delivery)
}

// storeTimeout bounds the storing of a delivery: GitHub waits 10 s for the answer, and must not take a delivery for failed that is
// stored right then. Source: see readTimeout.
const storeTimeout = 8 * time.Second

func (h *handler) accept(ctx context.Context, d work.Delivery) (status int, text string) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	fresh, err := h.Inbox.Accept(ctx, d)
	switch {
	case err != nil:
		h.Log.ErrorContext(ctx, "delivery not stored", "event", d.Event, "delivery", d.ID, "error", err)
		return http.StatusServiceUnavailable, "the delivery could not be stored; deliver it again later"
	case !fresh:
		return http.StatusAccepted, "seen before"
	default:
		return http.StatusAccepted, "stored"
	}
}

func (h *handler) read(w http.ResponseWriter, r *http.Request, m *meter) ([]byte, error) {
	conn := http.NewResponseController(w)
	conn.SetReadDeadline(time.Now().Add(readTimeout)) // a writer that knows no deadline, as in a test, needs none
	defer conn.SetReadDeadline(time.Time{})           // or it would end the request's context later on
	m.from = http.MaxBytesReader(w, r.Body, h.MaxBytes)
	return io.ReadAll(m)
}

// payloadOf takes the JSON out of a body in either form that GitHub offers.
func payloadOf(body []byte, contentType string) ([]byte, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err == nil && kind == "application/json" {
		return body, nil
	}
	if err == nil && kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err == nil && form.Has("payload") {
			return []byte(form.Get("payload")), nil
		}
		return nil, errors.New("the form has no field named payload")
	}
	return nil, fmt.Errorf("content type %q; application/json and application/x-www-form-urlencoded are understood", contentType)
}
