package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
)

const (
	childSettings = "TAMER_TEST_SETTINGS" // JSON: the test binary is to be a server with these
	childCrash    = "TAMER_TEST_CRASH"    // the point at which it is to kill itself
)

func TestMain(m *testing.M) {
	if text := os.Getenv(childSettings); text != "" {
		if err := serveAsChild(text, flow.Point(os.Getenv(childCrash))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Setenv("AWS_ACCESS_KEY_ID", "known")
	os.Setenv("AWS_SECRET_ACCESS_KEY", canaryAccessKey) // for TestCanaries, which runs beside others
	os.Exit(m.Run())
}

// serveAsChild serves until its standard input ends. At the point, it dies as by kill -9.
func serveAsChild(text string, crash flow.Point) error {
	var settings map[string]string
	if err := json.Unmarshal([]byte(text), &settings); err != nil {
		return err
	}
	cfg, err := app.LoadConfig(func(n string) (string, bool) { v, ok := settings[n]; return v, ok }, os.ReadFile, nil)
	if err != nil {
		return err
	}
	var serves atomic.Bool // before, it may work on what others have left for it
	at := func(p flow.Point) {
		if p == crash && serves.Load() {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // nothing happens after this point
		}
	}
	ctx := context.Background()
	server, err := app.Start(ctx, cfg, app.Options{Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), SweepEvery: time.Hour, At: at})
	if err != nil {
		return err
	}
	fmt.Println(server.URL())
	serves.Store(true)
	_, _ = bufio.NewReader(os.Stdin).ReadString(0)
	return server.Stop(ctx)
}

// A child is tamer as a process of its own.
type child struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	stop func()        // lets it stop gracefully, and waits
}

func (w *world) child(crash flow.Point) *child {
	w.t.Helper()
	settings := w.Settings()
	maps.Copy(settings, map[string]string{"TAMER_SINK": "file:" + filepath.Join(w.dir, "deployed", "{owner}", "{repo}")})
	return w.childWith(settings, crash)
}

func (w *world) childWith(settings map[string]string, crash flow.Point) *child {
	w.t.Helper()
	text, err := json.Marshal(settings)
	w.must(err)
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childSettings+"="+string(text), childCrash+"="+string(crash))
	stdin, err := cmd.StdinPipe()
	w.must(err)
	stdout, err := cmd.StdoutPipe()
	w.must(err)
	var log strings.Builder
	cmd.Stderr = &log
	w.must(cmd.Start())
	c := &child{cmd: cmd, done: make(chan struct{})}
	lines := bufio.NewScanner(stdout)
	url := ""
	if lines.Scan() {
		url = lines.Text()
	}
	go func() {
		defer close(c.done)
		_ = cmd.Wait() // a killed child is what these tests want
	}()
	c.stop = func() {
		_ = stdin.Close()
		<-c.done
		if w.t.Failed() {
			w.t.Logf("%s:\n%s", crash, log.String())
		}
	}
	if !strings.HasPrefix(url, "http://") {
		c.stop()
		w.t.Fatalf("the child does not serve: %s\n%s", url, log.String())
	}
	w.Receive(url)
	return c
}

// Killed at any point of either flow and started again, tamer comes to the same end, and nothing is there twice.
func TestKilledAtEveryPoint(t *testing.T) {
	w := newWorld(t)
	const repo = "acme/config"
	w.create(repo, plans())
	c := w.child("")
	w.deployed(repo)
	c.stop()
	for i, point := range flow.Points {
		t.Run(string(point), func(t *testing.T) {
			w := &world{World: w.World, t: t, dir: w.dir}
			switch flow, _, _ := strings.Cut(string(point), ":"); flow {
			case "pull":
				w.killedWhileJudging(repo, i, point)
			case "gates":
				w.killedAtGates(i, point)
			case "command":
				w.killedAtCommand(repo, i, point)
			case "fix":
				w.killedAtFix(repo, i, point)
			default:
				w.killedWhileDeploying(repo, i, point)
			}
		})
	}
}

func (w *world) killedWhileJudging(repo string, i int, point flow.Point) {
	c := w.child(point)
	defer c.stop()
	n := w.change(repo, fmt.Sprintf("change-%d", i), map[string]string{"customers/acme/plan.yaml": wrongItems(120) + fmt.Sprintf("  - end %d\n", i)})
	w.killed(c)
	again := w.child("")
	defer again.stop()
	run := w.judged(repo, n)
	if len(run.Annotations) != 121 || run.Conclusion != "failure" {
		w.t.Errorf("%s with %d annotations, want failure with 121", run.Conclusion, len(run.Annotations))
	}
	for i, a := range run.Annotations {
		if a.StartLine != i+3 {
			w.t.Fatalf("annotation %d is at line %d, want %d", i, a.StartLine, i+3)
		}
	}
	again.stop()
	if runs := w.runs(repo, run.HeadSHA, "tamer/validate"); len(runs) != 1 {
		w.t.Errorf("%d check runs, want 1", len(runs))
	}
	if own := w.own(repo, n); len(own) != 1 {
		w.t.Errorf("%d comments, want 1", len(own))
	}
	w.must(w.Hub.ClosePull(repo, n, "anna"))
}

