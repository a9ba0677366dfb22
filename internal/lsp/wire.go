package lsp

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds on what a client may send.
const (
	// maxMessage is in bytes: a file of the greatest size that is judged, with every character escaped, and some more.
	maxMessage = 96 << 20
	// maxHeader bounds the bytes of the header of a message.
	maxHeader = 8 << 10
	// maxUnread bounds the bytes that wait for a client that does not read; beyond it the server waits too.
	maxUnread = 256 << 20
	// lastWords is how long a client has to read what is left for it when the server ends.
	lastWords = 5 * time.Second
)

// A wire carries messages with a header before each, as the base protocol of the Language Server Protocol 3.17 has it. The library's
// own framing trusts the length that the header names, and the library does not read while it writes: with a client that does not
// either, both would wait for ever. So what is sent is written behind the back of who sends it.
type wire struct {
	in  *bufio.Reader
	end io.Closer // of in, so that a Recv that waits comes back

	closed atomic.Bool

	mu      sync.Mutex
	changed *sync.Cond
	unread  []byte        // sent, and not yet being written
	over    bool          // nothing more is sent
	failed  error         // of a write: nothing more is written
	written chan struct{} // closed when everything is written that ever will be

	last  error         // why nothing more can be read
	bell  string        // the method of the message that is given in the place of the end
	heard chan struct{} // closed when everything before the end is being worked on
}

func newWire(in io.ReadCloser, out io.Writer) *wire {
	w := &wire{in: bufio.NewReaderSize(in, 64<<10), end: in, written: make(chan struct{}), bell: "tamer/" + rand.Text(), heard: make(chan struct{})}
	w.changed = sync.NewCond(&w.mu)
	go w.write(out)
	return w
}

// interruptible gives what in gives, and ends when it is closed. A read of standard input cannot be interrupted: it then ends with
// the process.
func interruptible(in io.Reader) io.ReadCloser {
	out, write := io.Pipe()
	go func() {
		_, err := io.Copy(write, in)
		write.CloseWithError(err) // nil: the end
	}()
	return out
}

// Send has one message written after those before it. The error is that of an earlier write.
func (w *wire) Send(msg []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.failed == nil && len(w.unread) > maxUnread {
		w.changed.Wait()
	}
	if w.failed != nil {
		return w.failed
	}
	w.unread = fmt.Appendf(w.unread, "Content-Length: %d\r\n\r\n", len(msg))
	w.unread = append(w.unread, msg...)
	w.changed.Broadcast()
	return nil
}

// write writes what is sent, until flush or an error.
func (w *wire) write(out io.Writer) {
	defer close(w.written)
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.unread) == 0 && !w.over {
			w.changed.Wait()
		}
		if len(w.unread) == 0 {
			return
		}
		b := w.unread
		w.unread = nil
		w.changed.Broadcast()
		w.mu.Unlock()
		_, err := out.Write(b)
		w.mu.Lock()
		if err != nil {
			w.failed = err
			w.changed.Broadcast()
			return
		}
	}
}

// flush waits until the client has what was sent, as long as that is to be expected. Nothing may be sent after it.
func (w *wire) flush() error {
	w.mu.Lock()
	w.over = true
	w.changed.Broadcast()
	w.mu.Unlock()
	select {
	case <-w.written:
		return w.failed
	case <-time.After(lastWords):
		return fmt.Errorf("the client has not read for %s what it was told", lastWords)
	}
}

// Recv reads one message. After an error nothing more can be read; after Close it is io.EOF. The library does not bear that the
// connection ends while messages wait: so before the error a notification is given, and the error when that has been taken up.
func (w *wire) Recv() ([]byte, error) {
	if w.last != nil {
		<-w.heard
		return nil, w.last
	}
	msg, err := w.read()
	if w.closed.Load() {
		err = io.EOF
	}
	if err != nil {
		w.last = err
		return fmt.Appendf(nil, `{"jsonrpc":"2.0","method":%q}`, w.bell), nil
	}
	return msg, nil
}

func (w *wire) read() ([]byte, error) {
	size, err := w.header()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer // which grows with what arrives, and not with what was announced
	if n, err := io.CopyN(&b, w.in, int64(size)); err != nil {
		return nil, fmt.Errorf("read a message of %d bytes, of which %d came: %w", size, n, err)
	}
	return b.Bytes(), nil
}

// header reads the header, and gives the length of what follows.
func (w *wire) header() (int, error) {
	size, left := -1, maxHeader
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			if errors.Is(err, io.EOF) && len(line) == 0 && left == maxHeader {
				return 0, io.EOF
			}
			return 0, fmt.Errorf("read the header of a message: %w", err)
		}
		if left -= len(line); left < 0 {
			return 0, fmt.Errorf("the header of a message has more than %d bytes", maxHeader)
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return 0, fmt.Errorf("%q is no line of a message's header", text)
		}
		if strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if size, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || size < 0 || size > maxMessage {
				return 0, fmt.Errorf("a message of %s bytes: it can have 0 to %d", strings.TrimSpace(value), maxMessage)
			}
		}
	}
	if size < 0 {
		return 0, errors.New("the header of a message has no Content-Length")
	}
	return size, nil
}

// Close ends a Recv that waits.
func (w *wire) Close() error {
	w.closed.Store(true)
	return w.end.Close()
}
