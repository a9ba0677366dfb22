package github

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

const pull12 = `{"number":12,"title":"Raise the threshold","state":"open","merged":false,"html_url":"https://github.example.com/acme/configs/pull/12",
	"user":{"id":5,"login":"ann","type":"User"},
	"head":{"ref":"raise","sha":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","repo":{"id":100}},"base":{"ref":"main","repo":{"id":100}}}`

var want12 = forge.PullRequest{
	Number: 12, Title: "Raise the threshold", Author: forge.User{ID: 5, Login: "ann"}, Open: true,
	Head: head, HeadBranch: "raise", BaseBranch: "main", URL: "https://github.example.com/acme/configs/pull/12",
}

func change[T any](v T, with func(*T)) T {
	with(&v)
	return v
}

func TestPullRequest(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want forge.PullRequest
	}{
		"open":         {pull12, want12},
		"merged":       {strings.Replace(pull12, `"open","merged":false`, `"closed","merged":true`, 1), change(want12, func(p *forge.PullRequest) { p.Open, p.Merged = false, true })},
		"of a bot":     {strings.Replace(pull12, `"User"`, `"Bot"`, 1), change(want12, func(p *forge.PullRequest) { p.Author.Bot = true })},
		"of nobody":    {strings.Replace(pull12, `{"id":5,"login":"ann","type":"User"}`, `null`, 1), change(want12, func(p *forge.PullRequest) { p.Author = forge.User{} })},
		"from a fork":  {strings.Replace(pull12, `"repo":{"id":100}},"base"`, `"repo":{"id":101}},"base"`, 1), change(want12, func(p *forge.PullRequest) { p.Fork = true })},
		"fork deleted": {strings.Replace(pull12, `"repo":{"id":100}},"base"`, `"repo":null},"base"`, 1), change(want12, func(p *forge.PullRequest) { p.Fork = true })},
	} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			h.on("GET /repos/acme/configs/pulls/12", 200, c.body)
			got, err := client.PullRequest(t.Context(), repo, 12)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, c.want)
			}
			equal(t, h.asked(), []string{"GET /repos/acme/configs/pulls/12"})
		})
	}
}

func TestOpenPullRequests(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /repos/acme/configs/pulls", 200, "["+pull12+"]", "Link", `<HUB/api/v3/x?page=2>; rel="next"`)
	h.on("GET /repos/acme/configs/pulls page 2", 200, "["+strings.Replace(pull12, "12", "13", 1)+"]", "Link", `<HUB/api/v3/x?page=2>; rel="next"`)
	got, err := client.OpenPullRequests(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, []forge.PullRequest{want12, change(want12, func(p *forge.PullRequest) { p.Number = 13 })})
	equal(t, h.asked(), []string{ // the second page names itself as the next: no third call
		"GET /repos/acme/configs/pulls?direction=asc&page=1&per_page=100&sort=created&state=open",
		"GET /repos/acme/configs/pulls?direction=asc&page=2&per_page=100&sort=created&state=open",
	})
}

func TestCheckRun(t *testing.T) {
	done := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	run := func(id, app int, name string) string {
		return fmt.Sprintf(`{"id":%d,"name":%q,"head_sha":%q,"external_id":"e%d","status":"completed","conclusion":"failure",
			"completed_at":"2026-11-02T03:04:05Z","html_url":"https://github.example.com/r","output":{"annotations_count":7},"app":{"id":%d}}`, id, name, head, id, app)
	}
	for name, c := range map[string]struct {
		runs []string
		want *forge.CheckRun
	}{
		"none":          {nil, nil},
		"newest":        {[]string{run(3, appID, "tamer/validate"), run(9, appID, "tamer/validate"), run(4, appID, "tamer/validate")}, &forge.CheckRun{ID: 9, ExternalID: "e9"}},
		"of others":     {[]string{run(3, 1, "tamer/validate"), `{"id":5,"name":"tamer/validate"}`}, nil},
		"another name":  {[]string{run(3, appID, "tamer/deploy")}, nil},
		"null in a row": {[]string{"null"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			h.on("GET /repos/acme/configs/commits/"+string(head)+"/check-runs", 200, `{"total_count":1,"check_runs":[`+strings.Join(c.runs, ",")+`]}`)
			got, err := client.CheckRun(t.Context(), repo, head, "tamer/validate")
			if err != nil {
				t.Fatal(err)
			}
			if c.want != nil {
				c.want.Name, c.want.Head, c.want.Status, c.want.Conclusion, c.want.Annotated = "tamer/validate", head, forge.Completed, forge.Failed, 7
				c.want.CompletedAt, c.want.URL = done, "https://github.example.com/r"
			}
			equal(t, got, c.want)
			equal(t, h.asked(), []string{"GET /repos/acme/configs/commits/" + string(head) + "/check-runs?app_id=42&check_name=tamer%2Fvalidate&filter=latest&per_page=100"})
		})
	}
}

