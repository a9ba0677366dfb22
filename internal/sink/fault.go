package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Explain puts words for people before an error of a store. The words name no host and no user: everybody who sees the repository may read them.
func Explain(words string, err error) error { return &explained{words, err} }

type explained struct {
	words string
	cause error
}

func (e *explained) Error() string { return fmt.Sprintf("%s (%v)", e.words, e.cause) }
func (e *explained) Unwrap() error { return e.cause }

// A fault is an error of a store in words for everybody. What led to it is for the log: it names hosts, users and paths.
type fault struct {
	words string
	cause error
}

func (f *fault) Error() string { return f.words }
func (f *fault) Unwrap() error { return f.cause }

// Public tells failed of an error of a store, and gives it in words for everybody. What the words of package sink say goes as it is.
func Public(ctx context.Context, err error, failed func(context.Context, error)) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrConflict) {
		return err
	}
	if !errors.Is(ctx.Err(), context.Canceled) {
		failed(ctx, err)
	}
	var e *explained
	switch {
	case errors.As(err, &e):
		return &fault{e.words, err}
	case errors.Is(err, ErrTooLarge):
		return &fault{ErrTooLarge.Error(), err}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &fault{"the store did not answer in time", err}
	}
	return &fault{"the store cannot be used as it should: the log of tamer tells more", err}
}
