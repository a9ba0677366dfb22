package mirror_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
)

func TestHeads(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	main := a.commit("main", files{"a.yaml": "a: 1"})
	a.branch("--output=x", main)
	a.branch("feature/HEAD", main)
	a.git("", "update-ref", "refs/pull/1/head", string(main))
	r.repository(t, "empty")
	m := open(t, r.config(t))

	got, err := m.Heads(t.Context(), shop)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]forge.Commit{"main": main, "--output=x": main, "feature/HEAD": main}
	if got.Default != "main" || !maps.Equal(got.Tips, want) {
		t.Errorf("got %+v, want main of %v", got, want)
	}

	empty, err := m.Heads(t.Context(), forge.Repo{Installation: 7, ID: 43, Name: "empty"})
	if err != nil || empty.Default != "" || len(empty.Tips) != 0 {
		t.Errorf("empty repository: %+v, %v", empty, err)
	}
}

func TestRefusals(t *testing.T) {
	r := newRemote(t)
	main := r.repository(t, "shop").commit("main", files{"a.yaml": "a: 1"})
	for name, c := range map[string]struct {
		token, repo string
		missing     bool
		want        string
	}{
		"token refused": {"wrong", "shop", false, "refuses the token (401)"},
		"no token":      {"", "shop", false, "refuses the token (401)"},
		"forbidden":     {"forbidden", "shop", false, "forbids the app to read (403)"},
		"gone":          {token, "gone", true, "no such repository"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := r.config(t)
			cfg.Token = func(context.Context, forge.Repo) (string, error) { return c.token, nil }
			m := open(t, cfg)
			repo := forge.Repo{Installation: 7, ID: 42, Owner: "acme", Name: c.repo}
			_, heads := m.Heads(t.Context(), repo)
			for op, err := range map[string]error{"heads": heads, "fetch": m.Fetch(t.Context(), repo, main)} {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: %v, want %q", op, err, c.want)
				}
				if errors.Is(err, fs.ErrNotExist) != c.missing {
					t.Errorf("%s: %v: is fs.ErrNotExist: %v, want %v", op, err, !c.missing, c.missing)
				}
			}
		})
	}
}

func TestFetchUnknownCommit(t *testing.T) {
	r := newRemote(t)
	main := r.repository(t, "shop").commit("main", files{"a.yaml": "a: 1"})
	m := open(t, r.config(t))
	unknown := forge.Commit(strings.Repeat("ab", 20))

	if err := m.Fetch(t.Context(), shop, main, unknown); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("unknown commit: %v, want fs.ErrNotExist", err)
	}
	if _, err := m.Snapshot(t.Context(), shop, unknown.Tree()); err == nil || !strings.Contains(err.Error(), "fetch it first") {
		t.Errorf("read of an unknown commit: %v", err)
	}
	fetch(t, m, main)
}

func TestNamesThatAreNoCommits(t *testing.T) {
	r := newRemote(t)
	r.repository(t, "shop")
	m := open(t, r.config(t))
	for _, c := range []forge.Commit{"", "main", "--upload-pack=x", "HEAD", "abc123", forge.Commit(strings.Repeat("0", 40))} {
		if err := m.Fetch(t.Context(), shop, c); err == nil {
			t.Errorf("fetched %q", c)
		}
		if _, err := m.Snapshot(t.Context(), shop, c.Tree()); err == nil {
			t.Errorf("read %q", c)
		}
	}
	if n := r.requests.Load(); n != 0 {
		t.Errorf("%d requests for names that are no commits", n)
	}
}