func TestWriteCheckRun(t *testing.T) {
	started := forge.CheckRun{ID: 9, Name: "tamer/validate", Head: head, ExternalID: "e", Status: forge.InProgress}
	finished := change(started, func(r *forge.CheckRun) {
		r.Status, r.Conclusion, r.CompletedAt = forge.Completed, forge.Failed, time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
		r.Title, r.Summary = "1 failure", "## acme"
		r.Annotations = []forge.Annotation{
			{Path: "a.yaml", StartLine: 3, EndLine: 3, StartColumn: 2, EndColumn: 8, Level: forge.AnnotationFailure, Title: "type", Message: "not a number", RawDetails: "more"},
			{Path: "b.yaml", StartLine: 3, EndLine: 4, StartColumn: 2, EndColumn: 8, Level: forge.AnnotationNotice, Message: "two lines have no columns"},
		}
	})
	const startedJSON = `{"external_id":"e","name":"tamer/validate","status":"in_progress"`
	const finishedJSON = `{"completed_at":"2026-11-02T03:04:05Z","conclusion":"failure","external_id":"e","name":"tamer/validate",` +
		`"output":{"annotations":[{"annotation_level":"failure","end_column":8,"end_line":3,"message":"not a number","path":"a.yaml","raw_details":"more","start_column":2,"start_line":3,"title":"type"},` +
		`{"annotation_level":"notice","end_line":4,"message":"two lines have no columns","path":"b.yaml","start_line":3}],` +
		`"summary":"## acme","text":"","title":"1 failure"},"status":"completed"`
	for name, c := range map[string]struct {
		run  forge.CheckRun
		want string
	}{"started": {started, startedJSON}, "finished": {finished, finishedJSON}} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			h.on("POST /repos/acme/configs/check-runs", 201, `{"id":9}`)
			h.on("PATCH /repos/acme/configs/check-runs/9", 200, `{"id":9}`)
			id, err := client.CreateCheckRun(t.Context(), repo, c.run)
			if err != nil || id != 9 {
				t.Errorf("create: %d, %v", id, err)
			}
			if err := client.UpdateCheckRun(t.Context(), repo, c.run); err != nil {
				t.Errorf("update: %v", err)
			}
			equal(t, h.asked(), []string{
				"POST /repos/acme/configs/check-runs " + compact([]byte(c.want+`,"head_sha":"`+string(head)+`"}`)),
				"PATCH /repos/acme/configs/check-runs/9 " + c.want + "}",
			})
		})
	}
}

