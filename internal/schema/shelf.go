package schema

import (
	"cmp"
	lru "container/list"
	"errors"
	"io/fs"
	"slices"
	"sync"
)

// A Shelf keeps compiled schemas from tree to tree: most changes leave the schemas alone, and compiling all of them takes longer than
// judging what has changed. It is safe for concurrent use.
//
// A schema is given again only to a tree in which compiling it would see the same: the same content, by git's name of it, at every path
// that was looked at, and nothing where nothing was. So only trees that tell these names have a use for it, by a method Entry as
// that of a mirror's snapshots, and whose files stay as they are. What an $id of any file of a tree might have decided is not kept.
type Shelf struct {
	mu     sync.Mutex
	byRoot map[sight][]*lru.Element
	order  *lru.List // of *kept, the one that was used last in front
	weight int
}

// A sight is what one path of a tree showed.
type sight struct {
	path   string
	object string // git's name of the content; "" where there is no regular file
}

type kept struct {
	seen   []sight // the schema's own file first
	schema *Schema
	weight int
}

// Bounds on what a Shelf keeps.
const (
	// maxShelved bounds the estimated bytes of all schemas.
	maxShelved = 64 << 20
	// minWeight is what a schema takes at least, and bytesPerByte what its text takes besides, patterns apart. As measured.
	minWeight    = 4 << 10
	bytesPerByte = 40
	// maxOfRoot bounds the schemas with the same file of their own, which differ in what that refers to.
	maxOfRoot = 8
)

// NewShelf makes an empty Shelf.
func NewShelf() *Shelf {
	return &Shelf{byRoot: map[sight][]*lru.Element{}, order: lru.New()}
}

// take gives the schema in the file at path, if compiling it in the tree would give what is kept; else nil.
func (s *Shelf) take(tree fs.FS, path string) *Schema {
	if s == nil {
		return nil
	}
	root, sure := objectAt(tree, path)
	if !sure || root == "" {
		return nil
	}
	s.mu.Lock()
	candidates := slices.Clone(s.byRoot[sight{path, root}])
	s.mu.Unlock()
	for _, e := range slices.Backward(candidates) {
		k := e.Value.(*kept)
		if slices.ContainsFunc(k.seen[1:], func(was sight) bool {
			now, sure := objectAt(tree, was.path)
			return !sure || now != was.object
		}) {
			continue
		}
		s.mu.Lock()
		s.order.MoveToFront(e) // which does nothing if it has gone meanwhile
		s.mu.Unlock()
		return k.schema
	}
	return nil
}

// put keeps a schema that was compiled from what was seen, and lets those go that were not used for longest.
func (s *Shelf) put(seen []sight, weight int, compiled *Schema) {
	weight += minWeight
	if s == nil || weight > maxShelved {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	root := seen[0]
	slices.SortFunc(seen[1:], func(a, b sight) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.object, b.object)) })
	seen = slices.Compact(seen)
	for _, e := range s.byRoot[root] {
		if slices.Equal(e.Value.(*kept).seen, seen) {
			return // somebody else has compiled it meanwhile
		}
	}
	s.byRoot[root] = append(s.byRoot[root], s.order.PushFront(&kept{seen, compiled, weight}))
	s.weight += weight
	if len(s.byRoot[root]) > maxOfRoot {
		s.drop(s.byRoot[root][0])
	}
	for s.weight > maxShelved {
		s.drop(s.order.Back())
	}
}

func (s *Shelf) drop(e *lru.Element) {
	k := s.order.Remove(e).(*kept)
	s.weight -= k.weight
	root := k.seen[0]
	rest := slices.DeleteFunc(s.byRoot[root], func(other *lru.Element) bool { return other == e })
	if s.byRoot[root] = rest; len(rest) == 0 {
		delete(s.byRoot, root)
	}
}

// objectAt gives git's name of the regular file at a path, "" where there is none. It is not sure where the tree does not tell names.
func objectAt(tree fs.FS, path string) (object string, sure bool) {
	t, ok := tree.(interface {
		Entry(name string) (fs.DirEntry, error)
	})
	if !ok {
		return "", false
	}
	e, err := t.Entry(path)
	if err != nil || !e.Type().IsRegular() {
		return "", err == nil || errors.Is(err, fs.ErrNotExist)
	}
	o, ok := e.(interface{ Object() string })
	if !ok {
		return "", false
	}
	object = o.Object()
	return object, object != ""
}
