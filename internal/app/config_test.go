package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/external"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/source"
)

// A machine is where settings are read: variables, and files by path.
type machine struct {
	env   map[string]string
	files map[string]string
	yaml  string
}

func (m machine) load() (Config, error) {
	return LoadConfig(
		func(name string) (string, bool) { v, ok := m.env[name]; return v, ok },
		func(path string) ([]byte, error) {
			if text, ok := m.files[path]; ok {
				return []byte(text), nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}, []byte(m.yaml))
}

var keys = sync.OnceValue(func() (k struct{ pkcs1, pkcs8, ec string }) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	encode := func(name string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der}))
	}
	rsa8, _ := x509.MarshalPKCS8PrivateKey(rsaKey)
	ec8, _ := x509.MarshalPKCS8PrivateKey(ecKey)
	k.pkcs1 = encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey))
	k.pkcs8, k.ec = encode("PRIVATE KEY", rsa8), encode("PRIVATE KEY", ec8)
	return k
})

// enough is a machine with what is required, and then some.
func enough(more ...string) machine {
	m := machine{env: map[string]string{"TAMER_APP_ID": "42", "TAMER_PRIVATE_KEY": keys().pkcs1, "TAMER_WEBHOOK_SECRET": "s3cret"}, files: map[string]string{}}
	for i := 0; i < len(more); i += 2 {
		m.env[more[i]] = more[i+1]
	}
	return m
}

