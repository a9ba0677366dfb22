package app

import (
	"context"
	"errors"
	"maps"

	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/source"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

const (
	// lookTime bounds one look of Examine.
	lookTime = 30 * time.Second
	// clockOff is how far the clock may be from GitHub's: tokens are dated back by a minute, and half of that is for the way.
	clockOff = 30 * time.Second
	// recent is how far back deliveries are looked at, and maxRecent how many.
	recent, maxRecent = 24 * time.Hour, 100
)

// An examination is who looks at all that tamer needs.
type examination struct {
	cfg Config
	now func() time.Time
	hub *github.Client
	app github.App
	all []Examined
}

// An Examined is a Diagnosis of one part of tamer.
type Examined struct {
	About string // settings, git, database, github, webhooks, repository, sinks or sources
	Diagnosis
}

// Examine looks at all that a tamer with these settings needs: git, the database, GitHub, webhooks, sinks and live sources; and with a
// repository, which may be empty, at what Doctor looks at. It writes one small object to each sink, and removes it again; it changes
// nothing else. It always gives an answer: what cannot be asked is a Diagnosis, too.
func Examine(ctx context.Context, cfg Config, owner, name, branch string) []Examined {
	e := &examination{cfg: cfg, now: time.Now}
	e.look(ctx, "settings", func(context.Context) { e.well("the settings can be read: app %d, data in %s", cfg.AppID, cfg.DataDir) })
	e.look(ctx, "git", e.git)
	e.look(ctx, "database", e.database)
	e.look(ctx, "github", e.github)
	if e.app.ID != 0 {
		e.look(ctx, "webhooks", e.webhooks)
	}
	repo := e.repository(ctx, owner, name, branch)
	e.look(ctx, "sinks", func(ctx context.Context) { e.sinks(ctx, repo) })
	e.look(ctx, "sources", e.sources)
	return e.all
}

// look does one look within its time.
func (e *examination) look(ctx context.Context, about string, do func(context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	before := len(e.all)
	do(ctx)
	for i := range e.all[before:] {
		e.all[before+i].About = about
	}
}

func (e *examination) say(d Diagnosis) { e.all = append(e.all, Examined{Diagnosis: d}) }

func (e *examination) well(format string, args ...any) {
	e.say(Diagnosis{What: fmt.Sprintf(format, args...)})
}

func (e *examination) wrong(do, format string, args ...any) {
	e.say(Diagnosis{What: fmt.Sprintf(format, args...), Do: do})
}

func (e *examination) git(ctx context.Context) {
	version, err := mirror.GitVersion(ctx)
	if err != nil {
		e.wrong("install git, 2.38 or newer, where tamer runs", "git cannot be used: %v", err)
		return
	}
	e.well("%s can be used", version)
}

func (e *examination) database(ctx context.Context) {
	what, err := store.Probe(ctx, e.cfg.Database)
	if err != nil {
		e.wrong("see TAMER_DATABASE_URL and TAMER_DATA_DIR in docs/settings.md", "the database cannot be used: %v", err)
		return
	}
	e.well("the database can be used: %s", what)
}

// github looks at the app as a whole.
func (e *examination) github(ctx context.Context) {
	var err error
	if e.hub, err = github.New(github.Config{APIURL: e.cfg.APIURL, AppID: e.cfg.AppID, PrivateKey: e.cfg.PrivateKey}); err == nil {
		err = patiently(ctx, func() error {
			e.app, err = e.hub.App(ctx)
			return err
		})
	}
	switch {
	case errors.Is(err, github.ErrKey):
		e.wrong(fmt.Sprintf("open %s/settings/apps, or the organization's settings under Developer settings, GitHub Apps: compare App ID with TAMER_APP_ID, and generate a private key for TAMER_PRIVATE_KEY; and see that this machine's clock is right", e.cfg.GitHubURL),
			"GitHub does not take the key as that of the app %d: %v", e.cfg.AppID, err)
		return
	case err != nil:
		e.wrong("let this machine reach the address, by HTTPS_PROXY where there is a proxy; or correct TAMER_GITHUB_URL", "GitHub does not answer at %s: %v", e.cfg.APIURL, err)
		return
	}
	e.well("GitHub takes the key: the app is %s", e.app.Slug)
	e.clock()
	settings := fmt.Sprintf("in the app's settings, which %s leads to, under Permissions & events", e.app.Page)
	asked := installed{in: github.Installed{Permissions: e.app.Permissions, Events: e.app.Events}}
	for _, d := range []Diagnosis{asked.permissions(), asked.events()} {
		if d.Do != "" {
			d.What, d.Do = strings.Replace(d.What, "was not granted", "does not ask for", 1), settings+", choose them and save; then those who have installed it accept them"
		}
		e.say(d)
	}
	e.installations(ctx)
}

// clock compares this machine's with GitHub's.
func (e *examination) clock() {
	if off := e.now().Sub(e.app.Now).Abs(); !e.app.Now.IsZero() && off > clockOff {
		e.wrong("set this machine's clock, as with NTP: GitHub refuses what is signed at another time", "this machine's clock is %s from GitHub's", off.Round(time.Second))
	} else {
		e.well("this machine's clock goes as GitHub's")
	}
}

func (e *examination) installations(ctx context.Context) {
	var ids []int64
	err := patiently(ctx, func() (err error) {
		ids, err = e.hub.Installations(ctx)
		return err
	})
	switch {
	case err != nil:
		e.wrong("look again in a while", "GitHub does not tell where the app is installed: %v", err)
	case len(ids) == 0:
		e.wrong(fmt.Sprintf("open %s/installations/new", e.app.Page), "the app is installed nowhere")
	default:
		e.well("the app has %d installation(s)", len(ids))
	}
}

// webhooks looks at what became of those that GitHub has sent of late.
func (e *examination) webhooks(ctx context.Context) {
	if e.app.Hook == "" {
		e.wrong(fmt.Sprintf("in the app's settings, which %s leads to, set Webhook to Active with the address of TAMER_LISTEN and the path /webhook", e.app.Page),
			"the app has no address for webhooks: everything waits for the sweep")
		return
	}
	var sent []work.Sent
	for s, err := range e.hub.Deliveries(ctx) {
		if err != nil {
			e.wrong("look again in a while", "GitHub does not tell what became of webhooks: %v", err)
			return
		}
		if len(sent) == maxRecent || e.now().Sub(s.At) > recent {
			break
		}
		sent = append(sent, s)
	}
	e.delivered(sent)
}

// delivered judges deliveries, the newest first.
func (e *examination) delivered(sent []work.Sent) {
	failed := slices.DeleteFunc(slices.Clone(sent), func(s work.Sent) bool { return s.OK })
	page := strings.Replace(e.app.Page, "/apps/", "/settings/apps/", 1) + "/advanced"
	switch {
	case len(sent) == 0:
		e.well("no webhook was sent to %s in the last %s, so none was lost", e.app.Hook, recent)
	case len(failed) == 0:
		e.well("all of the last %d webhooks arrived at %s", len(sent), e.app.Hook)
	case sent[0].OK:
		e.well("the newest webhook arrived; %d of the %d before did not, and are found by tamer itself", len(failed), len(sent)-1)
	default:
		e.wrong(mendWebhook(sent[0].Code, e.app.Hook, page), "%d of the last %d webhooks did not arrive at %s; the newest, %s, was answered %d", len(failed), len(sent), e.app.Hook, sent[0].Event, sent[0].Code)
	}
}

// mendWebhook says what mends webhooks that are answered so.
func mendWebhook(code int, hook, page string) string {
	switch {
	case code == 401:
		return "write the webhook secret of the app's settings into TAMER_WEBHOOK_SECRET, or the other way round; see " + page
	case code == 404 || code == 405:
		return fmt.Sprintf("let the address lead to the path /webhook of TAMER_LISTEN; it is %s now; see %s", hook, page)
	case code == 0:
		return fmt.Sprintf("let GitHub reach %s: name, certificate and firewall; see %s", hook, page)
	}
	return "see what stands before tamer, and tamer's own log: it answers 503 while it cannot store; see " + page
}

// repository looks at one, if one is named, and gives one that sinks can be tried for.
func (e *examination) repository(ctx context.Context, owner, name, branch string) forge.Repo {
	if name == "" {
		return forge.Repo{Owner: "owner", Name: "repo"}
	}
	e.look(ctx, "repository", func(ctx context.Context) {
		found, err := Doctor(ctx, e.cfg, owner, name, branch)
		if err != nil {
			e.wrong("look again in a while", "%s/%s cannot be looked at: %v", owner, name, err)
		}
		for _, d := range found {
			e.say(d)
		}
	})
	return forge.Repo{Owner: owner, Name: name}
}

func (e *examination) sources(ctx context.Context) {
	s, err := source.New(source.Config{Sources: e.cfg.Sources, Now: e.now})
	if err != nil {
		e.wrong("see docs/live-data.md", "live sources cannot be opened: %v", err)
		return
	}
	defer s.Close()
	reached := s.Reach(ctx)
	for _, name := range slices.Sorted(maps.Keys(reached)) {
		if err := reached[name]; err != nil {
			e.wrong("correct the source in the settings file, or let this machine reach it; see docs/live-data.md", "the live source %s does not answer: %v", name, err)
			continue
		}
		e.well("the live source %s answers", name)
	}
}
