package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
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
		return nil, withoutURL(err)
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
	return decode(resp.Body, q)
}

// withoutURL is the error without the address, which holds values of configs.
func withoutURL(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
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
func decode(body io.Reader, q Query) (outside.Values, error) {
	src, err := io.ReadAll(io.LimitReader(body, maxBytes+1))
	if err != nil {
		return nil, withoutURL(err)
	}
	if len(src) > maxBytes {
		return nil, unusablef("the answer has more than %d bytes", maxBytes)
	}
	dec := json.NewDecoder(strings.NewReader(string(src)))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil || dec.More() {
		return nil, unusablef("the answer is no JSON")
	}
	found, err := selected(doc, pointerTokens(q.JSON), q.Rows)
	if err != nil {
		return nil, err
	}
	values := outside.Values{}
	for _, v := range found {
		text, ok := outside.Text(v)
		if !ok && v != nil {
			return nil, unusablef("%s selects lists or objects in the answer; it must select texts, numbers or booleans", q.JSON)
		}
		if ok {
			values.Add(text)
		}
	}
	return values, nil
}

func pointerTokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, t := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
	}
	return tokens
}

// selected gives what a pointer with * selects, at most so many. A list or object that is missing where one is named is no answer;
// a property that some of many items lack is.
func selected(doc any, tokens []string, most int) ([]any, error) {
	level := []any{doc}
	for i, token := range tokens {
		var next []any
		for _, v := range level {
			switch v := v.(type) {
			case map[string]any:
				if token == "*" {
					for _, child := range v {
						next = append(next, child)
					}
				} else if child, ok := v[token]; ok {
					next = append(next, child)
				} else if !slices.Contains(tokens[:i], "*") {
					return nil, unusablef("the answer has no %q where the query looks", token)
				}
			case []any:
				if token != "*" {
					return nil, unusablef("the answer has a list where the query looks for %q", token)
				}
				next = append(next, v...)
			default:
				return nil, unusablef("the answer has no list or object where the query looks for %q", token)
			}
			if len(next) > most {
				return nil, unusablef("the answer has more than %d values", most)
			}
		}
		level = next
	}
	return level, nil
}
