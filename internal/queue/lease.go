package queue

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/store"
)

// How a replica shows that it lives, where the database is shared. Another one takes over at most leaseFor and one beat after the
// last beat that was stored: 12 seconds. A replica itself stops work a while earlier, so that no request of its is under way then.
const (
	leaseFor  = 10 * time.Second
	leaseOwn  = 8 * time.Second
	beatEvery = 2 * time.Second
)

// errLost says that the lease ran out: this process was stopped for a while, or the database did not answer.
var errLost = errors.New("another replica may have taken over: this one was not heard of for too long")

// A lease says for how long a replica may work on what it has in its hands. It is safe for concurrent use.
type lease struct {
	replica string
	shared  bool // else nobody else can take over, and the lease is for ever
	now     func() time.Time

	mu    sync.Mutex
	until time.Time
	term  int                // rises when the lease is lost: what began in an earlier term has lost it for good
	hands map[int64]*attempt // by River's job
}

// An attempt is a job in the hands of this replica.
type attempt struct {
	lease  *lease
	term   int
	cancel context.CancelCauseFunc
}

func newLease(shared bool, now func() time.Time) *lease {
	return &lease{replica: replicaName(), shared: shared, now: now, hands: map[int64]*attempt{}}
}

// replicaName is another one for each process: the host's name, for people, and a number by chance.
func replicaName() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	host, _ := os.Hostname()
	return fmt.Sprintf("%.40s-%s", host, hex.EncodeToString(b[:]))
}

// renewed prolongs the lease from the moment at which the beat was sent.
func (l *lease) renewed(sent time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = sent.Add(leaseOwn)
}

// lose cancels all that is in hand. It may be called again.
func (l *lease) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Time{}
	l.term++
	for _, a := range l.hands {
		a.cancel(errLost)
	}
}

// over tells whether the lease has run out: by either clock, for the one that never jumps stands still while a machine is suspended.
func (l *lease) over() bool {
	now := l.now()
	return l.shared && !(now.Before(l.until) && now.Round(0).Before(l.until.Round(0)))
}

// expired is over, for callers that do not hold the lock.
func (l *lease) expired() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over()
}

// take notes that the job is in hand. The error is errLost where it must not be begun.
func (l *lease) take(ctx context.Context, job int64) (context.Context, *attempt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over() {
		return nil, nil, errLost
	}
	ctx, cancel := context.WithCancelCause(ctx)
	a := &attempt{l, l.term, cancel}
	l.hands[job] = a
	return ctx, a, nil
}

// drop notes that the job is not in hand any more.
func (l *lease) drop(job int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hands[job].cancel(nil)
	delete(l.hands, job)
}

// holds tells whether the job is in hand.
func (l *lease) holds(job int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hands[job] != nil
}

// check gives errLost when the attempt may be another replica's by now.
func (a *attempt) check() error {
	a.lease.mu.Lock()
	defer a.lease.mu.Unlock()
	if a.term != a.lease.term || a.lease.over() {
		return errLost
	}
	return nil
}

// beat shows that this replica lives. Where its time was over it lets go of everything, and begins a new life.
func (l *lease) beat(ctx context.Context, s *store.Store) error {
	if !l.shared {
		return nil
	}
	sent := l.now()
	alive, err := s.Renew(ctx, l.replica, leaseFor)
	if err == nil && !alive {
		l.lose()
		sent = l.now()
		err = s.Join(ctx, l.replica, leaseFor)
	}
	if err != nil {
		if l.expired() {
			l.lose()
		}
		return err
	}
	l.renewed(sent)
	return nil
}
