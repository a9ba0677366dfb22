package app_test

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/demo"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/fakegithub/openapi"
)

// A world is a stand-in for GitHub with a tamer that runs, for one test.
type world struct {
	*demo.World
	t   testing.TB
	dir string
}

// newWorld makes the stand-in only, for a test that runs beside others. Every request that tamer makes is held against GitHub's own
// description.
func newWorld(t testing.TB) *world {
	t.Helper()
	if t, ok := t.(*testing.T); ok {
		t.Parallel()
	}
	w := &world{t: t, dir: t.TempDir()}
	var err error
	if w.World, err = demo.NewWorld(w.dir, "127.0.0.1:0", func(c *fakegithub.Config) {
		c.Check = describedRequests(t)
		c.Permissions, c.Events = manifest(t)
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(t.Context()); err != nil {
			t.Error(err)
		}
		for _, v := range w.Hub.Violations() {
			t.Errorf("against GitHub's description: %s", v)
		}
	})
	return w
}

// start starts tamer; without a sweep for the length of a test, unless options say otherwise.
func (w *world) start(opts app.Options) {
	w.t.Helper()
	if opts.Log == nil {
		opts.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if opts.SweepEvery == 0 {
		opts.SweepEvery = time.Hour
	}
	each := map[string]string{"TAMER_SINK": "file:" + filepath.Join(w.dir, "deployed", "{owner}", "{repo}")}
	if err := w.Start(w.t.Context(), each, opts); err != nil {
		w.t.Fatal(err)
	}
}

// create makes a repository where the app is installed.
func (w *world) create(repo string, files map[string]string) {
	w.t.Helper()
	w.must(w.Hub.CreateRepo(repo, bytesOf(files)))
	owner, _, _ := strings.Cut(repo, "/")
	if _, err := w.Hub.Install(owner); err != nil && !strings.Contains(err.Error(), "already") {
		w.t.Fatal(err)
	}
}

// change opens a pull request from a new branch.
func (w *world) change(repo, branch string, files map[string]string, removed ...string) int {
	w.t.Helper()
	w.push(repo, branch, files, removed...)
	n, err := w.Hub.OpenPull(repo, fakegithub.Pull{Head: branch, Author: "anna"})
	w.must(err)
	return n
}

func (w *world) push(repo, branch string, files map[string]string, removed ...string) string {
	w.t.Helper()
	sha, err := w.Hub.Push(repo, branch, fakegithub.Change{Files: bytesOf(files), Delete: removed, Author: "anna"})
	w.must(err)
	return sha
}

func (w *world) head(repo string, n int) string {
	w.t.Helper()
	p, err := w.Hub.Pull(repo, n)
	w.must(err)
	return p.HeadSHA
}

func (w *world) tip(repo string) string {
	w.t.Helper()
	sha, err := w.Hub.Tip(repo, "main")
	w.must(err)
	return sha
}

// runs gives the check runs of a name on a commit, oldest first.
func (w *world) runs(repo, sha, name string) []fakegithub.CheckRun {
	w.t.Helper()
	all, err := w.Hub.CheckRuns(repo, sha)
	w.must(err)
	return slices.DeleteFunc(all, func(r fakegithub.CheckRun) bool { return r.Name != name })
}

// verdict waits for the newest run of a name on a commit to be completed.
func (w *world) verdict(repo, sha, name string) fakegithub.CheckRun {
	w.t.Helper()
	var run fakegithub.CheckRun
	w.until(name+" on "+sha, func() bool {
		runs := w.runs(repo, sha, name)
		if len(runs) == 0 {
			return false
		}
		run = runs[len(runs)-1]
		return run.Status == "completed"
	})
	return run
}

func (w *world) judged(repo string, n int) fakegithub.CheckRun {
	w.t.Helper()
	return w.verdict(repo, w.head(repo, n), "tamer/validate")
}

// deployed waits until production serves the tip of main, and gives its files by key.
func (w *world) deployed(repo string) map[string]string {
	w.t.Helper()
	tip := w.tip(repo)
	w.until("the deploy of "+tip, func() bool {
		b, err := os.ReadFile(filepath.Join(w.dir, "deployed", repo, ".tamer/channels/production.json"))
		return err == nil && strings.Contains(string(b), tip)
	})
	if run := w.verdict(repo, tip, "tamer/deploy"); run.Conclusion != "success" {
		w.t.Fatalf("tamer/deploy: %s: %s", run.Conclusion, run.Summary)
	}
	return w.stored(repo)
}

// stored gives the plain files of the repository's sink by key.
func (w *world) stored(repo string) map[string]string {
	w.t.Helper()
	root := filepath.Join(w.dir, "deployed", repo)
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && slices.Contains([]string{".tamer", ".branches", ".commits"}, d.Name()) {
				return filepath.SkipDir
			}
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(rel)] = string(b)
		return err
	})
	w.must(err)
	return files
}

// patience is how long until waits; with TAMER_TEST_CRASHES some tests have a hundred times as much to wait for.
func patience() time.Duration {
	if os.Getenv("TAMER_TEST_CRASHES") != "" {
		return 20 * time.Minute
	}
	return 3 * time.Minute
}

// until waits for something to become true.
func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience()); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// reads and writes count the REST requests so far, without those for tokens.
func (w *world) requests() (reads, writes int) {
	for _, r := range w.Hub.Requests() {
		switch {
		case r.Write():
			writes++
		case r.Method == http.MethodGet:
			reads++
		}
	}
	return reads, writes
}

func bytesOf(files map[string]string) map[string][]byte {
	out := map[string][]byte{}
	for name, text := range files {
		out[name] = []byte(text)
	}
	return out
}

// plans is a repository of two customers and one type.
func plans(more ...map[string]string) map[string]string {
	files := map[string]string{
		"schemas/plan.schema.json": `{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"limit":{"type":"integer","maximum":10},"list":{"type":"array","items":{"type":"integer"}}}}`,
		"customers/acme/plan.yaml": "name: Acme\n",
		"customers/beta/plan.yaml": "name: Beta\n",
	}
	for _, m := range more {
		maps.Copy(files, m)
	}
	return files
}

// wrongItems is a config with n faults.
func wrongItems(n int) string {
	var b strings.Builder
	b.WriteString("name: Acme\nlist:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - x%d\n", i)
	}
	return b.String()
}

// settle waits until no webhook is under way and tamer has nothing to do.
func (w *world) settle() {
	w.t.Helper()
	w.must(w.Hub.Wait(w.t.Context()))
	w.until("tamer to be idle", w.Server.Idle)
	w.must(w.Hub.Wait(w.t.Context()))
	w.until("tamer to be idle", w.Server.Idle)
}

// describedRequests holds requests against GitHub's own OpenAPI description.
func describedRequests(t testing.TB) func(*http.Request) error {
	t.Helper()
	d, err := description()
	if err != nil {
		t.Fatal(err)
	}
	return d.CheckRequest
}

var description = sync.OnceValues(openapi.Load)

// manifest gives what app.yml asks for: tamer must live with that.
func manifest(t testing.TB) (permissions map[string]string, events []string) {
	t.Helper()
	src, err := os.ReadFile("../../app.yml")
	if err != nil {
		t.Fatal(err)
	}
	docs, found := document.Parse(src, document.Limits{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	m := docs[0].Value.(map[string]any)
	permissions = map[string]string{}
	for name, level := range m["default_permissions"].(map[string]any) {
		permissions[name] = level.(string)
	}
	for _, e := range m["default_events"].([]any) {
		events = append(events, e.(string))
	}
	return permissions, events
}

func quiet() app.Options {
	return app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), SweepEvery: time.Hour}
}
