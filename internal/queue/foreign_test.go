package queue_test

import (
	"testing"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/work"
)

// A newer version has put jobs into queues of its own, and is gone: they are worked on, those of production by its own workers, and what
// is asked for once more is no other job. So it is with what is there at the start, and while a newer one still runs.
func TestJobsOfANewerVersion(t *testing.T) {
	t.Parallel()
	deploy := work.Key{Kind: work.Deploy, Installation: 1, Repository: 2}
	pull13 := pull12
	pull13.Number = 13
	url := newDatabase(t)
	newer := beginAt(t, url)
	if err := newer.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	newer.add(want(pull12), want(deploy))
	newer.waitElsewhere("production", "production_someday")
	newer.waitElsewhere("default", "someday")
	newer.add(want(pull12))
	newer.store.Close()

	st := beginAt(t, url, func(c *queue.Config) { c.Workers = 1 })
	first, second := st.next(), st.next() // the one worker of production has one of them
	if first.Key == deploy {
		first, second = second, first
	}
	st.is(first, "pull_request/1/2/12 attempt 1 anew false")
	st.is(second, "deploy/1/2/ attempt 1 anew false")
	second.done("")
	st.add(want(pull13)) // for which there is no worker
	st.waitElsewhere("default", "someday")
	first.done("")
	st.is(st.next(), "pull_request/1/2/13 attempt 1 anew false")
}

// waitElsewhere has the one job that waits in a queue of River's wait in another one.
func (st *stage) waitElsewhere(from, to string) {
	st.t.Helper()
	res, err := st.store.DB().ExecContext(st.t.Context(), `UPDATE river_job SET queue = $1 WHERE queue = $2 AND state = 'available'`, to, from)
	if err != nil {
		st.t.Fatal(err)
	}
	if n, err := res.RowsAffected(); n != 1 || err != nil {
		st.t.Fatalf("%d jobs waited in %s, %v", n, from, err)
	}
}
