package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tamerhq/tamer/internal/pgtest"
)

// A repository is deployed to each of its sinks; one that is down holds back no other, and is shown.
func TestSeveralSinks(t *testing.T) {
	database := pgtest.Start(t)
	w := newWorld(t)
	w.must(os.WriteFile(filepath.Join(w.dir, "secret"), []byte("hunter2"), 0o600))
	w.File = []byte(`
sinks:
  directory: {url: "file:` + w.dir + `/deployed/{owner}/{repo}"}
  database: {url: "` + database + `&schema={owner}-{repo}"}
  service: {url: "hook+http://127.0.0.1:1/sink", secret_file: ` + w.dir + `/secret}
  elsewhere: {url: "file:` + w.dir + `/elsewhere", repositories: [hooli/*]}
`)
	w.must(w.Start(t.Context(), map[string]string{"TAMER_SINK": ""}, quiet()))
	w.create("acme/config", plans())
	tip := w.tip("acme/config")
	db, err := pgx.Connect(t.Context(), database)
	w.must(err)
	defer db.Close(t.Context())
	w.until("the deploy to the database", func() bool {
		var name string
		err := db.QueryRow(t.Context(), `SELECT value ->> 'name' FROM "acme-config".configs WHERE channel = 'production' AND customer = 'acme' AND type = 'plan' AND commit = $1`, tip).Scan(&name)
		return err == nil && name == "Acme"
	})
	w.until("the deploy to the directory", func() bool {
		b, err := os.ReadFile(filepath.Join(w.dir, "deployed/acme/config/.tamer/channels/production.json"))
		return err == nil && strings.Contains(string(b), tip)
	})
	w.until("the service to be shown", func() bool {
		runs := w.runs("acme/config", tip, "tamer/deploy")
		return len(runs) > 0 && strings.Contains(runs[len(runs)-1].Summary, "service")
	})
	if run := w.runs("acme/config", tip, "tamer/deploy"); run[len(run)-1].Conclusion == "success" {
		t.Errorf("with a sink that is down the deploy is a success: %s", run[len(run)-1].Summary)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "elsewhere")); err == nil {
		t.Error("a sink of other repositories was touched")
	}
}
