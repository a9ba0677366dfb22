package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tamerhq/tamer/internal/external"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/source"
)

// outsiders are the operator's own systems. Why one of them did not answer stands in the log, and nowhere else.
type outsiders struct {
	live   *source.Sources
	checks *external.Checks
}

func openOutsiders(cfg Config, log *slog.Logger) (*outsiders, error) {
	var o outsiders
	var err, also error
	o.live, err = source.New(source.Config{Sources: cfg.Sources, Now: time.Now, Report: func(ctx context.Context, q outside.Query, err error) {
		log.WarnContext(ctx, "live data not answered", "source", q.Source, "query", q.Name, "error", err)
	}})
	o.checks, also = external.New(external.Config{Checks: cfg.ExternalChecks, Report: func(ctx context.Context, check string, err error) {
		log.WarnContext(ctx, "external check not made", "check", check, "error", err)
	}})
	if err = errors.Join(err, also); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return &o, nil
}

func (o *outsiders) close() error {
	var errs []error
	if o.live != nil {
		errs = append(errs, o.live.Close())
	}
	if o.checks != nil {
		errs = append(errs, o.checks.Close())
	}
	return errors.Join(errs...)
}
