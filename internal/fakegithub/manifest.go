package fakegithub

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A manifest is what an app is registered from. Source: docs.github.com, "Registering a GitHub App from a manifest".
type manifest struct {
	Name           string            `json:"name"`
	URL            string            `json:"url"`
	HookAttributes *hookAttributes   `json:"hook_attributes"`
	RedirectURL    string            `json:"redirect_url"`
	Public         *bool             `json:"public"`
	Events         []string          `json:"default_events"`
	Permissions    map[string]string `json:"default_permissions"`
}

type hookAttributes struct {
	URL    string `json:"url"`
	Active *bool  `json:"active"`
}

// A registration is an app that a person is about to make, or has made and not yet handed over.
type registration struct {
	manifest
	owner string // an organization; empty for a person
	state string
	made  time.Time // zero until the person has agreed
	app   object    // what the conversion gives
	key   *rsa.PublicKey
}

// codeLife is for how long the code of a registration is good, and for one use. Source: as manifest.
const codeLife = time.Hour

// eventNeeds are the permissions that events need: one of several given with "|". Source: docs.github.com, "Webhook events and payloads".
var eventNeeds = map[string]string{
	"check_run": "checks", "check_suite": "checks", "issue_comment": "issues|pull_requests", "merge_group": "merge_queues", "pull_request": "pull_requests",
	"pull_request_review": "pull_requests", "push": "contents", "repository": "metadata", "deployment": "deployments", "issues": "issues",
}

// known permissions, as far as apps of this kind ask for them.
var knownPermissions = []string{"administration", "checks", "contents", "deployments", "issues", "members", "merge_queues", "metadata", "pull_requests", "statuses"}

// wrong gives what GitHub says against the manifest; nil for nothing.
func (m manifest) wrong(taken func(string) bool) []string {
	var all []string
	say := func(bad bool, format string, args ...any) {
		if bad {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	say(m.Name == "", "Name can't be blank")
	say(len(m.Name) > 34, "Name is too long (maximum is 34 characters)")
	say(m.Name != "" && taken(slug(m.Name)), "Name is already taken")
	say(!isWebURL(m.URL), "Url must be a valid URL")
	say(m.RedirectURL != "" && !isWebURL(m.RedirectURL), "Redirect url must be a valid URL")
	say(m.HookAttributes != nil && !isWebURL(m.HookAttributes.URL), "Hook url must be a valid URL")
	say(len(m.Events) > 0 && m.HookAttributes == nil, "Hook url cannot be blank")
	for name, level := range m.Permissions {
		say(!slices.Contains(knownPermissions, name), "Default permission records resource is not included in the list: %s", name)
		say(level != "read" && level != "write" || name == "metadata" && level != "read", "Default permission records action is not included in the list: %s: %s", name, level)
	}
	for _, event := range m.Events {
		need, known := eventNeeds[event]
		say(!known, "Default events unsupported: %s", event)
		say(known && !slices.ContainsFunc(strings.Split(need, "|"), func(p string) bool { return m.Permissions[p] != "" }),
			"Default events are not supported by permissions: %s", event)
	}
	slices.Sort(all)
	return all
}

func isWebURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// slug is the short name of an app, as in addresses.
func slug(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name)), "-")
}

var manifestPage = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><title>Create GitHub App</title>
{{with .Problems}}<h1>Invalid GitHub App configuration</h1><ul>{{range .}}<li>{{.}}</li>{{end}}</ul>{{end}}
{{with .Name}}<h1>Create GitHub App</h1><p>{{.}}</p><form method="post" action="/settings/apps/manifest"><input type="hidden" name="token" value="{{$.Token}}">
<button>Create GitHub App for {{.}}</button></form>{{end}}</html>`))

// offerManifest is the page that a manifest is posted to, from any site: the person has to agree.
func (s *Server) offerManifest(w http.ResponseWriter, r *http.Request) {
	var page struct {
		Problems    []string
		Name, Token string
	}
	reg := &registration{owner: r.PathValue("org"), state: r.URL.Query().Get("state")}
	status := http.StatusUnprocessableEntity
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := json.Unmarshal([]byte(r.PostFormValue("manifest")), &reg.manifest); err != nil {
		page.Problems = []string{"Manifest is not valid JSON"}
	} else if page.Problems = reg.wrong(func(slug string) bool { return s.apps[slug] != nil && slug != s.cfg.AppSlug }); page.Problems == nil {
		page.Name, page.Token = reg.Name, randomHex(20)
		s.registrations[page.Token] = reg
		status = http.StatusOK
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = manifestPage.Execute(w, page) // the reader may have gone
}

// makeApp makes the app that the person has agreed to, and leads back with a code.
func (s *Server) makeApp(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := r.PostFormValue("token")
	reg := s.registrations[token]
	if reg == nil || !reg.made.IsZero() {
		http.Error(w, "There is nothing here.", http.StatusNotFound)
		return
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	delete(s.registrations, token)
	code := randomHex(20)
	s.registrations[code] = reg
	reg.made, reg.key = s.now(), &key.PublicKey
	reg.app = object{
		"id": s.id(), "slug": slug(reg.Name), "node_id": "A_" + randomHex(4), "name": reg.Name, "description": nil, "external_url": reg.URL,
		"owner":       s.userView(s.user(cmp.Or(reg.owner, appOwner))),
		"html_url":    s.url + "/apps/" + slug(reg.Name),
		"created_at":  stamp(reg.made),
		"updated_at":  stamp(reg.made),
		"permissions": reg.Permissions, "events": reg.Events,
		"client_id": "Iv1." + randomHex(8), "client_secret": randomHex(20), "webhook_secret": randomHex(20),
		"pem": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
	}
	to, _ := url.Parse(reg.RedirectURL) // was checked
	q := to.Query()
	q.Set("code", code)
	if reg.state != "" {
		q.Set("state", reg.state)
	}
	to.RawQuery = q.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}

// convertManifest hands the app over, once. It is the app of this GitHub from then on.
func convertManifest(s *Server, c *call) (any, error) {
	code := c.PathValue("code")
	reg := s.registrations[code]
	if reg == nil || reg.made.IsZero() || s.now().After(reg.made.Add(codeLife)) {
		return nil, notFound
	}
	delete(s.registrations, code)
	s.cfg.AppID, s.cfg.PublicKey, s.cfg.AppSlug = reg.app["id"].(int64), reg.key, reg.app["slug"].(string)
	s.cfg.Permissions, s.cfg.Events = reg.Permissions, reg.Events
	s.app = &app{id: s.cfg.AppID, slug: s.cfg.AppSlug, bot: s.user(s.cfg.AppSlug + "[bot]")}
	s.apps[s.cfg.AppSlug] = s.app
	if reg.HookAttributes != nil {
		s.hooks.setTarget(reg.HookAttributes.URL, reg.app["webhook_secret"].(string))
	}
	c.status = http.StatusCreated
	return reg.app, nil
}
