package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/tamerhq/tamer"
	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/internal/setup"
)

// Register serves the page that registers the app, on the admin address only, until that is done or ctx ends, and gives the Config of a
// tamer that is that app. Meanwhile TAMER_LISTEN answers that tamer lives and is not ready.
//
// told, if set, is told where the page is.
func Register(ctx context.Context, cfg Config, log *slog.Logger, told func(url string)) (Config, error) {
	if cfg.AdminListen == "" {
		return Config{}, errors.New("no app is named in the settings, and TAMER_ADMIN_LISTEN is off: set TAMER_APP_ID, TAMER_PRIVATE_KEY and TAMER_WEBHOOK_SECRET")
	}
	page, err := setup.New(setup.Config{Manifest: tamer.Manifest, GitHubURL: cfg.GitHubURL, Keep: cfg.keep, Log: log, Now: time.Now,
		Exchange: func(ctx context.Context, code string) (github.Registered, error) {
			return github.Register(ctx, cfg.APIURL, code, nil)
		}})
	if err != nil {
		return Config{}, err
	}
	waiting := &health{}
	waiting.waits.Store("the app is not registered: open the page on TAMER_ADMIN_LISTEN")
	public, err := openDoor("TAMER_LISTEN", cfg.Listen, waiting.mux(), log)
	if err != nil {
		return Config{}, err
	}
	admin, err := openDoor("TAMER_ADMIN_LISTEN", cfg.AdminListen, setupMux(waiting, page), log)
	if err != nil {
		return Config{}, errors.Join(err, public.shut(ctx))
	}
	ended := make(chan error, 2)
	public.serve(ended)
	admin.serve(ended)
	log.WarnContext(ctx, "no app is named in the settings: open this page to register one", "page", admin.url())
	if told != nil {
		told(admin.url())
	}
	var app github.Registered
	select {
	case <-ctx.Done():
		err = context.Cause(ctx)
	case err = <-ended:
	case app = <-page.Done():
	}
	shutting, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := errors.Join(err, public.shut(shutting), admin.shut(shutting)); err != nil { // the last page is sent to its end
		return Config{}, fmt.Errorf("register the app: %w", err)
	}
	return cfg.as(app)
}

// setupMux serves the page beside what watches over the process.
func setupMux(h *health, page *setup.Setup) http.Handler {
	mux := h.mux()
	mux.Handle("/", onlyHere("", page.Handler())) // GitHub leads back to the name that it was called by
	return mux
}

// mux answers the questions of those who watch over the process, and nothing else.
func (h *health) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for path := range strings.FieldsSeq("/healthz /livez") {
		mux.HandleFunc("GET "+path, h.alive)
	}
	mux.HandleFunc("GET /readyz", h.answer)
	return mux
}
