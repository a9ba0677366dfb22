package lsp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/validate"
)

// A workspace is one configuration repository with what is open of it. It is safe for concurrent use.
type workspace struct {
	cfg   Config
	repo  Repository
	shown string // the root as the client writes it: a link may lead to the real one
	disk  *disk
	shelf *schema.Shelf
	cache *cache

	folders              map[string]bool // of the client's, in the repository; the server's lock guards them
	unjudged, uncompared atomic.Bool     // something has changed since it was judged, and on disk

	publishing sync.Mutex      // held while it is told what was found
	published  map[string]bool // by path: diagnostics are shown there

	mu      sync.Mutex
	open    map[string]*buffer // by path from the root
	base    fs.FS              // what the files are compared with; nil: everything counts
	changes []forge.Change     // of the files on disk
	judged  judged

	indexing sync.Mutex // held while the index is brought up to date, and used
	index    *catalog.Index
	known    map[string]string // by path: what the index's facts of the file rest on
	rest     map[string]string // by type: what the facts of its files rest on besides
	listed   bool              // the index knows every file that is not in stale
	stale    map[string]bool   // paths at which something has changed since
	catalog  *catalog.Catalog
}

// A judged is the last verdict.
type judged struct {
	tree  *overlay
	found map[string][]finding.Finding // by path
}

func newWorkspace(cfg Config, repo Repository, dir, real string) *workspace {
	w := &workspace{cfg: cfg, repo: repo, shown: repo.Root, shelf: schema.NewShelf(), cache: newCache(cfg.Cache),
		open: map[string]*buffer{}, index: catalog.NewIndex(), known: map[string]string{}, stale: map[string]bool{},
		folders: map[string]bool{}, published: map[string]bool{}}
	w.disk = newDisk(repo.Root, w.cache)
	if rel, err := filepath.Rel(repo.Root, real); err == nil && filepath.IsLocal(rel) {
		if above, ok := strings.CutSuffix(dir, strings.TrimSuffix(string(filepath.Separator)+rel, string(filepath.Separator)+".")); ok {
			w.shown = above
		}
	}
	return w
}

// pathOf gives the path of a document from the root; false for one that lies elsewhere.
func (w *workspace) pathOf(uri string) (string, bool) {
	name, err := fileOf(uri)
	if err != nil {
		return "", false
	}
	for _, root := range []string{w.shown, w.repo.Root} {
		if rel, err := filepath.Rel(root, name); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel), rel != "."
		}
	}
	return "", false
}

func (w *workspace) uriOf(name string) string {
	w.mu.Lock()
	b := w.open[name]
	w.mu.Unlock()
	if b != nil {
		return b.uri // as the client writes it
	}
	return uriOf(filepath.Join(w.shown, filepath.FromSlash(name)))
}

// fileOf gives the path that a file: URI names.
func fileOf(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" || strings.ContainsRune(u.Path, 0) {
		return "", fmt.Errorf("%q is no file: URI", uri)
	}
	name := filepath.FromSlash(u.Path)
	if filepath.Separator == '\\' {
		name = strings.TrimPrefix(name, `\`) // \C:\…
	}
	return filepath.Clean(name), nil
}

func uriOf(name string) string {
	name = filepath.ToSlash(name)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	return (&url.URL{Scheme: "file", Path: name}).String()
}

// set puts a document in the place of a file, or with nil the file itself.
func (w *workspace) set(name string, b *buffer) {
	w.mu.Lock()
	if b == nil {
		delete(w.open, name)
	} else {
		w.open[name] = b
	}
	w.mu.Unlock()
	w.touch(name)
}

func (w *workspace) buffer(name string) *buffer {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open[name]
}

// touch notes that something is different at a path; "" for anywhere.
func (w *workspace) touch(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stale[name] = true; name == "" {
		w.listed = false
	}
}

// moved notes that files on disk have changed.
func (w *workspace) moved(names ...string) {
	for _, name := range names {
		w.disk.forget(name)
		w.touch(name)
	}
}

// compare asks anew what the files on disk are compared with.
func (w *workspace) compare(ctx context.Context) error {
	if w.repo.Compare == nil {
		return nil
	}
	base, changes, err := w.repo.Compare(ctx)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.base, w.changes = base, changes
	return nil
}

// judge judges what differs from the base, and what is open.
func (w *workspace) judge() (judged, error) {
	w.mu.Lock()
	tree, base, changes := newOverlay(w.disk, w.open), w.base, w.changes
	w.mu.Unlock()
	opts := w.options()
	if base == nil {
		for name := range tree.open {
			opts.Only = append(opts.Only, name)
		}
		if len(opts.Only) == 0 {
			return judged{tree: tree}, nil
		}
	} else {
		opts.Base = base
		opts.Changes = withOpen(changes, tree, base)
	}
	r, err := validate.Tree(tree, opts)
	if err != nil {
		return judged{}, err
	}
	j := judged{tree: tree, found: map[string][]finding.Finding{}}
	for _, f := range r.Findings {
		j.found[f.File] = append(j.found[f.File], f)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.judged = j
	return j, nil
}

func (w *workspace) options() validate.Options {
	return validate.Options{Cache: w.cache, Build: w.cfg.Build, Schemas: w.shelf, Now: w.cfg.Now()}
}

// withOpen adds what is open to the changes, so that it is judged whether it has changed or not. A schema or the policy is added only
// where it has: all that it concerns would be judged with it.
func withOpen(changes []forge.Change, tree *overlay, base fs.FS) []forge.Change {
	var all []forge.Change
	for _, c := range changes {
		if tree.open[c.Path] == nil {
			all = append(all, c)
		}
	}
	for name, b := range tree.open {
		before, err := fs.ReadFile(base, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			all = append(all, forge.Change{Path: name, Kind: forge.Added})
		case string(before) != b.text || !far(name, base):
			all = append(all, forge.Change{Path: name, Kind: forge.Modified})
		}
	}
	slices.SortFunc(all, func(a, b forge.Change) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// far tells whether a file that is no config is one that others rest on.
func far(name string, base fs.FS) bool {
	if name == policy.Path {
		return true
	}
	p, _, err := policy.Read(base)
	if err != nil || p == nil {
		return true
	}
	kind := p.Layout.Read(name).Kind
	return kind != policy.Config && kind != policy.Shared
}

// verdict is the last one.
func (w *workspace) verdict() judged {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.judged
}

// pageOf gives the text of a file as the tree has it; an empty one where it cannot be read.
func pageOf(tree *overlay, name string) *page {
	src, err := tree.ReadFile(name)
	if err != nil {
		src = nil
	}
	return newPage(string(src))
}

func (w *workspace) close() error {
	w.disk.Save()
	if w.repo.Close == nil {
		return nil
	}
	return w.repo.Close()
}

// realDir gives a directory without links; the name as it is where it cannot be followed.
func realDir(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}

// dirOf gives the nearest directory that is there: the file of a document may be new, with its directory.
func dirOf(name string) string {
	for {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return name
		}
		above := filepath.Dir(name)
		if above == name {
			return name
		}
		name = above
	}
}
