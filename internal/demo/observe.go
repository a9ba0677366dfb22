package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

// latest gives the newest check run of a name on a commit.
func (s *story) latest(sha, name string) (fakegithub.CheckRun, bool, error) {
	runs, err := s.Hub.CheckRuns(Repository, sha)
	if err != nil {
		return fakegithub.CheckRun{}, false, err
	}
	for _, run := range slices.Backward(runs) {
		if run.Name == name {
			return run, true, nil
		}
	}
	return fakegithub.CheckRun{}, false, nil
}

// judged waits for the verdict on the head of a pull request, tells it, and fails if it is not the one wanted.
func (s *story) judged(ctx context.Context, n int, want string) error {
	pull, err := s.Hub.Pull(Repository, n)
	if err != nil {
		return err
	}
	begin := time.Now()
	var run fakegithub.CheckRun
	err = until(ctx, fmt.Sprintf("the verdict on #%d", n), func() (bool, error) {
		found, ok, err := s.latest(pull.HeadSHA, "tamer/validate")
		run = found
		return ok && found.Status == "completed", err
	})
	if err != nil {
		return err
	}
	say(s.out, "  tamer/validate: %s — %s (%d ms)", run.Conclusion, run.Title, time.Since(begin).Milliseconds())
	for _, a := range run.Annotations {
		message, fix, _ := strings.Cut(a.Message, "\n")
		say(s.out, "    %s:%d: %s\n      %s", a.Path, a.StartLine, message, fix)
	}
	say(s.out, "  see %s", pull.URL)
	if run.Conclusion != want {
		return fmt.Errorf("tamer/validate on #%d is %s, and should be %s", n, run.Conclusion, want)
	}
	return nil
}

// deployed waits until production serves the tip of main, tells what is there, and checks it file by file.
func (s *story) deployed(ctx context.Context, what string) error {
	tip, err := s.Hub.Tip(Repository, "main")
	if err != nil {
		return err
	}
	var run fakegithub.CheckRun
	err = until(ctx, "the deploy of "+what, func() (bool, error) {
		found, ok, err := s.latest(tip, "tamer/deploy")
		run = found
		return ok && found.Status == "completed", err
	})
	if err != nil {
		return err
	}
	say(s.out, "  tamer/deploy: %s — %s", run.Conclusion, run.Title)
	if run.Conclusion != "success" {
		return fmt.Errorf("tamer/deploy of %s is %s: %s", what, run.Conclusion, run.Summary)
	}
	files, err := s.compare(ctx, tip)
	if err != nil {
		return err
	}
	channel, err := s.channel()
	if err != nil {
		return err
	}
	if channel.Commit != tip {
		return fmt.Errorf("the production channel is at %s, and should be at %s", channel.Commit, tip)
	}
	say(s.out, "  production: commit %s, generation %d, %d files in %s", tip[:7], channel.Generation, files, s.store)
	return nil
}

type channel struct {
	Commit     string `json:"commit"`
	Generation int64  `json:"generation"`
}

func (s *story) channel() (channel, error) {
	var c channel
	b, err := os.ReadFile(filepath.Join(s.store, ".tamer", "channels", "production.json"))
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	return c, err
}

// compare holds the deployed files against those of the commit, byte for byte, in both directions.
func (s *story) compare(ctx context.Context, tip string) (int, error) {
	committed, err := s.committed(ctx, tip)
	if err != nil {
		return 0, err
	}
	seen := 0
	err = filepath.WalkDir(s.store, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(s.store, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (rel == ".tamer" || rel == ".branches" || rel == ".commits"):
			return filepath.SkipDir
		case d.IsDir():
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want, ok := committed[filepath.ToSlash(rel)]
		if !ok {
			return fmt.Errorf("%s is deployed, and not in the commit", rel)
		}
		if !bytes.Equal(b, want) {
			return fmt.Errorf("%s is deployed with another content than in the commit", rel)
		}
		seen++
		return nil
	})
	if err == nil && seen != len(committed) {
		err = fmt.Errorf("%d files are deployed, and should be %d", seen, len(committed))
	}
	return seen, err
}

// committed gives what should be deployed, by key, read from the stand-in's repository by git itself.
func (s *story) committed(ctx context.Context, tip string) (map[string][]byte, error) {
	id, err := s.Hub.RepoID(Repository)
	if err != nil {
		return nil, err
	}
	repo := filepath.Join(s.dir, "github", fmt.Sprintf("%d.git", id))
	git := func(args ...string) ([]byte, error) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", repo}, args...)...).Output()
		if err != nil {
			return nil, fmt.Errorf("git %s: %w", args[0], err)
		}
		return out, nil
	}
	list, err := git("ls-tree", "-r", "-z", "--name-only", tip, "customers", "shared")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for path := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		key, isConfig := strings.CutPrefix(path, "customers/")
		if !isConfig {
			key = "." + path
		}
		if files[key], err = git("cat-file", "blob", tip+":"+path); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// watch tells of every verdict and deploy until ctx ends.
func (s *story) watch(ctx context.Context) error {
	told := map[int64]bool{}
	first := true
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		runs, err := s.runs()
		if err != nil {
			return err
		}
		for _, run := range runs {
			if run.Status != "completed" || told[run.ID] {
				continue
			}
			told[run.ID] = true
			if !first {
				say(s.out, "%s on %s: %s — %s", run.Name, run.HeadSHA[:7], run.Conclusion, run.Title)
			}
		}
		first = false
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil
			}
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// runs gives the check runs of all pull requests and of main.
func (s *story) runs() ([]fakegithub.CheckRun, error) {
	pulls, err := s.Hub.Pulls(Repository)
	if err != nil {
		return nil, err
	}
	tip, err := s.Hub.Tip(Repository, "main")
	if err != nil {
		return nil, err
	}
	shas := []string{tip}
	for _, p := range pulls {
		shas = append(shas, p.HeadSHA)
	}
	var all []fakegithub.CheckRun
	for _, sha := range shas {
		runs, err := s.Hub.CheckRuns(Repository, sha)
		if err != nil {
			return nil, err
		}
		all = append(all, runs...)
	}
	return all, nil
}
