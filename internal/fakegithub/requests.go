package fakegithub

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A Request is one REST request that the server got, faults and refusals included. Git and pages are not among them.
type Request struct {
	Method       string
	Path         string // without /api/v3
	Query        url.Values
	Body         []byte
	Status       int    // 0 where the connection was cut
	App          bool   // sent with the app's JWT
	Installation int64  // sent with a token of this installation
	User         string // sent with a token of this user
}

// Write tells whether the request changes something, other than to ask for a token.
func (r Request) Write() bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && !strings.HasSuffix(r.Path, "/access_tokens")
}

// Requests gives the REST requests so far, in the order in which they were answered.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// Violations gives what Config.Check said against requests, with method and path.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.broken...)
}

// check has Config.Check look at the request.
func (s *Server) check(c *call) {
	if s.cfg.Check == nil {
		return
	}
	r := c.Request.Clone(c.Context())
	r.URL.Path = strings.TrimPrefix(r.URL.Path, apiPrefix)
	r.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, apiPrefix)
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	if err := s.cfg.Check(r); err != nil {
		s.broken = append(s.broken, fmt.Sprintf("%s %s: %v", c.Method, r.URL.Path, err))
	}
}

func (s *Server) record(c *call) {
	path, _, _ := strings.Cut(c.RequestURI, "?") // as sent: c.URL may have been rewritten
	r := Request{
		Method: c.Method, Path: strings.TrimPrefix(path, apiPrefix), Query: c.URL.Query(),
		Body: c.body, Status: c.status, App: c.actor.app,
	}
	if c.actor.install != nil {
		r.Installation = c.actor.install.id
	} else if c.actor.user != nil {
		r.User = c.actor.user.Login
	}
	s.requests = append(s.requests, r)
}
