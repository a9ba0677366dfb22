package app

import (
	"fmt"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"net/url"
	"strings"
)

// adminMux gives what operators see on TAMER_ADMIN_LISTEN: nobody is asked who they are there.
func (s *Server) adminMux(pages http.Handler, address string) *http.ServeMux {
	outer, mux := http.NewServeMux(), http.NewServeMux()
	outer.HandleFunc("GET /healthz", s.health.alive)
	outer.HandleFunc("GET /livez", s.health.alive)
	outer.HandleFunc("GET /readyz", s.health.answerOperators)
	outer.Handle("GET /metrics", s.metrics.Handler()) // asked for by the name that a cluster gives it
	outer.Handle("/", onlyHere(address, mux))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.Handle("/", pages)
	return outer
}

// onlyHere refuses names that another site could have given this machine, to have a browser read along (DNS rebinding): the page is called
// by an IP address, as localhost, or by the name in the address that the settings give it.
func onlyHere(address string, next http.Handler) http.Handler {
	own, _ := url.Parse(address) // was parsed with the settings
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called := url.URL{Host: r.Host}
		_, err := netip.ParseAddr(called.Hostname())
		if err != nil && called.Hostname() != "localhost" && (r.Host == "" || own == nil || !strings.EqualFold(own.Host, r.Host)) {
			http.Error(w, fmt.Sprintf("%q is not the address of this page: open it by its IP address or as localhost, such as through "+
				"ssh -L 3001:127.0.0.1:3001 or kubectl port-forward, or set TAMER_ADMIN_URL to what browsers use", r.Host), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
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
