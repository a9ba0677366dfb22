package app_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
)

// entries gives the records with that message.
func (l *logbook) entries(t *testing.T, message string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(l.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if entry["msg"] == message {
			all = append(all, entry)
		}
	}
	return all
}

// visit gives what the admin address answers.
func (w *world) visit(path string) string {
	w.t.Helper()
	resp, err := http.Get(w.Server.AdminURL() + path)
	w.must(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	w.must(err)
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %d: %s", path, resp.StatusCode, body)
	}
	return string(body)
}

var smallPrint = regexp.MustCompile("<sub>In the log of tamer: `([0-9a-f]{32})`</sub>$")

// From a check run to the log: what it says in small print stands in the line of each attempt that led to it, and in that of its webhook.
func TestWhatHappenedCanBeFound(t *testing.T) {
	w := newWorld(t)
	log := &logbook{}
	w.start(app.Options{Log: slog.New(slog.NewJSONHandler(log, nil))})
	w.create("acme/config", plans())
	w.deployed("acme/config")
	n := w.change("acme/config", "more", map[string]string{"customers/acme/plan.yaml": "name: Acme\nlimit: 11\n"})
	judged := w.judged("acme/config", n)
	w.settle()

	found := smallPrint.FindStringSubmatch(judged.Summary)
	if found == nil {
		t.Fatalf("the check run names nothing: %s", judged.Summary)
	}
	attempts, deliveries := 0, 0
	for _, e := range log.entries(t, "job ended") {
		if e["trace"] == found[1] && e["kind"] == "pull_request" && e["outcome"] == "done" {
			attempts++
		}
	}
	for _, e := range log.entries(t, "delivery answered") {
		if e["trace"] == found[1] && e["event"] == "pull_request" {
			deliveries++
		}
	}
	if attempts != 1 || deliveries != 1 {
		t.Errorf("%d attempts and %d deliveries belong to %s:\n%s", attempts, deliveries, found[1], log)
	}
	deploy := smallPrint.FindStringSubmatch(w.verdict("acme/config", w.tip("acme/config"), "tamer/deploy").Summary)
	if deploy == nil || deploy[1] == found[1] {
		t.Errorf("tamer/deploy names %q", deploy)
	}
	if w.visit("/livez") != "alive\n" || !strings.HasSuffix(w.visit("/readyz?verbose"), "[+]github ok\nready\n") {
		t.Errorf("not ready: %s", w.visit("/readyz?verbose"))
	}
	if !strings.Contains(w.visit("/debug/pprof/"), "goroutine") {
		t.Error("no profiles")
	}
}

func TestMetricsOfAStory(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	w.deployed("acme/config")
	n := w.change("acme/config", "more", map[string]string{"customers/acme/plan.yaml": "name: Acme\nlimit: 11\n"})
	w.judged("acme/config", n)
	_, err := w.Hub.Merge("acme/config", n, "squash", "anna")
	w.must(err)
	w.verdict("acme/config", w.tip("acme/config"), "tamer/deploy")
	w.settle()

	text := w.visit("/metrics")
	for _, want := range []string{
		`tamer_attempts_total{kind="pull_request",outcome="done"}`, `tamer_attempt_duration_seconds_count{kind="deploy"}`,
		`tamer_deliveries_total{code="202",event="push"}`, `tamer_findings_total{level="failure",rule="range"} 1`,
		`tamer_github_requests_total{code="201",method="POST"}`, `tamer_held_customers{sink="default"} 1`, `tamer_held_channels{sink="default"} 0`,
		`tamer_deploy_behind_seconds{sink="default"} 0`, `tamer_deploy_lag_seconds_count{sink="default"} 2`,
		`tamer_stage_duration_seconds_count{stage="git"}`, `tamer_stage_duration_seconds_count{stage="judge"}`, `tamer_stage_duration_seconds_count{stage="sink"}`,
		`tamer_stage_duration_seconds_count{stage="github"}`, `tamer_stage_duration_seconds_count{stage="webhook"}`,
		`tamer_queue_keys{kind="pull_request",state="waiting"} 0`, `tamer_look_failed{what="queue"} 0`, `tamer_look_failed{what="sinks"} 0`,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("there is no %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}
