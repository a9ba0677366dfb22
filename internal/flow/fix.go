package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
	"github.com/tamerhq/tamer/internal/work"
)

// maxFixed is how many bytes one commit of fixes writes: as much as a request should hold. The next press goes on.
const maxFixed = 4 << 20

// button does what a press of "Apply fixes", "Migrate configs" or "Preview" asks for, on every branch that an open pull request wants to
// merge from that head. When the branch has moved since, by this very commit too, there is nothing to fix.
func (f *Flow) button(ctx context.Context, repo forge.Repo, t work.Task) error {
	press, err := work.ParsePress(t.Key.Name)
	if err != nil {
		return work.Permanent(fmt.Errorf("%s: %w", t.Key, err))
	}
	all, err := f.PullRequests.PullRequestsWith(ctx, repo, press.Head)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f.At(FixBegun)
	done := map[string]bool{}
	for _, pr := range all {
		if !pr.Open || pr.Head != press.Head || done[pr.HeadBranch] {
			continue
		}
		if !pr.Fork {
			done[pr.HeadBranch] = true
		}
		if err := f.fix(ctx, repo, pr, press); err != nil {
			return err
		}
	}
	return nil
}

// fix has the head served beside production, or commits the edits that findings offer, or the migrated configs, to the pull request's branch, or says why it does not.
func (f *Flow) fix(ctx context.Context, repo forge.Repo, pr forge.PullRequest, press work.Press) error {
	refuse := func(why string) error {
		return f.answer(ctx, repo, pr.Number, "fix "+press.Name(), render.NotFixed(press.Action, press.By.Login, why))
	}
	if pr.Fork && press.Action == forge.PreviewAction {
		return refuse("nothing from a fork is served")
	}
	if pr.Fork {
		return refuse("tamer cannot write to the fork that this pull request comes from")
	}
	if may, err := f.Commands.MayWrite(ctx, repo, press.By); err != nil {
		return err
	} else if !may {
		return refuse("that takes write access to this repository")
	}
	if press.Action == forge.PreviewAction {
		return f.askPreview(ctx, repo, press.Head)
	}
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return err
	}
	base := heads.Tips[pr.BaseBranch]
	if base == "" || heads.Tips[pr.HeadBranch] != pr.Head {
		return nil
	}
	if err := f.Remotes.Fetch(ctx, repo, pr.Head, base); err != nil {
		return fmt.Errorf("fetch %s and what it is to be merged into: %w", pr.Head.Short(), err)
	}
	verdict, merged, err := f.judgeMerge(ctx, repo, pr.BaseBranch, base, pr.Head)
	if err != nil {
		return err
	}
	if merged == "" {
		return refuse("the branch conflicts with the one that it is to be merged into: resolve that first")
	}
	var files []forge.NewFile
	var made int
	if press.Action == forge.MigrateAction {
		files, made, err = f.migrated(ctx, repo, pr.Head, base.Tree(), merged)
		files = bounded(files)
	} else {
		files, made, err = f.fixed(ctx, repo, pr.Head, merged, verdict.Findings)
	}
	if err != nil {
		return err
	}
	if made == 0 {
		return refuse("no fix can be made by a program here: where the base branch has changed the same files, merge it first")
	}
	f.At(FixFound)
	_, err = f.Commits.Commit(ctx, repo, pr.HeadBranch, forge.NewCommit{Parent: pr.Head, Files: files, Message: render.FixMessage(press.Action, made, len(files), press.By, pr.URL)})
	if work.IsPermanent(err) {
		return refuse("GitHub did not take the commit; the operator's log says more")
	}
	if err != nil {
		return err
	}
	f.At(FixCommitted)
	return nil
}

// fixed gives the files of the head with the edits of the findings made, and how many were. The places of edits are those of the
// merge, so files that the merge changes are left alone.
func (f *Flow) fixed(ctx context.Context, repo forge.Repo, head forge.Commit, merged forge.Tree, found []finding.Finding) ([]forge.NewFile, int, error) {
	edits := map[string][]finding.Edit{}
	for _, x := range found {
		if x.Edit != nil && x.File != "" {
			edits[x.File] = append(edits[x.File], *x.Edit)
		}
	}
	if len(edits) == 0 {
		return nil, 0, nil
	}
	judged, err := f.Trees.Snapshot(ctx, repo, merged)
	if err != nil {
		return nil, 0, err
	}
	own, err := f.Trees.Snapshot(ctx, repo, head.Tree())
	if err != nil {
		return nil, 0, err
	}
	var files []forge.NewFile
	made, size := 0, 0
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		file, n, err := fixFile(own, judged, name, edits[name])
		if err != nil {
			return nil, 0, err
		}
		if n > 0 && size+len(file.Content) <= maxFixed {
			files, made, size = append(files, file), made+n, size+len(file.Content)
		}
	}
	return files, made, nil
}

// fixFile makes the edits in one file; none where the head holds another version of it than was judged.
func fixFile(own, judged fs.FS, name string, edits []finding.Edit) (forge.NewFile, int, error) {
	info, err := fs.Stat(own, name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return forge.NewFile{}, 0, nil
	}
	if err != nil {
		return forge.NewFile{}, 0, err
	}
	text, err := fs.ReadFile(own, name)
	if err != nil {
		return forge.NewFile{}, 0, err
	}
	seen, err := fs.ReadFile(judged, name)
	if err != nil {
		return forge.NewFile{}, 0, err
	}
	if !bytes.Equal(text, seen) || !utf8.Valid(text) || loneReturn(text) {
		return forge.NewFile{}, 0, nil
	}
	content, made := validate.Apply(text, edits)
	return forge.NewFile{Path: name, Executable: info.Mode()&0o100 != 0, Content: content}, made, nil
}

// loneReturn tells whether lines of the text may end without LF, by which edits do not count.
func loneReturn(text []byte) bool {
	return bytes.Count(text, []byte("\r")) != bytes.Count(text, []byte("\r\n"))
}
