package fakegithub_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

// fields is JSON in the making.
type fields = map[string]any

func annotation(change fields) fields {
	a := fields{"path": "a.yaml", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "wrong"}
	for k, v := range change {
		if v == nil {
			delete(a, k)
		} else {
			a[k] = v
		}
	}
	return a
}

func annotations(n int) []fields { return slices.Repeat([]fields{annotation(nil)}, n) }

func output(change fields) fields {
	o := fields{"title": "t", "summary": "s"}
	for k, v := range change {
		if v == nil {
			delete(o, k)
		} else {
			o[k] = v
		}
	}
	return fields{"output": o}
}

func action(label, description, identifier string) fields {
	return fields{"label": label, "description": description, "identifier": identifier}
}

// TestCheckRunRefusals shows where GitHub's limits of a check run are: the last thing allowed, and the first refused.
func TestCheckRunRefusals(t *testing.T) {
	w := newWorld(t)
	token := w.token(nil)
	sha, err := w.Tip(repo, "main")
	must(t, err)
	for _, c := range []struct {
		name string
		with fields
		want int
	}{
		{"nothing more", nil, 201},
		{"no name", fields{"name": nil}, 422},
		{"no commit", fields{"head_sha": nil}, 422},
		{"unknown commit", fields{"head_sha": strings.Repeat("a", 40)}, 422},
		{"a branch is no commit", fields{"head_sha": "main"}, 422},
		{"unknown status", fields{"status": "done"}, 422},
		{"completed without conclusion", fields{"status": "completed"}, 422},
		{"conclusion alone completes", fields{"conclusion": "success"}, 201},
		{"unknown conclusion", fields{"conclusion": "failed"}, 422},
		{"stale is GitHub's own", fields{"conclusion": "stale"}, 422},
		{"output without title", output(fields{"title": nil}), 422},
		{"output without summary", output(fields{"summary": nil}), 422},
		{"longest summary", output(fields{"summary": strings.Repeat("x", 65535)}), 201},
		{"summary too long", output(fields{"summary": strings.Repeat("x", 65536)}), 422},
		{"summary too long in bytes", output(fields{"summary": strings.Repeat("é", 32768)}), 422},
		{"text too long", output(fields{"text": strings.Repeat("x", 65536)}), 422},
		{"50 annotations", output(fields{"annotations": annotations(50)}), 201},
		{"51 annotations", output(fields{"annotations": annotations(51)}), 422},
		{"columns in one line", output(fields{"annotations": []fields{annotation(fields{"start_column": 1, "end_column": 3})}}), 201},
		{"columns over two lines", output(fields{"annotations": []fields{annotation(fields{"start_column": 1, "end_line": 2})}}), 422},
		{"lines backwards", output(fields{"annotations": []fields{annotation(fields{"start_line": 2})}}), 422},
		{"line 0", output(fields{"annotations": []fields{annotation(fields{"start_line": 0})}}), 422},
		{"no path", output(fields{"annotations": []fields{annotation(fields{"path": nil})}}), 422},
		{"no line", output(fields{"annotations": []fields{annotation(fields{"end_line": nil})}}), 422},
		{"no level", output(fields{"annotations": []fields{annotation(fields{"annotation_level": nil})}}), 422},
		{"unknown level", output(fields{"annotations": []fields{annotation(fields{"annotation_level": "error"})}}), 422},
		{"no message", output(fields{"annotations": []fields{annotation(fields{"message": nil})}}), 422},
		{"line as text", output(fields{"annotations": []fields{annotation(fields{"start_line": "1"})}}), 422},
		{"title of an annotation too long", output(fields{"annotations": []fields{annotation(fields{"title": strings.Repeat("x", 256)})}}), 422},
		{"3 actions", fields{"actions": slices.Repeat([]fields{action("Fix", "Fix it", "fix")}, 3)}, 201},
		{"4 actions", fields{"actions": slices.Repeat([]fields{action("Fix", "Fix it", "fix")}, 4)}, 422},
		{"label too long", fields{"actions": []fields{action(strings.Repeat("x", 21), "d", "i")}}, 422},
		{"description too long", fields{"actions": []fields{action("l", strings.Repeat("x", 41), "i")}}, 422},
		{"identifier too long", fields{"actions": []fields{action("l", "d", strings.Repeat("x", 21))}}, 422},
		{"limits count characters", fields{"actions": []fields{action(strings.Repeat("é", 20), strings.Repeat("é", 40), strings.Repeat("é", 20))}}, 201},
		{"body too large", fields{"external_id": strings.Repeat("x", 11<<20)}, 413},
	} {
		body := fields{"name": "x", "head_sha": sha}
		for k, v := range c.with {
			body[k] = v
		}
		raw, err := json.Marshal(body)
		must(t, err)
		if status, _, answer := w.send(t.Context(), "POST", "/repos/acme/configs/check-runs", token, string(raw)); status != c.want {
			t.Errorf("%s: %d %.300s, want %d", c.name, status, answer, c.want)
		}
	}
	if status, _, _ := w.send(t.Context(), "POST", "/repos/acme/configs/check-runs", token, "{"); status != 400 {
		t.Errorf("no JSON: %d, want 400", status)
	}
}

