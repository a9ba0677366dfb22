package github

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A repository with 10,000 merged pull requests is read in 100 calls, and what has changed since in one.
func TestMergedSince(t *testing.T) {
	h, client := newHub(t)
	const path = "GET /repos/acme/configs/pulls"
	start := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	const each, most = 100, 12_000 // one an hour, the newest first; every fourth was closed without being merged
	for page := 1; page <= most/each; page++ {
		var all []string
		for i := range each {
			n := (page-1)*each + i
			at := start.Add(-time.Duration(n) * time.Hour).Format(time.RFC3339)
			merged := fmt.Sprintf("%q", at)
			if n%4 == 3 {
				merged = "null"
			}
			all = append(all, fmt.Sprintf(`{"number":%d,"state":"closed","user":{"id":5,"login":"ella","type":"User"},"updated_at":%q,"merged_at":%s,"merge_commit_sha":"%040x","base":{"ref":"main"}}`,
				most-n, at, merged, n+1))
		}
		call := path
		if page > 1 {
			call += fmt.Sprint(" page ", page)
		}
		h.on(call, 200, "["+strings.Join(all, ",")+"]", "Link", fmt.Sprintf(`<HUB/x?page=%d>; rel="next"`, page+1))
	}
	for name, c := range map[string]struct {
		since        time.Time
		calls, found int
	}{
		"all of them":      {time.Time{}, 100, 7500},
		"of half a year":   {start.Add(-180 * 24 * time.Hour), 44, 180 * 24 * 3 / 4},
		"of the last hour": {start.Add(-time.Hour), 1, 2},
		"of the future":    {start.Add(time.Hour), 1, 0},
	} {
		h.asked()
		got, err := client.MergedSince(t.Context(), repo, "main", c.since)
		must(t, err)
		if calls := h.asked(); len(calls) != c.calls || len(got) < c.found || len(got) > c.found+1 {
			t.Errorf("%s: %d pull requests in %d calls, want %d in %d", name, len(got), len(calls), c.found, c.calls)
		}
	}
	got, err := client.MergedSince(t.Context(), repo, "main", start)
	must(t, err)
	if len(got) != 1 || got[0].Author.ID != 5 || got[0].Number != most || got[0].Commit.Short() != "0000000" || !got[0].MergedAt.Equal(start) {
		t.Errorf("the newest: %+v", got)
	}
	equal(t, h.asked()[0], "GET /repos/acme/configs/pulls?base=main&direction=desc&page=1&per_page=100&sort=updated&state=closed")
}

func TestTeamMembers(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /orgs/acme/teams/peers/members", 200, `[{"id":1,"login":"ann","type":"User"},{"id":9,"login":"helper[bot]","type":"Bot"}]`)
	h.on("GET /orgs/other/teams/peers/members", 404, `{"message":"Not Found"}`)
	h.on("GET /orgs/acme/teams/closed/members", 403, `{"message":"Resource not accessible by integration"}`)
	for _, name := range []string{"peers", "acme/peers", "@acme/peers"} {
		got, err := client.TeamMembers(t.Context(), repo, name)
		must(t, err)
		if people(got) != "1 ann, 9 helper[bot] (bot)" {
			t.Errorf("%s: %s", name, people(got))
		}
	}
	h.advance(time.Minute)
	for _, name := range []string{"other/peers", "closed", "../x", "acme/x/y"} {
		if got, err := client.TeamMembers(t.Context(), repo, name); !notThere(err) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if minted := h.minted(); !strings.Contains(minted[0], `"members":"read"`) {
		t.Errorf("tokens: %v", minted)
	}
	h.mintWith = &answer{status: 422, body: `{"message":"The permissions requested are not granted to this installation."}`}
	h.advance(2 * time.Hour)
	if _, err := client.TeamMembers(t.Context(), repo, "peers"); !notThere(err) || !strings.Contains(err.Error(), "Members: read") {
		t.Errorf("not granted: %v", err)
	}
}
