package shiptest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
)

// never is what is added to the number of a commit that the branch never holds.
const never = 1_000_000

// Play is a process that deploys, as Storm tells it on in: "deploy N ADDRESS", or "preview N ADDRESS" for a commit that is not the branch's. At
// each step it says so on out and waits for a line; in the end it says "done" or "failed". connect opens the store at an address.
func Play(ctx context.Context, connect func(address string) (sink.Sink, error), in io.Reader, out io.Writer) error {
	orders := bufio.NewScanner(in)
	for orders.Scan() {
		var what, address string
		var n int
		if _, err := fmt.Sscan(orders.Text(), &what, &n, &address); err != nil {
			return fmt.Errorf("read order %q: %w", orders.Text(), err)
		}
		to, err := connect(address)
		if err != nil {
			return err
		}
		if what == "preview" {
			err = preview(ctx, to, n+never)
		} else {
			err = deploy(ctx, to, n, func(p ship.Point) {
				fmt.Fprintln(out, "at", p)
				orders.Scan()
			})
		}
		if err != nil {
			fmt.Fprintln(out, "failed", strings.ReplaceAll(err.Error(), "\n", "; "))
		} else {
			fmt.Fprintln(out, "done")
		}
	}
	return orders.Err()
}

func preview(ctx context.Context, to sink.Sink, n int) error {
	s, err := open(to, nil)
	if err != nil {
		return err
	}
	_, err = s.Preview(ctx, release.BranchChannel("trial"), commit(n, files))
	return err
}
