// Package hook is a sink that a service of the operator's keeps: tamer posts what is to be done to one address, signed, and
// the service answers. docs/sinks.md describes the protocol, and holds a service that passes sinktest.
package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/external"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/sink"
)

// A Sink posts to a service. It implements sink.Batcher and is safe for concurrent use.
type Sink struct {
	cfg    Config
	client *http.Client
	proof  sink.Proof
}

// timeout bounds one post and its answer. Who posts next posts the same again.
const timeout = 2 * time.Minute

// Open gives the sink. It asks the service nothing yet. The caller closes the sink.
func Open(cfg Config) *Sink {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.MaxResponseHeaderBytes = 4, 64<<10
	client := &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Sink{cfg: cfg, client: client}
}

// Close ends idle connections. No method may be running or be called later.
func (s *Sink) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// Get implements sink.Sink.
func (s *Sink) Get(ctx context.Context, key string) ([]byte, sink.Version, error) {
	if err := sink.CheckKey(key); err != nil {
		return nil, "", fmt.Errorf("get object: %w", err)
	}
	var found gotten
	err := s.post(ctx, request{Get: key}, &found)
	if err == nil && (found.Version == "" || found.Body == nil) {
		err = errors.New("the answer lacks a body or a version")
	}
	if err == nil {
		err = sink.CheckSize(int64(len(*found.Body)))
	}
	if err != nil {
		return nil, "", fmt.Errorf("get object %q: %w", key, err)
	}
	return *found.Body, found.Version, nil
}

// Put implements sink.Sink.
func (s *Sink) Put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	if err := sink.CheckPut(key, body); err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	steps := []sink.Step{{Key: key, Body: body, Cond: cond}}
	if err := s.prove(ctx, steps); err != nil {
		return "", fmt.Errorf("put object %q: %w", key, err)
	}
	return s.put(ctx, key, body, cond)
}

// put is Put for the proof.
func (s *Sink) put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	versions, err := s.do(ctx, []sink.Step{{Key: key, Body: body, Cond: cond}})
	if err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	return versions[key], nil
}

// prove sees that the service heeds conditions before the first step that has one.
func (s *Sink) prove(ctx context.Context, steps []sink.Step) error {
	if !slices.ContainsFunc(steps, func(step sink.Step) bool { return step.Cond != sink.Always }) {
		return nil
	}
	return s.proof.Make(ctx, s.cfg.String(), s.put, s.Delete)
}

// Delete implements sink.Sink.
func (s *Sink) Delete(ctx context.Context, key string) error {
	if err := sink.CheckKey(key); err != nil {
		return fmt.Errorf("delete object: %w", err)
	}
	if _, err := s.do(ctx, []sink.Step{{Key: key, Delete: true}}); err != nil {
		return fmt.Errorf("delete object: %w", err)
	}
	return nil
}

// What one post holds at most, so that a small service can take it.
const (
	maxSteps = 500
	maxBytes = 4 << 20
)

// Batch implements sink.Batcher. Many or large steps are posted in parts.
func (s *Sink) Batch(ctx context.Context, steps []sink.Step) error {
	if err := s.prove(ctx, steps); err != nil {
		return err
	}
	for len(steps) > 0 {
		n, size := 0, 0
		for n < len(steps) && n < maxSteps && (n == 0 || size+len(steps[n].Body) <= maxBytes) {
			size += len(steps[n].Body)
			n++
		}
		if _, err := s.do(ctx, steps[:n]); err != nil {
			return err
		}
		steps = steps[n:]
	}
	return nil
}

// do posts the steps, and gives the version of each object that was put.
func (s *Sink) do(ctx context.Context, steps []sink.Step) (map[string]sink.Version, error) {
	var done written
	if err := s.post(ctx, request{Steps: stepsOf(steps)}, &done); err != nil {
		return nil, fmt.Errorf("write %d objects, the first of them %q: %w", len(steps), steps[0].Key, err)
	}
	for _, step := range steps {
		if !step.Delete && done.Versions[step.Key] == "" {
			return nil, fmt.Errorf("the answer lacks the version of %q", step.Key)
		}
	}
	return done.Versions, nil
}

// List implements sink.Sink.
func (s *Sink) List(ctx context.Context, prefix string) iter.Seq2[sink.Object, error] {
	return func(yield func(sink.Object, error) bool) {
		err := sink.CheckPrefix(prefix)
		for after, more := prefix, err == nil; more && err == nil; {
			var page listed
			if err = s.post(ctx, request{List: &listing{Prefix: prefix, After: after}}, &page); err == nil {
				err = page.check(prefix, after)
			}
			for _, o := range page.Objects {
				if err == nil && !yield(o.object(), nil) {
					return
				}
				after = o.Key
			}
			more = page.More
		}
		if err != nil {
			yield(sink.Object{}, fmt.Errorf("list objects below %q: %w", prefix, err))
		}
	}
}

// What an answer holds at most, in bytes: one object in base64, or anything else.
const (
	maxObject = sink.MaxObject/3*4 + 1<<20
	maxAnswer = 64 << 20
)

// post sends one request and reads its answer, as docs/sinks.md says.
func (s *Sink) post(ctx context.Context, r request, into any) error {
	r.Version, r.SentAt = 1, time.Now().UTC().Format(time.RFC3339)
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address makes no request")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "tamer")
	req.Header.Set(external.SignatureHeader, external.Signature(s.cfg.secret, body))
	resp, err := s.client.Do(req)
	if err != nil {
		return outside.Cause(ctx, err)
	}
	defer resp.Body.Close()
	most := maxAnswer
	if r.Get != "" {
		most = maxObject
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, int64(most)+1))
	if err != nil {
		return outside.Cause(ctx, err)
	}
	if len(answer) > most {
		return fmt.Errorf("the answer has more than %d bytes", most)
	}
	return read(resp.StatusCode, answer, r, into)
}

func read(status int, answer []byte, r request, into any) error {
	switch {
	case status == http.StatusOK:
		if err := json.Unmarshal(answer, into); err != nil {
			return fmt.Errorf("the answer is not the JSON that docs/sinks.md asks for: %w", err)
		}
		return nil
	case status == http.StatusNotFound && r.Get != "" && json.Valid(answer):
		return fs.ErrNotExist // and not some proxy's page
	case status == http.StatusConflict && r.Steps != nil && json.Valid(answer):
		return sink.ErrConflict
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fmt.Errorf("the service refuses the signature (HTTP status %d): give both the same secret, and set their clocks", status)
	}
	return fmt.Errorf("the service answered with HTTP status %d: look at its log", status)
}
