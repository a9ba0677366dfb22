package flow_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
	"github.com/tamerhq/tamer/internal/work"
)

// A hub is all that flows need, in memory: GitHub, git and a store for one repository. Files are texts by path.
type hub struct {
	repo     forge.Repo
	trees    map[forge.Tree]map[string]string
	parents  map[forge.Commit][]forge.Commit
	broken   map[forge.Tree]error // trees that cannot be read
	heads    forge.Heads
	pulls    map[int]forge.PullRequest
	runs     []forge.CheckRun // by id, from 1; their Annotations are all that were sent
	deploys  []forge.Deployment
	talk     []forge.Comment         // by id, from 1; a deleted one has no body
	seen     map[int64]bool          // comments that were reacted to
	writers  map[int64]bool          // users who may write
	messages map[forge.Commit]string // of commits made by the app
	mute     bool                    // comments are refused
	store    sinktest.Memory
	second   sink.Sink // nil where there is one store only
	states   map[work.Key]work.State
	young    map[forge.Commit]bool // commits that were made just now; the others are years old
	merges   map[forge.Commit]int  // which pull request a commit of a branch came by
	wanted   []work.Wanted
	crowd    crowd

	later     time.Duration // of tamer's clock
	overrides []string      // teams that may override gates
	command   int           // index of the comment that a test has made
	called    func(string)  // if set, called before each answer of GitHub, with its name

	ticks   int  // of GitHub's clock
	effects int  // so far: writes to GitHub and to the store
	failAt  int  // the effect that fails; 0 for none
	lost    bool // it fails after it has happened
}

var errCut = errors.New("cut off")

func newHub() *hub {
	h := &hub{repo: forge.Repo{Installation: 1, ID: 2, Owner: "acme", Name: "config"}, trees: map[forge.Tree]map[string]string{},
		parents: map[forge.Commit][]forge.Commit{}, broken: map[forge.Tree]error{}, pulls: map[int]forge.PullRequest{}, seen: map[int64]bool{}, writers: map[int64]bool{}, messages: map[forge.Commit]string{}, states: map[work.Key]work.State{}, crowd: newCrowd(),
		heads: forge.Heads{Default: "main", Tips: map[string]forge.Commit{}}}
	h.store.Fail = func(op, _ string) error {
		if op == sinktest.Get || op == sinktest.List {
			return nil
		}
		h.effects++
		return h.cut(false)
	}
	h.store.Lose = func(op, _ string) error {
		if op == sinktest.Get || op == sinktest.List {
			return nil
		}
		return h.cut(true)
	}
	return h
}

func (h *hub) cut(after bool) error {
	if h.effects == h.failAt && h.lost == after {
		return errCut
	}
	return nil
}

// tick gives the present time, which is another one each time.
func (h *hub) tick() time.Time {
	h.ticks++
	return time.Unix(1_700_000_000+int64(h.ticks), 0)
}

func (h *hub) call(name string) {
	if h.called != nil {
		h.called(name)
	}
}

// effect does one write to GitHub.
func (h *hub) effect(do func()) error {
	h.call("effect")
	h.effects++
	if err := h.cut(false); err != nil {
		return err
	}
	do()
	return h.cut(true)
}

// commit makes one on the branch: its parent's files with the changes, where "" removes a file.
func (h *hub) commit(branch string, parent forge.Commit, changes map[string]string) forge.Commit {
	c := forge.Commit(fmt.Sprintf("%040x", len(h.parents)+1))
	files := map[string]string{}
	if parent != "" {
		files = maps.Clone(h.trees[parent.Tree()])
		h.parents[c] = []forge.Commit{parent}
	} else {
		h.parents[c] = nil
	}
	for name, text := range changes {
		if files[name] = text; text == "" {
			delete(files, name)
		}
	}
	h.trees[c.Tree()] = files
	h.heads.Tips[branch] = c
	return c
}

// open opens pull request number n of a branch onto main.
func (h *hub) open(n int, branch string) forge.Commit {
	head := h.heads.Tips[branch]
	h.pulls[n] = forge.PullRequest{Number: n, Open: true, Head: head, HeadBranch: branch, BaseBranch: "main", URL: fmt.Sprintf("https://github.example.com/acme/config/pull/%d", n)}
	return head
}

// config is that of a flow that has nothing but the hub.
func (h *hub) config() flow.Config {
	return flow.Config{PullRequests: h, Checks: h, Comments: h, Commands: h, Commits: h, Deployments: h, Installations: h, Remotes: h, Trees: h, History: h,
		Reviews: h, People: h, Notes: h, Memory: h, Queue: h, Sinks: h, Now: func() time.Time { return time.Unix(1_700_000_000, 0).Add(h.later) },
		Overrides: func(forge.Repo) []string { return h.overrides },
		Pages: flow.Pages{GitHub: "https://github.example.com", Served: func(repo forge.Repo, channel string) string {
			return "https://tamer.example.com/r/" + repo.String() + "?channel=" + channel
		}}}
}

