package app

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	var broken error
	h := &health{probes: []probe{
		{name: "database", look: func(context.Context) error { return broken }},
		{name: "github", told: true, look: func(context.Context) error { return errors.New("asked for no calls") }},
	}}
	ask := func(f http.HandlerFunc, path string) (int, string) {
		w := httptest.NewRecorder()
		f(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	expect := func(f http.HandlerFunc, path string, status int, text string) {
		t.Helper()
		if gotStatus, got := ask(f, path); gotStatus != status || got != text {
			t.Errorf("%s: %d\n%s\nwant %d\n%s", path, gotStatus, got, status, text)
		}
	}
	expect(h.alive, "/livez", 200, "alive\n")
	expect(h.answer, "/readyz", 503, "not ready: serving\n")
	h.ready.Store(true)
	expect(h.answer, "/readyz", 200, "ready\n")
	expect(h.answerOperators, "/readyz?verbose", 200, "[+]serving ok\n[+]database ok\n[-]github asked for no calls\nready\n")
	expect(h.answer, "/readyz?verbose", 200, "[+]serving ok\n[+]database ok\n[-]github failed: the admin address tells why\nready\n")
	broken = errors.New("disk on fire")
	expect(h.answer, "/readyz", 503, "not ready: database\n")
	if _, text := ask(h.answer, "/readyz?verbose"); strings.Contains(text, "fire") {
		t.Errorf("anybody is told: %s", text)
	}
	if _, text := ask(h.answerOperators, "/readyz?verbose"); !strings.Contains(text, "[-]database disk on fire\n") {
		t.Errorf("operators are not told: %s", text)
	}
}
