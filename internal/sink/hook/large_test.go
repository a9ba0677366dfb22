package hook_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
)

// What may be posted can be read back, although base64 makes it larger; what is larger is not read to its end.
func TestLargeObjects(t *testing.T) {
	size := 60 << 20
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"version":"1","body":"`)
		body := base64.NewEncoder(base64.StdEncoding, w)
		part := make([]byte, 1<<20)
		for range size >> 20 {
			if _, err := body.Write(part); err != nil {
				return
			}
		}
		body.Close()
		io.WriteString(w, `"}`)
	}))
	defer server.Close()
	s := open(t, "hook+"+server.URL, "hunter2")
	if got, _, err := s.Get(t.Context(), "k"); err != nil || len(got) != size {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	size = sink.MaxObject + 1<<20
	if _, _, err := s.Get(t.Context(), "k"); err == nil {
		t.Error("an object that is too large was read")
	} else if !errors.Is(err, sink.ErrTooLarge) {
		wantWords(t, err, "the answer has more than")
	}
}
