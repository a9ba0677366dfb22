package app

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// A setting is one thing that an operator can set.
type setting struct {
	name     string // of the variable; see keyOf for the settings file
	secret   bool   // never shown, and may be in a file that NAME_FILE names
	optional bool   // set is not called where nothing is set
	preset   string // what is read where nothing is set
	shown    string // the default, as people read it
	probot   string // the name that Probot gives it
	path     string // the name that Probot gives its file
	meaning  string // one sentence

	// set parses the value, never empty but where the setting is required and not set. Its error says what is allowed.
	set func(*Config, string) error
}

// settings are all of them, in the order in which they are read and documented.
var settings = slices.Concat([]setting{
	{name: "TAMER_APP_ID", shown: "required", probot: "APP_ID", set: setAppID,
		meaning: "The number of the GitHub App, from its settings page."},
	{name: "TAMER_PRIVATE_KEY", secret: true, shown: "required", probot: "PRIVATE_KEY", path: "PRIVATE_KEY_PATH", set: setPrivateKey,
		meaning: "The app's private key, in PEM. Line ends may be written as `\\n`, and the whole may be in base64."},
	{name: "TAMER_WEBHOOK_SECRET", secret: true, shown: "required", probot: "WEBHOOK_SECRET", set: setWebhookSecrets,
		meaning: "The app's webhook secret. While you change it, write both, each on a line of its own."},
	{name: "TAMER_GITHUB_URL", preset: "https://github.com", shown: "`https://github.com`", probot: "GHE_HOST", set: setGitHubURL,
		meaning: "The address of GitHub. A GitHub Enterprise Server has its API below `/api/v3/`."},
	{name: "TAMER_GITHUB_API_URL", optional: true, shown: "from `TAMER_GITHUB_URL`", set: setAPIURL,
		meaning: "The root of GitHub's REST API, where it is elsewhere."},
	{name: "TAMER_GITHUB_GIT_URL", optional: true, shown: "`TAMER_GITHUB_URL`", set: setGitURL,
		meaning: "The address below which git finds `OWNER/REPO.git`, where it is elsewhere."},
	{name: "TAMER_DATA_DIR", preset: "tamer-data", shown: "`./tamer-data`", set: setDataDir,
		meaning: "The directory for mirrors, the database and the default sink. Each tamer needs its own."},
	{name: "TAMER_DATABASE_URL", secret: true, optional: true, shown: "`sqlite:` and `tamer.db` in the data directory", set: setDatabase,
		meaning: "The database: `sqlite:FILE` for one tamer, or `postgres://USER:PASSWORD@HOST/DATABASE` for several that share the work."},
	{name: "TAMER_SINK_SECRET", secret: true, optional: true, shown: "none", set: setSinkSecret,
		meaning: "The password of the database that `TAMER_SINK` names, or the secret that signs what is posted to a service."},
	{name: "TAMER_SINK", optional: true, shown: "`file:` and `sink/{owner}/{repo}` in the data directory", set: setSink,
		meaning: "Where releases go: a directory, bucket, database or service; see [sinks.md](sinks.md). It may hold `{owner}` and `{repo}`; two repositories never share one."},
	{name: "TAMER_LISTEN", preset: ":3000", shown: "`:3000`", set: setListen,
		meaning: "The address that takes webhooks and answers `/livez` and `/readyz`."},
	{name: "TAMER_ADMIN_LISTEN", preset: "127.0.0.1:3001", shown: "`127.0.0.1:3001`", set: setAdminListen,
		meaning: "The address for operators only, which asks nobody who they are: `/metrics`, `/readyz?verbose` and `/debug/pprof/`, and the page that registers the app. `off` for none."},
	{name: "TAMER_TRACES_URL", optional: true, shown: "none", set: setTracesURL,
		meaning: "The address of an OpenTelemetry collector that takes traces over HTTP, such as `http://collector:4318`. What else it needs is in OpenTelemetry's own variables, `OTEL_EXPORTER_OTLP_…`."},
	{name: "TAMER_ADMIN_URL", optional: true, shown: "any address of this machine", set: setAdminURL,
		meaning: "The address at which browsers reach the status page, where it has a name, such as `https://tamer-admin.example.com`. GitHub leads there from deployments."},
	{name: "TAMER_CLIENT_ID", optional: true, shown: "none: nobody can sign in", probot: "GITHUB_CLIENT_ID", set: setClientID,
		meaning: "The client id of the app, from its settings page. Operators sign in to the [status page](status-page.md) with it."},
	{name: "TAMER_CLIENT_SECRET", secret: true, optional: true, shown: "none", probot: "GITHUB_CLIENT_SECRET", set: setClientSecret,
		meaning: "A client secret of the app, from its settings page."},
	{name: "TAMER_LOG_LEVEL", preset: "info", shown: "`info`", set: setLogLevel,
		meaning: "What is logged: `debug`, `info`, `warn` or `error`."},
}, limitSettings())

// limitSettings are the bounds on what one file may hold.
func limitSettings() []setting {
	var list []setting
	for _, l := range document.All {
		preset := strconv.Itoa(l.Default)
		list = append(list, setting{
			name: "TAMER_" + strings.ToUpper(strings.ReplaceAll(l.Name, "-", "_")), preset: preset, shown: "`" + preset + "`", meaning: l.Meaning,
			set: func(c *Config, value string) error {
				n, _ := strconv.Atoi(value) // 0 is out of every range
				return l.Set(&c.Limits, n)
			},
		})
	}
	return list
}

