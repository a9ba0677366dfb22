package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/github"
)

// keptName is the file in the data directory that registering the app has written. It is read where no setting names an app.
const keptName = "github-app.yaml"

// appSettings say which app tamer is; the rest of what registering gives may be there beside.
var appSettings = []string{"TAMER_APP_ID", "TAMER_PRIVATE_KEY", "TAMER_WEBHOOK_SECRET"}

// namesApp tells whether any setting says which app tamer is, or tries to.
func (p places) namesApp() bool {
	return slices.ContainsFunc(settings, func(s setting) bool {
		v, wrong := p.find(s)
		return slices.Contains(appSettings, s.name) && (wrong != nil || v.text != "")
	})
}

// readKept gives what registering the app has written; nothing where there is no such file.
func (p places) readKept() (map[string]value, Mistakes) {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.name == "TAMER_DATA_DIR" })
	dir, wrong := p.find(settings[i])
	if wrong != nil {
		return nil, nil // is told anyway
	}
	path := filepath.Join(dir.text, keptName)
	text, err := p.readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, Mistakes{{Name: path, Read: "cannot be read", Want: fmt.Sprintf("let tamer read it, or name the app in settings: %v", err)}}
	}
	kept, _, mistakes := parseFile(text)
	for i := range mistakes {
		mistakes[i].Name = path + ": " + mistakes[i].Name
	}
	return kept, mistakes
}

// LoadConfigToServe is LoadConfig, but that a Config without an app is no mistake: its AppID is 0, and Register makes one. That is where
// no setting names an app and none was registered before.
func LoadConfigToServe(getenv func(string) (string, bool), readFile func(string) ([]byte, error), file []byte) (Config, error) {
	return load(getenv, readFile, file, true)
}

// keep writes the credentials into the data directory, for tamer only, and gives the path.
func (c Config) keep(app github.Registered) (string, error) {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return "", fmt.Errorf("make the data directory: %w", err)
	}
	path := filepath.Join(c.DataDir, keptName)
	temp, err := os.CreateTemp(c.DataDir, keptName+".*") // readable by its owner only
	if err != nil {
		return "", fmt.Errorf("keep the app's credentials: %w", err)
	}
	defer os.Remove(temp.Name()) // no effect once renamed
	_, err = temp.WriteString(keptText(app))
	if err = errors.Join(err, temp.Sync(), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return "", fmt.Errorf("keep the app's credentials: %w", err)
	}
	return path, nil
}

// keptText is a settings file.
func keptText(app github.Registered) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The GitHub App %s, %s. Whoever has this file is the app: keep it secret.\n", app.Slug, app.Page)
	fmt.Fprintf(&b, "app_id: %d\nwebhook_secret: %q\nclient_id: %q\nclient_secret: %q\nprivate_key: |\n", app.ID, app.WebhookSecret, app.ClientID, app.ClientSecret)
	for line := range strings.Lines(strings.TrimSpace(app.PrivateKey)) {
		fmt.Fprintf(&b, "  %s\n", strings.TrimRight(line, "\r\n"))
	}
	return b.String()
}

// as gives the Config of a tamer that is that app.
func (c Config) as(app github.Registered) (Config, error) {
	c.AppID, c.ClientID, c.ClientSecret = app.ID, app.ClientID, app.ClientSecret
	if app.ID <= 0 {
		return Config{}, errors.New("GitHub's answer names no app")
	}
	return c, errors.Join(setPrivateKey(&c, app.PrivateKey), setWebhookSecrets(&c, app.WebhookSecret))
}
