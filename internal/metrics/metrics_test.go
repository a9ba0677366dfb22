package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/metrics"
	"github.com/tamerhq/tamer/internal/trace"
	"github.com/tamerhq/tamer/internal/work"
)

// A look is what Prometheus is told in a test.
type look struct{ err error }

func (l look) Backlog(context.Context) ([]metrics.Backlog, error) {
	return []metrics.Backlog{{Kind: work.Deploy, Running: 1, Waiting: 2, Later: 3, Oldest: 90 * time.Second, Failing: 4, Aside: 5}}, l.err
}

func (l look) Budgets() []metrics.Budget {
	var all []metrics.Budget
	for i := range 1000 {
		all = append(all, metrics.Budget{Installation: int64(i), Limit: 5000, Remaining: 4999, Reset: time.Unix(1800000000, 0)})
	}
	return all
}

func (l look) Standings(context.Context) ([]metrics.Standing, error) {
	return []metrics.Standing{{Sink: "s3", Held: 2, Behind: time.Minute}, {Sink: "s3", Held: 1, Stays: true}, {Sink: "gone", Held: 9}}, nil
}

// counted gives metrics on which everything has happened, also what makes no sense.
func counted(t *testing.T, l metrics.Look) *metrics.Metrics {
	t.Helper()
	m, err := metrics.New(metrics.Config{Version: "v1", Events: []string{"push"}, Outcomes: []string{"done"}, Rules: []string{"ref-missing"}, Sinks: []string{"s3"}, Look: l})
	if err != nil {
		t.Fatal(err)
	}
	hub := httptest.NewServer(http.NotFoundHandler())
	defer hub.Close()
	client := http.Client{Transport: m.Calls(&http.Transport{})}
	defer client.CloseIdleConnections()
	m.Delivery("push", 202)
	for i := range 300 {
		odd := fmt.Sprintf("odd %d", i)
		m.Delivery(odd, 202)
		m.Missed(odd)
		m.Attempt(work.Kind(odd), odd, time.Second)
		m.Finding(odd, odd)
		m.Deployed(odd, time.Minute)
		_, end := m.Begin(t.Context(), trace.Stage(odd))
		end(nil)
		if i%100 > 0 {
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), "ODD"+fmt.Sprint(i), hub.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	m.Finding("ref-missing", "failure")
	m.Deployed("s3", -time.Hour) // clocks differ
	return m
}

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// Whatever happens, labels have values of tamer's own lists.
func TestLabelsAreBounded(t *testing.T) {
	text := scrape(t, counted(t, look{}))
	if strings.Contains(text, "odd") || strings.Contains(text, "ODD") || strings.Contains(text, "gone") {
		t.Errorf("a label holds what came from outside:\n%s", text)
	}
	series := map[string]int{}
	for line := range strings.Lines(text) {
		if name, _, ok := strings.Cut(line, "{"); ok && !strings.HasSuffix(name, "_bucket") {
			series[name]++
		}
	}
	for name, n := range series {
		if n > 100 {
			t.Errorf("%s has %d series", name, n)
		}
	}
	for _, want := range []string{
		`tamer_deliveries_total{code="202",event="push"} 1`, `tamer_deliveries_total{code="202",event="other"} 300`,
		`tamer_attempts_total{kind="other",outcome="other"} 300`, `tamer_github_requests_total{code="404",method="other"} 3`,
		`tamer_findings_total{level="failure",rule="ref-missing"} 1`, `tamer_deploy_lag_seconds_sum{sink="s3"} 0`,
		`tamer_queue_keys{kind="deploy",state="waiting"} 2`, `tamer_queue_keys{kind="sweep",state="aside"} 0`,
		`tamer_queue_oldest_age_seconds{kind="deploy"} 90`, `tamer_held_customers{sink="s3"} 3`, `tamer_held_channels{sink="s3"} 1`,
		`tamer_deploy_behind_seconds{sink="s3"} 60`, `tamer_github_rate_limit_remaining{installation="7"} 4999`,
		`tamer_look_failed{what="queue"} 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
}

// What cannot be looked up is left out, and that is told.
func TestALookFails(t *testing.T) {
	text := scrape(t, counted(t, look{errors.New("no database")}))
	if !strings.Contains(text, `tamer_look_failed{what="queue"} 1`) || strings.Contains(text, "tamer_queue_keys{") || !strings.Contains(text, "tamer_held_customers{") {
		t.Errorf("got\n%s", text)
	}
}

func TestNames(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(scrape(t, counted(t, look{})))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "tamer_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// docs/metrics.md lists what an answer holds.
func TestDocumentation(t *testing.T) {
	text := scrape(t, counted(t, look{}))
	types, labels, help := map[string]string{}, map[string]string{}, map[string]string{}
	for line := range strings.Lines(text) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 4)
		switch {
		case strings.HasPrefix(line, "# TYPE tamer_"):
			types[words[2]] = words[3]
		case strings.HasPrefix(line, "# HELP tamer_"):
			help[words[2]] = words[3]
		case strings.HasPrefix(line, "tamer_"):
			name, rest, _ := strings.Cut(words[0], "{")
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				name = strings.TrimSuffix(name, suffix)
			}
			if labels[name] == "" {
				labels[name] = strings.Join(regexp.MustCompile(`\b\w+=`).FindAllString(rest, -1), " ")
			}
		}
	}
	var b strings.Builder
	b.WriteString("# Metrics\n\nWritten by `go test ./internal/metrics -update` from what `/metrics` answers on `TAMER_ADMIN_LISTEN`. Beside these there are the\n" +
		"usual ones of a Go program (`go_…`, `process_…`). Labels have few values: what is in none of tamer's lists, nor in the settings, is\n`other`. " +
		"What is looked up in the database is the same for all replicas; what is counted is counted by each.\n\n| metric | type | labels | what it says |\n|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(types)) {
		var shown []string
		for l := range strings.FieldsSeq(labels[name]) {
			if l == "le=" {
				continue
			}
			shown = append(shown, "`"+strings.TrimSuffix(l, "=")+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, types[name], strings.Join(shown, ", "), help[name])
	}
	golden.Check(t, "../../docs/metrics.md", b.String())
}
