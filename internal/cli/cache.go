package cli

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/cachefile"
	"github.com/tamerhq/tamer/internal/validate"
	"github.com/tamerhq/tamer/internal/worktree"
)

// filesOf gives the files below root, and has the judge believe what earlier checks found out about them. save keeps what
// this one finds out.
func filesOf(root string, f checkFlags, opts *validate.Options) (files fs.FS, save func()) {
	path, build := cachePath(), app.Build()
	if f.noCache || path == "" || build == "" {
		return os.DirFS(root), func() {}
	}
	cache := cachefile.Open(cachefile.Config{Path: path})
	opts.Cache, opts.Build = cache, build
	tree := worktree.New(root, cache)
	return tree, func() {
		tree.Save()
		_ = cache.Close() // the verdict is worth as much where the next one takes longer
	}
}

// cachePath gives the file of the cache; empty where there is no place for it.
func cachePath() string {
	dir := os.Getenv("TAMER_CACHE_DIR")
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(user, "tamer")
	}
	return filepath.Join(dir, "judged")
}
