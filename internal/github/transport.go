package github

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// maxAnswer bounds one answer. The largest that tamer asks for is a page of 100 pull requests, whose texts hold up to
// 256 KiB each.
const maxAnswer = 64 << 20

// bounded reads answers whole, up to limit bytes, so that no reader behind it can hang, hold the connection or grow.
type bounded struct {
	next  http.RoundTripper
	limit int64
}

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, b.limit+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if int64(len(body)) > b.limit {
		return nil, fmt.Errorf("read answer: more than %d bytes", b.limit)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
