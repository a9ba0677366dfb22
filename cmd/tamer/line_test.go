package main

import (
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/tamerhq/tamer/internal/demo"
	"github.com/tamerhq/tamer/internal/pgtest"
)

// A line is the way from tamer to something that it talks to, and can be made a bad one.
type line struct {
	t     testing.TB
	proxy *toxiproxy.Proxy
}

func newLine(t testing.TB, name, to string) *line {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := &line{t, toxiproxy.NewProxy(server, name, "127.0.0.1:0", to)}
	if err := l.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.proxy.Stop)
	return l
}

// turns makes the line as the toxics say, or a sound one again; "cut" ends all connections and refuses new ones.
func (l *line) turns(toxics string) {
	l.t.Helper()
	if toxics == "cut" {
		l.proxy.Stop()
		return
	}
	l.proxy.Toxics.ResetToxics(l.t.Context())
	if !l.proxy.Enabled {
		if err := l.proxy.Start(); err != nil {
			l.t.Fatal(err)
		}
	}
	if toxics != "" {
		if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(toxics)); err != nil {
			l.t.Fatal(err)
		}
	}
}

// What lines are like, one after another: each is for some seconds what tamer has.
var badLines = []struct {
	name, hub, database string // what is wrong on the way to GitHub, and to PostgreSQL
}{
	{name: "slow", hub: `{"type":"latency","attributes":{"latency":80,"jitter":80}}`, database: `{"type":"latency","attributes":{"latency":10,"jitter":10}}`},
	{name: "connections reset", hub: `{"type":"reset_peer","toxicity":0.4,"attributes":{"timeout":0}}`},
	{name: "answers lost after the effect", hub: `{"type":"limit_data","toxicity":0.5,"attributes":{"bytes":10}}`},
	{name: "answers cut", hub: `{"type":"limit_data","toxicity":0.5,"attributes":{"bytes":1500}}`},
	{name: "GitHub away", hub: "cut"},
	{name: "database resets", database: `{"type":"reset_peer","toxicity":0.4,"attributes":{"timeout":50}}`},
	{name: "database stalled", database: `{"type":"timeout","toxicity":0.3,"attributes":{"timeout":300}}`},
	{name: "database away", database: "cut"},
	{name: "both away", hub: "cut", database: "cut"},
}

// On bad lines to GitHub and to the database, nothing that was acknowledged is lost, and nothing is done twice.
func TestBadLines(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(pgtest.Create(t, pgtest.Start(t)))
	if err != nil {
		t.Fatal(err)
	}
	database := newLine(t, "database", bridge(t, filepath.Join(address.Query().Get("host"), ".s.PGSQL.5432")))
	var hub *line
	f := newFleet(t, 2, "postgres://tamer@"+database.proxy.Listen+address.Path+"?sslmode=disable", func(w *demo.World) {
		hub = newLine(t, "hub", strings.TrimPrefix(w.Hub.URL(), "http://"))
		w.Hub.SetURL("http://" + hub.proxy.Listen)
	})
	p := newPeople(f)
	p.settle(5 * time.Minute)
	var all sync.WaitGroup
	over := make(chan struct{})
	all.Go(func() { f.load(0, over) })
	for _, bad := range badLines {
		hub.turns(bad.hub)
		database.turns(bad.database)
		for range 3 {
			p.act()
			f.pause(perSecond / 2)
		}
	}
	hub.turns("")
	database.turns("")
	close(over)
	all.Wait()
	p.must(f.Hub.Wait(t.Context())) // what was lost so far, the next start finds
	f.replace()
	p.settle(5 * time.Minute)
	p.checkTwice()
	f.checkEnds()
	t.Log(f.summary())
}

// bridge makes a Unix socket reachable at an address.
func bridge(t testing.TB, socket string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("unix", socket)
			if err != nil {
				from.Close()
				continue
			}
			for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
				go func() {
					_, _ = io.Copy(pair[1], pair[0]) // until either side has ended
					from.Close()
					to.Close()
				}()
			}
		}
	}()
	return l.Addr().String()
}
