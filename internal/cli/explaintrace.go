package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/schema"
)

// maxVersions bounds how many versions of a file are looked at.
const maxVersions = 5000

// errBounded says that a value has not changed as far back as was looked.
var errBounded = fmt.Errorf("it is older than the last %d versions of the file, and further was not looked", maxVersions)

// workingTree stands for a commit of what is not committed yet.
const workingTree forge.Commit = ""

// A point is where a value stands in one version of a file.
type point struct {
	commit   forge.Commit
	path     string // from the top of the repository
	document int
	tokens   []string
}

func (p point) pointer() string { return document.Pointer(p.tokens) }

// A turn is a commit that did something to a value.
type turn struct {
	kind string // added, changed or removed
	at   point  // where the value stood right after; of one removed: where it stood last
	by   forge.Commit
	was  *point // where it stood before; nil: nowhere
	now  *point // of one removed: where it went; nil: nowhere
}

// A tracer follows a value through the versions of its file.
type tracer struct {
	clone    *mirror.Clone
	schema   *schema.Schema // of now; what tells items apart
	current  []byte         // the file in the working tree; nil: there is none
	path     string         // of that
	head     forge.Commit
	looked   int
	progress func(versions int)
}

// A line is the history of one path.
type line struct {
	path     string
	versions map[forge.Commit]mirror.Version
	first    mirror.Version // where it was begun
	order    []mirror.Version
}

// line gives the history of a path that a commit holds, or of the working tree.
func (t *tracer) line(ctx context.Context, from forge.Commit, path string) (*line, error) {
	at := from
	if from == workingTree {
		at = t.head
	}
	versions, err := t.clone.History(ctx, at, path, maxVersions-min(t.looked, maxVersions-1))
	if err != nil {
		return nil, err
	}
	if from == workingTree {
		top := mirror.Version{Commit: workingTree}
		if len(versions) > 0 {
			top.Parents = []forge.Commit{versions[0].Commit}
		}
		versions = slices.Insert(versions, 0, top)
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("git knows no history of %s at %s", path, at.Short())
	}
	l := &line{path: path, first: versions[0], order: versions, versions: map[forge.Commit]mirror.Version{}}
	for _, v := range versions {
		l.versions[v.Commit] = v
	}
	return l, nil
}

// source gives the content of a version; nil where there is no such file.
func (t *tracer) source(ctx context.Context, commit forge.Commit, path string) ([]byte, error) {
	if commit == workingTree {
		return t.current, nil
	}
	tree, err := t.clone.Snapshot(ctx, commit)
	if err != nil {
		return nil, err
	}
	info, err := fs.Lstat(tree, path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || document.TooLarge(info.Size(), document.Limits{}) != nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s at %s: %w", path, commit.Short(), err)
	}
	src, err := fs.ReadFile(tree, path)
	if err != nil {
		return nil, fmt.Errorf("read %s at %s: %w", path, commit.Short(), err)
	}
	return append([]byte{}, src...), nil
}

// side reads a version; false where it cannot be read as YAML.
func (t *tracer) side(ctx context.Context, commit forge.Commit, path string) (diff.Side, bool, error) {
	src, err := t.source(ctx, commit, path)
	if err != nil {
		return diff.Side{}, false, err
	}
	if t.looked++; t.progress != nil {
		t.progress(t.looked)
	}
	side, problem := diff.ReadSide(src, t.schema, document.Limits{})
	return side, problem == "", nil
}

// A former is a readable version before another one.
type former struct {
	commit forge.Commit
	side   diff.Side
}

// before gives the nearest readable versions before v. The error is errBounded where there are some that were not asked for.
func (t *tracer) before(ctx context.Context, l *line, v mirror.Version) ([]former, error) {
	var found []former
	ahead := slices.Clone(v.Parents)
	seen := map[forge.Commit]bool{}
	for len(ahead) > 0 {
		commit := ahead[0]
		ahead = ahead[1:]
		if seen[commit] {
			continue
		}
		seen[commit] = true
		version, known := l.versions[commit]
		if !known {
			return nil, errBounded
		}
		side, readable, err := t.side(ctx, commit, l.path)
		if err != nil {
			return nil, err
		}
		if !readable {
			ahead = append(ahead, version.Parents...)
			continue
		}
		found = append(found, former{commit, side})
	}
	return found, nil
}

