package fakegithub

import (
	"strconv"
	"strings"
	"time"
)

// A logged is a commit as git log shows it, against its first parent.
type logged struct {
	sha, tree          string
	author, committer  person
	authored, commited time.Time
	parents            []string
	message            string
	added              []string
	removed            []string
	modified           []string
}

// logFormat has ten fields, each ended by 0x1f, begun by 0x1e.
const logFormat = "--format=%x1e%H%x1f%T%x1f%an%x1f%ae%x1f%aI%x1f%cn%x1f%ce%x1f%cI%x1f%P%x1f%B%x1f"

// log gives commits, newest first.
func (d gitDir) log(args ...string) ([]logged, error) {
	args = append([]string{"log", "-z", "--name-status", "--no-renames", "--diff-merges=first-parent", logFormat}, args...)
	out, err := d.run(args...)
	if err != nil {
		return nil, err
	}
	var commits []logged
	for record := range strings.SplitSeq(out, "\x1e") {
		if f := strings.Split(record, "\x1f"); len(f) == 11 {
			commits = append(commits, parseLogged(f))
		}
	}
	return commits, nil
}

func parseLogged(f []string) logged {
	c := logged{
		sha: f[0], tree: f[1],
		author: person{f[2], f[3]}, authored: parseTime(f[4]),
		committer: person{f[5], f[6]}, commited: parseTime(f[7]),
		parents: strings.Fields(f[8]), message: strings.TrimRight(f[9], "\n"),
	}
	names := strings.Split(strings.Trim(f[10], "\x00\n"), "\x00")
	for i := 0; i+1 < len(names); i += 2 {
		switch path := names[i+1]; names[i] {
		case "A":
			c.added = append(c.added, path)
		case "D":
			c.removed = append(c.removed, path)
		default:
			c.modified = append(c.modified, path)
		}
	}
	return c
}

func parseTime(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s) // git prints nothing else
	return t.UTC()
}

// A fileDiff is one file that differs between two commits.
type fileDiff struct {
	path, from         string // from is the former path of a renamed file, else empty
	blob               string // of the new side; of the old one where the file is removed
	status             string // added, removed, modified or renamed
	additions, deleted int
	patch              string // hunks only; empty for a binary file
}

// emptyTree is git's name for a tree without files.
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// diff gives the files that differ between two commits or trees, in path order.
func (d gitDir) diff(from, to string) ([]fileDiff, error) {
	args := []string{"diff-tree", "-r", "-z", "-M", "--full-index", from, to}
	raw, err := d.run(append(args, "--raw")...)
	if err != nil {
		return nil, err
	}
	patch, err := d.run(append(args, "--patch")...)
	if err != nil {
		return nil, err
	}
	files := parseRaw(raw)
	for i, text := range splitPatch(patch) {
		if i < len(files) {
			files[i].patch, files[i].additions, files[i].deleted = hunks(text)
		}
	}
	return files, nil
}

// mergeBase gives the commit that two commits come from; the empty tree where they have none in common.
func (d gitDir) mergeBase(a, b string) string {
	out, err := d.run("merge-base", a, b)
	if err != nil {
		return emptyTree
	}
	return out
}

// parseRaw reads ":MODE MODE OLD NEW STATUS\0PATH\0[PATH\0]" records.
func parseRaw(raw string) []fileDiff {
	var files []fileDiff
	parts := strings.Split(raw, "\x00")
	for i := 0; i+1 < len(parts); i++ {
		f := strings.Fields(strings.TrimPrefix(parts[i], ":"))
		if len(f) != 5 {
			continue
		}
		i++
		file := fileDiff{path: parts[i], blob: f[3], status: "modified"}
		switch f[4][0] {
		case 'A':
			file.status = "added"
		case 'D':
			file.status, file.blob = "removed", f[2]
		case 'R':
			file.status, file.from = "renamed", parts[i]
			i++
			file.path = parts[min(i, len(parts)-1)]
		}
		files = append(files, file)
	}
	return files
}

// splitPatch gives the part of each file. No line within a part can begin as its head does.
func splitPatch(patch string) []string {
	const head = "diff --git "
	parts := strings.Split("\n"+patch, "\n"+head)
	return parts[1:]
}

// hunks cuts the head off a file's patch and counts its lines.
func hunks(text string) (patch string, added, deleted int) {
	_, body, found := strings.Cut(text, "\n@@ ")
	if !found {
		return "", 0, 0
	}
	patch = "@@ " + strings.TrimSuffix(body, "\n")
	for line := range strings.Lines(patch) {
		switch line[0] {
		case '+':
			added++
		case '-':
			deleted++
		}
	}
	return patch, added, deleted
}

// totals are the sums that a pull request shows.
type totals struct{ commits, files, added, deleted int }

// totals counts what head changes since it left base.
func (d gitDir) totals(base, head string) totals {
	t := totals{commits: d.count(base + ".." + head)}
	out, err := d.run("diff", "--numstat", "--no-renames", base+"..."+head)
	if err != nil {
		return t
	}
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		added, _ := strconv.Atoi(f[0]) // "-" for a binary file
		deleted, _ := strconv.Atoi(f[1])
		t.files, t.added, t.deleted = t.files+1, t.added+added, t.deleted+deleted
	}
	return t
}
