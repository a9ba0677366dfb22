package fakegithub

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A treeEntry is one file that a new tree is to hold.
type treeEntry struct {
	Path, Mode, Type string
	SHA              *string // of an object that is there; null removes the file
	Content          *string // instead of SHA: the text itself
}

func createTree(s *Server, c *call) (any, error) {
	var in struct {
		Base string      `json:"base_tree"`
		Tree []treeEntry `json:"tree"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if len(in.Tree) == 0 {
		return nil, malformed("Invalid tree info")
	}
	for _, e := range in.Tree {
		if err := e.validate(); err != nil {
			return nil, err
		}
	}
	if in.Base != "" && !c.repo.dir.has(in.Base+"^{tree}") {
		return nil, refuse(http.StatusUnprocessableEntity, "base_tree is not a valid tree oid")
	}
	sha, err := c.repo.dir.makeTree(in.Base, in.Tree)
	if err != nil {
		return nil, refuse(http.StatusUnprocessableEntity, "GitRPC::BadObjectState: %v", err)
	}
	c.status = http.StatusCreated
	return object{"sha": sha, "url": s.repoAPI(c.repo, "/git/trees/%s", sha), "truncated": false, "tree": []object{}}, nil
}

func (e treeEntry) validate() error {
	switch {
	case !slices.Contains([]string{"100644", "100755", "120000", "160000", "040000"}, e.Mode):
		return refuse(http.StatusUnprocessableEntity, "tree.mode must be one of 040000 (directory), 100644 (blob), 100755 (executable), 120000 (symlink) or 160000 (commit)")
	case e.Path == "" || path.Clean("/"+e.Path) != "/"+e.Path || slices.Contains(strings.Split(strings.ToLower(e.Path), "/"), ".git"):
		return refuse(http.StatusUnprocessableEntity, "tree.path contains a malformed path component")
	case e.SHA != nil && e.Content != nil:
		return refuse(http.StatusUnprocessableEntity, "Must supply either tree.sha or tree.content, not both")
	}
	return nil
}

// makeTree writes a tree: that of base, with the entries put over it.
func (d gitDir) makeTree(base string, entries []treeEntry) (string, error) {
	index := filepath.Join(string(d), "index."+randomHex(8))
	defer os.Remove(index)
	do := func(stdin []byte, args ...string) (string, error) {
		cmd := d.command(args...)
		cmd.Env = append(cmd.Env, "GIT_INDEX_FILE="+index)
		cmd.Stdin = bytes.NewReader(stdin)
		return run(cmd)
	}
	if base != "" {
		if _, err := do(nil, "read-tree", base); err != nil {
			return "", err
		}
	}
	var info bytes.Buffer
	for _, e := range entries {
		sha := zeros
		switch {
		case e.Content != nil:
			made, err := do([]byte(*e.Content), "hash-object", "-w", "--stdin")
			if err != nil {
				return "", err
			}
			sha = made
		case e.SHA != nil:
			sha = *e.SHA
		}
		mode := e.Mode
		if sha == zeros {
			mode = "0"
		}
		fmt.Fprintf(&info, "%s %s\t%s\x00", mode, sha, e.Path)
	}
	if _, err := do(info.Bytes(), "update-index", "-z", "--index-info"); err != nil {
		return "", err
	}
	return do(nil, "write-tree")
}

func createCommit(s *Server, c *call) (any, error) {
	type signature struct {
		Name, Email string
		Date        *time.Time
	}
	var in struct {
		Message, Tree     string
		Parents           []string
		Author, Committer *signature
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Message == "" {
		return nil, malformed("%q wasn't supplied.", "message")
	}
	if !c.repo.dir.has(in.Tree + "^{tree}") {
		return nil, refuse(http.StatusUnprocessableEntity, "Tree SHA does not exist")
	}
	for _, p := range in.Parents {
		if len(p) != len(zeros) || !c.repo.dir.has(p+"^{commit}") {
			return nil, refuse(http.StatusUnprocessableEntity, "Parent SHA does not exist or is not a commit object")
		}
	}
	who := c.actor.user.person()
	if in.Author != nil {
		who = person{in.Author.Name, in.Author.Email}
	}
	committer := who
	if in.Committer != nil {
		committer = person{cmp.Or(in.Committer.Name, who.Name), cmp.Or(in.Committer.Email, who.Email)}
	}
	sha, err := c.repo.dir.commitTree(in.Tree, in.Message, who, committer, s.now(), in.Parents...)
	if err != nil {
		return nil, err
	}
	commits, err := c.repo.dir.log("-1", sha)
	if err != nil || len(commits) != 1 {
		return nil, fmt.Errorf("read commit %s: %w", sha, err)
	}
	view := s.commitView(c.repo, commits[0])
	inner := view["commit"].(object)
	c.status = http.StatusCreated
	return object{
		"sha": sha, "node_id": view["node_id"], "url": s.repoAPI(c.repo, "/git/commits/%s", sha), "html_url": view["html_url"],
		"author": inner["author"], "committer": inner["committer"], "message": in.Message, "tree": inner["tree"],
		"parents": view["parents"], "verification": inner["verification"],
	}, nil
}

// updateRef moves a branch or tag: without force only forward.
func updateRef(s *Server, c *call) (any, error) {
	var in struct {
		SHA   string
		Force bool
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	ref := "refs/" + c.PathValue("ref")
	before := c.repo.heads[ref]
	switch {
	case before == "":
		return nil, refuse(http.StatusUnprocessableEntity, "Reference does not exist")
	case len(in.SHA) != len(zeros) || !c.repo.dir.has(in.SHA+"^{commit}"):
		return nil, refuse(http.StatusUnprocessableEntity, "Object does not exist")
	case !in.Force && !c.repo.dir.isAncestor(before, in.SHA):
		return nil, refuse(http.StatusUnprocessableEntity, "Update is not a fast forward")
	}
	if err := s.moveRef(c.repo, ref, in.SHA, c.actor.user); err != nil {
		return nil, err
	}
	return object{"ref": ref, "node_id": nodeID("Ref", c.repo.id) + ref, "url": s.repoAPI(c.repo, "/git/%s", ref),
		"object": object{"type": "commit", "sha": in.SHA, "url": s.repoAPI(c.repo, "/git/commits/%s", in.SHA)}}, nil
}

// has tells whether the repository holds the object.
func (d gitDir) has(rev string) bool {
	_, err := d.run("rev-parse", "--quiet", "--verify", "--end-of-options", rev)
	return err == nil
}