// What is there is not asked for again: neither a commit itself, nor one that came as the ancestor of another.
func TestFetchAsksOnlyForWhatIsAbsent(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	first := a.commit("main", files{"a.yaml": "a: 1"})
	second := a.commit("main", files{"a.yaml": "a: 2"})
	cfg := r.config(t)
	m := open(t, cfg)

	fetch(t, m, second, second)
	asked := r.requests.Load()
	fetch(t, m, second)
	fetch(t, m, first)
	fetch(t, open(t, cfg), first, second) // as after a restart
	if again := r.requests.Load() - asked; again != 0 {
		t.Errorf("%d requests for commits that were there", again)
	}

	a.git("", "update-ref", "-d", "refs/heads/main") // force-pushed away, and collected
	third := a.commit("main", files{"b.yaml": "b: 1"})
	fetch(t, m, third)
	if yes, err := m.IsAncestor(t.Context(), shop, second, third); yes || err != nil {
		t.Errorf("second is an ancestor of the force-pushed third: %v, %v", yes, err)
	}
	if yes, err := m.IsAncestor(t.Context(), shop, first, second); !yes || err != nil {
		t.Errorf("first is no ancestor of second: %v, %v", yes, err)
	}
	for old, held := range map[forge.Commit]bool{first: true, second: true, third: false, forge.Commit(strings.Repeat("a", 40)): false} {
		if yes, err := m.Holds(t.Context(), shop, second, old); yes != held || err != nil {
			t.Errorf("second holds %s: %v, %v", old, yes, err)
		}
	}
}

func TestOldestCommitsAreForgotten(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	cfg := r.config(t)
	cfg.Keep = 2
	m := open(t, cfg)
	var commits []forge.Commit
	for _, v := range []string{"1", "2", "3", "4"} {
		c := a.commit("main", files{"a.yaml": "a: " + v})
		fetch(t, m, c)
		commits = append(commits, c)
	}
	refs, err := os.ReadDir(filepath.Join(cfg.Dir, "7", "42.git", "refs", "tamer"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, ref := range refs {
		got = append(got, ref.Name())
	}
	want := []string{string(commits[2]), string(commits[3])}
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("refs %v, want %v", got, want)
	}
}

func TestManyFetchesAreTidied(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	cfg := r.config(t)
	cfg.Protocols = []string{"file"} // for speed
	cfg.URL = func(forge.Repo) string { return "file://" + a.dir }
	m := open(t, cfg)
	var last forge.Commit
	for i := range 36 {
		last = a.commit("main", files{"a.yaml": strings.Repeat("a", i)})
		fetch(t, m, last)
	}
	packs, _ := filepath.Glob(filepath.Join(cfg.Dir, "7", "42.git", "objects", "pack", "*.pack"))
	if len(packs) == 0 || len(packs) > 32 {
		t.Errorf("%d packs after 36 fetches", len(packs))
	}
	if got := read(t, m, last.Tree(), "a.yaml"); got != strings.Repeat("a", 35)+"\n" {
		t.Errorf("read %q", got)
	}
}

// wrapper writes a git that notes its arguments and environment, one line each, in the file that it returns.
func wrapper(t *testing.T) (bin, log string) {
	t.Helper()
	dir := t.TempDir()
	bin, log = filepath.Join(dir, "git"), filepath.Join(dir, "log")
	script := "#!/bin/sh\n{ for a in \"$@\"; do echo \"arg $a\"; done; env | sed 's/^/env /'; } >>'" + log + "'\nexec git \"$@\"\n"
	if err := os.WriteFile(bin, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return bin, log
}

func TestTokenTravelsByEnvironmentOnly(t *testing.T) {
	t.Setenv("GIT_TRACE", "1")
	t.Setenv("TAMER_WEBHOOK_SECRET", "hush")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:9")
	r := newRemote(t)
	main := r.repository(t, "shop").commit("main", files{"a.yaml": "a: 1"})
	cfg := r.config(t)
	var log string
	cfg.Git, log = wrapper(t)
	m := open(t, cfg)
	if _, err := m.Heads(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	fetch(t, m, main)
	read(t, m, main.Tree(), "a.yaml")

	noted, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	const basic = "eC1hY2Nlc3MtdG9rZW46Z2hzX3NlY3JldA==" // x-access-token:ghs_secret
	if !strings.Contains(string(noted), "env GIT_CONFIG_VALUE_0=Authorization: Basic "+basic) {
		t.Error("the token is not in the environment")
	}
	for line := range strings.Lines(string(noted)) {
		if strings.HasPrefix(line, "arg ") && (strings.Contains(line, token) || strings.Contains(line, basic)) {
			t.Errorf("the token is in an argument: %s", line)
		}
		for _, name := range []string{"GIT_TRACE", "TAMER_WEBHOOK_SECRET"} {
			if strings.HasPrefix(line, "env "+name+"=") {
				t.Errorf("%s reaches git", name)
			}
		}
	}
	if !strings.Contains(string(noted), "env HTTPS_PROXY=http://127.0.0.1:9\n") {
		t.Error("the proxy does not reach git")
	}
	_ = filepath.WalkDir(cfg.Dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if data, _ := os.ReadFile(path); strings.Contains(string(data), token) || strings.Contains(string(data), basic) {
				t.Errorf("the token is in %s", path)
			}
		}
		return err
	})
}

func TestErrorsDoNotShowTheToken(t *testing.T) {
	cfg := mirror.Config{
		Dir:   t.TempDir(),
		URL:   func(forge.Repo) string { return "http://127.0.0.1:1/" + token + ".git" },
		Token: func(context.Context, forge.Repo) (string, error) { return token, nil },
	}
	_, err := open(t, cfg).Heads(t.Context(), shop)
	if err == nil || strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "[token]") {
		t.Errorf("error %v, want one with [token] in place of the token", err)
	}
}

