package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/tamerhq/tamer/internal/sink"
)

// prove sees, once, that the store heeds conditions. One that ignores them would answer 200 to both of two writers, and
// lose what one of them wrote. It writes an object of its own, which it deletes again.
func (s *Sink) prove(ctx context.Context) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proven {
		return nil
	}
	probe := ".tamer/probe/" + rand.Text()
	v, err := s.put(ctx, probe, []byte("Does this store heed conditions?\n"), sink.IfAbsent())
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, s.Delete(ctx, probe))
	}()
	for _, cond := range []sink.Condition{sink.IfAbsent(), sink.IfVersion(`"00000000000000000000000000000000"`)} {
		switch _, err := s.put(ctx, probe, []byte("It does not.\n"), cond); {
		case err == nil:
			return fmt.Errorf("%s does not heed conditional writes (If-None-Match and If-Match of PutObject), so that a deploy could undo another: "+
				"use a store that does, in a version that does", s.cfg)
		case !errors.Is(err, sink.ErrConflict):
			return err
		}
	}
	if _, err := s.put(ctx, probe, []byte("It does.\n"), sink.IfVersion(v)); err != nil {
		return fmt.Errorf("%s refuses a write under the version that it gave: %w", s.cfg, err)
	}
	s.proven = true
	return nil
}