// work works on a key once, by a flow of its own, as after a start of the process.
func (h *hub) work(t *testing.T, k work.Key) error {
	t.Helper()
	return h.do(t, work.Task{Key: k, Attempt: 1})
}

func (h *hub) do(t *testing.T, task work.Task) error {
	t.Helper()
	f, err := flow.New(h.config())
	if err != nil {
		t.Fatal(err)
	}
	k := task.Key
	state, err := f.Handle(t.Context(), task)
	if err == nil {
		h.states[k] = state
	}
	return err
}

// finish works on a key until it succeeds, and on all that this asks for to be deployed and shown; and tells whether anything had failed.
func (h *hub) finish(t *testing.T, k work.Key) (failed bool) {
	t.Helper()
	for todo := []work.Key{k}; len(todo) > 0; {
		failed = h.finishOne(t, todo[0]) || failed
		todo = append(todo[1:], h.asked()...)
	}
	return failed
}

// once works on a key, and on all that this asks for to be deployed and shown, until something fails.
func (h *hub) once(t *testing.T, k work.Key) error {
	t.Helper()
	for todo := []work.Key{k}; len(todo) > 0; {
		if err := h.work(t, todo[0]); err != nil {
			return err
		}
		todo = append(todo[1:], h.asked()...)
	}
	return nil
}

// asked takes what is wanted to be deployed and shown.
func (h *hub) asked() []work.Key {
	var keys []work.Key
	h.wanted = slices.DeleteFunc(h.wanted, func(w work.Wanted) bool {
		taken := w.Key.Kind == work.Deploy || w.Key.Kind == work.Announce
		if taken {
			keys = append(keys, w.Key)
		}
		return taken
	})
	return keys
}

func (h *hub) finishOne(t *testing.T, k work.Key) bool {
	t.Helper()
	for try := range 5 {
		switch err := h.work(t, k); {
		case err == nil:
			return try > 0
		case !errors.Is(err, errCut):
			t.Fatal(err)
		}
	}
	t.Fatal("never succeeds")
	return false
}

func pullKey(n int) work.Key {
	return work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: n}
}
func branchKey(name string) work.Key {
	return work.Key{Kind: work.Branch, Installation: 1, Repository: 2, Name: name}
}

// newest gives the newest run of a name on a commit; the zero run where there is none.
func (h *hub) newest(at forge.Commit, name string) forge.CheckRun {
	for _, run := range slices.Backward(h.runs) {
		if run.Head == at && run.Name == name {
			return run
		}
	}
	return forge.CheckRun{}
}

// served gives the plain files of the store by key.
func (h *hub) served() map[string]string {
	all := h.store.Objects()
	maps.DeleteFunc(all, func(key, _ string) bool { return len(key) > 7 && key[:7] == ".tamer/" })
	return all
}

// What flows ask of GitHub.

func (h *hub) PullRequest(_ context.Context, _ forge.Repo, n int) (forge.PullRequest, error) {
	h.call("PullRequest")
	pr, ok := h.pulls[n]
	if !ok {
		return pr, fs.ErrNotExist
	}
	return pr, nil
}

func (h *hub) OpenPullRequests(context.Context, forge.Repo) ([]forge.PullRequest, error) {
	var open []forge.PullRequest
	for _, n := range slices.Sorted(maps.Keys(h.pulls)) {
		if h.pulls[n].Open {
			open = append(open, h.pulls[n])
		}
	}
	return open, nil
}

func (h *hub) PullRequestsWith(_ context.Context, _ forge.Repo, at forge.Commit) ([]forge.PullRequest, error) {
	h.call("PullRequestsWith")
	with, _ := h.OpenPullRequests(context.Background(), h.repo)
	with = slices.DeleteFunc(with, func(pr forge.PullRequest) bool { return pr.Head != at })
	if pr, ok := h.pulls[h.merges[at]]; ok {
		with = append(with, pr)
	}
	return with, nil
}

func (h *hub) CheckRun(_ context.Context, _ forge.Repo, head forge.Commit, name string) (*forge.CheckRun, error) {
	h.call("CheckRun")
	run := h.newest(head, name)
	if run.ID == 0 {
		return nil, nil
	}
	run.Annotated, run.Annotations, run.Summary, run.Text = len(run.Annotations), nil, "", ""
	return &run, nil
}

func (h *hub) CreateCheckRun(_ context.Context, _ forge.Repo, run forge.CheckRun) (int64, error) {
	err := h.effect(func() {
		run.ID = int64(len(h.runs) + 1)
		if run.Status == forge.Completed {
			run.CompletedAt = h.tick()
		}
		h.runs = append(h.runs, run)
	})
	return run.ID, err
}

