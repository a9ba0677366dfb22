package webhooks

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Who sends bodies that never end, unsigned, takes a bounded share of memory; who sends a small one meanwhile is told to come again,
// and later is heard.
func TestBodiesTogetherAreBounded(t *testing.T) {
	in := new(inbox)
	h := door(t, in).(*handler)
	h.MaxBytes, h.MaxHeld = 1000, 2500
	body := `{"ref":"refs/heads/main",` + where + `}`
	var all sync.WaitGroup
	var ends []*io.PipeWriter
	for range 3 {
		from, to := io.Pipe()
		r := request("push", "slow", "")
		r.Body = from
		all.Go(func() { answer(h, r) })
		if _, err := to.Write([]byte(strings.Repeat("x", 800))); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, to)
	}
	fits := func() int { return answer(h, request("push", "d-1", body+strings.Repeat(" ", 200))).StatusCode }
	if code := fits(); code != http.StatusServiceUnavailable || len(in.deliveries) > 0 {
		t.Errorf("answer %d with %d bytes held", code, h.held.Load())
	}
	for _, end := range ends {
		end.Close()
	}
	all.Wait()
	if code := fits(); code != http.StatusAccepted || len(in.deliveries) != 1 || h.held.Load() != 0 {
		t.Errorf("answer %d later, with %d bytes held", code, h.held.Load())
	}
}
