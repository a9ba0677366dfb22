package queue

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// A driver is River's for SQLite, but for how a commit wakes the workers: River would read an outbox twenty times a
// second, whereas whoever commits work to a SQLite file is this very process.
type driver struct {
	*riversqlite.Driver
	bell bell
}

// GetListener implements riverdriver.Driver.
func (d *driver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener { return d.bell }

// A bell wakes the workers. It holds at most one ring: the workers look at all that waits.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

// ring never blocks. Call it after the commit.
func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// inserted is River's message that there is work in the default queue.
var inserted = riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"default"}`}

// WaitForNotification implements riverdriver.Listener.
func (b bell) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-b:
		n := inserted
		return &n, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// The rest of riverdriver.Listener has nothing to do: there is no connection, and one topic.

func (bell) Connect(context.Context) error          { return nil }
func (bell) Close(context.Context) error            { return nil }
func (bell) Ping(context.Context) error             { return nil }
func (bell) Listen(context.Context, string) error   { return nil }
func (bell) Unlisten(context.Context, string) error { return nil }
func (bell) Schema() string                         { return "" }
func (bell) SetAfterConnectExec(string)             {}
