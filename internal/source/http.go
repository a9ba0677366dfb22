package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/outside"
)

// A service asks for JSON over HTTP.
type service struct {
	client      *http.Client
	base        *url.URL
	name, value string // of the header; empty for none
}

func openHTTP(s Source) (asker, error) {
	base, err := url.Parse(s.HTTP)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("the address cannot be read: write https://HOST, with a path or without")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost = maxTogether, 1
	transport.IdleConnTimeout, transport.MaxResponseHeaderBytes = time.Minute, 64<<10
	name, value, _ := strings.Cut(s.Header, ":")
	return &service{client: &http.Client{Transport: transport, CheckRedirect: sameHost}, base: base,
		name: strings.TrimSpace(name), value: strings.TrimSpace(value)}, nil
}

// sameHost follows a few redirects within the host that the operator has named; any other is the answer itself.
func sameHost(next *http.Request, via []*http.Request) error {
	if len(via) >= 3 || next.URL.Scheme != via[0].URL.Scheme || next.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

func (s *service) close() error {
	s.client.CloseIdleConnections()
	return nil
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func (s *service) args(q Query) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(q.Path, -1) {
		names = append(names, m[1])
	}
	return names
}

func (s *service) ask(ctx context.Context, q Query, args map[string]string) (outside.Values, error) {
	target, ok := expand(q.Path, args)
	if !ok {
		return outside.Values{}, nil // no such thing can be there
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base.String()+target, nil)
	if err != nil {
		return nil, unusablef("the path of the query makes no address")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "tamer")
	if s.name != "" {
		req.Header.Set(s.name, s.value)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, outside.Cause(ctx, err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode >= 500, resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout,
		resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden:
		return nil, fmt.Errorf("HTTP status %d", resp.StatusCode)
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return nil, unusablef("HTTP status %d, a redirect that leads to another host", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return nil, unusablef("HTTP status %d", resp.StatusCode)
	}
	return decode(ctx, resp.Body, q)
}

// expand puts the arguments into a path, each escaped for where it stands. It refuses those that would lead elsewhere.
func expand(template string, args map[string]string) (string, bool) {
	path, query, hasQuery := strings.Cut(template, "?")
	put := func(text string, escape func(string) string) string {
		return placeholder.ReplaceAllStringFunc(text, func(m string) string { return escape(args[m[1:len(m)-1]]) })
	}
	was, is := strings.Split(path, "/"), strings.Split(put(path, url.PathEscape), "/")
	for i, segment := range is {
		if segment != was[i] && (segment == "" || segment == "." || segment == "..") {
			return "", false
		}
	}
	path = strings.Join(is, "/")
	if hasQuery {
		path += "?" + put(query, url.QueryEscape)
	}
	return path, true
}

// decode reads the values that the query selects from a JSON text.
func decode(ctx context.Context, body io.Reader, q Query) (outside.Values, error) {
	src, err := io.ReadAll(io.LimitReader(body, maxBytes+1))
	if err != nil {
		return nil, outside.Cause(ctx, err)
	}
	if len(src) > maxBytes {
		return nil, unusablef("the answer has more than %d bytes", maxBytes)
	}
	return selected(src, q)
}
