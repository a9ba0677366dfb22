package webhooks

import (
	"errors"
	"io"
	"sync/atomic"
)

// errFull says that bodies of all requests together take too much.
var errFull = errors.New("too many bytes are held")

// A meter counts what is read of one body with that of all others, and reads no further where these are too much together. It counts
// bytes that came, not those that were announced: who announces much and sends nothing keeps nobody out.
type meter struct {
	from  io.Reader
	total *atomic.Int64
	most  int64
	mine  int64
}

// Read implements io.Reader. The error may be errFull.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	m.mine += int64(n)
	if m.total.Add(int64(n)) > m.most {
		return n, errFull
	}
	return n, err
}

// release says that the body is not held any more.
func (m *meter) release() { m.total.Add(-m.mine) }
