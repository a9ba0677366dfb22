package app

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/tamerhq/tamer/internal/store"
)

// A health answers the questions of those who watch over the process.
type health struct {
	ready atomic.Bool
	store *store.Store
}

// alive says that the process answers.
func (h *health) alive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") }

// answer says whether webhooks can be taken now.
func (h *health) answer(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if !h.ready.Load() {
		http.Error(w, "starting or stopping", http.StatusServiceUnavailable)
		return
	}
	if err := h.store.DB().PingContext(ctx); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
