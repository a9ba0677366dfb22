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
	"maps"
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

// A World is a GitHub and a tamer that know each other, on loopback.
type World struct {
	Hub    *fakegithub.Server
	Server *app.Server // nil before Start
	File   []byte      // of settings, beside the variables; nil for none
	dir    string
	store  string // the directory that production is deployed to
	key    *rsa.PrivateKey
	secret string
	log    *os.File
}

const appID = 4711

// NewWorld starts the stand-in for GitHub on the address listen, with everything that both keep in dir. adjust, if set,
// may change how the stand-in behaves.
func NewWorld(dir, listen string, adjust func(*fakegithub.Config)) (*World, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make the app's key: %w", err)
	}
	w := &World{dir: dir, store: filepath.Join(dir, "deployed"), key: key, secret: rand.Text()}
	cfg := fakegithub.Config{Dir: filepath.Join(dir, "github"), AppID: appID, PublicKey: &key.PublicKey}
	if adjust != nil {
		adjust(&cfg)
	}
	w.Hub, err = fakegithub.New(cfg)
	if err != nil {
		return nil, err
	}
	if err := w.Hub.Start(listen); err != nil {
		return nil, errors.Join(err, w.Hub.Close())
	}
	return w, nil
}

// Settings are those of a tamer that works for this GitHub.
func (w *World) Settings() map[string]string {
	return map[string]string{
		"TAMER_APP_ID":         fmt.Sprint(appID),
		"TAMER_PRIVATE_KEY":    string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(w.key)})),
		"TAMER_WEBHOOK_SECRET": w.secret,
		"TAMER_GITHUB_URL":     w.Hub.URL(),
		"TAMER_DATA_DIR":       filepath.Join(w.dir, "tamer-data"),
		"TAMER_SINK":           "file:" + w.store,
		"TAMER_LISTEN":         "127.0.0.1:0",
		"TAMER_ADMIN_LISTEN":   "127.0.0.1:0",
	}
}

// Start starts tamer with the settings, those of overrides before those of Settings.
func (w *World) Start(ctx context.Context, overrides map[string]string, opts app.Options) error {
	settings := w.Settings()
	maps.Copy(settings, overrides)
	getenv := func(name string) (string, bool) { v, ok := settings[name]; return v, ok }
	cfg, err := app.LoadConfig(getenv, os.ReadFile, w.File)
	if err != nil {
		return err
	}
	if w.Server, err = app.Start(ctx, cfg, opts); err != nil {
		return err
	}
	w.Receive(w.Server.URL())
	return nil
}

// Receive sends webhooks to the tamer at url from now on.
func (w *World) Receive(url string) { w.Hub.SetWebhook(url+"/webhook", w.secret) }

// newWorld starts both, with a log beside what they keep.
func newWorld(ctx context.Context, dir, listen string) (*World, error) {
	w, err := NewWorld(dir, listen, nil)
	if err != nil {
		return nil, err
	}
	if w.log, err = os.Create(filepath.Join(dir, "tamer.log")); err != nil {
		return nil, errors.Join(fmt.Errorf("open the log: %w", err), w.Close(ctx))
	}
	if err := w.Start(ctx, nil, app.Options{Log: slog.New(slog.NewJSONHandler(w.log, nil))}); err != nil {
		return nil, errors.Join(err, w.Close(ctx))
	}
	return w, nil
}

// populate makes the company: its people, its repository, and the app installed there.
func (w *World) populate() error {
	files, err := fakegithub.Files(examples.Shop())
	if err != nil {
		return err
	}
	for login, name := range map[string]string{anna: "Anna Lind", ben: "Ben Okafor", carla: "Carla Reyes"} {
		if _, err := w.Hub.AddUser(fakegithub.User{Login: login, Name: name}); err != nil {
			return err
		}
	}
	if err := w.Hub.CreateRepo(Repository, files); err != nil {
		return err
	}
	for _, login := range []string{anna, ben, carla} {
		if err := w.Hub.SetRole(Repository, login, "write"); err != nil {
			return err
		}
	}
	if err := w.Hub.RequireChecks(Repository, "main", "tamer/validate"); err != nil {
		return err
	}
	_, err = w.Hub.Install("shop")
	return err
}

// Close stops everything, the newest first.
func (w *World) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var errs []error
	if w.Server != nil {
		errs = append(errs, w.Server.Stop(ctx))
	}
	if w.Hub != nil {
		errs = append(errs, w.Hub.Close())
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
