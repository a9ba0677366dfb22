package cli_test

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
)

func TestHealthcheck(t *testing.T) {
	answers := http.NewServeMux()
	answers.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	answers.HandleFunc("/stopping", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "starting or stopping", http.StatusServiceUnavailable)
	})
	server := httptest.NewServer(answers)
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		listen string
		args   []string
		code   int
		says   string
	}{
		"the server on this machine": {":" + port, nil, cli.Clean, ""},
		"listening everywhere":       {"0.0.0.0:" + port, nil, cli.Clean, ""},
		"another address":            {"", []string{"--url", server.URL + "/readyz"}, cli.Clean, ""},
		"not ready":                  {"", []string{"--url", server.URL + "/stopping"}, cli.Failures, "503 Service Unavailable: starting or stopping"},
		"nobody there":               {"", []string{"--url", "http://127.0.0.1:1/readyz"}, cli.Failures, "not ready"},
		"no address":                 {"", []string{"--url", "http://[/"}, cli.Misuse, "is no address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TAMER_LISTEN", c.listen)
			var out, errs bytes.Buffer
			code := cli.Run(t.Context(), append([]string{"healthcheck"}, c.args...), nil, &out, &errs)
			if code != c.code || !strings.Contains(errs.String(), c.says) || out.Len() > 0 {
				t.Errorf("exits with %d, want %d; says %q", code, c.code, errs.String())
			}
		})
	}
}
