package shiptest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/ship/shiptest"
	"github.com/tamerhq/tamer/internal/sink/dir"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory(t *testing.T) {
	var store sinktest.Memory
	shiptest.Torn(t, shiptest.Faulty(&store, 30), &store)
	shiptest.Steps(t, new(sinktest.Memory), nil)
}

func TestDir(t *testing.T) {
	root := t.TempDir()
	var stores [2]*dir.Sink
	for i := range stores {
		s, err := dir.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores[i] = s
	}
	reads := shiptest.Torn(t, shiptest.Faulty(stores[0], 30), stores[1])
	t.Logf("%d reads", reads)
	empty, err := dir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	shiptest.Steps(t, empty, nil)
}
