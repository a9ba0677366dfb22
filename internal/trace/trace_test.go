package trace_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/trace"
)

func TestParent(t *testing.T) {
	p := trace.New()
	if got := trace.Parse(p.String()); got != p {
		t.Errorf("%q is read as %+v", p, got)
	}
	if c := p.Child(); c.Trace != p.Trace || c.Span == p.Span || c.From != p.Span {
		t.Errorf("%+v is no child of %+v", c, p)
	}
	if c := (trace.Parent{}).Child(); c.Trace == "" || c.Trace == p.Trace {
		t.Errorf("the child of none is %+v", c)
	}
	for _, text := range []string{"", "x", p.String() + "-x", strings.ToUpper(p.String()), "01" + p.String()[2:],
		"00-" + strings.Repeat("0", 32) + "-" + p.Span + "-01", "00-" + p.Trace + "-" + p.Trace + "-01"} {
		if got := trace.Parse(text); got != (trace.Parent{}) {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func TestLogging(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(trace.Logging(slog.NewTextHandler(&out, nil))).With("a", 1)
	log.InfoContext(t.Context(), "outside")
	log.InfoContext(trace.With(t.Context(), trace.Parent{Trace: "abc", Span: "def"}), "inside")
	lines := strings.Split(out.String(), "\n")
	if strings.Contains(lines[0], "trace=") || !strings.HasSuffix(lines[1], "a=1 trace=abc") {
		t.Errorf("logged:\n%s", out.String())
	}
}

type told []string

func (r *told) Begin(ctx context.Context, s trace.Stage, about ...string) (context.Context, func(error)) {
	return ctx, func(err error) { *r = append(*r, string(s)+" "+strings.Join(about, "=")+" "+err.Error()) }
}

func TestStages(t *testing.T) {
	_, end := trace.Begin(t.Context(), trace.Git) // nobody is told
	end(nil)
	var one, other told
	ctx := trace.Recorded(t.Context(), trace.All(&one, &other))
	_, end = trace.Begin(ctx, trace.Git, "command", "fetch")
	end(errors.New("away"))
	for _, got := range []told{one, other} {
		if len(got) != 1 || got[0] != "git command=fetch away" {
			t.Errorf("told: %q", got)
		}
	}
}
