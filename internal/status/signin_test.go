package status_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/status"
)

func bodyOf(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{clientSecret, token} {
		if strings.Contains(string(body), secret) {
			t.Errorf("%s shows the secret %s", resp.Request.URL, secret)
		}
	}
	return string(body)
}

var csrf = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// form signs in, and gives what the forms of that person hold.
func (d *desk) form() url.Values {
	d.t.Helper()
	code, page := d.do("GET", "/signin?back=/deliveries", nil)
	found := csrf.FindStringSubmatch(page)
	if code != 200 || found == nil || !strings.Contains(page, d.signer.Login) || !strings.Contains(page, "<h1>Deliveries</h1>") {
		d.t.Fatalf("after signing in: %d\n%s", code, page)
	}
	return url.Values{"csrf": {found[1]}}
}

// An operator who has signed in replays a delivery, and ends a hold with a reason.
func TestOperatorActs(t *testing.T) {
	d := newDesk(t)
	form := d.form()
	if code, page := d.do("POST", "/deliveries/5/replay", form); code != 200 || !strings.Contains(page, "worked once more") {
		t.Errorf("replay: %d\n%s", code, page)
	}
	if code, page := d.do("POST", "/r/acme/config/resume", form); code != 403 || !strings.Contains(page, "Say why") {
		t.Errorf("resume without a reason: %d\n%s", code, page)
	}
	form.Set("reason", "mended")
	d.do("POST", "/r/acme/config/resume", form)
	if !slices.Equal(d.replayed, []int64{5}) || !slices.Equal(d.resumed, []string{"acme/config olga: mended"}) {
		t.Errorf("replayed %v, resumed %v", d.replayed, d.resumed)
	}
	if code, _ := d.do("POST", "/deliveries/6/replay", form); code != 502 {
		t.Errorf("a delivery that is gone: %d", code)
	}
	d.do("POST", "/signout", form)
	if code, _ := d.do("POST", "/deliveries/5/replay", form); code != 403 {
		t.Errorf("after signing out: %d", code)
	}
}

// Whatever lacks something changes nothing.
func TestActionsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		adjust func(d *desk, form url.Values)
		header []string
	}{
		"no token of the form":      {adjust: func(_ *desk, form url.Values) { form.Del("csrf") }},
		"another token of the form": {adjust: func(_ *desk, form url.Values) { form.Set("csrf", "guessed") }},
		"GitHub's idea of a token":  {adjust: func(_ *desk, form url.Values) { form.Set("csrf", "of GitHub") }},
		"not signed in":             {adjust: func(d *desk, _ url.Values) { d.browser.Jar = nil }},
		"an hour later":             {adjust: func(d *desk, _ url.Values) { d.now = d.now.Add(time.Hour) }},
		"no operator any more":      {adjust: func(d *desk, _ url.Values) { delete(d.operators, 7) }},
		"from another site":         {header: []string{"Sec-Fetch-Site", "cross-site"}},
		"from another origin":       {header: []string{"Origin", "https://evil.example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			form := d.form()
			if c.adjust != nil {
				c.adjust(d, form)
			}
			form.Set("reason", "because")
			for _, path := range []string{"/deliveries/5/replay", "/r/acme/config/resume"} {
				if code, page := d.do("POST", path, form, c.header...); code != 403 || len(d.replayed)+len(d.resumed) > 0 {
					t.Errorf("%s: %d, replayed %v, resumed %v\n%s", path, code, d.replayed, d.resumed, page)
				}
			}
		})
	}
}

