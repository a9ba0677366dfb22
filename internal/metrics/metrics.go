// Package metrics counts what tamer does, for Prometheus. It is the only home of its client library.
//
// A label's values are bounded by tamer's own lists, or by the operator's settings: what is in neither is "other". No label holds
// what users write.
package metrics

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tamerhq/tamer/internal/work"
)

// Config says which values labels may have, and where to ask what is not counted but looked up.
type Config struct {
	Version  string
	Events   []string // of webhooks
	Outcomes []string // of attempts
	Rules    []string // of findings
	Sinks    []string // that the settings declare
	Look     Look     // required
}

// other is the value of a label that would have one which is not in its list.
const other = "other"

// Metrics are all that is counted. They are safe for concurrent use.
type Metrics struct {
	cfg      Config
	registry *prometheus.Registry

	deliveries *prometheus.CounterVec
	missed     *prometheus.CounterVec
	attempts   *prometheus.CounterVec
	taken      *prometheus.HistogramVec
	stages     *prometheus.HistogramVec
	findings   *prometheus.CounterVec
	calls      *prometheus.CounterVec
	lag        *prometheus.HistogramVec
}

// New makes the metrics, in a registry of their own.
func New(cfg Config) (*Metrics, error) {
	if cfg.Look == nil {
		return nil, errors.New("configure metrics: nobody to look things up is given")
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	seconds := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &Metrics{
		cfg:        cfg,
		registry:   prometheus.NewRegistry(),
		deliveries: counter("tamer_deliveries_total", "Webhooks that were answered, by event and HTTP status.", "event", "code"),
		missed:     counter("tamer_missed_deliveries_total", "Webhooks that did not arrive, and were found in GitHub's list.", "event"),
		attempts:   counter("tamer_attempts_total", "Looks at a key of work, by its kind and how they ended.", "kind", "outcome"),
		taken:      seconds("tamer_attempt_duration_seconds", "How long one look at a key of work took.", prometheus.ExponentialBuckets(0.01, 3, 11), "kind"),
		stages:     seconds("tamer_stage_duration_seconds", "How long parts of the work took.", prometheus.ExponentialBuckets(0.001, 4, 10), "stage"),
		findings:   counter("tamer_findings_total", "Findings in verdicts on pull requests and merge groups, by rule and level.", "rule", "level"),
		calls:      counter("tamer_github_requests_total", "Calls of GitHub's API, by method and HTTP status; code 0 is no answer.", "method", "code"),
		lag:        seconds("tamer_deploy_lag_seconds", "From the commit to the moment at which a sink served it.", prometheus.ExponentialBuckets(1, 2.5, 12), "sink"),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tamer_build_info", Help: "1, with the version as label.",
		ConstLabels: prometheus.Labels{"version": cfg.Version}}, func() float64 { return 1 })
	for _, c := range []prometheus.Collector{build, m.deliveries, m.missed, m.attempts, m.taken, m.stages, m.findings, m.calls, m.lag,
		&looked{m: m}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := m.registry.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return m, nil
}

// Handler answers GET /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 3, Timeout: lookTime + 5*time.Second})
}

// Delivery counts a webhook that was answered.
func (m *Metrics) Delivery(event string, status int) {
	m.deliveries.WithLabelValues(among(event, m.cfg.Events), strconv.Itoa(status)).Inc()
}

// Missed counts a webhook that did not arrive.
func (m *Metrics) Missed(event string) {
	m.missed.WithLabelValues(among(event, m.cfg.Events)).Inc()
}

// Attempt counts a look at a key of work.
func (m *Metrics) Attempt(kind work.Kind, outcome string, took time.Duration) {
	if !slices.Contains(work.Kinds, kind) {
		kind = other
	}
	m.attempts.WithLabelValues(string(kind), among(outcome, m.cfg.Outcomes)).Inc()
	m.taken.WithLabelValues(string(kind)).Observe(took.Seconds())
}

// Finding counts one finding of a verdict.
func (m *Metrics) Finding(rule, level string) {
	m.findings.WithLabelValues(among(rule, m.cfg.Rules), among(level, []string{"failure", "warning", "notice"})).Inc()
}

// Deployed notes that a sink has come to serve a commit of that age.
func (m *Metrics) Deployed(sink string, lag time.Duration) {
	m.lag.WithLabelValues(among(sink, m.cfg.Sinks)).Observe(max(lag, 0).Seconds())
}

func among(value string, known []string) string {
	if slices.Contains(known, value) {
		return value
	}
	return other
}