// lastTurn finds the last commit that did something to a value that is there at a point.
func (t *tracer) lastTurn(ctx context.Context, at point) (turn, error) {
	l, err := t.line(ctx, at.commit, at.path)
	if err != nil {
		return turn{}, err
	}
	v := l.first
	side, _, err := t.side(ctx, at.commit, at.path)
	if err != nil {
		return turn{}, err
	}
	for {
		at.commit = v.Commit
		formers, err := t.before(ctx, l, v)
		if err != nil {
			return turn{}, err
		}
		from, was, err := step(formers, l.path, side, at)
		if err != nil {
			return turn{}, err
		}
		if from != nil {
			at, side, v = was, from.side, l.versions[from.commit]
			continue
		}
		if was.path != "" {
			return turn{kind: "changed", at: at, by: v.Commit, was: &was}, nil
		}
		if absent(formers) && v.Commit != workingTree {
			return t.begun(ctx, side, at)
		}
		return turn{kind: "added", at: at, by: v.Commit}, nil
	}
}

// begun follows a value on where its file begins: perhaps under another path.
func (t *tracer) begun(ctx context.Context, side diff.Side, at point) (turn, error) {
	same, was, err := t.renamed(ctx, side, at)
	switch {
	case err != nil:
		return turn{}, err
	case same && t.looked > maxVersions:
		return turn{}, errBounded
	case same:
		return t.lastTurn(ctx, *was)
	case was != nil:
		return turn{kind: "changed", at: at, by: at.commit, was: was}, nil
	}
	return turn{kind: "added", at: at, by: at.commit}, nil
}

// step looks for a former version in which the value is the same, else for where it stood in one; its path is empty for nowhere.
func step(formers []former, path string, side diff.Side, at point) (from *former, was point, err error) {
	for i, f := range formers {
		o, known, err := diff.OriginOf(f.side, side, at.document, at.tokens)
		if err != nil {
			return nil, point{}, err
		}
		stood := point{f.commit, path, o.Document, o.Path}
		if known && o.Same {
			return &formers[i], stood, nil
		}
		if known && was.path == "" {
			was = stood
		}
	}
	return nil, was, nil
}

// absent tells whether the file was in none of the versions.
func absent(formers []former) bool {
	return !slices.ContainsFunc(formers, func(f former) bool { return len(f.side.Documents) > 0 })
}

// renamed looks for the value in the file whose path the commit of a point has changed; nil where it stood in none.
func (t *tracer) renamed(ctx context.Context, side diff.Side, at point) (same bool, was *point, err error) {
	renames, err := t.clone.Renames(ctx, at.commit)
	if err != nil {
		return false, nil, err
	}
	for _, r := range renames {
		if r.To != at.path {
			continue
		}
		old, readable, err := t.side(ctx, r.Parent, r.From)
		if err != nil {
			return false, nil, err
		}
		if !readable {
			continue
		}
		o, known, err := diff.OriginOf(old, side, at.document, at.tokens)
		if err != nil {
			return false, nil, err
		}
		if known {
			return o.Same, &point{r.Parent, r.From, o.Document, o.Path}, nil
		}
	}
	return false, nil, nil
}

// read gives the document that a point is in; nil where the value is not there.
func (t *tracer) read(ctx context.Context, at point) (*document.Document, error) {
	src, err := t.source(ctx, at.commit, at.path)
	if err != nil || src == nil {
		return nil, err
	}
	docs, _ := document.Parse(src, document.Limits{})
	if at.document >= len(docs) || !has(docs[at.document], at.tokens) {
		return nil, nil
	}
	return docs[at.document], nil
}

// has tells whether there is a value at a path.
func has(doc *document.Document, tokens []string) bool {
	return len(tokens) == 0 || doc.At(tokens) != nil
}
