package flow

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// A turn is one's own until it is given back, whoever waits; nothing is left of it then.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		first, err := all.take(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		other, err := all.take(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		hurried, give := context.WithCancelCause(t.Context())
		up := errors.New("given up")
		var waited []string
		go func() {
			if _, err := all.take(hurried, "a"); !errors.Is(err, up) {
				t.Errorf("given up: %v", err)
			}
			waited = append(waited, "given up")
		}()
		go func() {
			done, err := all.take(t.Context(), "a")
			if err != nil {
				t.Error(err)
				return
			}
			waited = append(waited, "taken")
			done()
		}()
		synctest.Wait()
		give(up)
		synctest.Wait()
		if len(waited) != 1 || len(all.all) != 2 {
			t.Errorf("while the first one has it: %q, turns %v", waited, all.all)
		}
		first()
		other()
		synctest.Wait()
		if len(waited) != 2 || len(all.all) != 0 {
			t.Errorf("in the end: %q, turns %v", waited, all.all)
		}
	})
}
