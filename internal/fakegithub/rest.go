package fakegithub

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxBody is the largest body of a REST request that is read. GitHub's own limit is not documented; a check run with
// fifty annotations of full size, the largest request there is, stays under it.
const maxBody = 10 << 20

// An object is JSON to be sent.
type object = map[string]any

// A call is one REST request on its way through the server.
type call struct {
	*http.Request
	body   []byte
	actor  actor
	repo   *repo // where the path names one
	status int   // to answer with; 0 means 200
	reply  http.Header
}

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

// A refusal is an answer of GitHub's that says no.
type refusal struct {
	status  int
	message string
	errors  []any  // details of "Validation Failed"
	doc     string // page of the documentation; empty: the first
}

func (e *refusal) Error() string { return fmt.Sprintf("%d %s", e.status, e.message) }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, message: fmt.Sprintf(format, args...)}
}

// invalid is GitHub's "Validation Failed" for one field.
func invalid(resource, field, code, format string, args ...any) *refusal {
	detail := object{"resource": resource, "field": field, "code": code}
	if format != "" {
		detail["message"] = fmt.Sprintf(format, args...)
	}
	return &refusal{status: http.StatusUnprocessableEntity, message: "Validation Failed", errors: []any{detail}}
}

// malformed is what GitHub says of a body that does not have the shape of its description.
func malformed(format string, args ...any) *refusal {
	return refuse(http.StatusUnprocessableEntity, "Invalid request.\n\n"+format, args...)
}

var (
	notFound       = refuse(http.StatusNotFound, "Not Found")
	badCredentials = refuse(http.StatusUnauthorized, "Bad credentials")
)

// decode reads the body as JSON. An empty body is an empty object.
func (c *call) decode(into any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	err := json.Unmarshal(c.body, into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return malformed("For '%s', %s is not a %s.", wrong.Field, wrong.Value, wrong.Type)
	case err != nil:
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	return nil
}

// serve answers one REST request: fault, limit, authentication, permission, effect, answer.
func (s *Server) serve(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		fault := s.faults.take(r)
		if fault.wait(r.Context()) != nil {
			return
		}
		s.mu.Lock()
		c := &call{Request: r, body: body, reply: http.Header{}}
		c.reply.Set("Content-Type", "application/json; charset=utf-8")
		c.reply.Set("X-GitHub-Media-Type", "github.v3; format=json")
		c.reply.Set("X-GitHub-Request-Id", strings.ToUpper(randomHex(8)))
		s.check(c)
		var answer any
		if err != nil {
			err = refuse(http.StatusRequestEntityTooLarge, "Payload too large")
		} else {
			answer, err = s.perform(c, rt, fault)
		}
		out := s.encode(c, answer, err)
		if fault.LoseAnswer {
			c.status = 0
		}
		s.record(c)
		s.mu.Unlock()
		if fault.LoseAnswer {
			panic(http.ErrAbortHandler) // cuts the connection
		}
		for name, values := range c.reply {
			w.Header()[name] = values
		}
		w.WriteHeader(c.status)
		_, _ = w.Write(out) // the reader may have gone
	}
}

// perform does what the request asks for, if it may.
func (s *Server) perform(c *call, rt route, fault Fault) (any, error) {
	var err error
	c.actor, err = s.authenticate(c.Request)
	if err != nil {
		return nil, err
	}
	if err := fault.refusal(c, s.cfg.Now()); err != nil {
		return nil, err
	}
	if err := s.countRequest(c, rt); err != nil {
		return nil, err
	}
	if owner := c.PathValue("owner"); owner != "" {
		r, ok := s.find(owner, c.PathValue("repo"))
		if !ok || !s.sees(c.actor, r) && !c.actor.app && c.actor != (actor{}) {
			return nil, notFound
		}
		if !strings.EqualFold(r.fullName(), owner+"/"+c.PathValue("repo")) {
			return nil, s.redirect(c, r)
		}
		c.repo = r
	}
	if err := s.allow(c, rt); err != nil {
		return nil, err
	}
	return rt.handle(s, c)
}

// redirect answers a request for a repository by its former name.
func (s *Server) redirect(c *call, r *repo) error {
	former := "/repos/" + c.PathValue("owner") + "/" + c.PathValue("repo")
	_, rest, _ := strings.Cut(c.URL.EscapedPath(), former)
	to := s.api("/repositories/%d", r.id) + rest
	if c.URL.RawQuery != "" {
		to += "?" + c.URL.RawQuery
	}
	c.reply.Set("Location", to)
	if c.Method == http.MethodGet || c.Method == http.MethodHead {
		return refuse(http.StatusMovedPermanently, "Moved Permanently")
	}
	return refuse(http.StatusTemporaryRedirect, "Temporary Redirect")
}

// encode gives the bytes to send and settles the status. The same bytes as the client has are not sent again.
func (s *Server) encode(c *call, answer any, err error) []byte {
	var no *refusal
	switch {
	case errors.As(err, &no):
		c.status = no.status
		view := object{"message": no.message, "documentation_url": cmp.Or(no.doc, "https://docs.github.com/rest"), "status": strconv.Itoa(no.status)}
		if no.errors != nil {
			view["errors"] = no.errors
		}
		if to := c.reply.Get("Location"); to != "" {
			view["url"] = to
		}
		answer = view
	case err != nil:
		c.status = http.StatusInternalServerError
		answer = object{"message": err.Error()}
	case c.status == 0:
		c.status = http.StatusOK
	}
	if c.status == http.StatusNoContent {
		c.reply.Del("Content-Type")
		return nil
	}
	out, err := json.Marshal(answer)
	if err != nil {
		c.status = http.StatusInternalServerError
		return fmt.Appendf(nil, `{"message":%q}`, err)
	}
	if c.Method == http.MethodGet && c.status == http.StatusOK {
		etag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(out))
		c.reply.Set("ETag", etag)
		c.reply.Set("Cache-Control", "private, max-age=60, s-maxage=60")
		if match := c.Header.Get("If-None-Match"); match == etag || match == strings.TrimPrefix(etag, "W/") {
			c.status = http.StatusNotModified
			s.uncountRequest(c)
			return nil
		}
	}
	return out
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

// page cuts out the part of a list that the request asks for with page and per_page, and links to the others.
// GitHub gives 30 items where the request does not say, and never more than 100.
func page[T any](s *Server, c *call, items []T) []T {
	q := c.URL.Query()
	size := number(q.Get("per_page"), 30)
	size = min(size, 100)
	at := number(q.Get("page"), 1)
	last := max(1, (len(items)+size-1)/size)
	link := func(page int, rel string) string {
		q.Set("page", strconv.Itoa(page))
		return fmt.Sprintf(`<%s?%s>; rel="%s"`, s.url+c.URL.EscapedPath(), q.Encode(), rel)
	}
	var links []string
	if at > 1 {
		links = append(links, link(at-1, "prev"), link(1, "first"))
	}
	if at < last {
		links = append(links, link(at+1, "next"), link(last, "last"))
	}
	if links != nil {
		c.reply.Set("Link", strings.Join(links, ", "))
	}
	if at > last {
		return nil
	}
	from := min((at-1)*size, len(items))
	return items[from:min(from+size, len(items))]
}

// number reads a positive number; anything else is the default.
func number(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return otherwise
	}
	return n
}

// views maps items to JSON; the result is never null.
func views[T any](items []T, view func(T) object) []object {
	out := make([]object, 0, len(items))
	for _, item := range items {
		out = append(out, view(item))
	}
	return out
}
