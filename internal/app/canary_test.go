package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/pgtest"
)

// A token is what GitHub gives the app, in either of its forms.
var token = regexp.MustCompile(`gh[a-z]_[0-9A-Za-z]{16}|eyJ[0-9A-Za-z_-]{16}`)

// absent looks for every canary, and for tokens.
func (c canaries) absent(where, text string) {
	c.t.Helper()
	for what, secret := range c.secret {
		if i := strings.Index(text, secret); i >= 0 {
			c.t.Errorf("%s holds %s: …%s…", where, what, text[max(0, i-80):min(len(text), i+80)])
		}
	}
	if found := token.FindString(text); found != "" {
		c.t.Errorf("%s holds a token: %s…", where, found)
	}
}

// No secret leaves tamer but to whom it is for, whatever goes well or wrong.
func TestCanaries(t *testing.T) {
	for name, database := range map[string]func(t *testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return pgtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) { withCanaries(t, database(t)).play(t) })
	}
}

// play has things go well and wrong, and looks everywhere.
func (c canaries) play(t *testing.T) {
	c.create("acme/config", audiences())
	_, err := c.Hub.AddUser(fakegithub.User{Login: "anna"})
	c.must(err)
	c.must(c.Hub.SetRole("acme/config", "anna", "write"))
	c.until("the first deploy", func() bool {
		_, err := os.Stat(filepath.Join(c.dir, "deployed/acme/config/.tamer/channels/production.json"))
		return err == nil
	})
	shown := ""
	judge := func(branch, column string) {
		n := c.change("acme/config", branch, map[string]string{"customers/" + branch + "/audience.yaml": "table: " + branch + "\ncolumn: " + column + "\n"}) // another table: answers are kept for a while
		if !c.down.Load() {
			c.judged("acme/config", n)
		}
		_, err := c.Hub.Comment("acme/config", n, "anna", "/tamer explain customers/acme/audience.yaml#/column")
		c.must(err)
		said := ""
		c.until("an answer", func() bool {
			comments, err := c.Hub.Comments("acme/config", n)
			c.must(err)
			said = ""
			for _, one := range comments {
				said += one.Body + "\n"
			}
			return strings.Contains(said, "<!-- tamer:answer")
		})
		shown += said
		for _, run := range append(c.runs("acme/config", c.head("acme/config", n), "tamer/validate"), c.runs("acme/config", c.head("acme/config", n), "tamer/approvals")...) {
			shown += shows(run) + "\n"
		}
	}
	judge("good", "day")
	judge("bad", "spend")
	c.down.Store(true)
	judge("down", "day")
	c.until("the operator to be told", func() bool { return strings.Contains(c.log.String(), "live data not answered") })
	for _, run := range c.runs("acme/config", c.tip("acme/config"), "tamer/deploy") {
		shown += shows(run) + "\n"
	}
	if !strings.Contains(shown, "cache") || !strings.Contains(shown, "is not in warehouse/columns") {
		t.Fatalf("the story did not come about: %s", shown)
	}
	c.absent("GitHub", shown)
	deployments, err := c.Hub.Deployments("acme/config")
	c.must(err)
	if len(deployments) == 0 || len(deployments[0].Statuses) == 0 {
		t.Fatal("no deployment was announced")
	}
	c.absent("deployments", fmt.Sprintf("%+v", deployments))
	for _, path := range []string{"/metrics", "/readyz?verbose", "/debug/pprof/cmdline"} {
		c.absent(path, c.visit(path))
	}
	for _, path := range []string{"/", "/deliveries", "/r/acme/config", "/r/acme/config?store=bucket", "/r/acme/config/customer?name=acme"} {
		_, page := c.page(path)
		c.absent(path, page)
	}
	doctor := ""
	c.cfg.Database = "postgres://tamer:canary-database@127.0.0.1:1/tamer"
	c.secret["the database's password"] = "canary-database"
	for _, d := range app.Examine(t.Context(), c.cfg, "acme", "config", "") {
		doctor += d.What + "\n" + d.Do + "\n"
	}
	for _, says := range []string{"the sink cache cannot be used", "the sink bucket cannot be used", "the sink rows cannot be used", "the sink service cannot be used", "the live source ledger does not answer", "the database cannot be used"} {
		if !strings.Contains(doctor, says) {
			t.Errorf("%q is not in what doctor says: %s", says, doctor)
		}
	}
	c.absent("doctor", doctor)
	c.must(c.Server.Stop(context.WithoutCancel(t.Context())))
	c.Server = nil
	c.absent("the log", c.log.String())
	if c.absent("traces", c.traces.String()); !strings.Contains(c.traces.String(), "acme") {
		t.Error("the collector was sent nothing")
	}
	kept := c.kept(t.Context())
	for where, content := range kept {
		c.absent(where, content)
	}
	if len(kept) < 3 {
		t.Errorf("only %d places were looked at", len(kept))
	}
}
