package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// A health answers the questions of those who watch over the process.
type health struct {
	ready  atomic.Bool
	waits  atomic.Value // of a string: what is waited for before it can be ready; nil for nothing
	probes []probe      // after that of starting and stopping
}

// A probe is one thing that is looked at.
type probe struct {
	name string
	// look tells what is wrong. It is asked often, so it must cost little.
	look func(ctx context.Context) error
	// told is a probe that is shown, and does not decide: webhooks are taken all the same.
	told bool
}

// probeTime bounds all probes together.
const probeTime = 3 * time.Second

// alive says that the process answers.
func (h *health) alive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") }

// answer says whether webhooks can be taken now; with ?verbose each probe by name, but not what is wrong: anybody may ask.
func (h *health) answer(w http.ResponseWriter, r *http.Request) { h.tell(w, r, false) }

// answerOperators is answer, but that ?verbose says what is wrong.
func (h *health) answerOperators(w http.ResponseWriter, r *http.Request) { h.tell(w, r, true) }

func (h *health) tell(w http.ResponseWriter, r *http.Request, reasons bool) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTime)
	defer cancel()
	all := append([]probe{{name: "serving", look: h.serving}}, h.probes...)
	failed, lines := "", strings.Builder{}
	for _, p := range all {
		err := p.look(ctx)
		switch {
		case err == nil:
			fmt.Fprintf(&lines, "[+]%s ok\n", p.name)
			continue
		case reasons:
			fmt.Fprintf(&lines, "[-]%s %v\n", p.name, err)
		default:
			fmt.Fprintf(&lines, "[-]%s failed: the admin address tells why\n", p.name)
		}
		if !p.told && failed == "" {
			failed = p.name
		}
	}
	text, status := "ready", http.StatusOK
	if failed != "" {
		text, status = "not ready: "+failed, http.StatusServiceUnavailable
	}
	if r.URL.Query().Has("verbose") {
		text = lines.String() + text
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

func (h *health) serving(context.Context) error {
	if what, ok := h.waits.Load().(string); ok {
		return errors.New(what)
	}
	if !h.ready.Load() {
		return errors.New("tamer is starting or stopping")
	}
	return nil
}
