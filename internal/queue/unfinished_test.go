package queue_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/work"
)

func TestUnfinished(t *testing.T) {
	t.Parallel()
	st := begin(t, func(c *queue.Config) { c.MaxAttempts = 2 })
	is := func(want string) {
		t.Helper()
		all, err := st.Unfinished(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, u := range all {
			later := u.Since < 0
			if u.Since > time.Minute || u.Since < -time.Hour || u.Aside && u.Since != 0 {
				t.Errorf("%s: since %s", u.Key, u.Since)
			}
			got += fmt.Sprintf("%s running %t later %t aside %t failures %d\n", u.Key, u.Running, later, u.Aside, u.Failures)
		}
		if got != want {
			t.Errorf("unfinished:\n%swant:\n%s", got, want)
		}
	}
	is("")
	st.add(want(main))
	r := st.next()
	is(main.String() + " running true later false aside false failures 0\n")
	r.fails(work.After(time.Hour, errors.New("rate limit")))
	st.log.wait(t, "outcome=waits")
	st.add(want(pull12))
	st.next().fails(errors.New("one"))
	st.log.wait(t, "outcome=retries")
	waits := main.String() + " running false later true aside false failures 0\n"
	is(pull12.String() + " running false later true aside false failures 1\n" + waits)
	st.add(want(pull12))
	st.next().fails(errors.New("two"))
	st.log.wait(t, "outcome=discarded")
	is(waits + pull12.String() + " running false later false aside true failures 0\n")
}
