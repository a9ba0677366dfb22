package sink

import (
	"errors"
	"fmt"
	"io"
)

// MaxObject is how many bytes an object may have: as many as one file of git that tamer reads. No sink writes a larger one, so who meets
// one need not read it: somebody else has put it there, or the store is broken.
const MaxObject = 128 << 20

// ErrTooLarge says that an object has more than MaxObject bytes.
var ErrTooLarge = errors.New("it has more than the 134217728 bytes that an object may have")

// CheckSize refuses more bytes than an object may have.
func CheckSize(bytes int64) error {
	if bytes > MaxObject {
		return ErrTooLarge
	}
	return nil
}

// CheckPut refuses what no sink writes: an illegal key, and a body that is too large.
func CheckPut(key string, body []byte) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := CheckSize(int64(len(body))); err != nil {
		return fmt.Errorf("object %.100q: %w", key, err)
	}
	return nil
}

// ReadBody reads an object to its end, but no further than an object may go. The error wraps ErrTooLarge where it does.
func ReadBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxObject+1))
	if err != nil {
		return nil, err
	}
	return body, CheckSize(int64(len(body)))
}