func (h *hub) UpdateCheckRun(_ context.Context, _ forge.Repo, run forge.CheckRun) error {
	if len(run.Annotations) > forge.MaxAnnotations {
		return work.Permanent(errors.New("too many annotations"))
	}
	return h.effect(func() {
		old := &h.runs[run.ID-1]
		run.Annotations = slices.Concat(old.Annotations, run.Annotations)
		run.Name, run.Head = old.Name, old.Head
		if run.Status == forge.Completed {
			run.CompletedAt = h.tick()
		}
		*old = run
	})
}

func (h *hub) OwnComment(_ context.Context, _ forge.Repo, number int, marker string) (*forge.Comment, error) {
	h.call("OwnComment")
	for _, c := range h.talk {
		if c.App && c.Pull == number && strings.HasPrefix(c.Body, marker) {
			return &c, nil
		}
	}
	return nil, nil
}

func (h *hub) CreateComment(_ context.Context, _ forge.Repo, number int, body string) error {
	if h.mute {
		return work.Permanent(errors.New("not accessible by integration"))
	}
	return h.effect(func() { h.say(number, forge.Comment{App: true, Own: true, Author: forge.User{Bot: true}, Body: body}) })
}

func (h *hub) UpdateComment(_ context.Context, _ forge.Repo, id int64, body string) error {
	return h.effect(func() { h.talk[id-1].Body = body })
}

func (h *hub) Comment(_ context.Context, _ forge.Repo, id int64) (forge.Comment, error) {
	if id > int64(len(h.talk)) || h.talk[id-1].Body == "" {
		return forge.Comment{}, fs.ErrNotExist
	}
	return h.talk[id-1], nil
}

func (h *hub) React(_ context.Context, _ forge.Repo, id int64) error {
	return h.effect(func() { h.seen[id] = true })
}

func (h *hub) MayWrite(_ context.Context, _ forge.Repo, who forge.User) (bool, error) {
	h.call("MayWrite")
	return h.writers[who.ID], nil
}

// say adds a comment, and gives the key of looking at it.
func (h *hub) say(number int, c forge.Comment) work.Key {
	c.ID, c.Pull, c.At = int64(len(h.talk)+1), number, h.tick()
	h.talk = append(h.talk, c)
	return work.Key{Kind: work.Comment, Installation: 1, Repository: 2, Name: fmt.Sprint(c.ID)}
}

// said gives the app's own comments on a pull request.
func (h *hub) said(number int) []string {
	var all []string
	for _, c := range h.talk {
		if c.App && c.Author.Bot && c.Pull == number {
			all = append(all, c.Body)
		}
	}
	return all
}

func (h *hub) Commit(_ context.Context, _ forge.Repo, branch string, c forge.NewCommit) (bool, error) {
	moved := false
	err := h.effect(func() {
		if moved = h.heads.Tips[branch] == c.Parent; !moved {
			return
		}
		changes := map[string]string{}
		for _, f := range c.Files {
			changes[f.Path] = string(f.Content)
		}
		made := h.commit(branch, c.Parent, changes)
		h.messages[made] = c.Message
		for n, pr := range h.pulls {
			if pr.HeadBranch == branch && pr.Open {
				pr.Head = made
				h.pulls[n] = pr
			}
		}
	})
	return moved, err
}

func (h *hub) Deployment(_ context.Context, _ forge.Repo, at forge.Commit, environment string) (*forge.Deployment, error) {
	for _, d := range slices.Backward(h.deploys) {
		if d.Commit == at && d.Environment == environment {
			return &d, nil
		}
	}
	return nil, nil
}

func (h *hub) CreateDeployment(_ context.Context, _ forge.Repo, d forge.Deployment) (int64, error) {
	err := h.effect(func() {
		d.ID, d.State = int64(len(h.deploys)+1), ""
		h.deploys = append(h.deploys, d)
	})
	return d.ID, err
}

func (h *hub) SetDeploymentState(_ context.Context, _ forge.Repo, d forge.Deployment) error {
	return h.effect(func() { h.deploys[d.ID-1] = d })
}

func (h *hub) Installations(context.Context) ([]int64, error) { return []int64{1}, nil }
func (h *hub) Repositories(context.Context, int64) ([]forge.Repo, error) {
	return []forge.Repo{h.repo}, nil
}

// What flows ask of git.

func (h *hub) Heads(context.Context, forge.Repo) (forge.Heads, error) {
	return forge.Heads{Default: h.heads.Default, Tips: maps.Clone(h.heads.Tips)}, nil
}

