package metrics

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tamerhq/tamer/internal/work"
)

// A Look tells how things stand when Prometheus asks. What it has an error for is left out of that answer.
type Look interface {
	Backlog(ctx context.Context) ([]Backlog, error)
	Budgets() []Budget
	// Standings tells how the deploy branches stand in the sinks.
	Standings(ctx context.Context) ([]Standing, error)
}

// A Backlog is how the keys of one kind of work stand.
type Backlog struct {
	Kind                    work.Kind
	Running, Waiting, Later int
	Oldest                  time.Duration // since when the oldest that waits is due
	Failing, Aside          int
}

// A Budget is what is left of the calls of an hour on behalf of an installation; 0 is the app itself.
type Budget struct {
	Installation, Limit, Remaining int64
	Reset                          time.Time
}

// A Standing is how the deploy branch of one repository stands in one sink.
type Standing struct {
	Sink   string
	Held   int           // customers that are kept at an earlier commit
	Stays  bool          // production is held there by an operator, or because the branch was rewritten
	Behind time.Duration // since when the branch's tip is not served there; 0 where it is
}

// maxInstallations bounds the installations that are told apart: who runs tamer for one company has one.
const maxInstallations = 100

// lookTime bounds the looks of one answer.
const lookTime = 5 * time.Second

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// What is looked up.
var (
	queueKeys    = gauge("tamer_queue_keys", "Keys of work by how they stand: running, waiting (due, in nobody's hands), later (not due yet), failing (tried again and again), aside (given up until asked for).", "kind", "state")
	queueAge     = gauge("tamer_queue_oldest_age_seconds", "Since when the oldest key that waits for a worker is due.", "kind")
	rateLimit    = gauge("tamer_github_rate_limit", "Calls of GitHub's API that are allowed in an hour, by installation; 0 is the app itself.", "installation")
	rateLeft     = gauge("tamer_github_rate_limit_remaining", "Calls of GitHub's API that are left of the hour, by installation.", "installation")
	rateReset    = gauge("tamer_github_rate_limit_reset_timestamp_seconds", "When the next hour begins, in Unix time, by installation.", "installation")
	heldUnits    = gauge("tamer_held_customers", "Customers that are kept at an earlier commit because their configuration fails, in all repositories.", "sink")
	heldChannels = gauge("tamer_held_channels", "Repositories whose production is held in the sink, by an operator or because the branch was rewritten.", "sink")
	behind       = gauge("tamer_deploy_behind_seconds", "How old the oldest tip of a deploy branch is that the sink does not serve; 0 where it serves all.", "sink")
	failed       = gauge("tamer_look_failed", "1 where this answer lacks something, because what it is looked up in did not answer.", "what")
)

// looked is what is looked up when Prometheus asks.
type looked struct{ m *Metrics }

// Describe implements prometheus.Collector.
func (l *looked) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queueKeys, queueAge, rateLimit, rateLeft, rateReset, heldUnits, heldChannels, behind, failed} {
		to <- d
	}
}

// Collect implements prometheus.Collector, which has no context to hand on.
func (l *looked) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	tell := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	backlog, err := l.m.cfg.Look.Backlog(ctx)
	tell(failed, oneIf(err != nil), "queue")
	if err == nil {
		tellBacklog(tell, backlog)
	}
	for i, b := range l.m.cfg.Look.Budgets() {
		if i == maxInstallations {
			break
		}
		id := strconv.FormatInt(b.Installation, 10)
		tell(rateLimit, float64(b.Limit), id)
		tell(rateLeft, float64(b.Remaining), id)
		tell(rateReset, float64(b.Reset.Unix()), id)
	}
	standings, err := l.m.cfg.Look.Standings(ctx)
	tell(failed, oneIf(err != nil), "sinks")
	if err == nil {
		l.tellStandings(tell, standings)
	}
}

type teller func(d *prometheus.Desc, value float64, labels ...string)

// tellBacklog tells of every kind, also where there is nothing: so that an alert need not ask whether there is a value.
func tellBacklog(tell teller, all []Backlog) {
	for _, kind := range work.Kinds {
		var b Backlog
		if i := slices.IndexFunc(all, func(b Backlog) bool { return b.Kind == kind }); i >= 0 {
			b = all[i]
		}
		tell(queueKeys, float64(b.Running), string(kind), "running")
		tell(queueKeys, float64(b.Waiting), string(kind), "waiting")
		tell(queueKeys, float64(b.Later), string(kind), "later")
		tell(queueKeys, float64(b.Failing), string(kind), "failing")
		tell(queueKeys, float64(b.Aside), string(kind), "aside")
		tell(queueAge, b.Oldest.Seconds(), string(kind))
	}
}

// tellStandings tells of every sink that is declared, and of no other.
func (l *looked) tellStandings(tell teller, all []Standing) {
	for _, sink := range l.m.cfg.Sinks {
		var units, channels int
		var late time.Duration
		for _, s := range all {
			if s.Sink != sink {
				continue
			}
			units += s.Held
			late = max(late, s.Behind)
			if s.Stays {
				channels++
			}
		}
		tell(heldUnits, float64(units), sink)
		tell(heldChannels, float64(channels), sink)
		tell(behind, late.Seconds(), sink)
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
