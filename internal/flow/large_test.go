package flow_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/validate"
	"github.com/tamerhq/tamer/internal/work"
)

const types = 20

// A large is a repository of many customers with 20 types each, mirrored, and a pull request that changes one file.
type large struct {
	repo    forge.Repo
	heads   forge.Heads
	pull    forge.PullRequest
	mirrors *mirror.Mirrors
	facts   *store.Store
	flow    *flow.Flow
	shown   forge.CheckRun
	known   *forge.CheckRun
}

func newLarge(tb testing.TB, customers int) *large {
	tb.Helper()
	origin := filepath.Join(tb.TempDir(), "origin.git")
	git := func(in io.Reader, args ...string) string {
		tb.Helper()
		cmd := exec.CommandContext(tb.Context(), "git", append([]string{"-C", origin}, args...)...)
		cmd.Stdin = in
		out, err := cmd.CombinedOutput()
		if err != nil {
			tb.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if out, err := exec.CommandContext(tb.Context(), "git", "init", "--quiet", "--bare", origin).CombinedOutput(); err != nil {
		tb.Fatalf("git init: %v\n%s", err, out)
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(importStream(w, customers)) }()
	git(r, "fast-import", "--quiet")
	l := &large{repo: forge.Repo{Installation: 1, ID: 2, Owner: "acme", Name: "config"}}
	base, head := forge.Commit(git(nil, "rev-parse", "main")), forge.Commit(git(nil, "rev-parse", "change"))
	l.heads = forge.Heads{Default: "main", Tips: map[string]forge.Commit{"main": base, "change": head}}
	l.pull = forge.PullRequest{Number: 1, Open: true, Head: head, HeadBranch: "change", BaseBranch: "main"}
	var err error
	l.mirrors, err = mirror.New(mirror.Config{Dir: tb.TempDir(), URL: func(forge.Repo) string { return "file://" + origin }, Protocols: []string{"file"}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.mirrors.Close() })
	if l.facts, err = store.Open(tb.Context(), "sqlite:"+filepath.Join(tb.TempDir(), "facts.db")); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.facts.Close() })
	l.flow, err = flow.New(flow.Config{PullRequests: l, Checks: l, Comments: nothing{}, Commands: nothing{}, Commits: nothing{}, Reviews: nothing{}, People: nothing{}, Notes: nothing{}, Deployments: nothing{}, Installations: nothing{}, Remotes: l, Trees: l.mirrors,
		History: l.mirrors, Memory: l, Queue: nothing{}, Sinks: nothing{}, Now: time.Now,
		Build: "test", Cache: func(ctx context.Context, repo forge.Repo) validate.Cache { return l.facts.Facts(ctx, repo) }})
	if err != nil {
		tb.Fatal(err)
	}
	if err := l.mirrors.Fetch(tb.Context(), l.repo, base, head); err != nil {
		tb.Fatal(err)
	}
	return l
}

// importStream writes main with the customers, and a branch that changes one file.
func importStream(to io.Writer, customers int) error {
	w := bufio.NewWriter(to)
	blob := func(path, text string) { fmt.Fprintf(w, "M 100644 inline %q\ndata %d\n%s\n", path, len(text), text) }
	commit := func(branch, from string) {
		fmt.Fprintf(w, "commit refs/heads/%s\ncommitter a <a@example.com> 1700000000 +0000\ndata 1\nx\n%s", branch, from)
	}
	for t := range types {
		var b strings.Builder
		fmt.Fprintf(&b, "# type %d\nitems:\n", t)
		for i := range 30 {
			fmt.Fprintf(&b, "  - id: item_%d_%d\n    days: %d\n", t, i, i)
		}
		fmt.Fprintf(w, "blob\nmark :%d\ndata %d\n%s\n", t+1, b.Len(), b.String())
	}
	commit("main", "")
	blob(".tamer.yaml", "checks: {near-miss: warning}\n")
	for t := range types {
		blob(fmt.Sprintf("schemas/type%02d.schema.json", t), fmt.Sprintf(`{"title":"%d","type":"object","required":["items"],"properties":{"items":{"type":"array","items":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"days":{"type":"integer","maximum":365}}}}}}`, t))
	}
	for c := range customers {
		for t := range types {
			fmt.Fprintf(w, "M 100644 :%d customers/customer-%05d/type%02d.yaml\n", t+1, c, t)
		}
	}
	commit("change", "from refs/heads/main\n")
	blob("customers/customer-00000/type07.yaml", "items:\n  - id: item\n    days: 366\n")
	fmt.Fprint(w, "\ndone\n")
	return w.Flush()
}

// judge works on the pull request's key once, as if nothing were shown yet and the change were new to the process.
func (l *large) judge(tb testing.TB) forge.CheckRun {
	tb.Helper()
	l.known = nil
	l.flow.ForgetChanges()
	if _, err := l.flow.Handle(tb.Context(), work.Task{Key: work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: 1}}); err != nil {
		tb.Fatal(err)
	}
	return l.shown
}