func setAppID(c *Config, value string) error {
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil || id <= 0 {
		return errors.New("write the number that the app's settings page calls App ID, such as 123456")
	}
	c.AppID = id
	return nil
}

// pemBlock takes one PEM block apart, whatever became of its line ends.
var pemBlock = regexp.MustCompile(`(?s)-----BEGIN ([A-Z ]+)-----(.*?)-----END ([A-Z ]+)-----`)

func setPrivateKey(c *Config, value string) error {
	if !strings.Contains(value, "-----BEGIN") { // Probot allows base64 of the whole
		if plain, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), "")); err == nil {
			value = string(plain)
		}
	}
	wrong := errors.New("write the RSA private key, in PEM, that the app's settings page gives for download")
	parts := pemBlock.FindStringSubmatch(value)
	if parts == nil || parts[1] != parts[3] {
		return wrong
	}
	body := strings.Join(strings.Fields(strings.ReplaceAll(parts[2], `\n`, "\n")), "")
	der, err := base64.StdEncoding.DecodeString(body)
	if err != nil || !isRSA(der) {
		return wrong
	}
	c.PrivateKey = pem.EncodeToMemory(&pem.Block{Type: parts[1], Bytes: der})
	return nil
}

// isRSA tells whether der is an RSA private key, in PKCS #1 or PKCS #8.
func isRSA(der []byte) bool {
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return true
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	_, ok := key.(*rsa.PrivateKey)
	return err == nil && ok
}

func setWebhookSecrets(c *Config, value string) error {
	var secrets []string
	for line := range strings.Lines(value) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			secrets = append(secrets, line)
		}
	}
	if len(secrets) < 1 || len(secrets) > 2 {
		return errors.New("write the webhook secret of the app's settings page, or the old and the new one, each on a line of its own")
	}
	c.WebhookSecrets = secrets
	return nil
}

func setGitHubURL(c *Config, value string) (err error) {
	if !strings.Contains(value, "://") { // GHE_HOST is a host
		value = "https://" + value
	}
	c.GitHubURL, err = address(value, "https://github.example.com")
	return err
}

func setAPIURL(c *Config, value string) error {
	base, err := address(value, "https://github.example.com/api/v3/")
	c.APIURL = base + "/"
	return err
}

func setGitURL(c *Config, value string) (err error) {
	c.GitBaseURL, err = address(value, "https://github.example.com")
	return err
}

// address gives the address without a slash at its end. Tokens are sent there, so it must be https but on this machine.
func address(value, example string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", errors.New("write an address without user, query or fragment, such as " + example)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return "", errors.New("write https://, for tokens are sent there; http:// is allowed for 127.0.0.1, [::1] and localhost only")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func setDataDir(c *Config, value string) error {
	c.DataDir = filepath.Clean(value)
	return nil
}

func setDatabase(c *Config, value string) error {
	scheme, rest, _ := strings.Cut(value, ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		u, err := url.Parse(value)
		if err != nil || u.Hostname() == "" && !u.Query().Has("host") {
			return errors.New("write postgres://USER:PASSWORD@HOST:5432/DATABASE, with what is odd in a password as %XX")
		}
		c.Database = value
		return nil
	case scheme != "sqlite" || filePath(rest) == "":
		return errors.New("write sqlite:FILE, such as sqlite:/var/lib/tamer/tamer.db, or postgres://USER:PASSWORD@HOST:5432/DATABASE")
	}
	c.Database = "sqlite:" + filepath.Clean(filePath(rest))
	return nil
}

// filePath takes the path out of "PATH" and "///PATH", as in file:PATH and file:///PATH. It is empty for "//HOST/PATH".
func filePath(rest string) string {
	if path, ok := strings.CutPrefix(rest, "//"); ok {
		if !strings.HasPrefix(path, "/") {
			return ""
		}
		return path
	}
	return rest
}

func setListen(c *Config, value string) (err error) {
	c.Listen, err = listenAddress(value)
	return err
}

func setAdminListen(c *Config, value string) (err error) {
	if value == "off" {
		return nil
	}
	c.AdminListen, err = listenAddress(value)
	return err
}

func listenAddress(value string) (string, error) {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", errors.New("write HOST:PORT or :PORT with a port of 0 to 65535, such as 127.0.0.1:3000")
	}
	return value, nil
}

func setTracesURL(c *Config, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("write the address of a collector without a user, such as http://collector:4318")
	}
	c.TracesURL = value
	return nil
}

func setAdminURL(c *Config, value string) (err error) {
	c.AdminURL, err = address(value, "https://tamer-admin.example.com")
	return err
}

func setClientID(c *Config, value string) error {
	c.ClientID = value
	return nil
}

func setClientSecret(c *Config, value string) error {
	c.ClientSecret = value
	return nil
}

func setLogLevel(c *Config, value string) error {
	switch strings.ToLower(value) {
	case "debug", "info", "warn", "error":
		return c.LogLevel.UnmarshalText([]byte(value))
	}
	return errors.New("write debug, info, warn or error")
}
