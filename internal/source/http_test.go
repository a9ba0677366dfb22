package source_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/source"
)

// A crm answers like a service of a company's, well and badly, and counts.
type crm struct {
	asked atomic.Int64
	down  atomic.Bool
}

func (c *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.asked.Add(1)
	switch {
	case c.down.Load():
		http.Error(w, "secret row", http.StatusInternalServerError)
	case r.Header.Get("X-Key") != "hunter2":
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/v1/accounts":
		fmt.Fprintf(w, `{"items":[{"id":"%s-1"},{"id":7},{"id":null},{"name":"x"},{"id":true}]}`, r.URL.Query().Get("region"))
	case strings.HasPrefix(r.URL.Path, "/v1/echo/"):
		fmt.Fprintf(w, "[%q, %q]", r.URL.EscapedPath(), r.URL.RawQuery)
	case r.URL.Path == "/v1/hang":
		<-r.Context().Done()
	case r.URL.Path == "/v1/large":
		io.WriteString(w, `["`)
		line := []byte(strings.Repeat("x", 1<<20))
		for range 1 << 10 { // 1 GB
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	case r.URL.Path == "/v1/moved":
		http.Redirect(w, r, "/v1/accounts?region=moved", http.StatusFound)
	case r.URL.Path == "/v1/away":
		http.Redirect(w, r, "http://localhost:1/", http.StatusFound)
	case r.URL.Path == "/v1/text":
		io.WriteString(w, "secret row")
	case r.URL.Path == "/v1/raw":
		conn, _, _ := w.(http.Hijacker).Hijack()
		io.WriteString(conn, "secret row\r\n\r\n")
		conn.Close()
	case r.URL.Path == "/v1/lists", r.URL.Path == "/v1/beside":
		lists := "[" + strings.Repeat("[],", 3<<20) + "0]"
		if r.URL.Path == "/v1/beside" {
			lists = `{"other":` + lists + `,"items":["x"]}`
		}
		io.WriteString(w, lists)
	case r.URL.Path == "/v1/twice":
		io.WriteString(w, `{"items":[1],"items":[2]}`)
	case r.URL.Path == "/v1/rest":
		io.WriteString(w, `[1]]`)
	case r.URL.Path == "/v1/many":
		io.WriteString(w, "["+strings.Repeat("1,", 20_000)+"1]")
	default:
		http.NotFound(w, r)
	}
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestHTTP(t *testing.T) {
	c := &crm{}
	accounts := source.Query{Path: "/v1/accounts?region={region}", JSON: "/items/*/id"}
	get := func(path, pointer string) source.Query {
		return source.Query{Path: path, JSON: pointer, Timeout: 10 * time.Second}
	}
	d := open(t, map[string]source.Source{"warehouse": {HTTP: serve(t, c), Header: "X-Key: hunter2", Queries: map[string]source.Query{
		"accounts": accounts, "echo": get("/v1/echo/{a}/x{b}?c={c}", "/*"), "hang": {Path: "/v1/hang", Timeout: 50 * time.Millisecond},
		"large": get("/v1/large", "/*"), "moved": get("/v1/moved", "/items/*/id"), "away": get("/v1/away", "/*"), "text": get("/v1/text", "/*"),
		"many": get("/v1/many", "/*"), "none": get("/v1/none", "/*"), "items": get("/v1/accounts", "/items/*"), "wrong": get("/v1/accounts", "/rows/*/id"),
		"deep": get("/v1/accounts", "/items/*/id/x"), "raw": get("/v1/raw", "/*"), "twice": get("/v1/twice", "/items/*"), "rest": get("/v1/rest", "/*"),
		"beside": get("/v1/beside", "/items/*"),
	}}})
	for _, one := range []struct {
		query  outside.Query
		want   string
		report string
	}{
		{query("accounts", "region", "eu"), "7 eu-1 true", ""},
		{query("accounts", "region", "a&region=b#c"), "7 a&region=b#c-1 true", ""},
		{query("echo", "a", "x/../?y", "b", "..", "c", "1&2"), "/v1/echo/x%2F..%2F%3Fy/x.. c=1%262", ""},
		{query("echo", "a", "..", "b", "", "c", ""), "", ""},
		{query("echo", "a", "", "b", "", "c", ""), "", ""},
		{query("hang"), "no answer", "no answer in time"},
		{query("large"), "unusable answer", "more than 10485760 bytes"},
		{query("moved"), "7 moved-1 true", ""},
		{query("away"), "unusable answer", "redirect"},
		{query("text"), "unusable answer", "no JSON"},
		{query("many"), "unusable answer", "more than 10000 values"},
		{query("none"), "unusable answer", "HTTP status 404"},
		{query("items"), "unusable answer", "selects lists or objects"},
		{query("wrong"), "unusable answer", `has no "rows"`},
		{query("deep"), "unusable answer", `no list or object where the query looks for "x"`},
		{query("raw"), "no answer", "the answer is not HTTP"},
		{query("twice"), "unusable answer", `has "items" twice`},
		{query("rest"), "unusable answer", "no JSON"},
		{query("beside"), "x", ""},
		{query("accounts", "country", "eu"), "wrong arguments  region", ""},
	} {
		d.told = nil
		if got := d.ask(t, one.query); got != one.want {
			t.Errorf("%v: got %q, want %q", one.query, got, one.want)
		}
		if told := strings.Join(d.told, "\n"); !strings.Contains(told, one.report) || (told == "") != (one.report == "") || strings.Contains(told, "hunter2") || strings.Contains(told, "secret") {
			t.Errorf("%v: the operator is told %q, want %q", one.query, told, one.report)
		}
	}
}

// An answer takes no more memory than some times its bytes, whatever it holds.
func TestMemory(t *testing.T) {
	get := func(path, pointer string) source.Query {
		return source.Query{Path: path, JSON: pointer, Timeout: 30 * time.Second}
	}
	d := open(t, map[string]source.Source{"warehouse": {HTTP: serve(t, &crm{}), Header: "X-Key: hunter2", Queries: map[string]source.Query{
		"lists": get("/v1/lists", "/*"), "within": get("/v1/lists", "/*/*"), "beside": get("/v1/beside", "/items/*")}}})
	for name, want := range map[string]string{"lists": "unusable answer", "within": "unusable answer", "beside": "x"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := d.ask(t, query(name))
		runtime.ReadMemStats(&after)
		if taken := (after.TotalAlloc - before.TotalAlloc) >> 20; got != want || taken > 200 {
			t.Errorf("%s: %q, and %d MB were taken in all", name, got, taken)
		} else {
			t.Logf("%s: %d MB", name, taken)
		}
	}
}

// One query serves many values; answers are kept for their time, failures are not, and a person who asks anew gets a new one.
func TestCache(t *testing.T) {
	c := &crm{}
	d := open(t, map[string]source.Source{"warehouse": {HTTP: serve(t, c), Header: "X-Key: hunter2", Queries: map[string]source.Query{
		"accounts": {Path: "/v1/accounts?region={region}", JSON: "/items/*/id", Cache: 10 * time.Minute}}}})
	eu, us := query("accounts", "region", "eu"), query("accounts", "region", "us")
	step := func(what string, asked int64, want string, fresh bool, queries ...outside.Query) {
		t.Helper()
		c.asked.Store(0)
		if got := strings.Join(d.all(t, fresh, queries...), "; "); got != want || c.asked.Load() != asked {
			t.Errorf("%s: %q by %d requests, want %q by %d", what, got, c.asked.Load(), want, asked)
		}
	}
	step("three values, two queries", 2, "7 eu-1 true; 7 true us-1; 7 eu-1 true", false, eu, us, eu)
	d.wait(9 * time.Minute)
	step("within the time", 0, "7 eu-1 true", false, eu)
	step("asked anew", 1, "7 eu-1 true", true, eu)
	step("asked anew twice", 0, "7 eu-1 true", true, eu)
	d.wait(2 * time.Minute)
	c.down.Store(true)
	step("of what is kept, only the old is asked", 1, "7 eu-1 true; no answer", false, eu, us)
	var many []outside.Query
	for i := range 100 {
		many = append(many, query("accounts", "region", fmt.Sprint(i)))
	}
	c.asked.Store(0)
	if got := d.all(t, false, many...); slices.ContainsFunc(got, func(s string) bool { return s != "no answer" }) || c.asked.Load() > 4 {
		t.Errorf("a source that is silent was asked %d times: %q", c.asked.Load(), got)
	}
	c.down.Store(false)
	step("back again", 1, "7 true us-1", false, us)
}

// Beyond the budget nothing is asked, and it is said which were not.
func TestBudget(t *testing.T) {
	c := &crm{}
	d := open(t, map[string]source.Source{"warehouse": {HTTP: serve(t, c), Header: "X-Key: hunter2", Budget: 2, Queries: map[string]source.Query{
		"accounts": {Path: "/v1/accounts?region={region}", JSON: "/items/*/id"}}}})
	q := func(region string) outside.Query { return query("accounts", "region", region) }
	got := d.all(t, false, q("a"), q("b"), q("a"), q("c"), q("d"))
	if want := []string{"7 a-1 true", "7 b-1 true", "7 a-1 true", "budget spent", "budget spent"}; !slices.Equal(got, want) || c.asked.Load() != 2 {
		t.Errorf("%q by %d requests", got, c.asked.Load())
	}
}

// Who may not use a source does not even learn that it is there.
func TestRepositories(t *testing.T) {
	d := open(t, map[string]source.Source{"warehouse": {HTTP: "https://crm.example.com", Repositories: []string{"acme/config", "beta/*"}}})
	for name, want := range map[string]outside.Fault{
		"acme/config": outside.UnknownQuery, "ACME/Config": outside.UnknownQuery, "beta/any": outside.UnknownQuery,
		"acme/config2": outside.UnknownSource, "acme/other": outside.UnknownSource, "betas/any": outside.UnknownSource,
	} {
		owner, rest, _ := strings.Cut(name, "/")
		got, err := d.Ask(t.Context(), forge.Repo{Owner: owner, Name: rest}, []outside.Query{query("x")}, false)
		if err != nil || got[0].Fault != want || got[0].Near != "" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestStopped(t *testing.T) {
	d := open(t, map[string]source.Source{"warehouse": {HTTP: serve(t, &crm{}), Header: "X-Key: hunter2", Queries: map[string]source.Query{"hang": {Path: "/v1/hang", Timeout: time.Hour}}}})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if got, err := d.Ask(ctx, repo, []outside.Query{query("hang")}, false); err == nil || len(d.told) > 0 {
		t.Errorf("%v; the operator is told %q", got, d.told)
	}
}