// One file of 200,000 has changed: no blob is read but those of its customer, of the schemas of its types, and the policy's
// two versions; and once more what the difference rests on: both versions of the file and of its schema, and the policy.
func TestBlobsReadForOneFile(t *testing.T) {
	l := newLarge(t, 10_000)
	before := l.mirrors.BlobsRead()
	run := l.judge(t)
	if run.Conclusion != forge.Failed || len(run.Annotations) != 1 || run.Annotations[0].StartLine != 3 {
		t.Errorf("%s with %+v, want one failure at line 3", run.Conclusion, run.Annotations)
	}
	if read, most := l.mirrors.BlobsRead()-before, int64(types+types+2+5); read > most {
		t.Errorf("%d blobs read, want at most %d", read, most)
	}
	before = l.mirrors.BlobsRead()
	if again := l.judge(t); again.Conclusion != run.Conclusion || len(again.Annotations) != 1 {
		t.Errorf("again: %s with %+v", again.Conclusion, again.Annotations)
	}
	if read, most := l.mirrors.BlobsRead()-before, int64(2+3); read > most {
		t.Errorf("%d blobs read again, want at most %d: none of a config that was judged, and no schema", read, most)
	}
}

// From key to verdict, with the mirror warm and the network apart; and the processor time of that, git's own apart.
func BenchmarkPullRequest(b *testing.B) {
	for _, customers := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("files=%d", customers*types), func(b *testing.B) {
			l := newLarge(b, customers)
			l.judge(b)
			own, git := cpuTime(b, syscall.RUSAGE_SELF), cpuTime(b, syscall.RUSAGE_CHILDREN)
			for b.Loop() {
				l.judge(b)
			}
			perJudgement := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.N) }
			b.ReportMetric(perJudgement(cpuTime(b, syscall.RUSAGE_SELF)-own), "cpu-ms/op")
			b.ReportMetric(perJudgement(cpuTime(b, syscall.RUSAGE_CHILDREN)-git), "git-ms/op")
		})
	}
}

// cpuTime is the processor time that this process has used, or the processes that it has waited for.
func cpuTime(b *testing.B, who int) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(who, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// What a large shows of GitHub and of the network.

func (l *large) PullRequest(context.Context, forge.Repo, int) (forge.PullRequest, error) {
	return l.pull, nil
}

func (l *large) OpenPullRequests(context.Context, forge.Repo) ([]forge.PullRequest, error) {
	return []forge.PullRequest{l.pull}, nil
}

func (l *large) PullRequestsWith(context.Context, forge.Repo, forge.Commit) ([]forge.PullRequest, error) {
	return []forge.PullRequest{l.pull}, nil
}

func (l *large) CheckRun(context.Context, forge.Repo, forge.Commit, string) (*forge.CheckRun, error) {
	return l.known, nil
}

func (l *large) CreateCheckRun(_ context.Context, _ forge.Repo, run forge.CheckRun) (int64, error) {
	l.shown = run
	return 1, nil
}

func (l *large) UpdateCheckRun(_ context.Context, _ forge.Repo, run forge.CheckRun) error {
	l.shown = run
	return nil
}

func (l *large) Heads(context.Context, forge.Repo) (forge.Heads, error)              { return l.heads, nil }
func (l *large) Fetch(context.Context, forge.Repo, ...forge.Commit) error            { return nil }
func (l *large) Repo(context.Context, int64, int64) (forge.Repo, error)              { return l.repo, nil }
func (l *large) SaveRepos(context.Context, ...forge.Repo) error                      { return nil }
func (l *large) MoveState(context.Context, work.Key, work.State, work.State) error   { return nil }
func (l *large) States(context.Context, forge.Repo) (map[work.Key]work.State, error) { return nil, nil }

type reviews interface{ flow.Reviews } // under a name that no method has

// nothing is what judging a pull request never asks.
type nothing struct {
	reviews
	flow.People
	flow.Notes
	flow.Deployments
	flow.Queue
	flow.Commands
	flow.Commits
}

func (nothing) OwnComment(context.Context, forge.Repo, int, string) (*forge.Comment, error) {
	return nil, nil
}
func (nothing) Conversation(context.Context, forge.Repo, int, ...string) ([]forge.Comment, error) {
	return nil, nil
}
func (nothing) CreateComment(context.Context, forge.Repo, int, string) error   { return nil }
func (nothing) UpdateComment(context.Context, forge.Repo, int64, string) error { return nil }

func (nothing) Installations(context.Context) ([]int64, error)              { return nil, nil }
func (nothing) Repositories(context.Context, int64) ([]forge.Repo, error)   { return nil, nil }
func (nothing) Sinks(context.Context, forge.Repo) ([]flow.NamedSink, error) { return nil, nil }
