package fakegithub_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

func TestFaults(t *testing.T) {
	w := newWorld(t)
	token := w.token(nil)
	for _, c := range []struct {
		name  string
		fault fakegithub.Fault
		want  []int // of four requests, two GETs of the repository, each followed by one of its pulls
		header,
		value string // of the first answer
	}{
		{"everything, once", fakegithub.Fault{Times: 1, Status: 502}, []int{502, 200, 200, 200}, "", ""},
		{"everything", fakegithub.Fault{Status: 500}, []int{500, 500, 500, 500}, "", ""},
		{"after two", fakegithub.Fault{Skip: 2, Times: 1, Status: 500}, []int{200, 200, 500, 200}, "", ""},
		{"by method", fakegithub.Fault{Method: "PATCH", Status: 500}, []int{200, 200, 200, 200}, "", ""},
		{"by path", fakegithub.Fault{Path: "/repos/*/*/pulls", Status: 500}, []int{200, 500, 200, 500}, "", ""},
		{"all below", fakegithub.Fault{Path: "/repos/acme/*/**", Status: 500}, []int{200, 500, 200, 500}, "", ""},
		{"by function", fakegithub.Fault{Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "configs") }, Status: 500}, []int{500, 200, 500, 200}, "", ""},
		{"secondary limit", fakegithub.Fault{Times: 1, SecondaryLimit: true}, []int{403, 200, 200, 200}, "Retry-After", ""},
		{"secondary limit with a time", fakegithub.Fault{Times: 1, SecondaryLimit: true, Status: 429, RetryAfter: time.Minute}, []int{429, 200, 200, 200}, "Retry-After", "60"},
		{"primary limit", fakegithub.Fault{Times: 1, PrimaryLimit: true}, []int{403, 200, 200, 200}, "X-RateLimit-Remaining", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.AddFault(c.fault)
			defer w.ClearFaults()
			var got []int
			for i, path := range []string{"/repos/acme/configs", "/repos/acme/configs/pulls", "/repos/acme/configs", "/repos/acme/configs/pulls"} {
				status, header, _ := w.send(t.Context(), "GET", path, token, "")
				if got = append(got, status); i == 0 && c.header != "" && header.Get(c.header) != c.value {
					t.Errorf("%s is %q, want %q", c.header, header.Get(c.header), c.value)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("statuses %v, want %v", got, c.want)
			}
		})
	}
}

// TestLimitErrors shows that clients take the limits for what they are.
func TestLimitErrors(t *testing.T) {
	w := newWorld(t)
	gh := w.withToken(w.token(nil))
	w.AddFault(fakegithub.Fault{Times: 1, SecondaryLimit: true, RetryAfter: time.Second})
	_, _, err := gh.Repositories.Get(t.Context(), "acme", "configs")
	if e, ok := err.(*github.AbuseRateLimitError); !ok || *e.RetryAfter != time.Second {
		t.Errorf("secondary limit: %T %v", err, err)
	}
	gh = w.withToken(w.token(nil)) // a client that has met the limit sends nothing more
	w.AddFault(fakegithub.Fault{Times: 1, PrimaryLimit: true})
	_, _, err = gh.Repositories.Get(t.Context(), "acme", "configs")
	if e, ok := err.(*github.RateLimitError); !ok || !e.Rate.Reset.After(w.clock.Now()) {
		t.Errorf("primary limit: %T %v", err, err)
	}
}

// TestLostAnswer: the effect stands, and the client sees a broken connection.
func TestLostAnswer(t *testing.T) {
	w := newWorld(t)
	number, _ := w.change("topic", "x: 1\n")
	gh := w.withToken(w.token(nil))
	w.AddFault(fakegithub.Fault{Method: "POST", LoseAnswer: true, Times: 1})
	if _, _, err := gh.Issues.CreateComment(t.Context(), "acme", "configs", number, &github.IssueComment{Body: github.String("hello")}); err == nil || status(err) != 0 {
		t.Errorf("lost answer: %v, want a broken connection", err)
	}
	got, err := w.Comments(repo, number)
	must(t, err)
	if len(got) != 1 || got[0].Body != "hello" || got[0].Author != "tamer[bot]" {
		t.Errorf("comments %+v", got)
	}
	all := w.Requests()
	if r := all[len(all)-1]; r.Status != 0 || !r.Write() {
		t.Errorf("recorded %s %s with status %d", r.Method, r.Path, r.Status)
	}
}

func TestRateLimit(t *testing.T) {
	w := newWorld(t)
	must(t, w.SetRole(repo, "eve", "read"))
	token := w.UserToken("eve") // outlives the hour
	w.SetRateLimit(2)
	get := func(header ...string) (int, http.Header) {
		status, h, _ := w.send(t.Context(), "GET", "/repos/acme/configs", token, "", header...)
		return status, h
	}
	status, h := get()
	if status != 200 || h.Get("X-RateLimit-Remaining") != "1" {
		t.Fatalf("first request: %d, %s left", status, h.Get("X-RateLimit-Remaining"))
	}
	for range 3 {
		if status, _ = get("If-None-Match", h.Get("ETag")); status != 304 {
			t.Fatalf("the same again: %d, want 304", status)
		}
	}
	if status, _ = get(); status != 200 {
		t.Fatalf("304s were counted: %d", status)
	}
	if status, h = get(); status != 403 || h.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("over the limit: %d, %s left", status, h.Get("X-RateLimit-Remaining"))
	}
	if status, _, body := w.send(t.Context(), "GET", "/rate_limit", token, ""); status != 200 || !strings.Contains(body, `"remaining":0`) {
		t.Errorf("rate_limit: %d %s", status, body)
	}
	w.clock.add(time.Hour)
	if status, _, _ = w.send(t.Context(), "GET", "/repos/acme/configs", token, ""); status != 200 {
		t.Errorf("an hour later: %d", status)
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	token := w.token(nil)
	number, _ := w.change("topic", "x: 1\n")
	for range 101 {
		_, err := w.Comment(repo, number, "bob", "hello")
		must(t, err)
	}
	w.ResetRequests()
	gh := w.withToken(token)
	opts := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: 500}}
	var sizes []int
	for {
		list, resp, err := gh.Issues.ListComments(t.Context(), "acme", "configs", number, opts)
		must(t, err)
		sizes = append(sizes, len(list))
		if resp.NextPage == 0 {
			break
		}
		opts.Page = resp.NextPage
	}
	if !slices.Equal(sizes, []int{100, 1}) {
		t.Errorf("pages of %v, want 100 and 1", sizes)
	}
	_, h, _ := w.send(t.Context(), "GET", "/repos/acme/configs/issues/1/comments?page=2", token, "")
	for _, rel := range []string{"prev", "first", "next", "last"} {
		if !strings.Contains(h.Get("Link"), `rel="`+rel+`"`) {
			t.Errorf("Link %s has no %s", h.Get("Link"), rel)
		}
	}
	if n := len(w.Requests()); n != 3 {
		t.Errorf("%d requests recorded, want 3", n)
	}
}
