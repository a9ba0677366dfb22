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
		if !ok || rt.as == byToken && !c.actor.app && !s.sees(c.actor, r) {
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
