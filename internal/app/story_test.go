package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/release"
)

// A pull request event with 50 findings costs few requests; seen again it costs no write.
func TestRequestsOfAPullRequest(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	w.deployed("acme/config")
	w.push("acme/config", "many", map[string]string{"customers/acme/plan.yaml": wrongItems(50)})
	w.settle()

	w.Hub.ResetRequests()
	n, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: "many"})
	w.must(err)
	run := w.judged("acme/config", n)
	if len(run.Annotations) != 50 || run.Conclusion != "failure" {
		t.Errorf("%s with %d annotations, want failure with 50", run.Conclusion, len(run.Annotations))
	}
	w.settle()
	if reads, writes := w.requests(); reads > 10 || writes > 5 {
		t.Errorf("%d reads and %d writes, want at most 10 and 5", reads, writes)
	}

	w.Hub.ResetRequests()
	w.must(w.Hub.EditPull("acme/config", n, "Another title", "", "anna"))
	w.settle()
	if reads, writes := w.requests(); writes != 0 || reads == 0 {
		t.Errorf("%d reads and %d writes for a state seen before, want a look and no write", reads, writes)
	}
	if runs := w.runs("acme/config", run.HeadSHA, "tamer/validate"); len(runs) != 1 {
		t.Errorf("%d check runs, want 1", len(runs))
	}
}

// More findings than one request takes are sent in batches, in the order of the file; the totals are those of all.
func TestManyAnnotations(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	n := w.change("acme/config", "many", map[string]string{"customers/acme/plan.yaml": wrongItems(1000)})
	run := w.judged("acme/config", n)
	if len(run.Annotations) != 250 {
		t.Errorf("%d annotations, want 250", len(run.Annotations))
	}
	for i, a := range run.Annotations {
		if a.StartLine != i+3 {
			t.Fatalf("annotation %d is at line %d, want %d", i, a.StartLine, i+3)
		}
	}
	if !strings.HasPrefix(run.Title, "1,000 failures") || !strings.Contains(run.Summary, "750 more are not") {
		t.Errorf("title %q\nsummary %s", run.Title, run.Summary)
	}
}

// What is judged is the merge: a change that is fine alone fails where its base has moved under it.
func TestMergeIsJudged(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{SweepEvery: 100 * time.Millisecond})
	w.create("acme/config", plans())
	n := w.change("acme/config", "limit", map[string]string{"customers/acme/plan.yaml": "# Acme\n# Inc\nname: Acme\nlimit: 9\n"})
	if run := w.judged("acme/config", n); run.Conclusion != "success" {
		t.Fatalf("%s: %s", run.Conclusion, run.Summary)
	}
	w.push("acme/config", "main", map[string]string{"schemas/plan.schema.json": `{"properties":{"limit":{"maximum":5}}}`})
	w.until("another verdict", func() bool {
		runs := w.runs("acme/config", w.head("acme/config", n), "tamer/validate")
		return len(runs) == 2 && runs[1].Conclusion == "failure" && runs[1].Annotations[0].StartLine == 4
	})
}

// One commit, two pull requests: the check run is the commit's, so it speaks for both.
func TestSameHeadTwoBases(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	w.push("acme/config", "loose", map[string]string{"schemas/plan.schema.json": "{}"})
	n := w.change("acme/config", "change", map[string]string{"customers/acme/plan.yaml": "name: 1\n"})
	strict := w.judged("acme/config", n)
	_, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: "change", Base: "loose"})
	w.must(err)
	w.settle()
	runs := w.runs("acme/config", strict.HeadSHA, "tamer/validate")
	if last := runs[len(runs)-1]; strict.Conclusion != "failure" || last.Conclusion != "failure" {
		t.Errorf("%s, then %s: a second pull request must not make the first one green", strict.Conclusion, last.Conclusion)
	}
}