func (h *hub) Fetch(_ context.Context, _ forge.Repo, commits ...forge.Commit) error {
	for _, c := range commits {
		if _, ok := h.parents[c]; !ok {
			return fmt.Errorf("commit %s: %w", c, fs.ErrNotExist)
		}
	}
	return nil
}

func (h *hub) Snapshot(_ context.Context, _ forge.Repo, at forge.Tree) (fs.FS, error) {
	if err := h.broken[at]; err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for name, text := range h.trees[at] {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files, nil
}

func (h *hub) Changes(_ context.Context, _ forge.Repo, from, to forge.Tree) ([]forge.Change, error) {
	var all []forge.Change
	old, fresh := h.trees[from], h.trees[to]
	names := slices.Sorted(maps.Keys(old))
	names = slices.AppendSeq(names, maps.Keys(fresh))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		before, was := old[name]
		after, is := fresh[name]
		switch {
		case !was:
			all = append(all, forge.Change{Path: name, Kind: forge.Added})
		case !is:
			all = append(all, forge.Change{Path: name, Kind: forge.Removed})
		case before != after:
			all = append(all, forge.Change{Path: name, Kind: forge.Modified})
		}
	}
	return all, nil
}

// Merge merges file by file.
func (h *hub) Merge(_ context.Context, _ forge.Repo, base, head forge.Commit) (forge.Merge, error) {
	from := base
	for from != "" && !h.holds(head, from) {
		from = h.parentOf(from)
	}
	if from == "" {
		return forge.Merge{}, work.Permanent(errors.New("no common history"))
	}
	was, ours, theirs := h.trees[from.Tree()], h.trees[base.Tree()], h.trees[head.Tree()]
	merged, conflicts := maps.Clone(ours), []string(nil)
	for _, c := range must(h.Changes(context.Background(), h.repo, from.Tree(), head.Tree())) {
		switch {
		case ours[c.Path] != was[c.Path] && ours[c.Path] != theirs[c.Path]:
			conflicts = append(conflicts, c.Path)
		case c.Kind == forge.Removed:
			delete(merged, c.Path)
		default:
			merged[c.Path] = theirs[c.Path]
		}
	}
	if len(conflicts) > 0 {
		return forge.Merge{Conflicts: conflicts}, nil
	}
	tree := forge.Tree(fmt.Sprintf("merge of %s and %s", base, head))
	h.trees[tree] = merged
	return forge.Merge{Tree: tree}, nil
}

func (h *hub) CommitInfo(_ context.Context, _ forge.Repo, at forge.Commit) (forge.CommitInfo, error) {
	committed := time.Unix(1_600_000_000, 0)
	if h.young[at] {
		committed = time.Unix(1_700_000_000, 0)
	}
	return forge.CommitInfo{Parents: h.parents[at], Committed: committed}, nil
}

func (h *hub) IsAncestor(_ context.Context, _ forge.Repo, old, to forge.Commit) (bool, error) {
	return h.holds(to, old), nil
}

func (h *hub) Holds(_ context.Context, _ forge.Repo, to, old forge.Commit) (bool, error) {
	return h.holds(to, old), nil
}

func (h *hub) holds(tip, old forge.Commit) bool {
	for ; tip != ""; tip = h.parentOf(tip) {
		if tip == old {
			return true
		}
	}
	return false
}

func (h *hub) parentOf(c forge.Commit) forge.Commit {
	if p := h.parents[c]; len(p) > 0 {
		return p[0]
	}
	return ""
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// What flows ask of tamer itself.

func (h *hub) Repo(_ context.Context, installation, id int64) (forge.Repo, error) {
	if installation != h.repo.Installation || id != h.repo.ID {
		return forge.Repo{}, fs.ErrNotExist
	}
	return h.repo, nil
}

func (h *hub) SaveRepos(context.Context, ...forge.Repo) error { return nil }
func (h *hub) States(context.Context, forge.Repo) (map[work.Key]work.State, error) {
	return h.states, nil
}

func (h *hub) MoveState(_ context.Context, k work.Key, seen, now work.State) error {
	if h.states[k] == seen {
		h.states[k] = now
	}
	return nil
}

func (h *hub) Add(_ context.Context, wanted ...work.Wanted) error {
	h.wanted = append(h.wanted, wanted...)
	return nil
}

func (h *hub) Sinks(context.Context, forge.Repo) ([]flow.NamedSink, error) {
	all := []flow.NamedSink{{Name: "store", Open: func(context.Context) (sink.Sink, error) { return sinktest.Ordered{Sink: &h.store}, nil }}}
	if h.second != nil {
		all = append(all, flow.NamedSink{Name: "second", Open: func(context.Context) (sink.Sink, error) { return sinktest.Ordered{Sink: h.second}, nil }})
	}
	return all, nil
}
