package postgres_test

import (
	"errors"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/tamerhq/tamer/internal/sink"
)

// A server that announces a row of a gigabyte gets no memory for it.
func TestTooLargeToRead(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- boast(l) }()
	s := open(t, "postgres://tamer@"+l.Addr().String()+"/config?sslmode=disable&default_query_exec_mode=exec")
	if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("Get: %v", err)
	}
	if err := errors.Join(l.Close(), <-done); err != nil {
		t.Error(err)
	}
}

// boast lets one client in, and answers its first query with the beginning of a row.
func boast(l net.Listener) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	server := pgproto3.NewBackend(conn, conn)
	if _, err := server.ReceiveStartupMessage(); err != nil {
		return err
	}
	server.Send(&pgproto3.AuthenticationOk{})
	server.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if err := server.Flush(); err != nil {
		return err
	}
	for {
		message, err := server.Receive()
		if err != nil {
			return err
		}
		if _, ok := message.(*pgproto3.Sync); ok {
			_, err := conn.Write([]byte("D\x3f\x00\x00\x00\x00\x02"))
			return err
		}
	}
}
