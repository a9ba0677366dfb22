package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
)

// explain answers what a value of a config is in the head of the pull request, whether that changes it, and what is said of it.
func (f *Flow) explain(ctx context.Context, repo forge.Repo, c forge.Comment, object string) error {
	e := render.Explanation{}
	e.File, e.Pointer, _ = strings.Cut(object, "#")
	if !fs.ValidPath(e.File) || e.File == "." || e.Pointer != "" && e.Pointer[0] != '/' {
		e.Problem = "write the path of a config, and after # the JSON Pointer of a value: /tamer explain customers/acme/plan.yaml#/limits/0"
	} else if err := f.explainIn(ctx, repo, c.Pull, &e); err != nil {
		return err
	}
	return f.answer(ctx, repo, c.Pull, strconv.FormatInt(c.ID, 10), e.Markdown())
}

func (f *Flow) explainIn(ctx context.Context, repo forge.Repo, number int, e *render.Explanation) error {
	pr, err := f.PullRequests.PullRequest(ctx, repo, number)
	if errors.Is(err, fs.ErrNotExist) {
		e.Problem = "this is no pull request"
		return nil
	}
	if err != nil {
		return err
	}
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return err
	}
	base := heads.Tips[pr.BaseBranch]
	if base == "" {
		e.Problem = fmt.Sprintf("the branch %q is not there", pr.BaseBranch)
		return nil
	}
	if err := f.Remotes.Fetch(ctx, repo, pr.Head, base); err != nil {
		return fmt.Errorf("fetch %s and what it is to be merged into: %w", pr.Head.Short(), err)
	}
	e.Page, e.Base = render.PageOf(pr), pr.BaseBranch
	own, err := f.Trees.Snapshot(ctx, repo, pr.Head.Tree())
	if err != nil {
		return err
	}
	before, err := f.Trees.Snapshot(ctx, repo, base.Tree())
	if err != nil {
		return err
	}
	if found, err := explainValue(own, before, e); err != nil || !found {
		return err
	}
	verdict, _, err := f.judgeMerge(ctx, repo, pr.BaseBranch, base, pr.Head)
	if err != nil {
		return err
	}
	for _, x := range verdict.Findings {
		if x.File == e.File && (x.Pointer == e.Pointer || strings.HasPrefix(x.Pointer, e.Pointer+"/")) {
			e.Findings = append(e.Findings, x)
		}
	}
	return nil
}

// explainValue says what the value is, in a tree and in the one before; false where there is none.
func explainValue(own, before fs.FS, e *render.Explanation) (bool, error) {
	p, _, err := policy.Read(before)
	if err != nil {
		return false, err
	}
	if p == nil {
		e.Problem = "the policy of the base branch cannot be read"
		return false, nil
	}
	file := p.Layout.Read(e.File)
	if file.Kind != policy.Config && file.Kind != policy.Shared {
		e.Problem = "that is not the path of a config, by the layout of this repository"
		return false, nil
	}
	now, err := documentAt(own, e.File, document.Tokens(e.Pointer))
	if err != nil || now == nil {
		e.Problem = "there is no such value in the head of this pull request, or the file cannot be read"
		return false, err
	}
	e.At = now.Find(document.Tokens(e.Pointer)).Value
	e.Value, _ = document.ValueAt(now.Value, document.Tokens(e.Pointer))
	then, err := documentAt(before, e.File, document.Tokens(e.Pointer))
	if err != nil {
		return false, err
	}
	if then != nil {
		e.Old, e.Known = document.ValueAt(then.Value, document.Tokens(e.Pointer))
	}
	for _, tree := range []fs.FS{before, own} { // the change shows nothing by not calling it secret any more
		schemas := catalog.New(tree, p)
		path := schemas.SchemaPath(file.Type)
		compiled, _ := schemas.Schema(path)
		secret := e.Note.Secret || path != "" && compiled == nil
		if compiled != nil {
			e.Note = diff.About(compiled, now, document.Tokens(e.Pointer))
			secret = secret || then != nil && diff.About(compiled, then, document.Tokens(e.Pointer)).Secret
		}
		e.Note.Secret = e.Note.Secret || secret
	}
	return true, nil
}

// documentAt gives the document of a file in which the value stands; nil where there is none.
func documentAt(tree fs.FS, name string, tokens []string) (*document.Document, error) {
	info, err := fs.Stat(tree, name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || document.TooLarge(info.Size(), document.Limits{}) != nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	src, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	docs, _ := document.Parse(src, document.Limits{})
	for _, doc := range docs {
		if _, there := document.ValueAt(doc.Value, tokens); there {
			return doc, nil
		}
	}
	return nil, nil
}
