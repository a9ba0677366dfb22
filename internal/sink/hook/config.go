package hook

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// Config says where a sink is. Parse makes it.
type Config struct {
	url    string
	secret []byte
}

// Parse reads hook+https://HOST/PATH; the secret signs what is posted. The error says what to write, and holds no secret.
func Parse(address, secret string) (Config, error) {
	plain, ok := strings.CutPrefix(address, "hook+")
	u, err := url.Parse(plain)
	if !ok || err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return Config{}, errors.New("write hook+https://HOST/PATH, without a user")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		return Config{}, errors.New("write hook+https://; hook+http:// is allowed for 127.0.0.1, [::1] and localhost only")
	}
	if secret == "" {
		return Config{}, errors.New("set the sink's secret too: it signs what is posted")
	}
	return Config{url: plain, secret: []byte(secret)}, nil
}

// String is the address without its query, for messages.
func (c Config) String() string {
	plain, _, _ := strings.Cut(c.url, "?")
	return "hook+" + plain
}