func TestRedirectsAndFilesAreNotFollowed(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	a.commit("main", files{"a.yaml": "a: 1"})
	for name, url := range map[string]string{
		"file":        "file://" + a.dir,
		"path":        a.dir,
		"ext":         "ext::sh -c 'touch x'",
		"credentials": strings.Replace(r.url, "://", "://x-access-token:"+token+"@", 1) + "/shop.git",
		"option":      "--upload-pack=touch x",
		"redirect":    r.url + "/moved.git",
	} {
		cfg := r.config(t)
		cfg.URL = func(forge.Repo) string { return url }
		if heads, err := open(t, cfg).Heads(t.Context(), shop); err == nil {
			t.Errorf("%s: got %v", name, heads)
		}
	}
}

func TestConcurrentFetchAndRead(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	first := a.commit("main", files{"a.yaml": "a: 0"})
	var commits []forge.Commit
	for range 8 {
		commits = append(commits, a.commit("main", files{"a.yaml": "a: 1", "b/c.yaml": strings.Repeat("c", len(commits))}))
	}
	m := open(t, r.config(t))
	fetch(t, m, first)
	var all sync.WaitGroup
	for i, c := range commits {
		all.Go(func() {
			if err := m.Fetch(t.Context(), shop, c); err != nil {
				t.Error(err)
				return
			}
			tree, err := m.Snapshot(t.Context(), shop, c.Tree())
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := fs.ReadFile(tree, "b/c.yaml"); err != nil || string(got) != strings.Repeat("c", i)+"\n" {
				t.Errorf("commit %d: %q, %v", i, got, err)
			}
		})
		all.Go(func() {
			tree, err := m.Snapshot(t.Context(), shop, first.Tree())
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := fs.ReadFile(tree, "a.yaml"); err != nil || string(got) != "a: 0\n" {
				t.Errorf("first: %q, %v", got, err)
			}
		})
	}
	all.Wait()
}

func TestCancelledFetch(t *testing.T) {
	r := newRemote(t)
	main := r.repository(t, "shop").commit("main", files{"a.yaml": "a: 1"})
	m := open(t, r.config(t))
	because := errors.New("the worker stops")
	ctx, cancel := context.WithCancelCause(t.Context())
	r.before.Store(func(req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "git-upload-pack") {
			cancel(because)
			_, _ = io.Copy(io.Discard, req.Body)
			<-req.Context().Done() // git is gone
		}
	})
	if err := m.Fetch(ctx, shop, main); !errors.Is(err, because) {
		t.Errorf("cancelled fetch: %v, want %v", err, because)
	}
	r.before.Store(func(*http.Request) {})
	fetch(t, m, main)
}
