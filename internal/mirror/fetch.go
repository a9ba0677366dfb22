package mirror

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// has tells whether all commits are there, and notes that they are still asked for.
func (b *bare) has(commits []forge.Commit) bool {
	if b.current().damaged.Load() {
		return false
	}
	now, all := time.Now(), true
	for _, c := range commits {
		all = os.Chtimes(b.refFile(c), now, now) == nil && all
	}
	return all
}

// bring gets the commits from the remote, into a new repository where the old one turns out damaged. ask has git fetch what it is
// given: one refspec a line. The caller holds the lock.
func (b *bare) bring(ctx context.Context, ask func(specs string) error, wanted []forge.Commit) error {
	format := "sha1"
	if len(wanted[0]) == 64 {
		format = "sha256"
	}
	if b.exists() && !b.current().damaged.Load() {
		err := b.fetch(ctx, ask, wanted)
		if !isDamage(err) {
			return err
		}
	}
	if err := b.renew(ctx, format); err != nil {
		return err
	}
	return b.fetch(ctx, ask, wanted)
}

// fetch asks the remote for those commits that are not there in full, and names all of them by refs.
func (b *bare) fetch(ctx context.Context, ask func(specs string) error, wanted []forge.Commit) error {
	if err := b.sweep(); err != nil {
		return err
	}
	absent := slices.DeleteFunc(slices.Clone(wanted), func(c forge.Commit) bool {
		_, err := os.Stat(b.refFile(c))
		return err == nil
	})
	adopted, err := b.adopt(ctx, absent)
	if err != nil || adopted {
		return err
	}
	var specs strings.Builder
	for _, c := range absent {
		fmt.Fprintf(&specs, "+%s:%s%s\n", c, refPrefix, c)
	}
	return ask(specs.String())
}

// adopt names the commits by refs without asking the remote, if all came with others before: the tip of a branch that
// was merged, say. Git itself judges whether their history is whole.
func (b *bare) adopt(ctx context.Context, commits []forge.Commit) (bool, error) {
	st := b.current()
	for _, c := range commits {
		_, err := st.ask(ctx, "info", string(c))
		if isAbsent(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	args := []string{"rev-list", "--quiet", "--objects"}
	var refs strings.Builder
	for _, c := range commits {
		args = append(args, string(c))
		fmt.Fprintf(&refs, "create %s%s %s\n", refPrefix, c, c)
	}
	if _, err := b.git.run(ctx, "", append(args, "--not", "--all")...); err != nil {
		return false, ctx.Err() // not whole, or damaged: the fetch will tell
	}
	_, err := b.git.run(ctx, refs.String(), "update-ref", "--stdin")
	return err == nil, err
}

// When to tidy: git grows slow with many packs and loose objects.
const (
	manyPacks = 32
	manyLoose = 20 // in one of 256 directories
)

// tidy forgets the commits that were not asked for in the longest time, beyond keep, and joins small packs. The caller
// holds the lock. Objects are never removed: the history of a repository is small beside its packs' overhead.
func (b *bare) tidy(ctx context.Context, keep int) error {
	if err := b.forget(ctx, keep); err != nil {
		return fmt.Errorf("tidy mirror: %w", err)
	}
	packs, _ := filepath.Glob(filepath.Join(globQuote(b.dir), "objects", "pack", "*.pack"))
	loose, _ := os.ReadDir(filepath.Join(b.dir, "objects", "17"))
	if len(packs) <= manyPacks && len(loose) <= manyLoose {
		return nil
	}
	if _, err := b.git.run(ctx, "", "repack", "--quiet", "-d", "--geometric=2"); err != nil {
		return b.current().judge(fmt.Errorf("tidy mirror: %w", err))
	}
	return nil
}

// forget deletes the oldest refs once there are a tenth too many.
func (b *bare) forget(ctx context.Context, keep int) error {
	entries, err := os.ReadDir(filepath.Join(b.dir, filepath.FromSlash(refPrefix)))
	if err != nil || len(entries) <= keep+keep/10 {
		return err
	}
	refs := make([]fs.FileInfo, 0, len(entries))
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return err
		}
		refs = append(refs, info)
	}
	slices.SortFunc(refs, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	var gone strings.Builder
	for _, ref := range refs[keep:] {
		fmt.Fprintf(&gone, "delete %s%s\n", refPrefix, ref.Name())
	}
	_, err = b.git.run(ctx, gone.String(), "update-ref", "--stdin")
	return err
}
