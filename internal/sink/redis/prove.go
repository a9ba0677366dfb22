package redis

import (
	"context"
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/sink"
)

// prove sees, once, that the server throws nothing away when its memory is full. Where it may not be asked, it is believed.
func (s *Sink) prove(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fit {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	info, err := s.client.Info(ctx, "memory").Result()
	if err != nil && !strings.HasPrefix(err.Error(), "NOPERM") {
		return fmt.Errorf("ask the Redis about its memory: %w", explain(ctx, err))
	}
	for line := range strings.Lines(info) {
		policy, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:")
		if ok && strings.HasPrefix(policy, "allkeys-") {
			return fmt.Errorf("%s throws away any key when its memory is full (maxmemory-policy %s), which would lose configuration: set maxmemory-policy noeviction, or use another Redis than the cache", s.cfg, policy)
		}
	}
	s.fit = true
	return nil
}

// explain says what to do about the errors that operators meet first. The end of the context comes before what it led to.
func explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	code, _, _ := strings.Cut(err.Error(), " ")
	words := ""
	switch code {
	case "NOAUTH", "WRONGPASS":
		words = "the Redis does not know this user with this password: check the sink's secret"
	case "NOPERM":
		words = "the Redis user may not do this: allow GET, SET, DEL, ZADD, ZREM, ZRANGEBYLEX, HSET, HGET, HDEL, TIME, PUBLISH, EVAL and EVALSHA on the sink's prefix"
	case "OOM":
		words = "the memory of the Redis is full: give it more"
	case "READONLY":
		words = "this Redis is a replica: name the primary"
	case "MISCONF":
		words = "the Redis cannot write to its disk, and takes nothing: look at its log"
	case "LOADING":
		words = "the Redis is starting"
	case "CROSSSLOT", "MOVED":
		words = "Redis Cluster is not supported: name a Redis that is no cluster"
	default:
		return err
	}
	return sink.Explain(words, err)
}
