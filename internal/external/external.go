// Package external has programs of the operator's judge configs: it posts to them, signed, and gives back what they answer,
// within bounds.
package external

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
)

// Config declares the checks by name.
type Config struct {
	Checks map[string]Check
	// Report, if set, is told why a check gave no usable answer. The error holds no secret and nothing of the answer.
	Report func(ctx context.Context, check string, err error)
}

// A Check is one program that judges over HTTP.
type Check struct {
	Repositories []string // OWNER/NAME or OWNER/*: whose configs are posted
	URL          string
	Secret       []byte // signs what is posted; required
	Types        []string
	Paths        []string
	Timeout      time.Duration // default 30s
}

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 4 << 20

// SignatureHeader holds the Signature of the body: "sha256=" and the HMAC-SHA256 in hex, as GitHub signs its webhooks.
const SignatureHeader = "X-Tamer-Signature-256"

// Checks posts to the declared checks. It is safe for concurrent use.
type Checks struct {
	declared map[string]Check
	client   *http.Client
	report   func(context.Context, string, error)
}

// New takes the checks into use; none is asked yet.
func New(cfg Config) (*Checks, error) {
	var errs []error
	declared := map[string]Check{}
	for name, c := range cfg.Checks {
		u, err := url.Parse(c.URL)
		if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
			errs = append(errs, fmt.Errorf("external check %s: the address cannot be read: write https://HOST/PATH", name))
		}
		if len(c.Secret) == 0 {
			errs = append(errs, fmt.Errorf("external check %s: there is no secret", name))
		}
		if c.Timeout == 0 {
			c.Timeout = 30 * time.Second
		}
		declared[name] = c
	}
	if cfg.Report == nil {
		cfg.Report = func(context.Context, string, error) {}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost, transport.MaxResponseHeaderBytes = 4, 1, 64<<10
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Checks{declared: declared, client: client, report: cfg.Report}, nil
}

// Close ends idle connections.
func (c *Checks) Close() error {
	c.client.CloseIdleConnections()
	return nil
}

// For gives the checks of a repository, sorted by name.
func (c *Checks) For(repo forge.Repo) []outside.Check {
	var all []outside.Check
	for _, name := range slices.Sorted(maps.Keys(c.declared)) {
		if d := c.declared[name]; outside.Allows(d.Repositories, repo) {
			all = append(all, outside.Check{Name: name, Types: d.Types, Paths: d.Paths})
		}
	}
	return all
}

// Post posts a body to a check that For gave, and has read take the answer: its error makes the answer an unusable one, and
// is reported. Only the end of ctx is an error.
func (c *Checks) Post(ctx context.Context, check string, body []byte, read func(answer []byte) error) (outside.Fault, error) {
	answer, err := c.post(ctx, c.declared[check], body)
	if err == nil {
		if err = read(answer); err == nil {
			return outside.Answered, nil
		}
		err = unusable{err}
	}
	if ctx.Err() != nil {
		return outside.Silent, fmt.Errorf("post to the external check %s: %w", check, context.Cause(ctx))
	}
	c.report(ctx, check, err)
	if u := (unusable{}); errors.As(err, &u) {
		return outside.Unusable, nil
	}
	return outside.Silent, nil
}

// An unusable error says that the check has answered, and that asking again would not help.
type unusable struct{ error }

func (c *Checks) post(ctx context.Context, to Check, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, to.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address makes no request")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "tamer")
	req.Header.Set(SignatureHeader, Signature(to.Secret, body))
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, outside.Cause(ctx, err)
	}
	defer resp.Body.Close()
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code == http.StatusUnauthorized, code == http.StatusForbidden:
		return nil, fmt.Errorf("HTTP status %d", code)
	default:
		return nil, unusable{fmt.Errorf("HTTP status %d", code)}
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, outside.Cause(ctx, err)
	}
	if len(answer) > maxAnswer {
		return nil, unusable{fmt.Errorf("the answer has more than %d bytes", maxAnswer)}
	}
	return answer, nil
}

// Signature is what SignatureHeader holds for a body.
func Signature(secret, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
