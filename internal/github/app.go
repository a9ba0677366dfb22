package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/work"
)

// An App is what GitHub knows of the app that is asked as.
type App struct {
	ID          int64             `json:"id"`
	Slug        string            `json:"slug"`     // the short name, as in addresses
	Page        string            `json:"html_url"` // for people
	Permissions map[string]string `json:"permissions"`
	Events      []string          `json:"events"`

	Hook string    `json:"-"` // where webhooks go; empty where GitHub does not tell
	Now  time.Time `json:"-"` // GitHub's clock when it answered, to the second; zero where it does not tell
}

// ErrKey says that GitHub does not take the key as that of the app.
var ErrKey = errors.New("the app id or the private key is wrong, or the clock")

// App asks for the app itself, in two calls. The error may be ErrKey.
func (c *Client) App(ctx context.Context) (App, error) {
	client := c.app()
	req, err := client.NewRequest(http.MethodGet, "app", nil)
	if err != nil {
		return App{}, fmt.Errorf("ask for the app: %w", err)
	}
	var app App // go-github's type knows not all permissions
	resp, err := client.Do(ctx, req, &app)
	if resp != nil && resp.StatusCode == http.StatusUnauthorized {
		return App{}, fmt.Errorf("ask for the app: %w: %s", ErrKey, textOf(err))
	}
	if err != nil {
		return App{}, fmt.Errorf("ask for the app: %w", explain(err))
	}
	app.Now, _ = http.ParseTime(resp.Header.Get("Date"))
	if hook, _, err := client.Apps.GetHookConfig(ctx); err == nil {
		app.Hook = hook.GetURL()
	}
	return app, nil
}

// A Registered is an app that has just been made, with all that it is known by. It holds secrets.
type Registered struct {
	ID                                                int64
	Slug, Page                                        string
	PrivateKey, WebhookSecret, ClientID, ClientSecret string
}

// Register exchanges the code that GitHub has led a person back with for the app that the person has made. A code is good for one
// exchange, within an hour. transport may be nil.
func Register(ctx context.Context, apiURL, code string, transport http.RoundTripper) (Registered, error) {
	api, err := parseAPI(apiURL)
	if err != nil {
		return Registered{}, err
	}
	if !nameOK.MatchString(code) {
		return Registered{}, work.Permanent(fmt.Errorf("register the app: %.20q is no code that GitHub gives", code))
	}
	if transport == nil {
		transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	base := bounded{transport, maxAnswer}
	client := github.NewClient(&http.Client{Transport: base, Timeout: callLimit, CheckRedirect: follow})
	client.BaseURL, client.UserAgent = api, "tamer"
	defer client.Client().CloseIdleConnections()
	got, _, err := client.Apps.CompleteAppManifest(ctx, url.PathEscape(code))
	if err != nil {
		return Registered{}, fmt.Errorf("register the app: %w", explain(err))
	}
	return Registered{ID: got.GetID(), Slug: got.GetSlug(), Page: got.GetHTMLURL(), PrivateKey: got.GetPEM(),
		WebhookSecret: got.GetWebhookSecret(), ClientID: got.GetClientID(), ClientSecret: got.GetClientSecret()}, nil
}
