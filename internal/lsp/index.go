package lsp

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/validate"
)

// A view is the workspace as one request sees it: the files, and an index that knows them. Nobody else uses the index meanwhile.
type view struct {
	*workspace
	tree    *overlay
	catalog *catalog.Catalog
}

// look gives a view, for the time of use. Where there is no policy that can be used, it does nothing.
func (w *workspace) look(ctx context.Context, use func(view) error) error {
	w.indexing.Lock()
	defer w.indexing.Unlock()
	if err := ctx.Err(); err != nil {
		return err // somebody else's turn took too long
	}
	v, err := w.refresh()
	if err != nil || v.catalog == nil {
		return err
	}
	return use(v)
}

// refresh brings the index up to date: it looks at those files only at which something has changed.
func (w *workspace) refresh() (view, error) {
	w.mu.Lock()
	stale, all := w.stale, !w.listed
	w.stale, w.listed = map[string]bool{}, true
	tree := newOverlay(w.disk, w.open)
	w.mu.Unlock()
	v := view{workspace: w, tree: tree}
	again := func(err error) (view, error) {
		w.touch("")
		return v, err
	}
	if w.catalog == nil || len(stale) > 0 {
		p, _, err := policy.Read(tree)
		switch {
		case err != nil:
			return again(err)
		case p == nil && w.catalog == nil:
			w.touch("")
			return v, nil
		case p == nil: // while it is being written, the last one counts
			p = w.catalog.Policy
		}
		old := w.catalog
		w.catalog = catalog.NewKept(tree, p, w.shelf)
		all = all || old == nil || old.Policy.Layout.String() != p.Layout.String()
	}
	v.catalog = w.catalog
	on, same, err := w.restOn()
	if err != nil {
		return again(err)
	}
	if all || !same {
		err = v.indexAll(on)
	} else {
		err = v.indexSome(stale, on)
	}
	if err != nil {
		return again(err)
	}
	return v, nil
}

// restOn tells what the facts of files rest on, by type: the schema, and what refers to the type. same tells that nothing of that has
// changed since the last time.
func (w *workspace) restOn() (on map[string]string, same bool, err error) {
	defs, err := w.catalog.Definitions()
	if err != nil {
		return nil, false, err
	}
	types, err := w.catalog.SchemaTypes()
	if err != nil {
		return nil, false, err
	}
	on = map[string]string{}
	for _, typ := range slices.Concat(types, defs.Types()) {
		on[typ] = defs.Of(typ).Digest
		if s := w.catalog.SchemaOf(typ); s != nil {
			on[typ] += " " + s.Digest()
		}
	}
	same = maps.Equal(on, w.rest)
	w.rest = on
	return on, same, nil
}

// indexAll looks at every file, and takes the facts of those that are not known.
func (v view) indexAll(on map[string]string) error {
	files, err := v.catalog.Configs()
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, f := range files {
		there[f.Path] = true
	}
	for name := range v.known {
		if !there[name] {
			v.drop(name)
		}
	}
	return v.take(files, on)
}

// indexSome looks at some paths.
func (v view) indexSome(names map[string]bool, on map[string]string) error {
	var files []policy.File
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f := v.catalog.Policy.Layout.Read(name)
		e, err := policy.Entry(v.tree, name)
		if f.Kind != policy.Config && f.Kind != policy.Shared || err != nil || e.IsDir() {
			v.drop(name)
			continue
		}
		f.Mode = e.Type()
		if o, ok := e.(interface{ Object() string }); ok {
			f.Object = o.Object()
		}
		files = append(files, f)
	}
	return v.take(files, on)
}

func (v view) drop(name string) {
	v.index.Remove(name)
	delete(v.known, name)
}

// take takes the facts of the files that rest on something else than those that are known. Of one that cannot be read while somebody
// writes in it, the last ones stay.
func (v view) take(files []policy.File, on map[string]string) error {
	key := func(f policy.File) string { return fmt.Sprint(f.Object, " ", on[f.Type]) }
	files = slices.DeleteFunc(files, func(f policy.File) bool { return f.Object != "" && v.known[f.Path] == key(f) })
	opts := v.options()
	return validate.Facts(v.catalog, files, opts, func(f policy.File, facts catalog.Facts) {
		old, known := v.index.File(f.Path)
		if facts.Unread && known && len(facts.Refs)+len(facts.Targets) == 0 {
			facts = old.Facts
			facts.Unread = true
		}
		v.index.Put(f, facts)
		v.known[f.Path] = key(f)
	})
}
