package status_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/status"
)

// raw sends a request without the browser's memory, and gives the answer itself.
func (d *desk) raw(method, path string, form url.Values, cookie string) *http.Response {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.page.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// What signs people in goes over no other site's requests, to no script, and where the page has https over nothing else.
func TestCookies(t *testing.T) {
	for address, secure := range map[string]bool{"": false, "https://tamer-admin.example.com": true} {
		d := newDesk(t, func(c *status.Config) { c.Address = address })
		cookies := d.raw(http.MethodGet, "/signin", nil, "").Cookies()
		if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode || cookies[0].Secure != secure || cookies[0].MaxAge != 600 {
			t.Errorf("at %q: %+v", address, cookies)
		}
	}
}

// Nobody acts with a cookie that is none of a session: not with that of the way to GitHub, nor where anybody could have signed it.
func TestForgedSessions(t *testing.T) {
	d := newDesk(t)
	d.operators[0] = true
	onTheWay := d.raw(http.MethodGet, "/signin", nil, "").Cookies()[0].Value
	person := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"id":7,"login":"olga","csrf":"x","until":%d}`, d.now.Add(time.Hour).Unix()))
	mac := hmac.New(sha256.New, nil)
	mac.Write([]byte("tamer_operator=" + person))
	signed := person + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	without := newDesk(t, func(c *status.Config) { c.SignIn = status.SignIn{} })
	for name, c := range map[string]struct {
		d           *desk
		value, csrf string
	}{
		"that of the way to GitHub": {d, onTheWay, ""},
		"no signature":              {d, person, "x"},
		"no key":                    {d, signed, "x"},
		"nobody can sign in":        {without, signed, "x"},
	} {
		resp := c.d.raw(http.MethodPost, "/deliveries/5/replay", url.Values{"csrf": {c.csrf}}, "tamer_operator="+c.value)
		if resp.StatusCode != http.StatusForbidden || len(c.d.replayed) > 0 {
			t.Errorf("%s: %s, replayed %v", name, resp.Status, c.d.replayed)
		}
	}
}

// Signing in takes ten minutes at most, and is of somebody.
func TestSigningInThatDoesNotEnd(t *testing.T) {
	d := newDesk(t)
	d.browser.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		if req.URL.Path == "/signin/callback" {
			d.now = d.now.Add(11 * time.Minute)
		}
		return nil
	}
	if code, page := d.do("GET", "/signin", nil); code != 403 || !strings.Contains(page, "took too long") {
		t.Errorf("after eleven minutes: %d\n%s", code, page)
	}
	d = newDesk(t)
	d.signer.ID = 0
	if code, page := d.do("GET", "/signin", nil); code != 502 || !strings.Contains(page, "does not say who you are") {
		t.Errorf("nobody: %d\n%s", code, page)
	}
}

// Another site cannot sign somebody out.
func TestSigningOutIsAskedFor(t *testing.T) {
	d := newDesk(t)
	form := d.form()
	d.do("POST", "/signout", url.Values{"csrf": {"guessed"}})
	if code, page := d.do("POST", "/deliveries/5/replay", form); code != 200 || len(d.replayed) != 1 {
		t.Errorf("after a guess: %d\n%s", code, page)
	}
}
