package simulation

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// maxCommits bounds the commits of one history.
const maxCommits = 256

// A set of commits, by their numbers.
type commits [maxCommits / 64]uint64

func (s *commits) add(n int)     { s[n/64] |= 1 << (n % 64) }
func (s commits) has(n int) bool { return s[n/64]&(1<<(n%64)) != 0 }
func (s commits) and(o commits) commits {
	for i := range s {
		s[i] &= o[i]
	}
	return s
}

// A commit is one in the history of the one repository.
type commit struct {
	name    forge.Commit
	number  int
	parents []forge.Commit
	tree    *tree
	by      forge.User
	at      time.Time
	before  commits // with itself
}

// git holds all commits that ever were: nothing is forgotten, as GitHub forgets nothing for a long time.
type git struct {
	all    []*commit
	byName map[forge.Commit]*commit
	trees  map[forge.Tree]*tree // of commits and of merges
}

func newGit() *git {
	return &git{byName: map[forge.Commit]*commit{}, trees: map[forge.Tree]*tree{}}
}

// commit makes one. Its name says which one it is in its history.
func (g *git) commit(t *tree, by forge.User, at time.Time, parents ...forge.Commit) forge.Commit {
	c := &commit{number: len(g.all), parents: parents, tree: t, by: by, at: at}
	sum := sha1.Sum(fmt.Appendf(nil, "commit %d", c.number))
	c.name = forge.Commit(hex.EncodeToString(sum[:]))
	for _, p := range parents {
		for i, bits := range g.byName[p].before {
			c.before[i] |= bits
		}
	}
	c.before.add(c.number)
	g.all = append(g.all, c)
	g.byName[c.name], g.trees[c.name.Tree()] = c, t
	return c.name
}

func (g *git) full() bool { return len(g.all) > maxCommits-8 }

// holds tells whether old is to, or comes before it.
func (g *git) holds(to, old forge.Commit) bool {
	a, b := g.byName[to], g.byName[old]
	return a != nil && b != nil && a.before.has(b.number)
}

// bases gives the best common ancestors, the youngest first.
func (g *git) bases(a, b forge.Commit) []forge.Commit {
	both := g.byName[a].before.and(g.byName[b].before)
	var found []forge.Commit
	for n := len(g.all) - 1; n >= 0; n-- {
		if c := g.all[n]; both.has(n) && !slices.ContainsFunc(found, func(f forge.Commit) bool { return g.holds(f, c.name) }) {
			found = append(found, c.name)
		}
	}
	return found
}

// merge merges file by file, as seen from the first of the best common ancestors. ok is false where there is none.
func (g *git) merge(base, head forge.Commit) (m forge.Merge, ok bool) {
	from := g.bases(base, head)
	if len(from) == 0 {
		return m, false
	}
	was, ours, theirs := g.byName[from[0]].tree.files, g.byName[base].tree.files, g.byName[head].tree.files
	merged := maps.Clone(ours)
	for path := range union(was, theirs) {
		switch {
		case was[path] == theirs[path]:
		case ours[path] != was[path] && ours[path] != theirs[path]:
			m.Conflicts = append(m.Conflicts, path)
		case theirs[path] == "":
			delete(merged, path)
		default:
			merged[path] = theirs[path]
		}
	}
	if len(m.Conflicts) > 0 {
		slices.Sort(m.Conflicts)
		return m, true
	}
	t := treeOf(merged)
	m.Tree = forge.Tree("tree " + t.id)
	g.trees[m.Tree] = t
	return m, true
}

// changes gives the paths that differ, sorted.
func changes(from, to *tree) []forge.Change {
	var all []forge.Change
	for _, path := range slices.Sorted(maps.Keys(union(from.files, to.files))) {
		old, now := from.files[path], to.files[path]
		switch {
		case old == now:
		case old == "":
			all = append(all, forge.Change{Path: path, Kind: forge.Added})
		case now == "":
			all = append(all, forge.Change{Path: path, Kind: forge.Removed})
		default:
			all = append(all, forge.Change{Path: path, Kind: forge.Modified})
		}
	}
	return all
}

func union(a, b map[string]string) map[string]string {
	both := maps.Clone(a)
	if both == nil {
		both = map[string]string{}
	}
	maps.Copy(both, b)
	return both
}

func missing(what any) error { return fmt.Errorf("%v: %w", what, fs.ErrNotExist) }
