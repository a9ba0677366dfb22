package outside

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
)

var errNotHTTP = errors.New("the answer is not HTTP")

// Cause is why a request over HTTP has failed, for a log: what is known of the network, of TLS and of ctx. The address, which may hold values
// of configs or a token, is left out, and so is whatever came back and was not understood: it may be anything.
func Cause(ctx context.Context, err error) error {
	var (
		network     *net.OpError
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		timeout     net.Error
	)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &network):
		return network
	case errors.As(err, &name):
		return name
	case errors.As(err, &certificate):
		return certificate
	case errors.As(err, &record):
		return record
	case errors.Is(err, http.ErrSchemeMismatch):
		return http.ErrSchemeMismatch
	case errors.As(err, &timeout) && timeout.Timeout():
		return context.DeadlineExceeded // and not its text, which may quote
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	}
	return errNotHTTP
}
