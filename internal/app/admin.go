package app

import (
	"net/http"
	"net/http/pprof"
)

// adminMux gives what operators see on TAMER_ADMIN_LISTEN: nobody is asked who they are there.
func (s *Server) adminMux(pages http.Handler) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health.alive)
	mux.HandleFunc("GET /livez", s.health.alive)
	mux.HandleFunc("GET /readyz", s.health.answerOperators)
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.Handle("/", pages)
	return mux
}

// publicMux gives what anybody who reaches TAMER_LISTEN sees.
func (s *Server) publicMux(hooks http.Handler) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/webhook", hooks)
	mux.HandleFunc("GET /healthz", s.health.alive)
	mux.HandleFunc("GET /livez", s.health.alive)
	mux.HandleFunc("GET /readyz", s.health.answer)
	return mux
}
