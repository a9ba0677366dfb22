package outside_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/outside"
)

// What a service sends that is not HTTP is told to nobody; what a person can mend is.
func TestCause(t *testing.T) {
	const row = "row-of-a-customer"
	serve := func(h http.HandlerFunc) *httptest.Server {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server
	}
	raw := func(text string) *httptest.Server {
		return serve(func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			io.WriteString(conn, text)
			conn.Close()
		})
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	stranger := httptest.NewUnstartedServer(nil)
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.StartTLS()
	defer stranger.Close()
	hangs := serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	const head = "HTTP/1.1 200 OK\r\n"
	for name, c := range map[string]struct {
		server *httptest.Server
		want   string
	}{
		"no HTTP":       {raw(row + "\r\n\r\n"), "the answer is not HTTP"},
		"status":        {raw("HTTP/1.1 abc " + row + "\r\n\r\n"), "the answer is not HTTP"},
		"header":        {raw(head + row + "\r\nContent-Length: 0\r\n\r\n"), "the answer is not HTTP"},
		"length":        {raw(head + "Content-Length: " + row + "\r\n\r\n"), "the answer is not HTTP"},
		"location":      {raw("HTTP/1.1 302 Found\r\nLocation: http://[" + row + "\r\nContent-Length: 0\r\n\r\n"), "the answer is not HTTP"},
		"trailer":       {raw(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + row + "\r\n\r\n"), "the answer is not HTTP"},
		"cut off":       {raw(head + "Content-Length: 100\r\n\r\n" + row), "unexpected EOF"},
		"nothing":       {raw(""), "unexpected EOF"},
		"not there":     {gone, "connection refused"},
		"not known":     {stranger, "certificate"},
		"not in time":   {hangs, "deadline exceeded"},
		"not encrypted": {&httptest.Server{URL: strings.Replace(hangs.URL, "http:", "https:", 1)}, "HTTP response to HTTPS client"},
	} {
		client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
		if c.server == hangs {
			client.Timeout = 20 * time.Millisecond
		}
		resp, err := client.Get(c.server.URL + "/?token=hunter2")
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if got := fmt.Sprint(outside.Cause(t.Context(), err)); !strings.Contains(got, c.want) || strings.Contains(got, row) || strings.Contains(got, "hunter2") {
			t.Errorf("%s: %q of %q, want %q", name, got, err, c.want)
		}
		client.CloseIdleConnections()
	}
	stopped := errors.New("stopped")
	ctx, stop := context.WithCancelCause(t.Context())
	stop(stopped)
	if got := outside.Cause(ctx, errors.New(row)); got != stopped {
		t.Errorf("stopped: %v", got)
	}
}