func TestConflict(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	w.push("acme/config", "mine", map[string]string{"customers/acme/plan.yaml": "name: Mine\nlimit: many\n"})
	w.push("acme/config", "main", map[string]string{"customers/acme/plan.yaml": "name: Theirs\n"})
	n, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: "mine"})
	w.must(err)
	run := w.judged("acme/config", n)
	text := annotationsText(run.Annotations)
	if run.Conclusion != "failure" || !strings.Contains(text, "conflicts with main") || !strings.Contains(text, "[type]") {
		t.Errorf("%s\n%s", run.Conclusion, text)
	}
}

// With every webhook lost, the sweep finds open pull requests and the tip of the deploy branch.
func TestEveryWebhookLost(t *testing.T) {
	w := newWorld(t)
	w.Hub.SetHookFaults(fakegithub.HookFaults{DropAll: true})
	w.start(app.Options{SweepEvery: 200 * time.Millisecond})
	w.create("acme/config", plans())
	w.deployed("acme/config")
	n := w.change("acme/config", "rename", map[string]string{"customers/acme/plan.yaml": "name: Acme Inc\n"})
	if run := w.judged("acme/config", n); run.Conclusion != "success" {
		t.Errorf("%s: %s", run.Conclusion, run.Summary)
	}
	_, err := w.Hub.Merge("acme/config", n, "squash", "anna")
	w.must(err)
	if got := w.deployed("acme/config")["acme/plan.yaml"]; got != "name: Acme Inc\n" {
		t.Errorf("production has %q", got)
	}
}

// Every webhook twice, in another order: the same end.
func TestWebhooksDoubled(t *testing.T) {
	w := newWorld(t)
	w.Hub.SetHookFaults(fakegithub.HookFaults{Double: true, Newest: true})
	w.start(app.Options{})
	w.create("acme/config", plans())
	n := w.change("acme/config", "rename", map[string]string{"customers/acme/plan.yaml": "name: Acme Inc\n"})
	w.judged("acme/config", n)
	w.deployed("acme/config")
	w.settle()
	if runs := w.runs("acme/config", w.head("acme/config", n), "tamer/validate"); len(runs) != 1 {
		t.Errorf("%d check runs, want 1", len(runs))
	}
	d, err := w.Hub.Deployments("acme/config")
	w.must(err)
	var to []string
	for _, one := range d {
		to = append(to, one.Environment)
	}
	if slices.Sort(to); !slices.Equal(to, []string{"preview/rename", "production"}) {
		t.Errorf("deployments to %q", to)
	}
}

