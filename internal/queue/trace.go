package queue

import (
	"context"
	"encoding/json"

	"github.com/tamerhq/tamer/internal/trace"
)

// tracing is what River keeps of a job besides its arguments: the trace of those who asked first. It is no part of what makes a job unique.
type tracing struct {
	Parent string `json:"traceparent,omitempty"`
}

// metadata gives what to keep of a job that is asked for in ctx.
func metadata(ctx context.Context) []byte {
	text, _ := json.Marshal(tracing{trace.Of(ctx).String()}) // plain strings always have JSON
	return text
}

// traced gives a context of the trace that the job belongs to, or of a new one.
func traced(ctx context.Context, metadata []byte) context.Context {
	var t tracing
	_ = json.Unmarshal(metadata, &t) // what cannot be read begins a new trace
	return trace.With(ctx, trace.Parse(t.Parent).Child())
}
