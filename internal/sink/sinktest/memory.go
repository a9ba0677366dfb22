package sinktest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/sink"
)

// The names of the operations that the hooks of Memory are told.
const (
	Get    = "get"
	Put    = "put"
	Delete = "delete"
	List   = "list" // its key is the prefix
)

// Memory is a sink that keeps its objects in memory, for tests of what uses a sink. The zero Memory is empty and ready.
// Versions are as weak as the contract allows: equal bytes have equal versions.
//
// The hooks may be nil, are to be set before first use, and may themselves use the sink.
type Memory struct {
	// Fail is called before each effect. Where it gives an error, nothing happens and the caller gets that error.
	Fail func(op, key string) error
	// Lose is called after each effect that succeeded. Where it gives an error, the caller gets that error although
	// the effect has happened: an answer lost on its way.
	Lose func(op, key string) error

	// Now is the clock of the store. Default time.Now.
	Now func() time.Time

	mu      sync.Mutex
	objects map[string][]byte
	written map[string]time.Time
}

// Objects gives all objects as they are now, by key.
func (m *Memory) Objects() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[string]string, len(m.objects))
	for key, body := range m.objects {
		all[key] = string(body)
	}
	return all
}

// Get implements sink.Sink.
func (m *Memory) Get(ctx context.Context, key string) (body []byte, v sink.Version, err error) {
	err = m.do(ctx, Get, key, func() error {
		found, ok := m.objects[key]
		if !ok {
			return fs.ErrNotExist
		}
		body, v = bytes.Clone(found), version(found)
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return body, v, nil
}

// Put implements sink.Sink.
func (m *Memory) Put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	if err := sink.CheckPut(key, body); err != nil {
		return "", err
	}
	err := m.do(ctx, Put, key, func() error {
		present, exists := m.objects[key]
		if cond.Absent() && exists {
			return sink.ErrConflict
		}
		if want, ok := cond.Version(); ok && (!exists || version(present) != want) {
			return sink.ErrConflict
		}
		if m.objects == nil {
			m.objects, m.written = map[string][]byte{}, map[string]time.Time{}
		}
		m.objects[key], m.written[key] = append([]byte{}, body...), m.now()
		return nil
	})
	if err != nil {
		return "", err
	}
	return version(body), nil
}

// Delete implements sink.Sink.
func (m *Memory) Delete(ctx context.Context, key string) error {
	return m.do(ctx, Delete, key, func() error {
		delete(m.objects, key)
		return nil
	})
}

// List implements sink.Sink. It gives what there is when it is called for the first object.
func (m *Memory) List(ctx context.Context, prefix string) iter.Seq2[sink.Object, error] {
	return func(yield func(sink.Object, error) bool) {
		if err := sink.CheckPrefix(prefix); err != nil {
			yield(sink.Object{}, err)
			return
		}
		var found []sink.Object
		err := m.hooked(ctx, List, prefix, func() error {
			for _, key := range slices.Sorted(maps.Keys(m.objects)) {
				if strings.HasPrefix(key, prefix) {
					body := m.objects[key]
					found = append(found, sink.Object{Key: key, Version: version(body), Size: int64(len(body)), ModTime: m.written[key]})
				}
			}
			return nil
		})
		if err != nil {
			yield(sink.Object{}, err)
			return
		}
		for _, o := range found {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (m *Memory) now() time.Time {
	if m.Now == nil {
		return time.Now()
	}
	return m.Now()
}

// do runs one effect on an object under the lock, and the hooks around it outside the lock.
func (m *Memory) do(ctx context.Context, op, key string, effect func() error) error {
	if err := sink.CheckKey(key); err != nil {
		return err
	}
	return m.hooked(ctx, op, key, effect)
}

func (m *Memory) hooked(ctx context.Context, op, key string, effect func() error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s object %q: %w", op, key, err)
	}
	if err := call(m.Fail, op, key); err != nil {
		return fmt.Errorf("%s object %q: %w", op, key, err)
	}
	if err := m.locked(effect); err != nil {
		return fmt.Errorf("%s object %q: %w", op, key, err)
	}
	if err := call(m.Lose, op, key); err != nil {
		return fmt.Errorf("%s object %q: %w", op, key, err)
	}
	return nil
}

func (m *Memory) locked(effect func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return effect()
}

func call(hook func(op, key string) error, op, key string) error {
	if hook == nil {
		return nil
	}
	return hook(op, key)
}

func version(body []byte) sink.Version {
	sum := sha256.Sum256(body)
	return sink.Version(hex.EncodeToString(sum[:]))
}
