package sink

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Proof sees, once, that a store heeds conditions. One that ignores them would answer both of two writers that they were
// right, and lose what one of them wrote. The zero Proof is ready, and safe for concurrent use.
type Proof struct {
	mu   sync.Mutex
	done bool
}

// noVersion is a version that no object has, in the form of S3's.
const noVersion Version = `"00000000000000000000000000000000"`

// Make makes the proof, unless it was made before, by writing an object of its own, which it deletes again. put and remove
// are Put and Delete of the store, which the name names.
func (p *Proof) Make(ctx context.Context, name string, put func(context.Context, string, []byte, Condition) (Version, error), remove func(context.Context, string) error) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return nil
	}
	key := ".tamer/probe/" + rand.Text()
	v, err := put(ctx, key, []byte("Does this store heed conditions?\n"), IfAbsent())
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, remove(ctx, key))
	}()
	for _, cond := range []Condition{IfAbsent(), IfVersion(noVersion)} {
		switch _, err := put(ctx, key, []byte("It does not.\n"), cond); {
		case err == nil:
			return fmt.Errorf("%s does not heed conditions (in S3, If-None-Match and If-Match of PutObject), so that a deploy could undo another: "+
				"use a store that does, in a version that does", name)
		case !errors.Is(err, ErrConflict):
			return err
		}
	}
	if _, err := put(ctx, key, []byte("It does.\n"), IfVersion(v)); err != nil {
		return fmt.Errorf("%s refuses a write under the version that it gave: %w", name, err)
	}
	p.done = true
	return nil
}
