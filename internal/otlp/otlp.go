// Package otlp sends the stages of work to a collector of OpenTelemetry, as spans. It is the only home of its libraries.
package otlp

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	stages "github.com/tamerhq/tamer/internal/trace"
)

// Config says where spans go.
type Config struct {
	// URL is the address of the collector, such as http://collector:4318; without a path it is that of OTLP over HTTP, /v1/traces.
	// Headers, certificates and time limits come from the variables that OpenTelemetry has for them, OTEL_EXPORTER_OTLP_….
	URL     string
	Version string
	Log     *slog.Logger // told where spans could not be sent
}

// A Recorder records stages as spans. It waits for nobody: what the collector does not take in time is dropped. It is safe for
// concurrent use.
type Recorder struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// New makes a recorder. Nothing is sent before the first stage has ended.
func New(ctx context.Context, cfg Config) (*Recorder, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("read the address of the collector: %w", err)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.String()))
	if err != nil {
		return nil, fmt.Errorf("make the exporter of traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { cfg.Log.Warn("traces not sent", "error", err) }))
	about := resource.NewSchemaless(attribute.String("service.name", "tamer"), attribute.String("service.version", cfg.Version))
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about), sdk.WithIDGenerator(names{}))
	return &Recorder{provider, provider.Tracer("github.com/tamerhq/tamer")}, nil
}

// Close sends what has ended, while ctx lasts.
func (r *Recorder) Close(ctx context.Context) error {
	if err := r.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// Begin implements trace.Recorder of tamer's own.
func (r *Recorder) Begin(ctx context.Context, s stages.Stage, about ...string) (context.Context, func(error)) {
	if p := stages.Of(ctx); p.From != "" && !trace.SpanContextFromContext(ctx).IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, asked(p))
	}
	attributes := make([]attribute.KeyValue, 0, len(about)/2)
	for i := 0; i+1 < len(about); i += 2 {
		attributes = append(attributes, attribute.String("tamer."+about[i], about[i+1]))
	}
	ctx, span := r.tracer.Start(ctx, string(s), trace.WithAttributes(attributes...))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

// asked is the span that has asked for p.
func asked(p stages.Parent) trace.SpanContext {
	id, _ := trace.TraceIDFromHex(p.Trace) // what cannot be read is no parent
	span, _ := trace.SpanIDFromHex(p.From)
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: span, TraceFlags: trace.FlagsSampled, Remote: true})
}

// names gives spans the names that tamer itself uses: the first of a piece of work is the one that its context says, in that trace.
type names struct{}

// NewIDs implements sdk.IDGenerator, for a span without a parent.
func (names) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	p := stages.Of(ctx)
	id, err := trace.TraceIDFromHex(p.Trace)
	if err != nil {
		_, _ = rand.Read(id[:]) // never fails
	}
	return id, spanID(p)
}

// NewSpanID implements sdk.IDGenerator.
func (names) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	if trace.SpanContextFromContext(ctx).IsRemote() {
		return spanID(stages.Of(ctx))
	}
	return spanID(stages.Parent{})
}

func spanID(p stages.Parent) trace.SpanID {
	id, err := trace.SpanIDFromHex(p.Span)
	if err != nil {
		_, _ = rand.Read(id[:])
	}
	return id
}
