// Package github speaks to GitHub's REST API as the app: authentication, limits, and the few calls that tamer needs,
// from and to the words of forge. It is the only home of go-github.
//
// It never sleeps. Where GitHub asks for patience the error carries work.After, where no retry will help
// work.Permanent, and where the thing is not there it wraps fs.ErrNotExist; all others are worth trying again.
// No error holds a token or key.
package github

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	jwt "github.com/golang-jwt/jwt/v4"
	"github.com/google/go-github/v60/github"
)

// callLimit bounds one call of GitHub, the minting of a token before it included.
const callLimit = 30 * time.Second

// Config says which GitHub to speak to, and as whom.
type Config struct {
	// APIURL is the root of the REST API, such as https://api.github.com/ or https://github.example.com/api/v3/.
	APIURL string
	// AppID is the number that the app's settings page shows.
	AppID int64
	// PrivateKey is an RSA key in PEM (PKCS #1 or PKCS #8).
	PrivateKey []byte
	// Transport carries the requests. Default: a clone of http.DefaultTransport.
	Transport http.RoundTripper
	// Limits, if set, share the waits that GitHub asks for with other processes, and with this one after its next start.
	Limits Limits
}

// A Client is the app on one GitHub. It is safe for concurrent use. It holds one session per repository and purpose,
// so that no token or cache serves two repositories.
type Client struct {
	api   *url.URL
	appID int64
	key   *rsa.PrivateKey
	base  http.RoundTripper
	now   func() time.Time

	limits Limits // may be nil

	mu       sync.Mutex
	desks    map[int64]*desk // by installation; 0 for the app itself
	sessions sessions
}

// A desk is where the app asks on behalf of one installation: all that its limits are common to.
type desk struct {
	gate *gate
	app  *github.Client // speaks by JWT
}

// New reports every bad field at once. It sends nothing.
func New(cfg Config) (*Client, error) {
	api, urlErr := parseAPI(cfg.APIURL)
	key, keyErr := jwt.ParseRSAPrivateKeyFromPEM(cfg.PrivateKey)
	if keyErr != nil {
		keyErr = fmt.Errorf("parse private key: %w; it must be an RSA key in PEM", keyErr)
	}
	var idErr error
	if cfg.AppID <= 0 {
		idErr = fmt.Errorf("app id %d: must be positive", cfg.AppID)
	}
	if err := errors.Join(urlErr, idErr, keyErr); err != nil {
		return nil, err
	}
	transport := cfg.Transport
	if transport == nil {
		transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	return &Client{
		api: api, appID: cfg.AppID, key: key, base: bounded{transport, maxAnswer}, now: time.Now, limits: cfg.Limits,
		desks: map[int64]*desk{}, sessions: sessions{open: map[scope]*session{}},
	}, nil
}

func parseAPI(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("API URL %q: must be like https://api.github.com/", s)
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/"
	return u, nil
}

// desk gives the desk of the installation. The caller holds c.mu.
func (c *Client) desk(installation int64) *desk {
	d := c.desks[installation]
	if d == nil {
		g := &gate{next: c.base, now: c.now, installation: installation, limits: c.limits}
		d = &desk{gate: g, app: c.rest(appAuth(g, c.appID, c.key, c.now))}
		c.desks[installation] = d
	}
	return d
}

// app gives the client that speaks as the app itself.
func (c *Client) app() *github.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.desk(0).app
}

// rest gives a REST client over the transport.
func (c *Client) rest(rt http.RoundTripper) *github.Client {
	client := github.NewClient(&http.Client{Transport: rt, Timeout: callLimit, CheckRedirect: follow})
	client.BaseURL = c.api
	client.UserAgent = "tamer"
	return client
}

// session gives the session of the scope, making it when absent.
func (c *Client) session(at scope) *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sessions.take(at, func() *session {
		d := c.desk(at.installation)
		t := newToken(d.app, at, c.now)
		return &session{token: t, rest: c.rest(&tokenAuth{next: d.gate, token: t, now: c.now})}
	})
}

// follow lets a read follow a renamed repository, on the same host only because the next request carries the token.
// A write is never repeated elsewhere: the names are renewed by the next webhook or sweep, and the work tried again.
func follow(next *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case first.Method != http.MethodGet:
		return fmt.Errorf("%s has moved: its repository was renamed or transferred", first.URL.Path)
	case next.URL.Host != first.URL.Host || next.URL.Scheme != first.URL.Scheme:
		return fmt.Errorf("%s redirects to another host", first.URL.Path)
	case len(via) > 3:
		return fmt.Errorf("%s redirects too often", first.URL.Path)
	}
	return nil
}

// newest gives the thing of the highest id; nil for none. GitHub's ids rise.
func newest[T any](things []*T, id func(*T) int64) *T {
	var best *T
	for _, t := range things {
		if best == nil || id(t) > id(best) {
			best = t
		}
	}
	return best
}
