package sinktest_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

func TestMemory(t *testing.T) {
	sinktest.Run(t, func(*testing.T) sink.Sink { return new(sinktest.Memory) })
}

func TestMemoryHooks(t *testing.T) {
	down := errors.New("the store is down")
	for name, c := range map[string]struct {
		hook func(m *sinktest.Memory, f func(op, key string) error)
		want map[string]string
	}{
		"fail": {func(m *sinktest.Memory, f func(op, key string) error) { m.Fail = f }, map[string]string{}},
		"lose": {func(m *sinktest.Memory, f func(op, key string) error) { m.Lose = f }, map[string]string{"a": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			var m sinktest.Memory
			c.hook(&m, func(op, key string) error {
				if op == sinktest.Put && key == "a" {
					return down
				}
				return nil
			})
			if _, err := m.Put(t.Context(), "a", []byte("1"), sink.Always); !errors.Is(err, down) {
				t.Errorf("Put = %v, want %v", err, down)
			}
			if got := m.Objects(); !maps.Equal(got, c.want) {
				t.Errorf("objects %v, want %v", got, c.want)
			}
			if _, err := m.Put(t.Context(), "b", []byte("2"), sink.Always); err != nil {
				t.Errorf("Put of another key: %v", err)
			}
		})
	}
}
