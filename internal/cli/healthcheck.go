package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthcheckTime is how long the server may take to answer.
const healthcheckTime = 4 * time.Second

func newHealthcheck() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running server whether it is ready",
		Long: `healthcheck asks a server whether it can take webhooks now, and exits with 1 where it cannot. It is what the image asks for its health.

Without --url it asks the server on this machine, on the port of TAMER_LISTEN.`,
		Example: `  tamer healthcheck
  tamer healthcheck --url https://tamer.example.com/readyz`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if url == "" {
				url = localReady(os.Getenv("TAMER_LISTEN"))
			}
			answer, err := askReady(cmd.Context(), url)
			if err != nil {
				return err
			}
			if answer != "" {
				fmt.Fprintln(cmd.ErrOrStderr(), "tamer: not ready:", answer)
				return errFailures
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&url, "url", "", "what to ask (default: /readyz of the server on this machine)")
	return cmd
}

// localReady gives what the server that listens there is asked.
func localReady(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		host, port = "", "3000"
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/readyz"
}

// askReady gives why the server is not ready; empty for one that is. The error is that it could not be asked.
func askReady(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, healthcheckTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("--url %q is no address; write one such as http://127.0.0.1:3000/readyz", url)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error(), nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return "", fmt.Errorf("read the answer of %s: %w", url, err)
	}
	if resp.StatusCode == http.StatusOK {
		return "", nil
	}
	return strings.TrimSpace(resp.Status + ": " + string(body)), nil
}
