package app

import (
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/external"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/source"
)

// Config is all that an operator can set. docs/settings.md says what each setting means.
type Config struct {
	AppID          int64
	PrivateKey     []byte   // an RSA key in PEM, known to be readable
	WebhookSecrets []string // one, or two while the secret is changed; never empty
	GitHubURL      string   // for people; without a slash at its end
	APIURL         string   // ends with a slash
	GitBaseURL     string   // without a slash at its end; see GitURL
	DataDir        string
	Database       string // sqlite:PATH or postgres://…, which may hold a password
	Listen         string // host:port; an empty host means every address
	AdminListen    string // as Listen
	TracesURL      string // of a collector; empty for none
	AdminURL       string // of the status page, without a slash at its end; empty for none
	ClientID       string // of the app, for operators who sign in; empty for none
	ClientSecret   string
	LogLevel       slog.Level
	Limits         document.Limits           // on what one file may hold
	Sources        map[string]source.Source  // live data, by name; only in the settings file
	OverrideTeams  []OverrideTeam            // who may let a change pass its gates; only in the settings file
	ExternalChecks map[string]external.Check // by name; only in the settings file
	Sinks          map[string]Sink           // by name; never empty
}

// LoadConfig reads all settings. getenv is os.LookupEnv and readFile is os.ReadFile, but for tests; file is the content
// of the settings file, nil for none. The environment wins over the file; a variable that is set to nothing counts as
// not set. The error is of type Mistakes, and holds all of them.
func LoadConfig(getenv func(string) (string, bool), readFile func(string) ([]byte, error), file []byte) (Config, error) {
	return load(getenv, readFile, file, false)
}

// load is LoadConfig; with unregistered, that no app is named is no mistake.
func load(getenv func(string) (string, bool), readFile func(string) ([]byte, error), file []byte, unregistered bool) (Config, error) {
	inFile, doc, mistakes := parseFile(file)
	places := places{getenv: getenv, readFile: readFile, inFile: inFile}
	var cfg Config
	var wrong Mistakes
	if unregistered = unregistered && !places.namesApp(); !places.namesApp() {
		places.kept, wrong = places.readKept()
		mistakes = append(mistakes, wrong...)
	}
	cfg.Sources, cfg.ExternalChecks, cfg.Sinks, wrong = places.outside(doc)
	mistakes = append(mistakes, wrong...)
	if len(wrong) == 0 {
		cfg.OverrideTeams, wrong = overrideTeams(doc)
		mistakes = append(mistakes, wrong...)
	}
	for _, s := range settings {
		v, wrong := places.find(s)
		if wrong != nil {
			mistakes = append(mistakes, *wrong)
			continue
		}
		if v.text == "" && (s.optional || unregistered && slices.Contains(appSettings, s.name)) {
			continue
		}
		if err := s.set(&cfg, v.text); err != nil {
			mistakes = append(mistakes, Mistake{Name: v.name, Read: v.shown(s), Want: err.Error()})
		}
	}
	if len(mistakes) > 0 {
		return Config{}, mistakes
	}
	cfg.derive()
	return cfg, nil
}

// derive fills in what was not set from what was.
func (c *Config) derive() {
	if c.APIURL == "" {
		c.APIURL = apiURL(c.GitHubURL)
	}
	if c.GitBaseURL == "" {
		c.GitBaseURL = c.GitHubURL
	}
	if c.Database == "" {
		c.Database = "sqlite:" + filepath.Join(c.DataDir, "tamer.db")
	}
	if one := c.Sinks[defaultSink]; len(c.Sinks) == 0 || len(c.Sinks) == 1 && one.Address == "" && one.Secret != "" {
		c.Sinks = map[string]Sink{defaultSink: {Address: "file:" + filepath.Join(c.DataDir, "sink", "{owner}", "{repo}")}}
	}
}

// apiURL gives the API's root for the address of a GitHub: github.com and GitHub Enterprise Cloud with data residency
// have a host for it, servers of one's own a path. Source: docs.github.com, "Getting started with the REST API".
func apiURL(github string) string {
	u, err := url.Parse(github)
	if err == nil && (u.Host == "github.com" || strings.HasSuffix(u.Host, ".ghe.com")) {
		return u.Scheme + "://api." + u.Host + "/"
	}
	return github + "/api/v3/"
}

// GitURL gives the address from which git fetches the repository. It holds no credential.
func (c Config) GitURL(repo forge.Repo) string {
	return c.GitBaseURL + "/" + url.PathEscape(repo.Owner) + "/" + url.PathEscape(repo.Name) + ".git"
}

// A Mistake is one setting that cannot be used.
type Mistake struct {
	Name string // as it was written: a variable, or a key of the settings file and its line
	Read string // what was read; of a secret only its size
	Want string // what is allowed, or what to write
}

// Mistakes are all that LoadConfig found.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of the settings cannot be used:", len(m))
	for _, one := range m {
		fmt.Fprintf(&b, "\n  %s: %s; %s", one.Name, one.Read, one.Want)
	}
	return b.String()
}