func TestDefaults(t *testing.T) {
	got, err := enough().load()
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		AppID: 42, PrivateKey: []byte(keys().pkcs1), WebhookSecrets: []string{"s3cret"},
		GitHubURL: "https://github.com", APIURL: "https://api.github.com/", GitBaseURL: "https://github.com",
		DataDir: "tamer-data", Database: "sqlite:tamer-data/tamer.db", Sinks: map[string]Sink{"default": {Address: "file:tamer-data/sink/{owner}/{repo}"}},
		Listen: ":3000", AdminListen: "127.0.0.1:3001", LogLevel: slog.LevelInfo,
		Limits: document.Limits{Bytes: 10 << 20, Depth: 200, Nodes: 1_000_000, Keys: 20_000, Scalar: 1 << 20},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Each row sets something and names the one field that it should show in.
func TestSettings(t *testing.T) {
	m := func(more ...string) machine { return enough(more...) }
	for name, c := range map[string]struct {
		machine
		get  func(Config) any
		want any
	}{
		"GitHub by address":         {m("TAMER_GITHUB_URL", "https://github.example.com/"), func(c Config) any { return c.APIURL }, "https://github.example.com/api/v3/"},
		"GitHub, git":               {m("TAMER_GITHUB_URL", "https://github.example.com/"), func(c Config) any { return c.GitBaseURL }, "https://github.example.com"},
		"GitHub with residency":     {m("TAMER_GITHUB_URL", "https://acme.ghe.com"), func(c Config) any { return c.APIURL }, "https://api.acme.ghe.com/"},
		"GitHub on this machine":    {m("TAMER_GITHUB_URL", "http://127.0.0.1:7000"), func(c Config) any { return c.APIURL }, "http://127.0.0.1:7000/api/v3/"},
		"GitHub on this machine, 6": {m("TAMER_GITHUB_URL", "http://[::1]:7000"), func(c Config) any { return c.APIURL }, "http://[::1]:7000/api/v3/"},
		"GitHub by Probot":          {m("GHE_HOST", "github.example.com"), func(c Config) any { return c.GitHubURL }, "https://github.example.com"},
		"API apart":                 {m("TAMER_GITHUB_API_URL", "https://proxy.example.com/github"), func(c Config) any { return c.APIURL }, "https://proxy.example.com/github/"},
		"API apart, not git":        {m("TAMER_GITHUB_API_URL", "https://proxy.example.com/github"), func(c Config) any { return c.GitBaseURL }, "https://github.com"},
		"git apart":                 {m("TAMER_GITHUB_GIT_URL", "https://git.example.com/mirror/"), func(c Config) any { return c.GitBaseURL }, "https://git.example.com/mirror"},
		"data":                      {m("TAMER_DATA_DIR", "/var/lib/tamer/"), func(c Config) any { return c.Database }, "sqlite:/var/lib/tamer/tamer.db"},
		"database":                  {m("TAMER_DATABASE_URL", "sqlite:x/y.db"), func(c Config) any { return c.Database }, "sqlite:x/y.db"},
		"database as URL":           {m("TAMER_DATABASE_URL", "sqlite:///x/y.db"), func(c Config) any { return c.Database }, "sqlite:/x/y.db"},
		"PostgreSQL":                {m("TAMER_DATABASE_URL", "postgres://tamer:x%2Fy@db.example.com/tamer?sslmode=verify-full"), func(c Config) any { return c.Database }, "postgres://tamer:x%2Fy@db.example.com/tamer?sslmode=verify-full"},
		"sink":                      {m("TAMER_SINK", "file:/srv/{owner}-{repo}/"), func(c Config) any { return c.Sinks["default"].Address }, "file:/srv/{owner}-{repo}/"},
		"sink of one":               {m("TAMER_SINK", "file:///srv"), func(c Config) any { return c.Sinks["default"].Address }, "file:///srv"},
		"sink in a bucket":          {m("TAMER_SINK", "s3://acme-config/{owner}/{repo}?region=eu-central-1"), func(c Config) any { return len(c.Sinks) }, 1},
		"sink with a secret":        {m("TAMER_SINK", "hook+https://sink.example.com/{repo}", "TAMER_SINK_SECRET", "hunter2"), func(c Config) any { return c.Sinks["default"].Secret }, "hunter2"},
		"secret without a sink":     {m("TAMER_SINK_SECRET", "hunter2"), func(c Config) any { return c.Sinks["default"] }, Sink{Address: "file:tamer-data/sink/{owner}/{repo}"}},
		"listen":                    {m("TAMER_LISTEN", "127.0.0.1:0"), func(c Config) any { return c.Listen }, "127.0.0.1:0"},
		"admin address off":         {m("TAMER_ADMIN_LISTEN", "off"), func(c Config) any { return c.AdminListen }, ""},
		"traces":                    {m("TAMER_TRACES_URL", "http://collector:4318"), func(c Config) any { return c.TracesURL }, "http://collector:4318"},
		"listen, admin":             {m("TAMER_ADMIN_LISTEN", "[::1]:9"), func(c Config) any { return c.AdminListen }, "[::1]:9"},
		"log level":                 {m("TAMER_LOG_LEVEL", "WARN"), func(c Config) any { return c.LogLevel }, slog.LevelWarn},
		"limits": {m("TAMER_MAX_FILE_BYTES", "2048", "TAMER_MAX_DEPTH", "10", "TAMER_MAX_VALUES", "1000", "TAMER_MAX_KEYS", "100", "TAMER_MAX_TEXT_BYTES", "1024"),
			func(c Config) any { return c.Limits }, document.Limits{Bytes: 2048, Depth: 10, Nodes: 1000, Keys: 100, Scalar: 1024}},
		"set to nothing":          {m("TAMER_LISTEN", ""), func(c Config) any { return c.Listen }, ":3000"},
		"two secrets":             {m("TAMER_WEBHOOK_SECRET", "old one\r\n\nnew,one\n"), func(c Config) any { return c.WebhookSecrets }, []string{"old one", "new,one"}},
		"tamer's before Probot's": {m("APP_ID", "7", "PRIVATE_KEY", "x", "WEBHOOK_SECRET", "y"), func(c Config) any { return c.AppID }, int64(42)},
		"Probot's": {machine{env: map[string]string{"APP_ID": "7", "PRIVATE_KEY": keys().pkcs1, "WEBHOOK_SECRET": "y"}},
			func(c Config) any { return []any{c.AppID, c.WebhookSecrets} }, []any{int64(7), []string{"y"}}},
		"secrets in files": {machine{
			env:   map[string]string{"APP_ID": "7", "PRIVATE_KEY_PATH": "/run/key", "TAMER_WEBHOOK_SECRET_FILE": "/run/hook", "TAMER_DATABASE_URL_FILE": "/run/db"},
			files: map[string]string{"/run/key": keys().pkcs1, "/run/hook": "y\n", "/run/db": "sqlite:z\n"}},
			func(c Config) any { return []any{c.WebhookSecrets, c.Database} }, []any{[]string{"y"}, "sqlite:z"}},
		"settings file": {machine{
			files: map[string]string{"/run/key": keys().pkcs1},
			yaml:  "app_id: 7\nprivate_key_file: /run/key\nwebhook_secret: |\n  old\n  new\nlisten: ':80'\nsink:\n"},
			func(c Config) any { return []any{c.AppID, c.WebhookSecrets, c.Listen} }, []any{int64(7), []string{"old", "new"}, ":80"}},
		"environment before the file": {machine{env: m("TAMER_LISTEN", ":81").env, yaml: "listen: ':80'\nwebhook_secret_file: /never/read\n"},
			func(c Config) any { return c.Listen }, ":81"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := c.load()
			if err != nil {
				t.Fatal(err)
			}
			if got := c.get(cfg); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// A private key is taken in every form in which people put it into a variable, and always given as good PEM.
func TestPrivateKeyForms(t *testing.T) {
	key := keys().pkcs1
	for name, written := range map[string]string{
		"PEM":              key,
		"without last end": strings.TrimSpace(key),
		"escaped":          strings.ReplaceAll(key, "\n", `\n`),
		"Windows ends":     strings.ReplaceAll(key, "\n", "\r\n"),
		"spaces":           strings.ReplaceAll(key, "\n", " "),
		"base64":           base64.StdEncoding.EncodeToString([]byte(key)),
		"base64 wrapped":   base64.StdEncoding.EncodeToString([]byte(key))[:64] + "\n" + base64.StdEncoding.EncodeToString([]byte(key))[64:],
	} {
		cfg, err := enough("TAMER_PRIVATE_KEY", written).load()
		if err != nil || string(cfg.PrivateKey) != key {
			t.Errorf("%s: %v", name, err)
		}
	}
	if cfg, err := enough("TAMER_PRIVATE_KEY", keys().pkcs8).load(); err != nil || string(cfg.PrivateKey) != keys().pkcs8 {
		t.Errorf("PKCS #8: %v", err)
	}
	for name, written := range map[string]string{
		"elliptic":  keys().ec,
		"cut":       key[:len(key)/2],
		"truncated": strings.Replace(key, key[40:300], "", 1),
		"public":    strings.ReplaceAll(key, "PRIVATE", "PUBLIC")[:200],
		"text":      "hunter2",
		"encrypted": strings.Replace(key, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n", 1),
	} {
		if _, err := enough("TAMER_PRIVATE_KEY", written).load(); err == nil || !strings.Contains(err.Error(), "write the RSA private key") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestURLsAndDirectories(t *testing.T) {
	cfg, err := enough("TAMER_GITHUB_URL", "https://github.example.com", "TAMER_SINK", "file:/srv/{owner}/x-{repo}").load()
	if err != nil {
		t.Fatal(err)
	}
	repo := forge.Repo{Owner: "acme", Name: "configs.prod"}
	if got, want := cfg.GitURL(repo), "https://github.example.com/acme/configs.prod.git"; got != want {
		t.Errorf("git: %s, want %s", got, want)
	}
	if got, err := cfg.Sinks["default"].At(repo); err != nil || got != "file:/srv/acme/x-configs.prod" {
		t.Errorf("sink: %s, %v", got, err)
	}
	for _, bad := range []forge.Repo{{Owner: "..", Name: "x"}, {Owner: "acme", Name: "."}, {Owner: "acme", Name: ""}, {Owner: "acme", Name: "a/b"}, {Owner: "{repo}", Name: "x"}} {
		if got, err := cfg.Sinks["default"].At(bad); err == nil {
			t.Errorf("sink of %q: %s", bad, got)
		}
	}
}

// What people do wrong, and the whole text that they then read.
func TestMistakes(t *testing.T) {
	cases := []struct {
		name string
		machine
	}{
		{"nothing is set", machine{}},
		{"everything is wrong", machine{env: map[string]string{
			"TAMER_APP_ID": "my-app", "TAMER_PRIVATE_KEY": "hunter2", "WEBHOOK_SECRET": "hunter2\nhunter3\nhunter4",
			"TAMER_GITHUB_URL": "http://github.example.com", "TAMER_GITHUB_API_URL": "ftp://x", "TAMER_GITHUB_GIT_URL": "https://bob:hunter2@git.example.com",
			"TAMER_DATABASE_URL": "postgres://bob:hun/ter2@db/tamer", "TAMER_SINK": "s3://bucket/prefix?regoin=hunter2",
			"TAMER_LISTEN": "3000", "TAMER_ADMIN_LISTEN": ":70000", "TAMER_LOG_LEVEL": "loud",
			"TAMER_MAX_DEPTH": "5", "TAMER_MAX_KEYS": "many",
		}}},
		{"set twice", enough("TAMER_PRIVATE_KEY", "hunter2", "TAMER_PRIVATE_KEY_FILE", "/run/key", "TAMER_WEBHOOK_SECRET", "", "WEBHOOK_SECRET", "")},
		{"files that are not there, or empty", machine{
			env:   map[string]string{"TAMER_APP_ID": "42", "PRIVATE_KEY_PATH": "/run/key", "TAMER_WEBHOOK_SECRET_FILE": "/run/hook"},
			files: map[string]string{"/run/hook": "\n"}}},
		{"a secret where a path belongs", machine{env: map[string]string{"TAMER_APP_ID": "42", "TAMER_PRIVATE_KEY_FILE": keys().pkcs1[:100], "TAMER_WEBHOOK_SECRET_FILE": "hunter2"}}},
		{"sinks and databases", enough("TAMER_SINK", "file:/srv/{org}/{repo}", "TAMER_DATABASE_URL", "mysql:x")},
		{"sink on a host", enough("TAMER_SINK", "file://srv/tamer", "TAMER_DATABASE_URL", "sqlite:")},
		{"live data and external checks, shape", machine{env: enough().env, yaml: `
sources:
  warehouse:
    repositories: [acme]
    postgres: [hunter2]
    querys: {}
  Warehouse: {repositories: [acme/*], http: "https://crm.example.com", queries: {a: {path: v1, timeout: 5, rows: 0}}}
external_checks:
  credit: {repositories: [acme/config], url: "https://checks.example.com", secret: hunter2}
`}},
		{"live data and external checks", machine{env: enough().env, files: map[string]string{"/run/header": "hunter2 hunter2"}, yaml: `
sources:
  both: {repositories: [acme/config], sqlite: a.db, mysql: "bob:hunter2@tcp(db)/x", queries: {a: {sql: SELECT 1}}}
  none: {repositories: [acme/config], queries: {a: {sql: SELECT 1}}}
  files: {repositories: [acme/config], postgres_file: /run/none, queries: {a: {path: /x}, b: {sql: SELECT 1, json: /x}}}
  plain: {repositories: [acme/config], http: "http://crm.example.com", header_file: /run/header, queries: {a: {path: /x, sql: SELECT 1}}}
  login: {repositories: [acme/config], http: "https://bob:hunter2@crm.example.com", queries: {a: {path: /x}}}
  header: {repositories: [acme/config], sqlite: a.db, header_file: /run/header, queries: {a: {sql: SELECT 1}}}
external_checks:
  credit: {repositories: [acme/config], url: "http://checks.example.com?token=hunter2", secret_file: hunter2, paths: ["a[", "a/*"]}
`}},
		{"sinks of every kind", machine{env: enough().env, yaml: `
sinks:
  bucket: {url: "s3://b"}
  database: {url: "postgres://bob:hunter2@db/x?schema=", repositories: [acme/config]}
  again: {url: "file:/srv/{owner}"}
  cache: {url: "redis://:hunter2@cache/x"}
  directory: {url: "file:/srv/{owner}"}
  other: {url: "gs://bucket"}
  service: {url: "hook+https://sink.example.com/?token=hunter2"}
  odd: {url: "file:/srv/{name}", secret_file: /run/none}
`}},
		{"sinks, shape", machine{env: enough().env, yaml: "sinks:\n  Main: {url: 'file:/x'}\n  two: {repositories: acme, secret: hunter2}\n"}},
		{"sinks here and there", machine{env: map[string]string{"TAMER_SINK": "file:/x", "TAMER_SINK_SECRET": "hunter2", "TAMER_APP_ID": "7", "TAMER_PRIVATE_KEY": keys().pkcs1, "TAMER_WEBHOOK_SECRET": "x"},
			yaml: "sinks:\n  main: {url: 'file:/x'}\n"}},
		{"settings file, keys", machine{env: enough().env, yaml: "app_idd: 7\nnonsense: 1\nlisten: [':80']\nlog_level: true\nTAMER_SINK: x\nadmin_listen: nine\n"}},
		{"settings file, syntax", machine{env: enough().env, yaml: "listen: ':80\n"}},
		{"settings file, twice", machine{env: enough().env, yaml: "listen: ':80'\nlisten: ':81'\n"}},
		{"settings file, two documents", machine{env: enough().env, yaml: "listen: ':80'\n---\nlisten: ':81'\n"}},
		{"settings file, a list", machine{env: enough().env, yaml: "- listen\n"}},
	}
	var got strings.Builder
	for _, c := range cases {
		cfg, err := c.load()
		if err == nil || !reflect.DeepEqual(cfg, Config{}) {
			t.Errorf("%s: %+v, %v", c.name, cfg, err)
			continue
		}
		fmt.Fprintf(&got, "-- %s --\n%v\n", c.name, err)
	}
	if strings.Contains(got.String(), "hunter") || strings.Contains(got.String(), "BEGIN") {
		t.Error("a secret is shown")
	}
	golden.Check(t, "testdata/mistakes.txt", got.String())
}

func TestDocumentation(t *testing.T) {
	const begin, end = "<!-- settings: written by go test ./internal/app -update -->\n", "<!-- end -->\n"
	path := "../../docs/settings.md"
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(old), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks %q or %q", path, begin, end)
	}
	golden.Check(t, path, head+begin+table()+end+tail)
}

func table() string {
	var b strings.Builder
	b.WriteString("\n| variable | meaning | default | Probot's name |\n|---|---|---|---|\n")
	for _, s := range settings {
		names, probot := code(s.name), code(s.probot)
		if s.secret {
			names += ", " + code(fileTwin(s, s.name))
		}
		if s.path != "" {
			probot += ", " + code(s.path)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", names, s.meaning, s.shown, probot)
	}
	return b.String() + "\n"
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// The example of the published schema, as it is read.
func TestOutside(t *testing.T) {
	example, err := os.ReadFile("../../schemas/testdata/settings.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := machine{env: enough().env, yaml: strings.Replace(string(example), "app_id: 123456\nprivate_key_file: /run/secrets/tamer-key.pem\n", "", 1), files: map[string]string{
		"/run/secrets/warehouse": "postgres://tamer:hunter2@db.example.com/warehouse\n", "/run/secrets/crm-header": "Authorization: Bearer hunter2\n", "/run/secrets/credit": "hunter2\n", "/run/secrets/reporting": "hunter2\n",
	}}.load()
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]source.Source{
		"warehouse": {Repositories: []string{"acme/config"}, Postgres: "postgres://tamer:hunter2@db.example.com/warehouse", Queries: map[string]source.Query{"columns": {
			SQL: "SELECT column_name FROM information_schema.columns WHERE table_name = $1", Args: []string{"table"}, Rows: 2000, Timeout: 5 * time.Second, Cache: 10 * time.Minute}}},
		"crm": {Repositories: []string{"acme/*"}, HTTP: "https://crm.example.com", Header: "Authorization: Bearer hunter2", Queries: map[string]source.Query{"accounts": {
			Path: "/v1/accounts?region={region}", JSON: "/items/*/id"}}},
	}; !reflect.DeepEqual(cfg.Sources, want) {
		t.Errorf("got  %+v\nwant %+v", cfg.Sources, want)
	}
	if want := map[string]external.Check{"credit": {Repositories: []string{"acme/config"}, URL: "https://checks.example.com/credit", Secret: []byte("hunter2"),
		Types: []string{"plan"}, Timeout: 20 * time.Second}}; !reflect.DeepEqual(cfg.ExternalChecks, want) {
		t.Errorf("got  %+v\nwant %+v", cfg.ExternalChecks, want)
	}
	if want := map[string]Sink{"main": {Address: "s3://acme-config/{owner}/{repo}?region=eu-central-1"},
		"reporting": {Address: "postgres://tamer@db.example.com/config?schema={owner}-{repo}", Secret: "hunter2", Repositories: []string{"acme/config"}},
	}; !reflect.DeepEqual(cfg.Sinks, want) {
		t.Errorf("got  %+v\nwant %+v", cfg.Sinks, want)
	}
}

// What the documentation shows can be written so.
func TestDocumentedDeclarations(t *testing.T) {
	for _, name := range []string{"live-data.md", "external-checks.md", "sinks.md"} {
		text, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), "```yaml\n")
		block, _, _ := strings.Cut(rest, "```\n")
		cfg, err := machine{env: enough().env, yaml: block, files: map[string]string{
			"/run/secrets/warehouse": "postgres://x", "/run/secrets/crm": "Authorization: Bearer x", "/run/secrets/credit": "x", "/run/secrets/reporting": "x"}}.load()
		if err != nil || len(cfg.Sources)+len(cfg.ExternalChecks) == 0 && cfg.Sinks["main"].Address == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
