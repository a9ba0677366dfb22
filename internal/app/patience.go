package app

import (
	"context"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// mostPatience is how long a command waits for GitHub in all, as after a token that GitHub does not know yet.
const mostPatience = time.Minute

// patiently does something, and again after the waits that its errors ask for, as the queue does for the server.
func patiently(ctx context.Context, do func() error) error {
	left := mostPatience
	for {
		err := do()
		wait, asked := work.WaitOf(err)
		if err == nil || !asked || wait > left {
			return err
		}
		left -= wait
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}
