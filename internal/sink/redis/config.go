package redis

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/tamerhq/tamer/internal/sink"
)

// Config says where a sink is. Parse makes it.
type Config struct {
	Prefix string // before every key
	server *redis.Options
}

// String is the address without its settings, for messages.
func (c Config) String() string {
	return fmt.Sprintf("redis://%s/%d?prefix=%s", c.server.Addr, c.server.DB, c.Prefix)
}

// Parse reads redis://USER@HOST:PORT/NUMBER?prefix=PREFIX, rediss:// for TLS, or redis+unix:///SOCKET?db=NUMBER&prefix=PREFIX.
// password is used where the address has none. The error says what to write, and holds no secret.
func Parse(address, password string) (Config, error) {
	wrong := errors.New("write redis://HOST:PORT/NUMBER?prefix=PREFIX, with rediss:// for TLS, and the password as the sink's secret")
	u, err := url.Parse(address)
	if err != nil {
		return Config{}, wrong
	}
	query := u.Query()
	c := Config{Prefix: "tamer:"}
	if query.Has("prefix") {
		c.Prefix = query.Get("prefix")
	}
	if c.Prefix == "" || len(c.Prefix) > sink.MaxPrefix || strings.Contains(c.Prefix, "//") || strings.HasSuffix(c.Prefix, "/") || strings.ContainsFunc(c.Prefix, unicode.IsControl) {
		return Config{}, fmt.Errorf("the prefix %.50q: write some text of at most %d bytes without two slashes or a slash at its end, such as acme:production", c.Prefix, sink.MaxPrefix)
	}
	query.Del("prefix")
	u.RawQuery = query.Encode()
	switch u.Scheme {
	case "redis", "rediss":
	case "redis+unix":
		u.Scheme = "unix"
	default:
		return Config{}, wrong
	}
	if c.server, err = redis.ParseURL(u.String()); err != nil {
		return Config{}, wrong
	}
	if c.server.Password == "" {
		c.server.Password = password
	}
	return c, nil
}

// options are those of the client: nothing is sent twice, for a condition that held would be found broken the second time; and
// a context ends a wait.
func (c Config) options() *redis.Options {
	o := *c.server
	o.MaxRetries, o.ContextTimeoutEnabled, o.Protocol, o.DisableIdentity = -1, true, 2, true
	o.ReadTimeout, o.WriteTimeout = 30*time.Second, 30*time.Second
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	o.DialTimeout = cmp.Or(o.DialTimeout, 5*time.Second)
	o.Dialer = bounded(&o)
	return &o
}
