package mirror_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

// The main line knows a branch by its merge; what the merge did not bring is passed over.
func TestLastChange(t *testing.T) {
	p := newPerson(t)
	c := p.open(t)
	names := map[forge.Commit]string{"": ""}
	save := func(name string) forge.Commit {
		commit := p.save(name)
		names[commit] = name
		return commit
	}
	p.write("a [1].json", "1")
	p.write("b.json", "1")
	save("root")
	p.git("", "checkout", "--quiet", "-b", "topic")
	p.write("a [1].json", "2")
	save("on the branch")
	p.git("", "checkout", "--quiet", "main")
	p.write("b.json", "2")
	second := save("second")
	p.git("", "merge", "--quiet", "--no-ff", "-m", "merge", "topic")
	merge := forge.Commit(p.git("", "rev-parse", "HEAD"))
	names[merge] = "merge"
	p.write("c.json", "")
	last := save("last")
	for _, at := range []struct {
		from  forge.Commit
		paths []string
		want  string
	}{
		{last, []string{"a [1].json"}, "merge after second"},
		{last, []string{"b.json"}, "second after root"},
		{last, []string{"b.json", "a [1].json"}, "merge after second"},
		{second, []string{"a [1].json"}, "root after "},
		{last, []string{"c.json"}, "last after merge"},
	} {
		commit, parent, err := c.LastChange(t.Context(), at.from, at.paths)
		if got := names[commit] + " after " + names[parent]; err != nil || got != at.want {
			t.Errorf("%s from %s: %q, %v; want %q", at.paths, names[at.from], got, err, at.want)
		}
	}
	if _, _, err := c.LastChange(t.Context(), last, []string{"*.json"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a path that no commit has: %v", err)
	}
}