func TestOtherRefusals(t *testing.T) {
	w := newWorld(t)
	token := w.token(nil)
	number, sha := w.change("topic", "x: 1\n")
	must(t, w.SetRole(repo, "bob", "read"))
	foreign, err := w.AddCheckRun(repo, fakegithub.CheckRun{Name: "ci", HeadSHA: sha})
	must(t, err)
	comments, pull := fmt.Sprintf("/repos/acme/configs/issues/%d/comments", number), fmt.Sprintf("/repos/acme/configs/pulls/%d", number)
	d, _, err := w.installation().Repositories.CreateDeployment(t.Context(), "acme", "configs", &github.DeploymentRequest{Ref: github.String("main")})
	must(t, err)
	statuses := fmt.Sprintf("/repos/acme/configs/deployments/%d/statuses", d.GetID())
	text := func(n int) string { return strings.Repeat("é", n) }
	for _, c := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"empty comment", "POST", comments, `{"body":""}`, 422},
		{"longest comment", "POST", comments, `{"body":"` + text(65536) + `"}`, 201},
		{"comment too long", "POST", comments, `{"body":"` + text(65537) + `"}`, 422},
		{"comment on nothing", "POST", "/repos/acme/configs/issues/99/comments", `{"body":"x"}`, 404},
		{"no such comment", "PATCH", "/repos/acme/configs/issues/comments/1", `{"body":"x"}`, 404},
		{"longest description", "POST", statuses, `{"state":"success","description":"` + text(140) + `"}`, 201},
		{"description too long", "POST", statuses, `{"state":"success","description":"` + text(141) + `"}`, 422},
		{"unknown state", "POST", statuses, `{"state":"done"}`, 422},
		{"addresses", "POST", statuses, `{"state":"success","environment_url":"https://tamer.example.com/r/acme/configs?channel=branch%2Fa","log_url":""}`, 201},
		{"an environment that is no address", "POST", statuses, `{"state":"success","environment_url":"/r/acme/configs"}`, 422},
		{"a log that browsers cannot open", "POST", statuses, `{"state":"success","log_url":"file:///log"}`, 422},
		{"checks are not green", "POST", "/repos/acme/configs/deployments", `{"ref":"` + sha + `","auto_merge":false}`, 409},
		{"a wanted check is missing", "POST", "/repos/acme/configs/deployments", `{"ref":"main","required_contexts":["x"]}`, 409},
		{"no check wanted", "POST", "/repos/acme/configs/deployments", `{"ref":"` + sha + `","auto_merge":false,"required_contexts":[]}`, 201},
		{"no such ref", "POST", "/repos/acme/configs/deployments", `{"ref":"nowhere","required_contexts":[]}`, 422},
		{"run of another app", "PATCH", fmt.Sprintf("/repos/acme/configs/check-runs/%d", foreign), `{"conclusion":"success"}`, 403},
		{"head has moved", "PUT", pull + "/merge", `{"sha":"` + strings.Repeat("a", 40) + `"}`, 409},
		{"rebase is not allowed", "PUT", pull + "/merge", `{"merge_method":"rebase"}`, 405},
		{"author as reviewer", "POST", pull + "/requested_reviewers", `{"reviewers":["eve"]}`, 422},
		{"stranger as reviewer", "POST", pull + "/requested_reviewers", `{"reviewers":["nobody"]}`, 422},
		{"collaborator as reviewer", "POST", pull + "/requested_reviewers", `{"reviewers":["bob"]}`, 201},
		{"no such pull request", "GET", "/repos/acme/configs/pulls/99", "", 404},
		{"no such branch", "GET", "/repos/acme/configs/branches/nowhere", "", 404},
		{"no such commit", "GET", "/repos/acme/configs/commits/nowhere", "", 422},
		{"no such filter", "GET", "/repos/acme/configs/commits/main/check-runs?filter=some", "", 422},
	} {
		if status, _, answer := w.send(t.Context(), c.method, c.path, token, c.body); status != c.want {
			t.Errorf("%s: %d %.300s, want %d", c.name, status, answer, c.want)
		}
	}
}

