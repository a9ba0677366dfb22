package otlp_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tamerhq/tamer/internal/otlp"
	"github.com/tamerhq/tamer/internal/trace"
)

// A sink keeps the spans that are sent to it.
type sink struct {
	mu    sync.Mutex
	spans map[string]*spans.Span // by name
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var got collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &got) != nil {
		http.Error(w, "not understood", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, of := range got.ResourceSpans {
		for _, scope := range of.ScopeSpans {
			for _, span := range scope.Spans {
				s.spans[span.Name] = span
			}
		}
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var out []byte
	for _, c := range b {
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}

// A webhook, the attempt that it asked for in another process, and what that did, are one trace under the names that the log has.
func TestFromWebhookToEffect(t *testing.T) {
	got := &sink{spans: map[string]*spans.Span{}}
	server := httptest.NewServer(got)
	defer server.Close()
	r, err := otlp.New(t.Context(), otlp.Config{URL: server.URL, Version: "v1", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	came := trace.New()
	_, end := r.Begin(trace.With(t.Context(), came), trace.Webhook)
	end(nil)
	worked := trace.Parse(came.String()).Child()
	ctx, end := r.Begin(trace.With(t.Context(), worked), trace.Attempt, "key", "sweep")
	_, inner := r.Begin(ctx, trace.Git, "command", "fetch")
	inner(errors.New("away"))
	end(nil)
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	webhook, attempt, git := got.spans["webhook"], got.spans["attempt"], got.spans["git"]
	if webhook == nil || attempt == nil || git == nil {
		t.Fatalf("spans: %v", got.spans)
	}
	for name, c := range map[string][2]string{
		"the webhook's trace":  {hexOf(webhook.TraceId), came.Trace},
		"the webhook's span":   {hexOf(webhook.SpanId), came.Span},
		"the webhook's parent": {hexOf(webhook.ParentSpanId), ""},
		"the attempt's trace":  {hexOf(attempt.TraceId), came.Trace},
		"the attempt's span":   {hexOf(attempt.SpanId), worked.Span},
		"the attempt's parent": {hexOf(attempt.ParentSpanId), came.Span},
		"git's trace":          {hexOf(git.TraceId), came.Trace},
		"git's parent":         {hexOf(git.ParentSpanId), worked.Span},
		"git's attribute":      {git.Attributes[0].Key + "=" + git.Attributes[0].Value.GetStringValue(), "tamer.command=fetch"},
		"git's status":         {git.Status.Message, "away"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is %q, want %q", name, c[0], c[1])
		}
	}
	if hexOf(git.SpanId) == worked.Span {
		t.Error("two spans have one name")
	}
}
