package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// A door is one address that is listened on. The zero door is closed.
type door struct {
	listener net.Listener
	http     *http.Server
}

// openDoor listens at once, and answers from serve on. setting names the address for people.
func openDoor(setting, address string, handler http.Handler, log *slog.Logger) (door, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return door{}, fmt.Errorf("listen on %s: %w", setting, err)
	}
	return door{listener, &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}}, nil
}

// serve answers until the door is shut; why it ended goes to ended.
func (d door) serve(ended chan<- error) {
	if d.http != nil {
		go func() { ended <- d.http.Serve(d.listener) }()
	}
}

// shut lets requests that are under way end while ctx lasts.
func (d door) shut(ctx context.Context) error {
	if d.http == nil {
		return nil
	}
	err := d.http.Shutdown(ctx)
	if closeErr := d.listener.Close(); !errors.Is(closeErr, net.ErrClosed) { // as where it never served
		err = errors.Join(err, closeErr)
	}
	return err
}

// url is where the door is, for callers on the same machine; empty for none.
func (d door) url() string {
	if d.listener == nil {
		return ""
	}
	addr := d.listener.Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}
