package sinktest

import (
	"context"

	"github.com/tamerhq/tamer/internal/sink"
)

// Ordered is a sink that does the steps of a batch one after the other, so that a test which counts them sees them in one order.
type Ordered struct{ sink.Sink }

// Batch implements sink.Batcher.
func (o Ordered) Batch(ctx context.Context, steps []sink.Step) error {
	for _, step := range steps {
		var err error
		if step.Delete {
			err = o.Delete(ctx, step.Key)
		} else {
			_, err = o.Put(ctx, step.Key, step.Body, step.Cond)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
