package webhooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/work"
)

var (
	oldSecret = []byte("it is changed")
	newSecret = []byte("to this one")
)

// inbox is one that remembers, and may be out of order.
type inbox struct {
	deliveries map[string]work.Delivery
	err        error
}

func (in *inbox) Accept(_ context.Context, d work.Delivery) (bool, error) {
	if in.err != nil {
		return false, in.err
	}
	if _, seen := in.deliveries[d.ID]; seen {
		return false, nil
	}
	if in.deliveries == nil {
		in.deliveries = make(map[string]work.Delivery)
	}
	in.deliveries[d.ID] = d
	return true, nil
}

// keys are those that were asked for, as text, "!" after those asked for by a person.
func (in *inbox) keys() []string {
	var keys []string
	for _, id := range slices.Sorted(maps.Keys(in.deliveries)) {
		for _, w := range in.deliveries[id].Wanted {
			keys = append(keys, text(w))
		}
	}
	return keys
}

func text(w work.Wanted) string {
	if w.Anew {
		return w.Key.String() + "!"
	}
	return w.Key.String()
}

func door(t testing.TB, in *inbox) http.Handler {
	t.Helper()
	h, err := New(Config{Secrets: [][]byte{oldSecret, newSecret}, Inbox: in, Log: slog.New(slog.DiscardHandler), MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func sign(algorithm string, hash func() hash.Hash, secret []byte, body string) string {
	mac := hmac.New(hash, secret)
	mac.Write([]byte(body))
	return algorithm + "=" + hex.EncodeToString(mac.Sum(nil))
}

func signature(body string) string { return sign("sha256", sha256.New, newSecret, body) }

// request is one that GitHub could send.
func request(event, id, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhook", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", id)
	r.Header.Set("X-Hub-Signature-256", signature(body))
	return r
}

func answer(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

const pushed = `{"ref":"refs/heads/main","installation":{"id":1},"repository":{"id":2,"full_name":"acme/shop"}}`

func TestOnlySignedDeliveriesAreLookedAt(t *testing.T) {
	good := signature(pushed)
	flip := func(s string, at int) string { // another hex digit
		return s[:at] + string("0123456789abcdef0"[strings.IndexByte("0123456789abcdef", s[at])+1]) + s[at+1:]
	}
	for name, c := range map[string]struct {
		header map[string]string
		want   int
	}{
		"new secret":         {map[string]string{"X-Hub-Signature-256": good}, 202},
		"old secret":         {map[string]string{"X-Hub-Signature-256": sign("sha256", sha256.New, oldSecret, pushed)}, 202},
		"another secret":     {map[string]string{"X-Hub-Signature-256": sign("sha256", sha256.New, []byte("guess"), pushed)}, 401},
		"empty secret":       {map[string]string{"X-Hub-Signature-256": sign("sha256", sha256.New, nil, pushed)}, 401},
		"another body":       {map[string]string{"X-Hub-Signature-256": signature(pushed + " ")}, 401},
		"none":               {map[string]string{"X-Hub-Signature-256": ""}, 401},
		"SHA-1 only":         {map[string]string{"X-Hub-Signature-256": "", "X-Hub-Signature": sign("sha1", sha1.New, newSecret, pushed)}, 401},
		"SHA-1 in its place": {map[string]string{"X-Hub-Signature-256": sign("sha1", sha1.New, newSecret, pushed)}, 401},
		"first digit":        {map[string]string{"X-Hub-Signature-256": flip(good, 7)}, 401},
		"last digit":         {map[string]string{"X-Hub-Signature-256": flip(good, len(good)-1)}, 401},
		"truncated":          {map[string]string{"X-Hub-Signature-256": good[:len(good)-2]}, 401},
		"prefix only":        {map[string]string{"X-Hub-Signature-256": "sha256="}, 401},
		"no prefix":          {map[string]string{"X-Hub-Signature-256": strings.TrimPrefix(good, "sha256=")}, 401},
		"upper case":         {map[string]string{"X-Hub-Signature-256": "sha256=" + strings.ToUpper(good[7:])}, 401},
		"with a tail":        {map[string]string{"X-Hub-Signature-256": good + "00"}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			in := new(inbox)
			r := request("push", "d-1", pushed)
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			if got := answer(door(t, in), r).StatusCode; got != c.want {
				t.Errorf("status %d, want %d", got, c.want)
			}
			if stored := len(in.deliveries) > 0; stored != (c.want == 202) {
				t.Errorf("stored: %t", stored)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	huge := strings.Repeat("x", 1<<20+1)
	form := "payload=" + url.QueryEscape(pushed)
	for name, c := range map[string]struct {
		event, body string
		change      func(r *http.Request)
		inbox       inbox
		want        int
		text        string
	}{
		"known":           {event: "push", body: pushed, want: 202, text: "stored"},
		"form":            {event: "push", body: form, change: typed("application/x-www-form-urlencoded"), want: 202, text: "stored"},
		"charset":         {event: "push", body: pushed, change: typed("application/json; charset=utf-8"), want: 202, text: "stored"},
		"nothing wanted":  {event: "ping", body: `{"zen":"Keep it logically awesome."}`, want: 202, text: "nothing to look at"},
		"unknown":         {event: "sponsorship", body: `{"action":"created"}`, want: 202, text: "not an event"},
		"unknown, broken": {event: "sponsorship", body: `{`, want: 202, text: "not an event"},
		"broken":          {event: "push", body: `{"ref":`, want: 400, text: "payload of event push is not the JSON"},
		"empty":           {event: "push", body: ``, want: 400, text: "unexpected end of JSON"},
		"other shape":     {event: "push", body: `{"ref":7}`, want: 400, text: "cannot unmarshal number"},
		"no event":        {body: pushed, want: 400, text: "X-GitHub-Event"},
		"no id":           {event: "push", body: pushed, change: func(r *http.Request) { r.Header.Del("X-GitHub-Delivery") }, want: 400, text: "X-GitHub-Delivery"},
		"long id":         {event: "push", body: pushed, change: func(r *http.Request) { r.Header.Set("X-GitHub-Delivery", huge[:101]) }, want: 400, text: "too long"},
		"GET":             {event: "push", body: pushed, change: func(r *http.Request) { r.Method = http.MethodGet }, want: 405, text: "POST"},
		"too large":       {event: "push", body: huge, want: 413, text: "more than 1048576 bytes"},
		"cut off":         {event: "push", body: pushed, change: cutOff, want: 400, text: "could not be read"},
		"text":            {event: "push", body: pushed, change: typed("text/plain"), want: 415, text: `"text/plain"`},
		"no type":         {event: "push", body: pushed, change: typed(""), want: 415, text: "application/json"},
		"empty form":      {event: "push", body: "a=b", change: typed("application/x-www-form-urlencoded"), want: 415, text: "payload"},
		"database down":   {event: "push", body: pushed, inbox: inbox{err: errors.New("disk full")}, want: 503, text: "later"},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(c.event, "d-1", c.body)
			if c.change != nil {
				c.change(r)
			}
			resp := answer(door(t, &c.inbox), r)
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != c.want || !strings.Contains(string(body), c.text) {
				t.Errorf("%d %s, want %d and %q", resp.StatusCode, body, c.want, c.text)
			}
			if strings.Contains(string(body), "disk full") {
				t.Errorf("%q tells strangers about the inside", body)
			}
			if got := resp.Header.Get("Allow"); (got == "POST") != (c.want == 405) {
				t.Errorf("Allow: %q", got)
			}
			if got := resp.Header.Get("Retry-After"); (got != "") != (c.want == 503) {
				t.Errorf("Retry-After: %q", got)
			}
		})
	}
}

func typed(contentType string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Content-Type", contentType) }
}

func cutOff(r *http.Request) {
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(pushed[:9]), &broken{}))
}

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, net.ErrClosed }

func TestADeliverySeenBeforeChangesNothing(t *testing.T) {
	in := new(inbox)
	h := door(t, in)
	for range 2 {
		if got := answer(h, request("push", "d-1", pushed)).StatusCode; got != 202 {
			t.Errorf("status %d", got)
		}
	}
	if got := in.keys(); !slices.Equal(got, []string{"branch/1/2/main"}) {
		t.Errorf("keys %q", got)
	}
	if got := in.deliveries["d-1"]; got.Event != "push" || len(got.Repos) != 1 || got.Repos[0].String() != "acme/shop" {
		t.Errorf("delivery %+v", got)
	}
}

// Over a real connection, where reading has a deadline.
func TestServed(t *testing.T) {
	in := new(inbox)
	srv := httptest.NewServer(door(t, in))
	defer srv.Close()
	for _, id := range []string{"d-1", "d-2"} { // on one connection
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/webhook", strings.NewReader(pushed))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = request("push", id, pushed).Header
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted {
			t.Errorf("status %d", resp.StatusCode)
		}
	}
	if len(in.deliveries) != 2 {
		t.Errorf("%d deliveries stored", len(in.deliveries))
	}
}

func TestTheLogHoldsNoPayloadAndNoSecret(t *testing.T) {
	var log bytes.Buffer
	h, err := New(Config{Secrets: [][]byte{newSecret}, Inbox: &inbox{err: errors.New("disk full")}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	answer(h, request("push", "d-1", pushed))
	if s := log.String(); strings.Contains(s, "acme") || strings.Contains(s, string(newSecret)) || !strings.Contains(s, "disk full") || !strings.Contains(s, "delivery=d-1") {
		t.Errorf("log:\n%s", s)
	}
}

func TestConfigReportsEveryMistake(t *testing.T) {
	_, err := New(Config{Secrets: [][]byte{nil, newSecret, oldSecret}, MaxBytes: -1})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"3 webhook secrets", "secret 1 is empty", "inbox is missing", "logger is missing", "-1 bytes"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not tell of %q", err, want)
		}
	}
	if _, err := New(Config{Inbox: new(inbox), Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a door without a secret was made")
	}
}