// killedAtGates has a pull request wait for the repository's only administrator, who is asked to review and approves.
func (w *world) killedAtGates(i int, point flow.Point) {
	repo := fmt.Sprintf("acme/gated-%d", i)
	w.create(repo, plans(map[string]string{".tamer.yaml": "governance: {new-type: {approvals: 1, regular-editors: 1}, request-reviews: true}\n"}))
	w.must(w.Hub.SetRole(repo, "ola", "admin"))
	c := w.child(point)
	defer c.stop()
	n := w.change(repo, "loyalty", map[string]string{"schemas/loyalty.schema.json": "{}"})
	approved := func(conclusion string) func() bool {
		return func() bool {
			runs := w.runs(repo, w.head(repo, n), "tamer/approvals")
			return len(runs) > 0 && runs[len(runs)-1].Conclusion == conclusion
		}
	}
	approve := func() {
		w.until("tamer/approvals to wait", approved("action_required"))
		if pull, err := w.Hub.Pull(repo, n); err != nil || len(pull.RequestedReviews) != 1 {
			w.t.Errorf("asked to review: %q, %v", pull.RequestedReviews, err)
		}
		_, err := w.Hub.Review(repo, n, "ola", "APPROVE", "")
		w.must(err)
	}
	if point == flow.GateReread {
		approve()
	}
	w.killed(c)
	again := w.child("")
	defer again.stop()
	if point != flow.GateReread {
		approve()
	}
	w.until("tamer/approvals to be green", approved("success"))
	again.stop()
	if runs, own := w.runs(repo, w.head(repo, n), "tamer/approvals"), w.own(repo, n); len(runs) != 1 || len(own) != 1 {
		w.t.Errorf("%d check runs and %d comments, want 1 of each", len(runs), len(own))
	}
}

func (w *world) killedAtCommand(repo string, i int, point flow.Point) {
	w.must(w.Hub.SetRole(repo, "anna", "write"))
	c := w.child(point)
	defer c.stop()
	n := w.change(repo, fmt.Sprintf("change-%d", i), map[string]string{"customers/acme/plan.yaml": fmt.Sprintf("name: Acme %d\n", i)})
	w.judged(repo, n)
	_, err := w.Hub.Comment(repo, n, "anna", "/tamer help")
	w.must(err)
	w.killed(c)
	again := w.child("")
	defer again.stop()
	w.until("an answer", func() bool { return len(w.own(repo, n)) > 1 })
	again.stop()
	if own := w.own(repo, n); len(own) != 2 {
		w.t.Errorf("%d comments, want the report and one answer", len(own))
	}
	w.must(w.Hub.ClosePull(repo, n, "anna"))
}

func (w *world) killedAtFix(repo string, i int, point flow.Point) {
	w.must(w.Hub.SetRole(repo, "anna", "write"))
	c := w.child(point)
	defer c.stop()
	n := w.change(repo, fmt.Sprintf("change-%d", i), map[string]string{"customers/acme/plan.yaml": fmt.Sprintf("name: Acme %d\nlimit: \"7\"\n", i)})
	run := w.judged(repo, n)
	w.must(w.Hub.RequestAction(repo, run.ID, forge.FixAction, "anna"))
	w.killed(c)
	again := w.child("")
	defer again.stop()
	w.until("the commit", func() bool { return w.head(repo, n) != run.HeadSHA })
	after := w.judged(repo, n)
	again.stop()
	before, err := w.Hub.Message(repo, after.HeadSHA+"^")
	w.must(err)
	if after.Conclusion != "success" || strings.Contains(before, "fixes") || len(w.own(repo, n)) != 1 {
		w.t.Errorf("%s with %d comments, the commit before the last is %q", after.Conclusion, len(w.own(repo, n)), before)
	}
	w.must(w.Hub.ClosePull(repo, n, "anna"))
}

func (w *world) killedWhileDeploying(repo string, i int, point flow.Point) {
	before := w.channel(repo).Generation
	deployments, err := w.Hub.Deployments(repo)
	w.must(err)
	c := w.child(point)
	defer c.stop()
	added, removed := fmt.Sprintf("customers/c%d/plan.yaml", i), fmt.Sprintf("customers/c%d/plan.yaml", i-1)
	if _, known := w.stored(repo)[fmt.Sprintf("c%d/plan.yaml", i-1)]; !known {
		removed = "customers/beta/plan.yaml"
	}
	w.push(repo, "main", map[string]string{added: "name: New\n", "customers/acme/plan.yaml": fmt.Sprintf("name: Acme %d\n", i)}, removed)
	w.killed(c)
	again := w.child("")
	defer again.stop()
	got := w.deployed(repo)
	again.stop()
	want := map[string]string{"acme/plan.yaml": fmt.Sprintf("name: Acme %d\n", i), fmt.Sprintf("c%d/plan.yaml", i): "name: New\n"}
	if !reflect.DeepEqual(got, want) {
		w.t.Errorf("production has %v\nwant %v", got, want)
	}
	if g := w.channel(repo).Generation; g != before+1 {
		w.t.Errorf("generation %d, want %d", g, before+1)
	}
	now, err := w.Hub.Deployments(repo)
	w.must(err)
	if len(now) != len(deployments)+1 || now[len(now)-1].State() != "success" {
		w.t.Errorf("%d deployments, want %d: %+v", len(now), len(deployments)+1, now[len(now)-1])
	}
	if runs := w.runs(repo, w.tip(repo), "tamer/deploy"); len(runs) != 1 {
		w.t.Errorf("%d check runs, want 1", len(runs))
	}
}

// killed waits for a child to die of itself.
func (w *world) killed(c *child) {
	w.t.Helper()
	select {
	case <-c.done:
	case <-time.After(patience()):
		w.t.Fatal("the child never came to the point")
	}
	if state := c.cmd.ProcessState.Sys().(syscall.WaitStatus); !state.Signaled() || state.Signal() != syscall.SIGKILL {
		w.t.Fatalf("the child ended by itself: %v", c.cmd.ProcessState)
	}
}
