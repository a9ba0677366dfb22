// Package demo plays tamer's story on one machine: the real server against a stand-in for GitHub on loopback, with a small
// configuration repository and three pull requests.
package demo

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
)

// Repository is where the story plays.
const Repository = "shop/config"

// The people of the story.
const (
	anna  = "anna"  // customer success, writes configuration
	ben   = "ben"   // data scientist
	carla = "carla" // edits the configuration of all customers
)

// A world is a GitHub and a tamer that know each other.
type world struct {
	dir    string
	hub    *fakegithub.Server
	server *app.Server
	store  string // the directory that production is deployed to
	log    *os.File
}

// newWorld starts both on loopback, with everything they keep in dir. listen is the address of the stand-in.
func newWorld(ctx context.Context, dir, listen string) (*world, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make the app's key: %w", err)
	}
	w := &world{dir: dir, store: filepath.Join(dir, "deployed")}
	const appID = 4711
	secret := rand.Text()
	if w.hub, err = fakegithub.New(fakegithub.Config{Dir: filepath.Join(dir, "github"), AppID: appID, PublicKey: &key.PublicKey}); err != nil {
		return nil, err
	}
	if err := w.hub.Start(listen); err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	if w.log, err = os.Create(filepath.Join(dir, "tamer.log")); err != nil {
		return nil, errors.Join(fmt.Errorf("open the log: %w", err), w.close(ctx))
	}
	settings := map[string]string{
		"TAMER_APP_ID":         fmt.Sprint(appID),
		"TAMER_PRIVATE_KEY":    string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		"TAMER_WEBHOOK_SECRET": secret,
		"TAMER_GITHUB_URL":     w.hub.URL(),
		"TAMER_DATA_DIR":       filepath.Join(dir, "tamer-data"),
		"TAMER_SINK":           "file:" + w.store,
		"TAMER_LISTEN":         "127.0.0.1:0",
	}
	getenv := func(name string) (string, bool) { v, ok := settings[name]; return v, ok }
	cfg, err := app.LoadConfig(getenv, os.ReadFile, nil)
	if err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	if w.server, err = app.Start(ctx, cfg, app.Options{Log: log}); err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	w.hub.SetWebhook(w.server.URL()+"/webhook", secret)
	return w, nil
}

// populate makes the company: its people, its repository, and the app installed there.
func (w *world) populate() error {
	files, err := fakegithub.Files(examples.Shop())
	if err != nil {
		return err
	}
	for login, name := range map[string]string{anna: "Anna Lind", ben: "Ben Okafor", carla: "Carla Reyes"} {
		if _, err := w.hub.AddUser(fakegithub.User{Login: login, Name: name}); err != nil {
			return err
		}
	}
	if err := w.hub.CreateRepo(Repository, files); err != nil {
		return err
	}
	for _, login := range []string{anna, ben, carla} {
		if err := w.hub.SetRole(Repository, login, "write"); err != nil {
			return err
		}
	}
	if err := w.hub.RequireChecks(Repository, "main", "tamer/validate"); err != nil {
		return err
	}
	_, err = w.hub.Install("shop")
	return err
}

// close stops everything, the newest first.
func (w *world) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var errs []error
	if w.server != nil {
		errs = append(errs, w.server.Stop(ctx))
	}
	if w.hub != nil {
		errs = append(errs, w.hub.Close())
	}
	if w.log != nil {
		errs = append(errs, w.log.Close())
	}
	return errors.Join(errs...)
}

// until waits for something to become true: what says it, for the error.
func until(ctx context.Context, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s: %w", what, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// patience is how long one step of the story may take before it counts as failed.
const patience = 30 * time.Second

func say(out io.Writer, format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
