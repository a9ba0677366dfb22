package s3

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

type doubtKey struct{}

// withDoubt gives a context, and a value that is true as soon as a request under it may have had its effect although its
// answer did not say so.
func withDoubt(ctx context.Context) (context.Context, *atomic.Bool) {
	doubt := new(atomic.Bool)
	return context.WithValue(ctx, doubtKey{}, doubt), doubt
}

// noteDoubt looks at every attempt of an operation, for the SDK only tells of the last one.
func noteDoubt(stack *middleware.Stack) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("NoteDoubt",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			out, meta, err := next.HandleFinalize(ctx, in)
			if doubt, ok := ctx.Value(doubtKey{}).(*atomic.Bool); ok && doubtful(err) {
				doubt.Store(true)
			}
			return out, meta, err
		}), "Retry", middleware.After)
}

// doubtful tells that an attempt failed and may have had its effect: not where the store has answered that it refused.
func doubtful(err error) bool {
	var answer *smithyhttp.ResponseError
	if err == nil || code(err) == "SlowDown" {
		return false
	}
	return !errors.As(err, &answer) || answer.HTTPStatusCode() < 400 || answer.HTTPStatusCode() >= 500
}
