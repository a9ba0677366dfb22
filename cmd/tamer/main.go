// Command tamer judges, diffs, gates and deploys per-customer configuration kept in one Git repository.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/tamerhq/tamer/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
