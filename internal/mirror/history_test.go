package mirror_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

// Two lines of history, of which one is merged; a file that is renamed, and one that is removed.
func TestHistory(t *testing.T) {
	p := newPerson(t)
	c := p.open(t)
	head := func() forge.Commit { return forge.Commit(p.git("", "rev-parse", "HEAD")) }
	names := map[forge.Commit]string{}
	save := func(name string) forge.Commit {
		commit := p.save(name)
		names[commit] = name
		return commit
	}
	p.write("plan.yaml", "a: 1\n\n\n\nb: 1\n")
	root := save("root")
	p.git("", "checkout", "--quiet", "-b", "topic")
	p.write("plan.yaml", "a: 2\n\n\n\nb: 1\n")
	topic := save("topic")
	p.write("other", "")
	save("elsewhere")
	p.git("", "checkout", "--quiet", "main")
	p.write("plan.yaml", "a: 1\n\n\n\nb: 2\n")
	main := save("main")
	p.git("", "merge", "--quiet", "--no-ff", "-m", "Merge pull request #3 from acme/topic\n\nTitle\n\nReviewed-by: Eve", "topic")
	merge := head()
	names[merge] = "merge"
	p.git("", "mv", "plan.yaml", "new.yaml")
	rename := save("rename (#4)")

	history := func(path string, most int) string {
		t.Helper()
		versions, err := c.History(t.Context(), head(), path, most)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, v := range versions {
			text += names[v.Commit] + " after"
			for _, parent := range v.Parents {
				text += " " + names[parent]
			}
			text += "; "
		}
		return text
	}
	if got, want := history("new.yaml", 9), "rename (#4) after; "; got != want {
		t.Errorf("renamed: %q, want %q", got, want)
	}
	if got, want := history("plan.yaml", 9), "rename (#4) after merge; merge after main topic; topic after root; main after root; root after; "; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := history("plan.yaml", 2), "rename (#4) after merge; merge after main topic; "; got != want {
		t.Errorf("bounded: %q, want %q", got, want)
	}
	if got := history("nowhere*", 9); got != "" {
		t.Errorf("no such file: %q", got)
	}
	renames, err := c.Renames(t.Context(), rename)
	if got, want := fmt.Sprint(renames), fmt.Sprintf("[{%s plan.yaml new.yaml}]", merge); err != nil || got != want {
		t.Errorf("renames %s, want %s (%v)", got, want, err)
	}

	for commit, want := range map[forge.Commit]forge.Commit{topic: merge, main: main, merge: merge, root: root, rename: rename} {
		if got, err := c.BroughtBy(t.Context(), commit, rename); err != nil || got != want {
			t.Errorf("%s came with %q, want %q (%v)", names[commit], names[got], names[want], err)
		}
	}
	if _, err := c.BroughtBy(t.Context(), topic, main); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what main does not hold: %v", err)
	}
	for commit, want := range map[forge.Commit]bool{topic: false, root: false, merge: true, rename: true, "0123456789012345678901234567890123456789": false} {
		if got, err := c.Holds(t.Context(), commit, merge); err != nil || got != want {
			t.Errorf("%s holds the merge: %t, want %t (%v)", names[commit], got, want, err)
		}
	}

	w, err := c.Written(t.Context(), merge)
	if err != nil || w.Author != "ann" || w.Email != "ann@example.com" || w.At.Unix() != 1700000000 || w.Subject != "Merge pull request #3 from acme/topic" || w.Body != "Title\n\nReviewed-by: Eve" {
		t.Errorf("%+v, %v", w, err)
	}
	if c.Shallow(t.Context()) || c.Remote(t.Context()) != "" {
		t.Errorf("shallow %t, remote %q", c.Shallow(t.Context()), c.Remote(t.Context()))
	}
	p.git("", "remote", "add", "origin", "git@git.example.com:acme/configs.git")
	if got := c.Remote(t.Context()); got != "git@git.example.com:acme/configs.git" {
		t.Errorf("remote %q", got)
	}
}