func TestMergeConflict(t *testing.T) {
	w := newWorld(t)
	number, _ := w.change("topic", "segments: [a]\n")
	_, err := w.Push(repo, "main", fakegithub.Change{Files: map[string][]byte{"customers/acme/segments.yaml": []byte("segments: [b]\n")}})
	must(t, err)
	p, _, err := w.installation().PullRequests.Get(t.Context(), "acme", "configs", number)
	must(t, err)
	if p.GetMergeable() || p.GetMergeableState() != "dirty" {
		t.Errorf("mergeable %v, %s", p.GetMergeable(), p.GetMergeableState())
	}
	if p.GetBase().GetSHA() == mustTip(w, "main") {
		t.Error("base.sha follows the base branch; on GitHub it stays where the head moved last")
	}
	_, resp, _ := w.installation().PullRequests.Merge(t.Context(), "acme", "configs", number, "", nil)
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("merge with a conflict: %d, want 405", resp.StatusCode)
	}
}

func mustTip(w *world, branch string) string {
	w.t.Helper()
	sha, err := w.Tip(repo, branch)
	must(w.t, err)
	return sha
}

func TestReviewRefusals(t *testing.T) {
	w := newWorld(t)
	number, _ := w.change("topic", "x: 1\n")
	for _, c := range []struct{ login, event, body, says string }{
		{"eve", "APPROVE", "", "can not approve your own"},
		{"eve", "REQUEST_CHANGES", "no", "can not request changes"},
		{"bob", "REQUEST_CHANGES", "", "can't be blank"},
		{"bob", "LIKE", "", "none of"},
	} {
		if _, err := w.Review(repo, number, c.login, c.event, c.body); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s by %s: %v, want %q", c.event, c.login, err, c.says)
		}
	}
	id, err := w.Review(repo, number, "bob", "APPROVE", "")
	must(t, err)
	must(t, w.DismissReview(repo, number, id, "eve"))
	list, _, err := w.installation().PullRequests.ListReviews(t.Context(), "acme", "configs", number, nil)
	must(t, err)
	if len(list) != 1 || list[0].GetState() != "DISMISSED" {
		t.Errorf("reviews %v", list)
	}
	if e := last[*github.PullRequestReviewEvent](w, "pull_request_review"); e.GetReview().GetState() != "dismissed" {
		t.Errorf("state %q in the webhook, want lower case", e.GetReview().GetState())
	}
}
