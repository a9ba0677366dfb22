package queue

import (
	"context"
	"database/sql"
	"slices"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/tamerhq/tamer/internal/store"
)

// A driver is one of River's, on the transactions of the store.
type driver = riverdriver.Driver[store.Tx]

func driverOf(s *store.Store, b bell) driver {
	if s.Shared() {
		return &postgres{riverpgxv5.New(s.Pool())}
	}
	return &sqlite{riversqlite.New(s.DB()), b}
}

// postgres is River's driver for PostgreSQL, where whoever commits work notifies all replicas.
type postgres struct{ *riverpgxv5.Driver }

// UnwrapExecutor implements riverdriver.Driver.
func (d *postgres) UnwrapExecutor(tx store.Tx) riverdriver.ExecutorTx {
	return d.Driver.UnwrapExecutor(tx.Postgres())
}

// UnwrapTx implements riverdriver.Driver. Only River's tests call it: a transaction that River has begun cannot hold the store's.
func (d *postgres) UnwrapTx(riverdriver.ExecutorTx) store.Tx { return store.Tx{} }

// sqlite is River's driver for SQLite, but for how a commit wakes the workers: River would read an outbox twenty times a
// second, whereas whoever commits work to a SQLite file is this very process.
type sqlite struct {
	riverdriver.Driver[*sql.Tx]
	bell bell
}

// UnwrapExecutor implements riverdriver.Driver.
func (d *sqlite) UnwrapExecutor(tx store.Tx) riverdriver.ExecutorTx {
	return d.Driver.UnwrapExecutor(tx.SQLite())
}

// UnwrapTx implements riverdriver.Driver; see that of postgres.
func (d *sqlite) UnwrapTx(riverdriver.ExecutorTx) store.Tx { return store.Tx{} }

// GetListener implements riverdriver.Driver.
func (d *sqlite) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener { return d.bell }

// A bell wakes the workers of each queue of River's. It holds at most one ring for each: they look at all that waits.
type bell [len(queues)]chan struct{}

func newBell() (b bell) {
	for i := range b {
		b[i] = make(chan struct{}, 1)
	}
	return b
}

// ring wakes the workers of those queues. It never blocks. Call it after the commit.
func (b bell) ring(due *rings) {
	for i, c := range b {
		if !due[i] {
			continue
		}
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// rings are the queues for which a transaction has made jobs due, in the order of queues. The context of the transaction holds them: River
// tells of a job before it is inserted, and workers must not look before the commit.
type rings [len(queues)]bool

type ringsKey struct{}

// note notes that a job is in the queue, or will be.
func note(ctx context.Context, queue string) {
	due, ok := ctx.Value(ringsKey{}).(*rings)
	if i := slices.Index(queues[:], queue); ok && i >= 0 {
		due[i] = true
	}
}

// inserted is River's message that there is work in a queue.
func inserted(queue string) *riverdriver.Notification {
	return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"` + queue + `"}`}
}

// WaitForNotification implements riverdriver.Listener.
func (b bell) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-b[0]:
		return inserted(queues[0]), nil
	case <-b[1]:
		return inserted(queues[1]), nil
	case <-b[2]:
		return inserted(queues[2]), nil
	case <-b[3]:
		return inserted(queues[3]), nil
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
