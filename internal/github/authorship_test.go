package github

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

// listed is a commit as GitHub lists it: author and committer as "ID LOGIN E-MAIL", where the id is 0 for nobody's.
func listed(n int, author, committer, trailer string) map[string]any {
	account := func(text string) (any, map[string]any) {
		var id int
		var login, email string
		fmt.Sscan(text, &id, &login, &email)
		says := map[string]any{"name": login, "email": email}
		if id == 0 {
			return nil, says
		}
		kind := "User"
		if strings.HasSuffix(login, "[bot]") {
			kind = "Bot"
		}
		return map[string]any{"id": id, "login": login, "type": kind}, says
	}
	by, bySays := account(author)
	from, fromSays := account(committer)
	return map[string]any{"sha": fmt.Sprintf("%040x", n), "author": by, "committer": from,
		"commit": map[string]any{"message": "Raise\n\n" + trailer, "author": bySays, "committer": fromSays}}
}

func TestAuthorships(t *testing.T) {
	const ann, github = "1 ann ann@example.com", "19864447 web-flow noreply@github.com"
	for name, c := range map[string]struct {
		commits []map[string]any
		people  string // those of the last commit
		unknown string // in what is said of the last commit; empty: all are known
	}{
		"one person":                   {[]map[string]any{listed(1, ann, ann, "")}, "1 ann", ""},
		"on GitHub's pages":            {[]map[string]any{listed(1, ann, github, "")}, "1 ann", ""},
		"the server itself":            {[]map[string]any{listed(1, ann, "0 GitHub noreply@127.0.0.1", "")}, "1 ann", ""},
		"committed by somebody else":   {[]map[string]any{listed(1, ann, "2 ben b@example.com", "")}, "1 ann, 2 ben", ""},
		"a bot":                        {[]map[string]any{listed(1, "9 helper[bot] h@example.com", ann, "")}, "9 helper[bot] (bot), 1 ann", ""},
		"a co-author's GitHub address": {[]map[string]any{listed(1, ann, ann, "Co-authored-by: B <2+ben@users.noreply.127.0.0.1>")}, "1 ann, 2 ben", ""},
		"one of the old form":          {[]map[string]any{listed(1, ann, ann, "Co-authored-by: B <ben@users.noreply.127.0.0.1>")}, "1 ann, 2 ben", ""},
		"one of a login that is gone":  {[]map[string]any{listed(1, ann, ann, "Co-authored-by: G <gone@users.noreply.127.0.0.1>")}, "1 ann", `co-author "G <gone@users.noreply.127.0.0.1>"`},
		"a co-author who has committed": {[]map[string]any{listed(1, "2 ben B@example.com", ann, ""), listed(2, ann, ann, "Co-authored-by: Ben <b@example.com>")},
			"1 ann, 2 ben", ""},
		"a co-author of whom nothing is known": {[]map[string]any{listed(1, ann, ann, "Co-authored-by: X <x@example.com>")}, "1 ann",
			`the e-mail of co-author "X <x@example.com>" belongs to no account`},
		"a co-author without address": {[]map[string]any{listed(1, ann, ann, "Co-authored-by: X")}, "1 ann", `co-author "X" has no e-mail`},
		"an author without account":   {[]map[string]any{listed(1, "0 eve e@example.com", ann, "")}, "1 ann", `author "eve <e@example.com>"`},
		"an author with GitHub's address": {[]map[string]any{listed(1, "0 eve 5+eve@users.noreply.127.0.0.1", ann, "")},
			"5 eve, 1 ann", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			body, err := json.Marshal(c.commits)
			must(t, err)
			h.on("GET /repos/acme/configs/pulls/12/commits", 200, string(body))
			h.on("GET /users/ben", 200, `{"id":2,"login":"ben","type":"User"}`)
			h.on("GET /users/gone", 404, `{"message":"Not Found"}`)
			mintNow(t, h, client)
			all, err := client.Authorships(t.Context(), repo, 12)
			must(t, err)
			if len(all) != len(c.commits) {
				t.Fatalf("%d commits, want %d", len(all), len(c.commits))
			}
			last := all[len(all)-1]
			if got := people(last.People); got != c.people || !strings.Contains(last.Unknown, c.unknown) || (last.Unknown == "") != (c.unknown == "") {
				t.Errorf("%s, unknown %q; want %s, unknown %q", got, last.Unknown, c.people, c.unknown)
			}
		})
	}
}

// mintNow has a token minted that is no longer new, so that a 404 is believed.
func mintNow(t *testing.T, h *hub, client *Client) {
	t.Helper()
	h.on("GET /repos/acme/configs/pulls/12/reviews", 200, `[]`)
	if _, err := client.Reviews(t.Context(), repo, 12); err != nil {
		t.Fatal(err)
	}
	h.advance(60e9)
}

func people(all []forge.User) string {
	var words []string
	for _, p := range all {
		word := fmt.Sprintf("%d %s", p.ID, p.Login)
		if p.Bot {
			word += " (bot)"
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// Of more commits than GitHub lists nobody knows who made the rest.
func TestTooManyCommits(t *testing.T) {
	h, client := newHub(t)
	page := func(from int) string {
		var all []map[string]any
		for i := range min(100, maxListed-from) {
			all = append(all, listed(from+i+1, "1 ann a@example.com", "1 ann a@example.com", ""))
		}
		body, err := json.Marshal(all)
		must(t, err)
		return string(body)
	}
	const path = "GET /repos/acme/configs/pulls/12/commits"
	h.on(path, 200, page(0), "Link", `<HUB/x?page=2>; rel="next"`)
	h.on(path+" page 2", 200, page(100), "Link", `<HUB/x?page=3>; rel="next"`)
	h.on(path+" page 3", 200, page(200))
	all, err := client.Authorships(t.Context(), repo, 12)
	must(t, err)
	if len(all) != maxListed || !strings.Contains(all[maxListed-1].Unknown, "250 commits") || all[0].Unknown != "" {
		t.Errorf("%d commits, the last %+v", len(all), all[len(all)-1])
	}
}
