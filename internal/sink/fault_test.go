package sink_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
)

// Everybody reads the words, the log the cause, and programs still tell errors apart.
func TestPublic(t *testing.T) {
	refused := errors.New("dial db.internal as bob: refused")
	for _, c := range []struct {
		err  error
		want string
		told bool
	}{
		{refused, "the store cannot be used as it should: the log of tamer tells more", true},
		{fmt.Errorf("get object: %w", sink.Explain("the disk is full", refused)), "the disk is full", true},
		{fmt.Errorf("on db.internal: %w", sink.ErrTooLarge), sink.ErrTooLarge.Error(), true},
		{fmt.Errorf("on db.internal: %w", context.DeadlineExceeded), "the store did not answer in time", true},
		{fmt.Errorf("object: %w", sink.ErrConflict), "object: " + sink.ErrConflict.Error(), false},
		{fmt.Errorf("object: %w", fs.ErrNotExist), "object: " + fs.ErrNotExist.Error(), false},
	} {
		var told error
		got := sink.Public(t.Context(), c.err, func(_ context.Context, err error) { told = err })
		if got.Error() != c.want || !errors.Is(got, c.err) || (told != nil) != c.told || c.told && told != c.err {
			t.Errorf("%v: %v, and the log has %v", c.err, got, told)
		}
	}
	if err := sink.Public(t.Context(), nil, nil); err != nil {
		t.Error(err)
	}
}
