package s3_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/s3"
)

// A store that sends more than any object has, with or without saying so before, is not read to its end, nor asked again.
func TestTooLargeToRead(t *testing.T) {
	for _, announced := range []int64{0, sink.MaxObject + 1, 1 << 40} {
		var asked, sent atomic.Int64
		part := make([]byte, 1<<20)
		store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if announced > 0 {
				w.Header().Set("Content-Length", strconv.FormatInt(announced, 10))
			}
			for sent.Load() < sink.MaxObject+32<<20 {
				if _, err := w.Write(part); err != nil {
					return
				}
				sent.Add(int64(len(part)))
			}
		}))
		s := open(t, s3.Config{Bucket: "config", Endpoint: store.URL})
		_, _, err := s.Get(t.Context(), "k")
		if !errors.Is(err, sink.ErrTooLarge) || asked.Load() != 1 {
			t.Errorf("announced as %d bytes: %v, after %d requests and %d bytes", announced, err, asked.Load(), sent.Load())
		}
		if announced > 0 && sent.Load() > 16<<20 {
			t.Errorf("announced as %d bytes: %d of them were read", announced, sent.Load())
		}
		store.Close()
	}
}
