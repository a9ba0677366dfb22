package queue

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

// A thousand pauses of a worker: whatever it does after its lease is refused, and what it began before stays refused when the replica
// lives again.
func TestAPausedWorkerDoesNothingAfterItsLease(t *testing.T) {
	clock := time.Unix(1_800_000_000, 0)
	l := newLease(true, func() time.Time { return clock })
	for i := range 1000 {
		l.renewed(clock)
		ctx, hand, err := l.take(t.Context(), int64(i))
		if err != nil {
			t.Fatal(err)
		}
		pause := time.Duration(rand.Int64N(int64(2 * leaseOwn)))
		clock = clock.Add(pause)
		if err, lost := hand.check(), pause >= leaseOwn; lost != errors.Is(err, errLost) {
			t.Fatalf("after %s: %v", pause, err)
		}
		if _, _, err := l.take(t.Context(), -1); (pause >= leaseOwn) != (err != nil) {
			t.Fatalf("after %s something was begun: %v", pause, err)
		} else if err == nil {
			l.drop(-1)
		}
		if pause >= leaseOwn {
			l.lose() // as the next beat does
			l.renewed(clock)
			if !errors.Is(hand.check(), errLost) || !errors.Is(context.Cause(ctx), errLost) {
				t.Fatalf("after %s and a new life: %v, %v", pause, hand.check(), context.Cause(ctx))
			}
		}
		l.drop(int64(i))
	}
	if len(l.hands) > 0 {
		t.Errorf("%d jobs are in hand", len(l.hands))
	}
}

// A machine that was suspended: its monotonic clock stood still.
func TestEitherClockEndsALease(t *testing.T) {
	now := time.Now()
	clock := now
	l := newLease(true, func() time.Time { return clock })
	l.renewed(now)
	clock = now.Round(0).Add(leaseOwn) // the wall's alone
	if !l.expired() {
		t.Error("the lease outlives a suspension")
	}
}

func TestWhoIsAloneHasNoLeaseToLose(t *testing.T) {
	l := newLease(false, time.Now)
	_, hand, err := l.take(t.Context(), 1)
	if err != nil || hand.check() != nil {
		t.Errorf("%v, %v", err, hand.check())
	}
}
