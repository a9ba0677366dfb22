package metrics

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/tamerhq/tamer/internal/trace"
)

// Begin makes Metrics a trace.Recorder.
func (m *Metrics) Begin(ctx context.Context, s trace.Stage, _ ...string) (context.Context, func(error)) {
	if !slices.Contains(trace.Stages, s) {
		s = other
	}
	start := time.Now()
	return ctx, func(error) { m.stages.WithLabelValues(string(s)).Observe(time.Since(start).Seconds()) }
}

// Calls gives a transport that counts the calls of GitHub that go over next, and tells whoever records them as a stage.
func (m *Metrics) Calls(next http.RoundTripper) http.RoundTripper { return calls{m, next} }

type calls struct {
	m    *Metrics
	next http.RoundTripper
}

func (c calls) RoundTrip(req *http.Request) (*http.Response, error) {
	_, end := trace.Begin(req.Context(), trace.GitHub, "method", req.Method, "path", req.URL.Path)
	resp, err := c.next.RoundTrip(req)
	code := 0
	if resp != nil {
		code = resp.StatusCode
	}
	method := among(req.Method, []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete})
	c.m.calls.WithLabelValues(method, strconv.Itoa(code)).Inc()
	end(err)
	return resp, err
}

// CloseIdleConnections lets an http.Client close those of the transport below.
func (c calls) CloseIdleConnections() {
	if closer, ok := c.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
