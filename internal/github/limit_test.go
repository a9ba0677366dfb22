package github

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

func TestWaitOf(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	reset := fmt.Sprint(now.Add(10 * time.Minute).Unix())
	const secondary = `{"message":"You have exceeded a secondary rate limit"}`
	for name, c := range map[string]struct {
		status  int
		header  string // lines of name: value
		body    string
		hits    int
		wait    time.Duration
		refused bool
	}{
		"fine":                        {status: 200, header: "X-RateLimit-Remaining: 10\nX-RateLimit-Reset: " + reset},
		"the last one":                {status: 200, header: "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: " + reset, wait: 601 * time.Second},
		"primary":                     {status: 403, header: "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: " + reset, wait: 601 * time.Second, refused: true},
		"primary by 429":              {status: 429, header: "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: " + reset, wait: 601 * time.Second, refused: true},
		"primary, reset is over":      {status: 429, header: "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1", wait: time.Minute, refused: true},
		"not found on the last call":  {status: 404, header: "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: " + reset, wait: 601 * time.Second},
		"403 with Retry-After":        {status: 403, header: "Retry-After: 17", body: secondary, wait: 17 * time.Second, refused: true},
		"429 with Retry-After":        {status: 429, header: "Retry-After: 17", hits: 5, wait: 17 * time.Second, refused: true},
		"503 with Retry-After":        {status: 503, header: "Retry-After: 17", wait: 17 * time.Second, refused: true},
		"Retry-After as a date":       {status: 429, header: "Retry-After: " + now.Add(30*time.Second).UTC().Format(http.TimeFormat), wait: 30 * time.Second, refused: true},
		"Retry-After of nothing":      {status: 429, header: "Retry-After: 0", wait: time.Second, refused: true},
		"Retry-After below nothing":   {status: 429, header: "Retry-After: -5", wait: time.Second, refused: true},
		"Retry-After of years":        {status: 429, header: "Retry-After: 2000000000", wait: maxWait, refused: true},
		"Retry-After is no number":    {status: 429, header: "Retry-After: soon", wait: time.Minute, refused: true},
		"429 alone":                   {status: 429, wait: time.Minute, refused: true},
		"secondary, 403":              {status: 403, body: secondary, wait: time.Minute, refused: true},
		"secondary, the third":        {status: 403, body: secondary, hits: 2, wait: 4 * time.Minute, refused: true},
		"secondary, the hundredth":    {status: 403, body: secondary, hits: 99, wait: secondaryMaxWait, refused: true},
		"secondary, by documentation": {status: 403, body: `{"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`, wait: time.Minute, refused: true},
		"forbidden":                   {status: 403, body: `{"message":"Resource not accessible by integration"}`},
		"down":                        {status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			for line := range strings.Lines(c.header) {
				key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
				header.Set(key, value)
			}
			wait, refused := waitOf(c.status, header, []byte(c.body), c.hits, now)
			if wait != c.wait || refused != c.refused {
				t.Errorf("got %s %t, want %s %t", wait, refused, c.wait, c.refused)
			}
		})
	}
}

// Inside the wait nothing is sent: not for another repository of the installation, not even a token request.
// Other installations go on.
func TestNoCallInsideTheWait(t *testing.T) {
	h, client := newHub(t)
	const call = "GET /repos/acme/configs/pulls/12"
	h.on(call, 429, `{"message":"slow down"}`, "Retry-After", "100")
	wait := func(want time.Duration, r forge.Repo) {
		t.Helper()
		_, err := client.PullRequest(t.Context(), r, 12)
		if got, ok := work.WaitOf(err); !ok || got != want || work.IsPermanent(err) {
			t.Errorf("%s: wait %s, %v; want %s", r, got, err, want)
		}
	}
	wait(100*time.Second, repo)
	h.on(call, 200, pull12)
	h.advance(60 * time.Second)
	wait(40*time.Second, repo)
	sibling := forge.Repo{Installation: 7, ID: 101, Owner: "acme", Name: "other"}
	wait(40*time.Second, sibling)
	if _, err := client.Token(t.Context(), sibling); err == nil {
		t.Error("a token was minted inside the wait")
	} else if got, _ := work.WaitOf(err); got != 40*time.Second {
		t.Errorf("token: %v", err)
	}
	equal(t, h.asked(), []string{call})

	stranger := change(repo, func(r *forge.Repo) { r.Installation, r.ID = 8, 200 })
	if _, err := client.PullRequest(t.Context(), stranger, 12); err != nil {
		t.Errorf("another installation: %v", err)
	}
	h.advance(40 * time.Second)
	if _, err := client.PullRequest(t.Context(), repo, 12); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	if got := len(h.minted()); got != 2 {
		t.Errorf("%d tokens minted, want 2", got)
	}
}

func TestSecondaryWaitsGrow(t *testing.T) {
	h, client := newHub(t)
	const call = "GET /repos/acme/configs/pulls/12"
	limited := func(want time.Duration) {
		t.Helper()
		h.on(call, 403, `{"message":"You have exceeded a secondary rate limit"}`)
		_, err := client.PullRequest(t.Context(), repo, 12)
		if got, _ := work.WaitOf(err); got != want {
			t.Errorf("wait %s, %v; want %s", got, err, want)
		}
		h.advance(want)
	}
	limited(1 * time.Minute)
	limited(2 * time.Minute)
	limited(4 * time.Minute)
	h.on(call, 200, pull12)
	if _, err := client.PullRequest(t.Context(), repo, 12); err != nil {
		t.Fatal(err)
	}
	limited(1 * time.Minute)
}

// Many calls refused at once are one limit, not many in a row.
func TestLimitHitTogetherCountsOnce(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var arrived sync.WaitGroup
	arrived.Add(10)
	g := &gate{now: func() time.Time { return now }, next: roundTrip(func(*http.Request) (*http.Response, error) {
		arrived.Done()
		arrived.Wait()
		return &http.Response{StatusCode: 429, Header: http.Header{}, Body: http.NoBody}, nil
	})}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://api.example.com/", nil)
			if _, err := g.RoundTrip(req); err == nil {
				t.Error("a refusal came through")
			}
		})
	}
	wg.Wait()
	if g.hits != 1 {
		t.Errorf("counted %d times", g.hits)
	}
}

// A primary limit that is used up by a call that succeeded closes the gate before GitHub has to refuse.
func TestLastCallClosesTheGate(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /repos/acme/configs/pulls/12", 200, pull12, "X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "0",
		"X-RateLimit-Reset", fmt.Sprint(h.clock().Add(time.Hour).Unix()))
	if _, err := client.PullRequest(t.Context(), repo, 12); err != nil {
		t.Fatal(err)
	}
	h.asked()
	for _, r := range []forge.Repo{repo, {Installation: 7, ID: 101, Owner: "acme", Name: "other"}} {
		_, err := client.PullRequest(t.Context(), r, 12)
		if wait, ok := work.WaitOf(err); !ok || wait < 59*time.Minute || wait > 61*time.Minute {
			t.Errorf("%s: %v", r, err)
		}
	}
	equal(t, h.asked(), []string(nil))
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
