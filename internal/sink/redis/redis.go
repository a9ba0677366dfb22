// Package redis is a sink in a Redis: the object with the key "acme/segments.yaml" is the string of that name behind the
// sink's prefix, so that a reader needs GET alone. A channel that moves is published.
//
// A batch is done by scripts, each of which is seen whole or not at all. The version of an object is the SHA-1 of its bytes,
// which scripts can compute; the sink's own names are those with "//", which no key has.
//
// What was written survives a crash as well as the server's persistence is set up; see docs/sinks.md.
package redis

import (
	"context"
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/tamerhq/tamer/internal/sink"
)

// A Sink keeps objects in one database of a Redis. It implements sink.Batcher and is safe for concurrent use.
type Sink struct {
	cfg    Config
	client *redis.Client

	mu  sync.Mutex
	fit bool // the server keeps what is written
}

// Open gives the sink. It connects at the first use. The caller closes the sink.
func Open(cfg Config) *Sink { return &Sink{cfg: cfg, client: redis.NewClient(cfg.options())} }

// The library writes to standard error by itself, what its errors say, too: whoever calls tells it, once, in the log.
func init() { logging.Disable() }

// Close ends the connections. No method may be running or be called later.
func (s *Sink) Close() error { return s.client.Close() }

// Get implements sink.Sink.
func (s *Sink) Get(ctx context.Context, key string) ([]byte, sink.Version, error) {
	if err := check(ctx, key); err != nil {
		return nil, "", fmt.Errorf("get object: %w", err)
	}
	body, err := s.client.Get(ctx, s.cfg.Prefix+key).Bytes()
	if errors.Is(err, redis.Nil) {
		err = fs.ErrNotExist
	}
	if err == nil {
		err = sink.CheckSize(int64(len(body)))
	}
	if err != nil {
		return nil, "", fmt.Errorf("get object %q: %w", key, explain(ctx, err))
	}
	return body, version(body), nil
}

// Put implements sink.Sink.
func (s *Sink) Put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	if err := sink.CheckPut(key, body); err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	if err := s.Batch(ctx, []sink.Step{{Key: key, Body: body, Cond: cond}}); err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	return version(body), nil
}

// Delete implements sink.Sink.
func (s *Sink) Delete(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return fmt.Errorf("delete object: %w", err)
	}
	if err := s.Batch(ctx, []sink.Step{{Key: key, Delete: true}}); err != nil {
		return fmt.Errorf("delete object: %w", err)
	}
	return nil
}

func check(ctx context.Context, key string) error {
	if err := sink.CheckKey(key); err != nil {
		return err
	}
	return ctx.Err()
}

// A script keeps the server from everything else while it runs, so what one does is bounded.
const (
	maxSteps = 500
	maxBytes = 4 << 20
)

//go:embed batch.lua
var batchScript string

//go:embed list.lua
var listScript string

var (
	batch = redis.NewScript(batchScript)
	list  = redis.NewScript(listScript)
)

// Batch implements sink.Batcher. Of many or large steps each script does a part.
func (s *Sink) Batch(ctx context.Context, steps []sink.Step) error {
	if err := s.prove(ctx); err != nil {
		return err
	}
	for len(steps) > 0 {
		n := part(steps)
		if err := s.run(ctx, steps[:n]); err != nil {
			return err
		}
		steps = steps[n:]
	}
	return nil
}

// part is how many of the steps go into the next script, at least one.
func part(steps []sink.Step) int {
	size := 0
	for n, step := range steps {
		if size += len(step.Body); n > 0 && size > maxBytes || n == maxSteps {
			return n
		}
	}
	return len(steps)
}

func (s *Sink) run(ctx context.Context, steps []sink.Step) error {
	args := []any{s.cfg.Prefix}
	for _, step := range steps {
		op, was := "put", ""
		v, conditional := step.Cond.Version()
		switch {
		case step.Delete:
			op = "delete"
		case conditional:
			op, was = "match", string(v)
		case step.Cond.Absent():
			op = "absent"
		}
		args = append(args, op, step.Key, was, step.Body)
	}
	conflict, err := batch.Run(ctx, s.client, nil, args...).Text()
	if err != nil {
		return fmt.Errorf("write %d objects: %w", len(steps), explain(ctx, err))
	}
	if conflict != "" {
		return fmt.Errorf("object %q: %w", conflict, sink.ErrConflict)
	}
	return nil
}

// List implements sink.Sink.
func (s *Sink) List(ctx context.Context, prefix string) iter.Seq2[sink.Object, error] {
	return func(yield func(sink.Object, error) bool) {
		if err := sink.CheckPrefix(prefix); err != nil {
			yield(sink.Object{}, fmt.Errorf("list objects: %w", err))
			return
		}
		from, to := "-", "+"
		if prefix != "" {
			from, to = "("+prefix, "("+strings.TrimSuffix(prefix, "/")+"0" // which comes after the slash
		}
		for from != "" {
			objects, next, err := s.page(ctx, from, to)
			if err != nil {
				yield(sink.Object{}, fmt.Errorf("list objects below %q: %w", prefix, explain(ctx, err)))
				return
			}
			for _, o := range objects {
				if !yield(o, nil) {
					return
				}
			}
			from = next
		}
	}
}

// page gives the objects from one key to another, and where the next page begins; empty after the last one.
func (s *Sink) page(ctx context.Context, from, to string) (objects []sink.Object, next string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	rows, err := list.Run(ctx, s.client, nil, s.cfg.Prefix, from, to, maxSteps).Slice()
	if err != nil {
		return nil, "", err
	}
	if len(rows) == 0 {
		return nil, "", errNoPage
	}
	for _, row := range rows[1:] {
		o, err := object(row)
		if err != nil {
			return nil, "", err
		}
		objects = append(objects, o)
	}
	last, ok := rows[0].(string)
	if next = "(" + last; !ok || last != "" && from != "-" && next <= from {
		return nil, "", errNoPage // or it would never end
	}
	if last == "" {
		next = ""
	}
	return objects, next, nil
}

var errNoPage = errors.New("the Redis does not answer as the script of a listing does")

// object reads one row of a page.
func object(row any) (o sink.Object, err error) {
	fields, _ := row.([]any)
	var texts []string
	for _, field := range fields {
		if text, ok := field.(string); ok {
			texts = append(texts, text)
		}
	}
	if len(texts) != 4 {
		return o, errNoPage
	}
	size, sizeErr := strconv.ParseInt(texts[2], 10, 64)
	ms, msErr := strconv.ParseInt(texts[3], 10, 64)
	if sizeErr != nil || msErr != nil {
		return o, errNoPage
	}
	return sink.Object{Key: texts[0], Version: sink.Version(texts[1]), Size: size, ModTime: time.UnixMilli(ms).UTC()}, nil
}

func version(body []byte) sink.Version {
	sum := sha1.Sum(body)
	return sink.Version(hex.EncodeToString(sum[:]))
}
