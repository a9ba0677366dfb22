package app

import (
	"context"
	"fmt"
	"net/http"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/trace"
	"github.com/tamerhq/tamer/internal/work"
)

// traced begins a trace with each webhook.
func (s *Server) traced(hooks http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := trace.Recorded(trace.With(r.Context(), trace.New()), s.recorder)
		ctx, end := trace.Begin(ctx, trace.Webhook)
		hooks.ServeHTTP(w, r.WithContext(ctx))
		end(nil)
	})
}

// recorded has the stages of each attempt recorded.
func (s *Server) recorded(handle queue.Handler) queue.Handler {
	return func(ctx context.Context, t work.Task) (work.State, error) {
		ctx, end := trace.Begin(trace.Recorded(ctx, s.recorder), trace.Attempt, "key", t.Key.String(), "attempt", fmt.Sprint(t.Attempt))
		state, err := handle(ctx, t)
		end(err)
		return state, err
	}
}
