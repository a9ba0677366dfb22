package redis_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
)

// What is announced and does not come costs nothing, and ends neither the process nor the wait.
func TestHostileAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer   string
		body     string
		tooLarge bool
		says     string
	}{
		"as it should be": {answer: "$5\r\na\r\nb\n\r\n", body: "a\r\nb\n"},
		"empty":           {answer: "$0\r\n\r\n"},
		"large text":      {answer: "$200000000\r\nx", tooLarge: true},
		"many items":      {answer: "*20000000\r\n", tooLarge: true},
		"lists in lists":  {answer: strings.Repeat("*1\r\n", 200_000), tooLarge: true},
		"many lists":      {answer: "*2\r\n*5000000\r\n$-1\r\n" + strings.Repeat("*5000000\r\n", 2), tooLarge: true},
		"no number":       {answer: "$x\r\n", says: "not RESP 2"},
		"a larger number": {answer: "$99999999999999999999\r\n", says: "not RESP 2"},
		"empty page":      {answer: "*0\r\n", says: "as the script of a listing does"},
		"page of numbers": {answer: "*2\r\n:1\r\n:2\r\n", says: "as the script of a listing does"},
		"short row":       {answer: "*2\r\n$0\r\n\r\n*1\r\n$1\r\na\r\n", says: "as the script of a listing does"},
		"without an end":  {answer: "*1\r\n$1\r\na\r\n", says: "as the script of a listing does"},
		"another version": {answer: "%20000000\r\n", says: "not RESP 2"},
	} {
		s := open(t, "redis://"+answering(t, c.answer)+"/0")
		got, _, err := s.Get(t.Context(), "k")
		if strings.HasPrefix(c.answer, "*") {
			for _, err = range s.List(t.Context(), "") {
			}
		}
		switch {
		case errors.Is(err, sink.ErrTooLarge) != c.tooLarge:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want %q", name, err, c.says)
		case c.says == "" && !c.tooLarge && (err != nil || string(got) != c.body):
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// answering gives the address of a server that answers what reads so, a byte at a time at first, and ends.
func answering(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			for lines, open := bufio.NewScanner(conn), true; open && lines.Scan(); {
				switch strings.ToLower(lines.Text()) {
				case "get", "evalsha":
					for i := range min(len(answer), 20) {
						io.WriteString(conn, answer[i:i+1])
					}
					io.WriteString(conn, answer[min(len(answer), 20):])
					open = false
				case "hello":
					io.WriteString(conn, "-ERR unknown command\r\n")
				case "ping", "select", "client":
					io.WriteString(conn, "+OK\r\n")
				}
			}
			conn.Close()
		}
	}()
	return l.Addr().String()
}
