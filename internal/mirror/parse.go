package mirror

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
)

// parseMerge reads what merge-tree writes: the tree and, after a conflict, the paths, each ended by NUL.
func parseMerge(out string, conflict bool) (forge.Merge, error) {
	tree, rest, ok := strings.Cut(out, "\x00")
	if !ok || valid(tree) != nil {
		return forge.Merge{}, fmt.Errorf("git merge-tree wrote %q: expected a tree", tree)
	}
	if !conflict {
		return forge.Merge{Tree: forge.Tree(tree)}, nil
	}
	paths := slices.DeleteFunc(strings.Split(rest, "\x00"), func(p string) bool { return p == "" })
	if len(paths) == 0 {
		return forge.Merge{}, fmt.Errorf("git merge-tree tells of a conflict, but not where")
	}
	slices.Sort(paths)
	return forge.Merge{Conflicts: slices.Compact(paths)}, nil
}

// parseRaw reads what diff writes with --raw -z: ":<mode> <mode> <id> <id> <status>" NUL path NUL. The changes are
// sorted, with one for each path: a path told of twice, as git does for one that is unmerged, is modified.
func parseRaw(out string) ([]forge.Change, error) {
	var changes []forge.Change
	for out != "" {
		head, rest, ok := strings.Cut(out, "\x00")
		f := strings.Split(head, " ")
		path, rest, ok2 := strings.Cut(rest, "\x00")
		if !ok || !ok2 || len(f) != 5 || !strings.HasPrefix(head, ":") || path == "" {
			return nil, fmt.Errorf("git diff wrote %q: expected modes, objects, status and path", head)
		}
		var kind forge.ChangeKind
		switch f[4] {
		case "A":
			kind = forge.Added
		case "D":
			kind = forge.Removed
		case "M", "T", "U": // content or mode; type; unmerged
			kind = forge.Modified
		default:
			return nil, fmt.Errorf("git diff wrote %q: unknown status %q", head, f[4])
		}
		changes = append(changes, forge.Change{Path: path, Kind: kind})
		out = rest
	}
	return onePerPath(changes), nil
}

// onePerPath sorts the changes. Of several for one path it makes one: modified, unless they agree.
func onePerPath(changes []forge.Change) []forge.Change {
	slices.SortStableFunc(changes, func(a, b forge.Change) int { return cmp.Compare(a.Path, b.Path) })
	var out []forge.Change
	for _, c := range changes {
		if n := len(out); n > 0 && out[n-1].Path == c.Path {
			if out[n-1].Kind != c.Kind {
				out[n-1].Kind = forge.Modified
			}
			continue
		}
		out = append(out, c)
	}
	return out
}

// parseListing reads what ls-tree writes with -r -z, "<mode> <type> <id>\t<path>" NUL, and gives every file to yield
// until that says no.
func parseListing(out string, yield func(path string, mode fs.FileMode, object string) bool) error {
	for out != "" {
		record, rest, ok := strings.Cut(out, "\x00")
		head, path, ok2 := strings.Cut(record, "\t")
		f := strings.Split(head, " ")
		if !ok || !ok2 || len(f) != 3 || valid(f[2]) != nil {
			return fmt.Errorf("git ls-tree wrote %q: expected mode, type, object and path", record)
		}
		for name := range strings.SplitSeq(path, "/") {
			if err := checkName(name); err != nil {
				return fmt.Errorf("%q: %w", path, err)
			}
		}
		if !yield(path, fileMode(f[0]), f[2]) {
			return nil
		}
		out = rest
	}
	return nil
}