// A deploy brings what was added, changed, moved and removed, and nothing else.
func TestDeploy(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans(map[string]string{"customers/gamma/plan.yaml": "name: Gamma\n", "customers/acme/notes.md": "x", "shared/plan.yaml": "name: all\n"}))
	if got, want := w.deployed("acme/config"), map[string]string{
		"acme/plan.yaml": "name: Acme\n", "beta/plan.yaml": "name: Beta\n", "gamma/plan.yaml": "name: Gamma\n", ".shared/plan.yaml": "name: all\n",
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	w.push("acme/config", "main", map[string]string{"customers/delta/plan.yaml": "name: Gamma\n", "customers/acme/plan.yaml": "name:   Acme # byte for byte\n"},
		"customers/gamma/plan.yaml", "shared/plan.yaml")
	if got, want := w.deployed("acme/config"), map[string]string{
		"acme/plan.yaml": "name:   Acme # byte for byte\n", "beta/plan.yaml": "name: Beta\n", "delta/plan.yaml": "name: Gamma\n",
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if c := w.channel("acme/config"); c.Generation != 2 || c.Repository != "acme/config" || c.Hold != nil || string(c.Commit) != w.tip("acme/config") {
		t.Errorf("channel %+v", c)
	}
	w.push("acme/config", "main", map[string]string{"README.md": "Nothing to deploy.\n"})
	w.deployed("acme/config")
	d, err := w.Hub.Deployments("acme/config")
	w.must(err)
	if len(d) != 3 || d[2].State() != "success" || d[2].Environment != "production" || d[2].SHA != w.tip("acme/config") {
		t.Errorf("deployments %+v", d)
	}
	if last := d[2].Statuses[len(d[2].Statuses)-1]; last.LogURL != w.runs("acme/config", d[2].SHA, "tamer/deploy")[0].URL || last.EnvironmentURL != "" {
		t.Errorf("the deployment leads to %+v", last)
	}
}

// A customer that fails, however it came to the deploy branch, keeps what it is served, and the others go on; so does it with the next good commit.
func TestCustomerHeld(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	w.deployed("acme/config")
	bad := w.push("acme/config", "main", map[string]string{"customers/acme/plan.yaml": "name: 1\n", "customers/beta/plan.yaml": "name: B\n"})
	run := w.verdict("acme/config", bad, "tamer/deploy")
	if run.Conclusion != "failure" || len(run.Annotations) != 1 {
		t.Errorf("%s with %d annotations: %s", run.Conclusion, len(run.Annotations), run.Summary)
	}
	if got, want := w.stored("acme/config"), map[string]string{"acme/plan.yaml": "name: Acme\n", "beta/plan.yaml": "name: B\n"}; !reflect.DeepEqual(got, want) {
		t.Errorf("production has %v", got)
	}
	d, err := w.Hub.Deployments("acme/config")
	w.must(err)
	if len(d) != 2 || d[1].State() != "success" || !strings.Contains(run.Summary, "` acme ` keeps") {
		t.Errorf("deployments %+v", d)
	}
	w.push("acme/config", "main", map[string]string{"customers/acme/plan.yaml": "name: One\n"})
	if got := w.deployed("acme/config"); got["acme/plan.yaml"] != "name: One\n" || got["beta/plan.yaml"] != "name: B\n" {
		t.Errorf("production has %v", got)
	}
}

// A deploy branch that is rewritten never takes production back: it is held until somebody resumes.
func TestDeployBranchRewritten(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	first := w.tip("acme/config")
	w.push("acme/config", "main", map[string]string{"customers/acme/plan.yaml": "name: Second\n"})
	w.deployed("acme/config")
	other, err := w.Hub.ForcePush("acme/config", "main", first, fakegithub.Change{Files: bytesOf(map[string]string{"customers/acme/plan.yaml": "name: Other\n"})})
	w.must(err)
	run := w.verdict("acme/config", other, "tamer/deploy")
	if run.Conclusion != "action_required" || !strings.Contains(run.Summary, "was rewritten") || w.channel("acme/config").Hold == nil {
		t.Errorf("%s: %s", run.Conclusion, run.Summary)
	}
	if got := w.stored("acme/config")["acme/plan.yaml"]; got != "name: Second\n" {
		t.Errorf("production has %q", got)
	}
}

// The branch that is deployed is what the policy on the default branch says.
func TestDeployBranchOfPolicy(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans(map[string]string{".tamer.yaml": "deploy: {branch: live}\n"}))
	live := w.push("acme/config", "live", map[string]string{"customers/acme/plan.yaml": "name: Live\n"})
	if run := w.verdict("acme/config", live, "tamer/deploy"); run.Conclusion != "success" {
		t.Errorf("%s: %s", run.Conclusion, run.Summary)
	}
	w.settle()
	if got := w.stored("acme/config")["acme/plan.yaml"]; got != "name: Live\n" {
		t.Errorf("production has %q", got)
	}
	if runs := w.runs("acme/config", w.tip("acme/config"), "tamer/deploy"); len(runs) != 0 {
		t.Errorf("main was deployed too: %+v", runs)
	}
}

// Two repositories never share a store: the second is refused, and touches nothing.
func TestSharedSink(t *testing.T) {
	w := newWorld(t)
	w.must(w.Start(t.Context(), map[string]string{"TAMER_SINK": "file:" + filepath.Join(w.dir, "one")}, quiet()))
	w.create("acme/first", plans())
	w.verdict("acme/first", w.tip("acme/first"), "tamer/deploy")
	w.must(w.Hub.CreateRepo("acme/second", bytesOf(map[string]string{"customers/acme/plan.yaml": "name: Second\n"})))
	run := w.verdict("acme/second", w.tip("acme/second"), "tamer/deploy")
	if run.Conclusion != "failure" || !strings.Contains(run.Summary, "acme/first") {
		t.Errorf("%s: %s", run.Conclusion, run.Summary)
	}
	if b, err := os.ReadFile(filepath.Join(w.dir, "one", "acme", "plan.yaml")); err != nil || string(b) != "name: Acme\n" {
		t.Errorf("the first repository's file is %q, %v", b, err)
	}
}

