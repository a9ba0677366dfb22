// Package openapi checks requests, and the fake's answers, against GitHub's own OpenAPI description. It is for tests
// only: the program must not import it, for the library behind it is large.
//
// The description is a trimmed copy of npm's @octokit/openapi (MIT licence), made by tools/openapi.
package openapi

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

//go:embed testdata/openapi.json
var trimmed []byte

// A Description says what requests and answers look like. It is safe for concurrent use.
type Description struct{ doc *openapi3.T }

// Load reads the description.
func Load() (*Description, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(trimmed)
	if err != nil {
		return nil, fmt.Errorf("read OpenAPI description: %w", err)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("check OpenAPI description: %w", err)
	}
	return &Description{doc}, nil
}

// CheckRequest says what is wrong with a request: an operation that is not described, a path, query or body that is not
// as described. Unlike GitHub, which ignores them, it refuses unknown query parameters and unknown fields at the top of
// the body: they are mistakes of the sender. The path comes without /api/v3. It fits fakegithub.Config.Check.
func (d *Description) CheckRequest(r *http.Request) error {
	in, err := d.input(r)
	if err != nil {
		return err
	}
	if err := unknownQuery(r, in.Route); err != nil {
		return err
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	if err := unknownFields(body, in.Route.Operation); err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		r.Body = http.NoBody
	}
	return openapi3filter.ValidateRequest(r.Context(), in)
}

// CheckAnswer says what is wrong with an answer of 2xx to a request.
func (d *Description) CheckAnswer(r *http.Request, status int, header http.Header, body []byte) error {
	in, err := d.input(r)
	if err != nil {
		return err
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: status, Header: header, Options: in.Options}
	out.SetBodyBytes(body)
	return openapi3filter.ValidateResponse(context.WithoutCancel(r.Context()), out)
}

func (d *Description) input(r *http.Request) (*openapi3filter.RequestValidationInput, error) {
	route, params, err := d.find(r)
	if err != nil {
		return nil, err
	}
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}, nil
}

// find gives the operation of a request. Where several fit, the one with the most fixed segments is meant.
func (d *Description) find(r *http.Request) (*routers.Route, map[string]string, error) {
	var best *routers.Route
	var params map[string]string
	fixed := -1
	for path, item := range d.doc.Paths.Map() {
		op := item.GetOperation(r.Method)
		if op == nil {
			continue
		}
		if p, ok := match(strings.Split(path, "/"), strings.Split(r.URL.EscapedPath(), "/")); ok {
			if n := strings.Count(path, "/") - strings.Count(path, "{"); n > fixed {
				fixed, params = n, p
				best = &routers.Route{Spec: d.doc, Path: path, PathItem: item, Method: r.Method, Operation: op}
			}
		}
	}
	if best == nil {
		return nil, nil, fmt.Errorf("%s %s is no operation of the description; tools/openapi lists those that are kept", r.Method, r.URL.Path)
	}
	return best, params, nil
}

// match compares a described path with one that was sent. A ref or branch may hold slashes.
func match(pattern, path []string) (map[string]string, bool) {
	params := map[string]string{}
	for i, want := range pattern {
		name, variable := strings.CutPrefix(want, "{")
		name = strings.TrimSuffix(name, "}")
		extra := len(path) - len(pattern)
		switch {
		case extra < 0:
			return nil, false
		case !variable && want != path[i]:
			return nil, false
		case !variable:
			continue
		}
		value := path[i]
		if extra > 0 && (name == "ref" || name == "branch") {
			value = strings.Join(path[i:i+extra+1], "/")
			path = slices.Concat(path[:i], []string{value}, path[i+extra+1:])
		}
		text, err := url.PathUnescape(value)
		if err != nil || text == "" {
			return nil, false
		}
		params[name] = text
	}
	return params, len(path) == len(pattern)
}

func unknownQuery(r *http.Request, route *routers.Route) error {
	for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
		known := slices.ContainsFunc(slices.Concat(route.Operation.Parameters, route.PathItem.Parameters), func(p *openapi3.ParameterRef) bool {
			return p.Value.In == openapi3.ParameterInQuery && p.Value.Name == name
		})
		if !known {
			return fmt.Errorf("query parameter %q is not described", name)
		}
	}
	return nil
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	body = bytes.TrimSpace(body)
	if string(body) == "null" { // what go-github sends for options that are not given; GitHub takes it for nothing
		return nil, nil
	}
	return body, nil
}

func unknownFields(body []byte, op *openapi3.Operation) error {
	if len(body) == 0 {
		return nil
	}
	if op.RequestBody == nil {
		return fmt.Errorf("a body of %d bytes was sent where none is described", len(body))
	}
	media := op.RequestBody.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil || len(media.Schema.Value.Properties) == 0 {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return fmt.Errorf("body is no JSON object: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if media.Schema.Value.Properties[name] == nil {
			return fmt.Errorf("field %q of the body is not described", name)
		}
	}
	return nil
}