func TestDeployment(t *testing.T) {
	deployment := func(id int, payload string) string {
		return fmt.Sprintf(`{"id":%d,"sha":%q,"environment":"production","description":"d","payload":%s}`, id, head, payload)
	}
	const ours, asText, foreign = `{"tamer":{"app":42}}`, `"{\"tamer\":{\"app\":42}}"`, `{"tamer":{"app":41}}`
	const statuses = `[{"id":1,"state":"in_progress"},{"id":3,"state":"success"},{"id":2,"state":"failure"}]`
	for name, c := range map[string]struct {
		deployments []string
		statuses    string
		want        *forge.Deployment
	}{
		"none":             {nil, "", nil},
		"of others":        {[]string{deployment(1, foreign), deployment(2, `""`), deployment(3, `{}`), deployment(4, `[1]`), deployment(5, "null"), "null"}, "", nil},
		"another commit":   {[]string{strings.Replace(deployment(1, ours), "aa", "bb", 1)}, "", nil},
		"newest":           {[]string{deployment(4, ours), deployment(8, asText), deployment(9, foreign)}, statuses, &forge.Deployment{ID: 8, State: forge.DeploymentSuccess}},
		"without a status": {[]string{deployment(8, ours)}, "[]", &forge.Deployment{ID: 8}},
	} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			h.on("GET /repos/acme/configs/deployments", 200, "["+strings.Join(c.deployments, ",")+"]")
			h.on("GET /repos/acme/configs/deployments/8/statuses", 200, c.statuses)
			got, err := client.Deployment(t.Context(), repo, head, "production")
			if err != nil {
				t.Fatal(err)
			}
			calls := []string{"GET /repos/acme/configs/deployments?environment=production&per_page=100&sha=" + string(head)}
			if c.want != nil {
				c.want.Commit, c.want.Environment, c.want.Description = head, "production", "d"
				calls = append(calls, "GET /repos/acme/configs/deployments/8/statuses?per_page=100")
			}
			equal(t, got, c.want)
			equal(t, h.asked(), calls)
		})
	}
}

func TestWriteDeployment(t *testing.T) {
	h, client := newHub(t)
	h.on("POST /repos/acme/configs/deployments", 201, `{"id":8}`)
	h.on("POST /repos/acme/configs/deployments/8/statuses", 201, `{"id":1}`)
	long := strings.Repeat("é", 200)
	d := forge.Deployment{ID: 8, Commit: head, Environment: "preview/x", Transient: true, Description: long, State: forge.DeploymentFailure}
	id, err := client.CreateDeployment(t.Context(), repo, d)
	if err != nil || id != 8 {
		t.Errorf("create: %d, %v", id, err)
	}
	if err := client.SetDeploymentState(t.Context(), repo, d); err != nil {
		t.Errorf("set state: %v", err)
	}
	cut := strings.Repeat("é", 140)
	equal(t, h.asked(), []string{
		`POST /repos/acme/configs/deployments {"auto_merge":false,"description":"` + cut + `","environment":"preview/x","payload":{"tamer":{"app":42}},` +
			`"production_environment":false,"ref":"` + string(head) + `","required_contexts":[],"transient_environment":true}`,
		`POST /repos/acme/configs/deployments/8/statuses {"description":"` + cut + `","state":"failure"}`,
	})
}

func TestInstallations(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /app/installations", 200, `[{"id":7},{"id":8,"suspended_at":"2026-01-01T00:00:00Z"}]`, "Link", `<HUB/api/v3/app/installations?page=2>; rel="next"`)
	h.on("GET /app/installations page 2", 200, `[{"id":9,"suspended_at":null}]`)
	got, err := client.Installations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, []int64{7, 9})
	equal(t, h.asked(), []string{"GET /app/installations?page=1&per_page=100", "GET /app/installations?page=2&per_page=100"})
	equal(t, h.minted(), []string(nil))
}

func TestRepositories(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /installation/repositories", 200, `{"repositories":[{"id":100,"name":"configs","owner":{"login":"acme"}},{"id":101,"name":"old","archived":true}]}`,
		"Link", `<HUB/api/v3/x?page=2>; rel="next"`)
	h.on("GET /installation/repositories page 2", 200, `{"repositories":[{"id":102,"name":"more","owner":{"login":"acme"}}]}`)
	got, err := client.Repositories(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, []forge.Repo{repo, {Installation: 7, ID: 102, Owner: "acme", Name: "more"}})
	equal(t, h.asked(), []string{"GET /installation/repositories?page=1&per_page=100", "GET /installation/repositories?page=2&per_page=100"})
	equal(t, h.minted(), []string{`7 {"permissions":{"metadata":"read"}}`})
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
