// Package trace follows work from what asked for it to what it did: by an id that stands in logs and check runs, and in stages,
// for whoever records how long these take.
package trace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"strings"
)

// A Parent says which trace something belongs to, and which part of it has asked for it. The zero Parent is none.
//
// The two are named as in W3C Trace Context, https://www.w3.org/TR/trace-context/: 32 and 16 lower-case hexadecimal digits.
type Parent struct {
	Trace, Span string
	From        string // the part that has asked for Span; empty where nothing has
}

// New begins a trace.
func New() Parent { return Parent{Trace: random(16), Span: random(8)} }

// Child gives a part of the same trace; of a new one, where p is none.
func (p Parent) Child() Parent {
	if p == (Parent{}) {
		return New()
	}
	return Parent{Trace: p.Trace, Span: random(8), From: p.Span}
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// String is p in the form of the header traceparent, which has no place for From; empty for none.
func (p Parent) String() string {
	if p == (Parent{}) {
		return ""
	}
	return "00-" + p.Trace + "-" + p.Span + "-01"
}

// Parse reads what String has written. Anything else is none.
func Parse(text string) Parent {
	parts := strings.Split(text, "-")
	if len(parts) != 4 || parts[0] != "00" || !isID(parts[1], 32) || !isID(parts[2], 16) {
		return Parent{}
	}
	return Parent{Trace: parts[1], Span: parts[2]}
}

func isID(text string, digits int) bool {
	return len(text) == digits && strings.Trim(text, "0123456789abcdef") == "" && strings.Trim(text, "0") != ""
}

type parentKey struct{}

// With gives a context that belongs to the trace of p.
func With(ctx context.Context, p Parent) context.Context {
	return context.WithValue(ctx, parentKey{}, p)
}

// Of gives what ctx belongs to; the zero Parent for none.
func Of(ctx context.Context) Parent {
	p, _ := ctx.Value(parentKey{}).(Parent)
	return p
}

// Logging adds to each record the trace that its context belongs to.
func Logging(h slog.Handler) slog.Handler { return logging{h} }

type logging struct{ slog.Handler }

func (l logging) Handle(ctx context.Context, r slog.Record) error {
	if p := Of(ctx); p.Trace != "" {
		r.AddAttrs(slog.String("trace", p.Trace))
	}
	return l.Handler.Handle(ctx, r)
}

func (l logging) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logging{l.Handler.WithAttrs(attrs)}
}
func (l logging) WithGroup(name string) slog.Handler { return logging{l.Handler.WithGroup(name)} }
