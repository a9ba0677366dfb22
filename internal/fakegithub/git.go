package fakegithub

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A gitDir is a bare repository on disk.
type gitDir string

// repoConfig makes git serve a repository as GitHub does: any reachable object by its name, partial clones, pushes to
// branches and tags but not to refs/pull.
const repoConfig = `
[uploadpack]
	allowAnySHA1InWant = true
	allowFilter = true
[http]
	receivepack = true
[receive]
	hideRefs = refs/pull
[transfer]
	hideRefs = refs/fake
[gc]
	auto = 0
`

// A person is who wrote a commit.
type person struct{ Name, Email string }

// A commitSpec is a commit to be made.
type commitSpec struct {
	parent  string // empty for a first commit
	change  Change
	author  person
	at      time.Time
	message string
}

func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make directory for repositories: %w", err)
	}
	return nil
}

// gitEnv is an environment in which git reads no settings but those of the repository.
func gitEnv(extra ...string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_TERMINAL_PROMPT=0",
	}
	return append(env, extra...)
}

func (d gitDir) command(args ...string) *exec.Cmd {
	cmd := exec.Command("git", append([]string{"--git-dir=" + string(d)}, args...)...)
	cmd.Env = gitEnv()
	return cmd
}

// run gives what git prints, without the last line break.
func (d gitDir) run(args ...string) (string, error) { return run(d.command(args...)) }

func run(cmd *exec.Cmd) (string, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("run git %s: %w: %s", strings.Join(cmd.Args[2:], " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// makeRepo makes an empty bare repository.
func makeRepo(dir, branch string) (gitDir, error) {
	d := gitDir(dir)
	if _, err := d.run("init", "--bare", "--quiet", "--template=", "--initial-branch="+branch); err != nil {
		return "", err
	}
	f, err := os.OpenFile(filepath.Join(dir, "config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return "", fmt.Errorf("open config of repository: %w", err)
	}
	_, err = f.WriteString(repoConfig)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("write config of repository: %w", err)
	}
	return d, nil
}

// commit writes a commit and gives its name; no branch moves.
func (d gitDir) commit(c commitSpec) (string, error) {
	cmd := d.command("fast-import", "--quiet", "--force", "--done", "--date-format=raw")
	cmd.Stdin = importStream(c)
	return run(cmd)
}

// importStream writes c in the language of git-fast-import, which ends by printing the commit's name.
func importStream(c commitSpec) io.Reader {
	var b bytes.Buffer
	who := fmt.Sprintf("%s <%s> %d +0000", c.author.Name, c.author.Email, c.at.Unix())
	fmt.Fprintf(&b, "commit refs/fake/new\nmark :1\nauthor %s\ncommitter %s\n", who, who)
	data(&b, []byte(c.message))
	if c.parent != "" {
		fmt.Fprintf(&b, "from %s\n", c.parent)
	}
	for _, path := range c.change.Delete {
		fmt.Fprintf(&b, "D %s\n", quotePath(path))
	}
	for _, path := range slices.Sorted(maps.Keys(c.change.Files)) {
		fmt.Fprintf(&b, "M 100644 inline %s\n", quotePath(path))
		data(&b, c.change.Files[path])
	}
	for _, path := range slices.Sorted(maps.Keys(c.change.Links)) {
		fmt.Fprintf(&b, "M 120000 inline %s\n", quotePath(path))
		data(&b, []byte(c.change.Links[path]))
	}
	b.WriteString("\nget-mark :1\ndone\n")
	return &b
}

func data(b *bytes.Buffer, content []byte) {
	fmt.Fprintf(b, "data %d\n", len(content))
	b.Write(content)
	b.WriteByte('\n')
}

// quotePath writes a path as git-fast-import reads it: in quotes, odd bytes in octal.
func quotePath(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20:
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// resolve gives the commit that a revision names; empty where there is none.
func (d gitDir) resolve(rev string) string {
	out, err := d.run("rev-parse", "--quiet", "--verify", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return ""
	}
	return out
}

// setRef moves a ref; an empty commit deletes it.
func (d gitDir) setRef(ref, commit string) error {
	args := []string{"update-ref", ref, commit}
	if commit == "" {
		args = []string{"update-ref", "-d", ref}
	}
	_, err := d.run(args...)
	return err
}

// refs gives the commits of all branches and tags.
func (d gitDir) refs() (map[string]string, error) {
	out, err := d.run("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags")
	if err != nil {
		return nil, err
	}
	refs := map[string]string{}
	for line := range strings.Lines(out) {
		if sha, ref, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			refs[ref] = sha
		}
	}
	return refs, nil
}

// isAncestor tells whether old is to, or an ancestor of it.
func (d gitDir) isAncestor(old, to string) bool {
	_, err := d.run("merge-base", "--is-ancestor", old, to)
	return err == nil
}

// holding gives the refs below a prefix in whose history a commit is: in one go, for there may be hundreds.
func (d gitDir) holding(commit, prefix string) map[string]bool {
	out, err := d.run("for-each-ref", "--contains="+commit, "--format=%(refname)", prefix)
	if err != nil {
		return nil
	}
	refs := map[string]bool{}
	for ref := range strings.Lines(out) {
		refs[strings.TrimSuffix(ref, "\n")] = true
	}
	return refs
}

// count gives the number of commits in a range; 0 where the range is not there.
func (d gitDir) count(revs ...string) int {
	out, err := d.run(append([]string{"rev-list", "--count"}, revs...)...)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(out)
	return n
}

// mergeTree merges two commits and gives the tree; ok is false where they conflict or have no common history.
func (d gitDir) mergeTree(base, head string) (tree string, ok bool) {
	out, err := d.run("merge-tree", "--write-tree", "--no-messages", base, head)
	return out, err == nil
}

// commitTree makes a commit of a tree.
func (d gitDir) commitTree(tree, message string, author, committer person, at time.Time, parents ...string) (string, error) {
	args := []string{"commit-tree", tree}
	for _, p := range parents {
		args = append(args, "-p", p)
	}
	cmd := d.command(args...)
	date := fmt.Sprintf("%d +0000", at.Unix())
	cmd.Env = gitEnv(
		"GIT_AUTHOR_NAME="+author.Name, "GIT_AUTHOR_EMAIL="+author.Email, "GIT_AUTHOR_DATE="+date,
		"GIT_COMMITTER_NAME="+committer.Name, "GIT_COMMITTER_EMAIL="+committer.Email, "GIT_COMMITTER_DATE="+date,
	)
	cmd.Stdin = strings.NewReader(cmp.Or(message, "no message") + "\n")
	return run(cmd)
}
