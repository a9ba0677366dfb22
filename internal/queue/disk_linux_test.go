package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/work"
)

// A disk that gives errors instead of taking or giving bytes: what cannot be stored is told so, what was acknowledged is there and worked
// on, and when the place holds a disk in order everything goes on by itself. What was open may lead nowhere any more by then.
func TestADiskWithErrors(t *testing.T) {
	if !on("sqlite") {
		return
	}
	for name, c := range map[string]struct {
		allows int  // what the files still allow
		gone   bool // for a while they cannot be opened anew either
	}{
		"no writing": {os.O_RDONLY, false}, "no reading": {os.O_WRONLY, false}, "no reading, and no file": {os.O_WRONLY, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			worked := make(chan work.Key, 100)
			url := newDatabase(t)
			st := beginAt(t, url, func(c *queue.Config) {
				c.Handle = func(_ context.Context, t work.Task) (work.State, error) { worked <- t.Key; return "", nil }
			})
			var accepted []int
			accept := func(n int) error {
				k := work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: n}
				_, err := st.Accept(t.Context(), work.Delivery{ID: fmt.Sprint("d-", n), Event: "push", Wanted: []work.Wanted{want(k)}})
				if err == nil {
					accepted = append(accepted, n)
				}
				return err
			}
			path := strings.TrimPrefix(url, "sqlite:")
			refused := 0
			for n := 1; refused == 0; n++ { // whoever meets the errors first has the files opened anew
				if n == 20 {
					t.Fatal("nobody meets the errors")
				}
				st.spoil(path, c.allows, c.gone)
				if err := accept(n); err != nil {
					refused = n
					t.Log(err)
				}
			}
			if c.gone {
				if err := accept(21); err == nil || !strings.Contains(err.Error(), "unable to open database file") {
					t.Errorf("there is no file: %v", err)
				}
				st.must(errors.Join(os.Remove(path), os.Rename(path+".away", path)))
			}
			for _, n := range []int{refused, 22} {
				if err := accept(n); err != nil {
					t.Errorf("the disk is in order: %v", err)
				}
			}
			seen := map[int]bool{}
			for len(seen) < len(accepted) {
				select {
				case k := <-worked:
					seen[k.Number] = true
				case <-time.After(20 * time.Second):
					t.Fatalf("accepted are %v, worked on %v\n%s", accepted, seen, st.log)
				}
			}
			for n := range seen {
				if !slices.Contains(accepted, n) {
					t.Errorf("%d was refused, and yet worked on", n)
				}
			}
		})
	}
}

// spoil has every use of the open database give the error of a bad descriptor, but for what is still allowed, or moves it away besides.
func (st *stage) spoil(path string, allows int, gone bool) {
	st.t.Helper()
	conn, err := st.store.DB().Conn(st.t.Context()) // which is the only one, so that nobody meets half of it
	st.must(err)
	defer conn.Close()
	_, err = conn.ExecContext(st.t.Context(), `PRAGMA cache_size = 0`) // what is read is read from the disk
	st.must(err)
	open, err := os.ReadDir("/proc/self/fd")
	st.must(err)
	for _, entry := range open {
		to, err := os.Readlink("/proc/self/fd/" + entry.Name())
		if err != nil || to != path && to != path+"-wal" {
			continue
		}
		fd, err := strconv.Atoi(entry.Name())
		st.must(err)
		other, err := syscall.Open(to, allows|syscall.O_CLOEXEC, 0)
		st.must(err)
		st.must(errors.Join(syscall.Dup3(other, fd, syscall.O_CLOEXEC), syscall.Close(other)))
	}
	if gone {
		st.must(errors.Join(os.Rename(path, path+".away"), os.Mkdir(path, 0o700)))
	}
}

func (st *stage) must(err error) {
	st.t.Helper()
	if err != nil {
		st.t.Fatal(err)
	}
}