func TestForcePushedHead(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	n := w.change("acme/config", "change", map[string]string{"customers/acme/plan.yaml": "name: 1\n"})
	old := w.judged("acme/config", n)
	_, err := w.Hub.ForcePush("acme/config", "change", "main", fakegithub.Change{Files: bytesOf(map[string]string{"customers/acme/plan.yaml": "name: One\n"})})
	w.must(err)
	now := w.judged("acme/config", n)
	if old.Conclusion != "failure" || now.Conclusion != "success" || old.HeadSHA == now.HeadSHA {
		t.Errorf("old %s on %s, new %s on %s", old.Conclusion, old.HeadSHA, now.Conclusion, now.HeadSHA)
	}
}

// An empty repository is none of tamer's business until something is pushed.
func TestEmptyRepository(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{SweepEvery: 100 * time.Millisecond})
	w.create("acme/config", nil)
	w.until("a look at the empty repository", func() bool {
		return slices.ContainsFunc(w.Hub.Requests(), func(r fakegithub.Request) bool { return r.Path == "/repos/acme/config/pulls" })
	})
	w.push("acme/config", "main", plans())
	if got := w.deployed("acme/config"); len(got) != 2 {
		t.Errorf("production has %v", got)
	}
}

// A file of 30 MB, and one that is binary, are findings.
func TestHugeFile(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	n := w.change("acme/config", "huge", map[string]string{"customers/acme/plan.yaml": strings.Repeat("name: x\n", 30<<17), "customers/beta/plan.yaml": "PNG\x00\x01"})
	run := w.judged("acme/config", n)
	text := annotationsText(run.Annotations)
	if run.Conclusion != "failure" || !strings.Contains(text, "the file has 31457280 bytes") || !strings.Contains(text, "this is a binary file") {
		t.Errorf("%s\n%s", run.Conclusion, text)
	}
}

// Re-run shows a new verdict even where nothing has changed.
func TestRerun(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	n := w.change("acme/config", "change", map[string]string{"customers/acme/plan.yaml": "name: 1\n"})
	first := w.judged("acme/config", n)
	w.settle()
	w.must(w.Hub.RerequestCheck("acme/config", first.ID, "anna"))
	w.until("a second run", func() bool {
		runs := w.runs("acme/config", first.HeadSHA, "tamer/validate")
		return len(runs) == 2 && runs[1].Status == "completed" && len(runs[1].Annotations) == 1
	})
}

// A pull request from a fork is judged, and its check run can be asked for again, although GitHub names no pull request then.
func TestFork(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	fork, err := w.Hub.Fork("acme/config", "stranger")
	w.must(err)
	w.push(fork, "change", map[string]string{"customers/acme/plan.yaml": "name: 1\n"})
	n, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: "stranger:change"})
	w.must(err)
	run := w.judged("acme/config", n)
	if run.Conclusion != "failure" {
		t.Errorf("%s: %s", run.Conclusion, run.Summary)
	}
	w.settle()
	w.must(w.Hub.RerequestCheck("acme/config", run.ID, "anna"))
	w.until("a second run", func() bool { return len(w.runs("acme/config", run.HeadSHA, "tamer/validate")) == 2 })
}

func (w *world) channel(repo string) release.Channel {
	w.t.Helper()
	var c release.Channel
	b, err := os.ReadFile(filepath.Join(w.dir, "deployed", repo, ".tamer/channels/production.json"))
	w.must(err)
	w.must(json.Unmarshal(b, &c))
	return c
}
