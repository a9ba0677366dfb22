package setup

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

//go:embed *.html
var files embed.FS

// A manifest is the app as GitHub is asked for it.
type manifest struct {
	Name        string            `json:"name"`
	Description string            `json:"description"`
	URL         string            `json:"url"`
	Public      bool              `json:"public"`
	Hook        hook              `json:"hook_attributes"`
	Redirect    string            `json:"redirect_url"`
	Callbacks   []string          `json:"callback_urls"`
	Events      []string          `json:"default_events"`
	Permissions map[string]string `json:"default_permissions"`
}

type hook struct {
	URL    string `json:"url"`
	Active bool   `json:"active"`
}

// readManifest reads app.yml.
func readManifest(src []byte) (manifest, error) {
	docs, found := document.Parse(src, document.Limits{})
	if len(found) > 0 || len(docs) != 1 {
		return manifest{}, fmt.Errorf("read app.yml: %d documents, %v", len(docs), found)
	}
	var m manifest
	text, err := json.Marshal(docs[0].Value)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return manifest{}, fmt.Errorf("read app.yml: %w", err)
	}
	return m, nil
}

// What GitHub takes as the name of an app, and as that of an organization.
var (
	nameOK         = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]{0,33}$`)
	organizationOK = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
)

// filled gives the manifest as JSON, with what the operator says. The error says what to write instead.
func (m manifest) filled(f form, here string) (string, error) {
	var errs []error
	if !nameOK.MatchString(f.Name) {
		errs = append(errs, errors.New("name: write 1 to 34 letters, digits, spaces, dots and hyphens, such as tamer-acme"))
	}
	if f.Organization != "" && !organizationOK.MatchString(f.Organization) {
		errs = append(errs, errors.New("organization: write its name as in its address, such as acme, or leave it empty for an app of your own"))
	}
	webhook, err := webhookURL(f.Webhook)
	if err := errors.Join(append(errs, err)...); err != nil {
		return "", err
	}
	m.Name, m.Hook, m.Redirect = f.Name, hook{webhook, true}, here+"/registered"
	m.Callbacks = []string{here + "/signin/callback"} // of the status page
	text, err := json.Marshal(m)
	return string(text), err
}

// webhookURL gives the address that GitHub sends webhooks to; where it is tamer's own, without a path, with that of its webhooks.
func webhookURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", errors.New("webhooks: write the address at which GitHub reaches TAMER_LISTEN, such as https://tamer.example.com/webhook")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if here := u.Hostname() == "localhost" || err == nil && ip.IsLoopback(); u.Scheme == "http" && !here {
		return "", errors.New("webhooks: write https://, for webhooks tell of private repositories")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/webhook"
	}
	return u.String(), nil
}
