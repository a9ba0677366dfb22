package mirror

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	batches     = 2               // processes at once
	idleTimeout = 3 * time.Minute // after which an unused one is ended
)

var errClosed = errors.New("the mirror is closed")

// A pool lends the processes that read one repository.
type pool struct {
	start func() (*batch, error)
	idle  time.Duration
	turns chan struct{} // one token for each process in use
	done  chan struct{} // closed by close
	close func()        // ends all processes, also those in use; may be called again

	mu     sync.Mutex
	unused []*batch // the last used one at the end
	using  []*batch
	timer  *time.Timer // ends all unused ones
}

func newPool(start func() (*batch, error)) *pool {
	p := &pool{start: start, idle: idleTimeout, turns: make(chan struct{}, batches), done: make(chan struct{})}
	p.close = sync.OnceFunc(p.end)
	return p
}

// do calls fn with a process of its own. When ctx ends meanwhile the process is killed, and the error is the cause.
// A process that was found dead is replaced, and fn is called again.
func (p *pool) do(ctx context.Context, fn func(*batch) error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	select {
	case p.turns <- struct{}{}:
	case <-p.done:
		return errClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-p.turns }()
	for {
		b, old, err := p.take()
		if err != nil {
			return err
		}
		stop := context.AfterFunc(ctx, b.kill)
		err = fn(b)
		if !stop() { // killed, or about to be
			p.drop(b)
			return context.Cause(ctx)
		}
		if stillAnswers(err) {
			p.put(b)
			return err
		}
		p.drop(b)
		if p.isClosed() {
			return errClosed
		}
		if !old {
			return err
		}
	}
}

// take gives an unused process, or a new one.
func (p *pool) take() (b *batch, old bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed() {
		return nil, false, errClosed
	}
	if n := len(p.unused); n > 0 {
		b, p.unused = p.unused[n-1], p.unused[:n-1]
		old = true
	} else if b, err = p.start(); err != nil {
		return nil, false, err
	}
	p.using = append(p.using, b)
	return b, old, nil
}

// put takes back a process that answers.
func (p *pool) put(b *batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(b)
	if p.isClosed() {
		b.close()
		return
	}
	p.unused = append(p.unused, b)
	if p.timer == nil {
		p.timer = time.AfterFunc(p.idle, p.expire)
	} else {
		p.timer.Reset(p.idle)
	}
}

// drop ends a process that does not answer any more.
func (p *pool) drop(b *batch) {
	b.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(b)
}

func (p *pool) forget(b *batch) {
	p.using = slices.DeleteFunc(p.using, func(u *batch) bool { return u == b })
}

// expire ends what is unused.
func (p *pool) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.unused {
		b.close()
	}
	p.unused = nil
}

func (p *pool) isClosed() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *pool) end() {
	p.mu.Lock()
	close(p.done)
	if p.timer != nil {
		p.timer.Stop()
	}
	for _, b := range p.using {
		b.kill()
	}
	p.mu.Unlock()
	p.expire()
	for range cap(p.turns) { // until nobody uses one
		p.turns <- struct{}{}
	}
	for range cap(p.turns) {
		<-p.turns
	}
}
