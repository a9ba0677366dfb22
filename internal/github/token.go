package github

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	jwt "github.com/golang-jwt/jwt/v4"
	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

const (
	// The app's own token is dated back, for clocks that differ. Source: docs.github.com, "Generating a JSON Web
	// Token for a GitHub App": iat 60 seconds in the past, exp at most 10 minutes ahead.
	jwtBack = time.Minute
	jwtLife = 5 * time.Minute

	// An installation token lives for an hour. It is replaced while it is still good for one long fetch.
	tokenSpare = 10 * time.Minute
)

// appAuth authenticates as the app, by a token signed anew for each request.
func appAuth(next http.RoundTripper, appID int64, key *rsa.PrivateKey, now func() time.Time) http.RoundTripper {
	t := ghinstallation.NewAppsTransportFromPrivateKey(next, appID, key)
	ghinstallation.WithSigner(signer{key, now})(t)
	return t
}

// signer replaces the times of ghinstallation's claims, which go back by half a minute only.
type signer struct {
	key *rsa.PrivateKey
	now func() time.Time
}

func (s signer) Sign(claims jwt.Claims) (string, error) {
	c, ok := claims.(*jwt.RegisteredClaims)
	if !ok {
		return "", fmt.Errorf("sign app token: unexpected claims %T", claims)
	}
	now := s.now().Truncate(time.Second)
	c.IssuedAt, c.ExpiresAt = jwt.NewNumericDate(now.Add(-jwtBack)), jwt.NewNumericDate(now.Add(jwtLife))
	return jwt.NewWithClaims(jwt.SigningMethodRS256, c).SignedString(s.key)
}

// Token gives a token that can read this one repository by git, and nothing else, for ten minutes or more.
func (c *Client) Token(ctx context.Context, repo forge.Repo) (string, error) {
	s, err := c.in(repo, forGit)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	value, _, err := s.token.get(ctx)
	if err != nil {
		return "", fmt.Errorf("get git token of %s: %w", repo, explain(err))
	}
	return value, nil
}

// A token is the installation token of one scope, minted when it is wanted. It is safe for concurrent use.
type token struct {
	app  *github.Client
	at   scope
	now  func() time.Time
	turn chan struct{} // holds one element while somebody reads or replaces what follows

	value           string
	minted, expires time.Time
}

func newToken(app *github.Client, at scope, now func() time.Time) *token {
	return &token{app: app, at: at, now: now, turn: make(chan struct{}, 1)}
}

// get gives the token and when it was minted. Those who come while it is being minted wait for it.
func (t *token) get(ctx context.Context) (string, time.Time, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", time.Time{}, ctx.Err()
	}
	if t.value != "" && t.now().Before(t.expires.Add(-tokenSpare)) {
		return t.value, t.minted, nil
	}
	if err := t.mint(ctx); err != nil {
		return "", time.Time{}, fmt.Errorf("get token of installation %d: %w", t.at.installation, err)
	}
	return t.value, t.minted, nil
}

func (t *token) mint(ctx context.Context) error {
	options := &github.InstallationTokenOptions{Permissions: t.at.purpose.permissions()}
	if t.at.purpose != forListing {
		options.RepositoryIDs = []int64{t.at.repo}
	}
	got, _, err := t.app.Apps.CreateInstallationToken(ctx, t.at.installation, options)
	if err != nil {
		return mintRefused(err)
	}
	if got.GetToken() == "" {
		return errors.New("GitHub's answer holds no token")
	}
	t.value, t.minted, t.expires = got.GetToken(), t.now(), got.GetExpiresAt().Time
	return nil
}

// mintRefused is explain, but that an installation which is gone or suspended ends the work.
func mintRefused(err error) error {
	var answer *github.ErrorResponse
	if errors.As(err, &answer) {
		switch answer.Response.StatusCode {
		case http.StatusNotFound, http.StatusGone:
			return work.Permanent(fmt.Errorf("the app is not installed there any more: %s", textOf(err)))
		case http.StatusForbidden:
			return work.Permanent(fmt.Errorf("the installation is suspended or lacks a permission: %s", textOf(err)))
		}
	}
	return explain(err)
}

// forget drops the token if it is still this one, so that the next call mints another.
func (t *token) forget(value string) {
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	if t.value == value {
		t.value = ""
	}
}

// tokenAuth authenticates with the token of one scope.
type tokenAuth struct {
	next  http.RoundTripper
	token *token
	now   func() time.Time
}

func (a *tokenAuth) RoundTrip(req *http.Request) (*http.Response, error) {
	value, minted, err := a.token.get(req.Context())
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	authed := req.Clone(req.Context())
	authed.Header.Set("Authorization", "Bearer "+value)
	resp, err := a.next.RoundTrip(authed)
	if err != nil {
		return nil, err
	}
	age := a.now().Sub(minted)
	if wait := patience(resp.StatusCode, age); wait > 0 {
		return nil, work.After(wait, fmt.Errorf("GitHub answered %d to a token it gave %s ago", resp.StatusCode, age.Round(time.Second)))
	}
	if resp.StatusCode == http.StatusUnauthorized {
		a.token.forget(value)
	}
	return resp, nil
}

// patience tells how long to wait before a refusal is believed; zero when it is to be believed now. GitHub refuses a
// new token for some seconds with 401, 403 or 404, so it is asked again after 3, 10 and 30 seconds. A 404 mostly means
// what it says, and gets one second look.
func patience(status int, age time.Duration) time.Duration {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
	default:
		return 0
	}
	switch {
	case age < 3*time.Second:
		return 3 * time.Second
	case status == http.StatusNotFound:
		return 0
	case age < 13*time.Second:
		return 10 * time.Second
	case age < 43*time.Second:
		return 30 * time.Second
	}
	return 0
}
