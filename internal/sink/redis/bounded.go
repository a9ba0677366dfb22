package redis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/tamerhq/tamer/internal/sink"
)

// bounded has connections refuse answers that no Redis gives to tamer. The library takes as much memory as an answer announces.
func bounded(o *redis.Options) func(context.Context, string, string) (net.Conn, error) {
	dial := redis.NewDialer(o)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if socket, ok := conn.(syscall.Conn); ok { // by which the library sees that an idle connection has ended
			return struct {
				*watched
				syscall.Conn
			}{&watched{Conn: conn}, socket}, nil
		}
		return &watched{Conn: conn}, nil
	}
}

// What one answer may take, in bytes: an object, or a page of a listing. A list in it counts for more than its items, for the library goes
// through lists in lists by recursion.
const (
	maxAnswer = sink.MaxObject + 4<<20
	ofList    = 1 << 10
	ofItem    = 16
)

var errTooLarge = fmt.Errorf("the answer of the Redis is too large: %w", sink.ErrTooLarge)

// watched is a connection that follows what it reads, in RESP, version 2, and gives no more of it where an answer grows too large.
type watched struct {
	net.Conn
	line  []byte // that has begun
	body  int64  // bytes to come that are no lines
	items int64  // to come of the present answer
	room  int64  // for the rest of the present answer
}

// Read implements net.Conn.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if wrong := w.see(p[:n]); wrong != nil {
		return 0, wrong
	}
	return n, err
}

func (w *watched) see(p []byte) error {
	for len(p) > 0 {
		if w.body > 0 {
			n := min(w.body, int64(len(p)))
			w.body, p = w.body-n, p[n:]
			continue
		}
		if len(w.line) == 0 && w.items == 0 {
			w.items, w.room = 1, maxAnswer
		}
		end := bytes.IndexByte(p, '\n') + 1
		if end == 0 {
			end = len(p)
		}
		if w.room -= int64(end); w.room < 0 {
			return errTooLarge
		}
		w.line, p = append(w.line, p[:end]...), p[end:]
		if w.line[len(w.line)-1] != '\n' {
			continue
		}
		if err := w.header(string(w.line)); err != nil {
			return err
		}
		w.line = w.line[:0]
	}
	return nil
}

// header takes note of what a line announces. Source: redis.io/docs, "Redis serialization protocol specification".
func (w *watched) header(line string) error {
	w.items--
	switch line[0] {
	case '+', '-', ':':
		return nil
	case '$', '*':
	default:
		return fmt.Errorf("the answer of the Redis is not RESP 2: it begins with %q", line[0])
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(line[1:], "\r\n"), 10, 64)
	switch {
	case err != nil || n < -1:
		return errors.New("the answer of the Redis is not RESP 2: a length in it is no number")
	case n > w.room:
		return errTooLarge
	case line[0] == '*':
		w.items += max(n, 0)
		w.room -= ofList + ofItem*max(n, 0)
	case n >= 0:
		w.body = n + 2 // with the end of its line
		w.room -= n
	}
	if w.room < 0 {
		return errTooLarge
	}
	return nil
}
