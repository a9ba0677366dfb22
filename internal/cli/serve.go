package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
)

// stopTime is how long running work may go on after a stop was asked for.
const stopTime = 30 * time.Second

func newServe() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the GitHub App",
		Long: `serve receives GitHub's webhooks, judges pull requests and deploys on merge, until it is told to stop.

Settings come from the environment, and from the file that --config names; docs/settings.md lists them. Where none of them names a
GitHub App, serve shows a page on TAMER_ADMIN_LISTEN that registers one, and goes on as that app.`,
		Example: `  TAMER_APP_ID=12345 TAMER_PRIVATE_KEY_FILE=app.pem TAMER_WEBHOOK_SECRET_FILE=secret tamer serve`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runServe(cmd, file) },
	}
	cmd.Flags().StringVar(&file, "config", "", "a YAML file with settings; the environment wins over it")
	return cmd
}

func runServe(cmd *cobra.Command, file string) error {
	cfg, err := readSettings(file, app.LoadConfigToServe)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: cfg.LogLevel}))
	ctx := cmd.Context()
	if cfg.AppID == 0 {
		cfg, err = app.Register(ctx, cfg, log, nil)
		switch {
		case ctx.Err() != nil:
			return nil // told to stop
		case err != nil:
			return err
		}
	}
	server, err := app.Start(ctx, cfg, app.Options{Log: log})
	if err != nil {
		return err
	}
	var ended error
	select {
	case <-ctx.Done():
	case ended = <-server.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if errors.Is(ended, http.ErrServerClosed) {
		ended = nil
	}
	return errors.Join(ended, server.Stop(stopping))
}

// loadSettings reads the settings from the environment and the file; an empty name for none.
func loadSettings(file string) (app.Config, error) { return readSettings(file, app.LoadConfig) }

// readSettings is loadSettings by that way of reading.
func readSettings(file string, load func(func(string) (string, bool), func(string) ([]byte, error), []byte) (app.Config, error)) (app.Config, error) {
	var content []byte
	if file != "" {
		var err error
		if content, err = os.ReadFile(file); err != nil {
			return app.Config{}, fmt.Errorf("read the settings: %w", err)
		}
	}
	return load(os.LookupEnv, os.ReadFile, content)
}