// Nobody is signed in by a way that was not begun in the same browser, is used twice, or ends elsewhere.
func TestSigningInIsRefused(t *testing.T) {
	t.Run("not begun here", func(t *testing.T) {
		d := newDesk(t)
		if code, page := d.do("GET", "/signin/callback?state=x&code=y", nil); code != 403 || !strings.Contains(page, "begin again") {
			t.Errorf("%d\n%s", code, page)
		}
	})
	t.Run("GitHub says no", func(t *testing.T) {
		d := newDesk(t)
		d.signer.Denies = true
		if code, page := d.do("GET", "/signin", nil); code != 403 || !strings.Contains(page, "did not let you in") {
			t.Errorf("%d\n%s", code, page)
		}
	})
	t.Run("a wrong secret", func(t *testing.T) {
		d := newDesk(t, func(c *status.Config) { c.SignIn.ClientSecret = "wrong" })
		if code, page := d.do("GET", "/signin", nil); code != 502 || !strings.Contains(page, "incorrect_client_credentials") {
			t.Errorf("%d\n%s", code, page)
		}
	})
	t.Run("a code twice", func(t *testing.T) {
		d := newDesk(t)
		var callback string
		d.browser.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
			if req.URL.Path == "/signin/callback" {
				callback = req.URL.RequestURI()
			}
			return nil
		}
		d.do("GET", "/signin", nil)
		if code, _ := d.do("GET", callback, nil); code != 403 {
			t.Errorf("the second time: %d", code)
		}
	})
	t.Run("somebody else's way", func(t *testing.T) {
		d := newDesk(t)
		d.browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		d.do("GET", "/signin", nil)             // begun here
		d.signer.codes["theirs"] = url.Values{} // and begun elsewhere, by who would have this browser act as them
		code, page := d.do("GET", "/signin/callback?state=theirs&code=theirs", nil)
		if code != 403 || !strings.Contains(page, "begin again") {
			t.Errorf("%d\n%s", code, page)
		}
	})
	t.Run("without a client", func(t *testing.T) {
		d := newDesk(t, func(c *status.Config) { c.SignIn = status.SignIn{} })
		if code, page := d.do("GET", "/signin", nil); code != 404 || !strings.Contains(page, "TAMER_CLIENT_ID") {
			t.Errorf("%d\n%s", code, page)
		}
	})
	t.Run("a forged session", func(t *testing.T) { // whose key anybody can work out: it is made of an empty secret
		d := newDesk(t, func(c *status.Config) { c.SignIn = status.SignIn{} })
		sum := func(key []byte, text string) []byte {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(text))
			return mac.Sum(nil)
		}
		who := base64.RawURLEncoding.EncodeToString([]byte(`{"id":7,"login":"olga","csrf":"mine","until":99999999999}`))
		signature := sum(sum(nil, "tamer: sessions of the status page"), "tamer_operator="+who)
		cookie := "tamer_operator=" + who + "." + base64.RawURLEncoding.EncodeToString(signature)
		code, _ := d.do("POST", "/deliveries/5/replay", url.Values{"csrf": {"mine"}}, "Cookie", cookie)
		if code != 403 || len(d.replayed) > 0 {
			t.Errorf("%d, replayed %v", code, d.replayed)
		}
	})
	for _, back := range []string{"//evil.example.com", "https://evil.example.com/", `/\evil.example.com`, "javascript:alert(1)"} {
		d := newDesk(t)
		if code, page := d.do("GET", "/signin?back="+url.QueryEscape(back), nil); code != 200 || !strings.Contains(page, "Repositories") {
			t.Errorf("back to %q: %d", back, code)
		}
	}
}

// No other site frames or reads a page, and what people write is text.
func TestHeadersAndText(t *testing.T) {
	d := newDesk(t)
	resp, err := http.Get(d.page.URL)
	if err != nil {
		t.Fatal(err)
	}
	bodyOf(t, resp)
	for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if resp.Header.Get(name) != value {
			t.Errorf("%s: %q", name, resp.Header.Get(name))
		}
	}
	_, page := d.do("GET", "/", nil)
	for _, text := range []string{"judge pull request #12, acme/config", "/acme/config/pull/12", "in 2 min", "given up", "preview &lt;script&gt;"} {
		if !strings.Contains(page, text) {
			t.Errorf("the first page lacks %q:\n%s", text, page)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("the page holds a script")
	}
}
