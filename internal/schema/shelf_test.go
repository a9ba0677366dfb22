package schema

import (
	"crypto/sha1"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
)

// A namedTree tells the names of contents, as a mirror's snapshot does. A content that begins with -> is a link.
type namedTree map[string]string

func (n namedTree) files() fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range n {
		m[name] = &fstest.MapFile{Data: []byte(text)}
		if strings.HasPrefix(text, "->") {
			m[name].Mode = fs.ModeSymlink
		}
	}
	return m
}

func (n namedTree) Open(name string) (fs.File, error) { return n.files().Open(name) }

func (n namedTree) Entry(name string) (fs.DirEntry, error) {
	info, err := fs.Lstat(n.files(), name)
	if err != nil {
		return nil, err
	}
	return namedEntry{fs.FileInfoToDirEntry(info), fmt.Sprintf("%x", sha1.Sum([]byte(n[name])))}, nil
}

type namedEntry struct {
	fs.DirEntry
	object string
}

func (e namedEntry) Object() string { return e.object }

// What a schema is kept for, and what has it compiled anew.
func TestShelf(t *testing.T) {
	tree := namedTree{
		"s/a.json":    `{"properties":{"x":{"$ref":"part.json"}}}`,
		"s/part.json": `{"type":"integer"}`,
		"s/b.json":    `{"$id":"https://example.com/deep/b.json","properties":{"x":{"$ref":"part.json"}}}`,
		"s/c.json":    `{"properties":{"x":{"$ref":"https://example.com/far.json"}}}`,
		"s/far.json":  `{"$id":"https://example.com/far.json","type":"boolean"}`,
		"s/d.json":    `{"properties":5}`,
	}
	for _, c := range []struct {
		what, path, change, to string
		again                  bool
	}{
		{"nothing changes", "s/a.json", "", "", true},
		{"a file that it does not know", "s/a.json", "s/other.json", `{"$id":"part.json"}`, true},
		{"itself", "s/a.json", "s/a.json", `{"type":"object","properties":{"x":{"$ref":"part.json"}}}`, false},
		{"a part", "s/a.json", "s/part.json", `{"type":"string"}`, false},
		{"a part becomes a link", "s/a.json", "s/part.json", "->b.json", false},
		{"a part goes", "s/a.json", "s/part.json", "", false},
		{"a part beside, found by the $id", "s/b.json", "", "", true},
		{"such a part changes", "s/b.json", "s/part.json", `{}`, false},
		{"a part that only its own $id names", "s/c.json", "", "", false},
		{"a schema that cannot be used", "s/d.json", "", "", false},
	} {
		t.Run(c.what, func(t *testing.T) {
			shelf := NewShelf()
			compile := func(tree namedTree) *Schema {
				s, _ := NewListedSet(tree, nil, shelf).Compile(c.path)
				return s
			}
			first := compile(tree)
			next := maps.Clone(tree)
			next[c.change] = c.to
			if c.to == "" {
				delete(next, c.change)
			}
			if second := compile(next); (first != nil && first == second) != c.again {
				t.Errorf("given again: %v, want %v", !c.again, c.again)
			}
		})
	}
}

// What was used last stays, and the weight is that of what is there.
func TestShelfIsBounded(t *testing.T) {
	shelf := NewShelf()
	compile := func(n int, padding int) *Schema {
		tree := namedTree{"a.json": fmt.Sprintf(`{"maximum":%d,"$comment":%q}`, n, strings.Repeat("x", padding))}
		s, _ := NewListedSet(tree, nil, shelf).Compile("a.json")
		return s
	}
	const large = maxShelved / bytesPerByte / 10
	first := compile(0, large)
	for n := range 30 {
		compile(n+1, large)
		if compile(0, large) != first {
			t.Fatalf("after %d others, what is used all the time has gone", n+1)
		}
	}
	if got := shelf.order.Len(); got > 10 || got < 8 || shelf.weight > maxShelved || len(shelf.byRoot) != got {
		t.Errorf("%d schemas of %d bytes are kept, under %d names", got, shelf.weight, len(shelf.byRoot))
	}
	before := shelf.order.Len()
	compile(99, maxShelved/bytesPerByte)
	if shelf.order.Len() != before {
		t.Error("a schema that is larger than all that may be kept has changed something")
	}
	if compile(100, 0); shelf.weight < before*large {
		t.Error("a small schema has driven out others")
	}
	tree := namedTree{"a.json": `{"$ref":"b.json"}`}
	for n := range 3 * maxOfRoot {
		tree["b.json"] = fmt.Sprintf(`{"maximum":%d}`, n)
		NewListedSet(tree, nil, shelf).Compile("a.json")
	}
	object, _ := objectAt(tree, "a.json")
	if got := len(shelf.byRoot[sight{"a.json", object}]); got != maxOfRoot {
		t.Errorf("%d variants of one schema are kept, want %d", got, maxOfRoot)
	}
}

// However a tree came about, what a shelf gives is what compiling anew would give.
func TestShelfGivesTheSame(t *testing.T) {
	const trees = 400
	shelf := NewShelf()
	given := 0
	for seed := range uint64(trees / 20) {
		g := shelfGenerator{rand.New(rand.NewPCG(seed, 9))}
		tree := namedTree{}
		for range 20 {
			for range 1 + g.IntN(3) {
				g.change(tree)
			}
			for _, name := range shelfFiles {
				list := func() ([]string, error) { return slices.Sorted(maps.Keys(tree)), nil }
				kept := shelf.take(tree, name)
				fresh, _ := NewListedSet(tree, list, nil).Compile(name)
				if now, _ := NewListedSet(tree, list, shelf).Compile(name); meaning(now) != meaning(fresh) {
					t.Fatalf("seed %d: %s in\n%v\nis\n%s\nfrom the shelf (kept: %t), and compiled anew\n%s", seed, name, tree, meaning(now), kept != nil, meaning(fresh))
				}
				if kept != nil {
					given++
				}
			}
		}
	}
	if given < trees/2 {
		t.Errorf("only %d schemas of %d trees were given again: the trees show too little", given, trees)
	}
}

// A $ref to a name that only the $id of another part gives is found, whichever of the two references is followed first.
func TestSameEveryTime(t *testing.T) {
	tree := namedTree{
		"s/a.json": `{"$id":"https://example.com/s/a.json","properties":{"x":{"$ref":"b.json"},"y":{"$ref":"c.json"}}}`,
		"s/c.json": `{"$id":"b.json","type":"boolean"}`,
	}
	for range 20 {
		if s, found := NewSet(tree).Compile("s/a.json"); s == nil {
			t.Fatal(found)
		}
	}
}

// A schema of very many references that lead nowhere is refused in useful time: each would be looked for beside every file.
func TestManyReferencesLeadNowhere(t *testing.T) {
	var refs strings.Builder
	for n := range 5000 {
		fmt.Fprintf(&refs, `{"$ref":"https://example.com/s/nowhere%d.json"},`, n)
	}
	tree := namedTree{}
	for n := range 50 {
		tree[fmt.Sprintf("s/%d.json", n)] = fmt.Sprintf(`{"$id":"https://example.com/s/%d.json","allOf":[{"$ref":"%d.json"},%s{}]}`, n, n+1, refs.String())
		if n > 0 {
			refs.Reset()
		}
	}
	l := newLoader(NewSet(tree.files()), "s/0.json")
	l.lookAhead()
	if l.looked > maxLooked+100 {
		t.Errorf("paths were looked at %d times", l.looked)
	}
}

// meaning tells all that differs between schemas of different meaning.
func meaning(s *Schema) string {
	if s == nil {
		return "unusable"
	}
	out := fmt.Sprintln(s.Digest(), slices.Sorted(slices.Values(s.Files())))
	for _, text := range []string{"{}", "x: 1", "x: a", "x: true", "y: 1", "y: a", "x: {x: 1}", "x: {y: a}"} {
		docs, _ := document.Parse([]byte(text), document.Limits{})
		for _, f := range s.Validate(docs[0]) {
			out += fmt.Sprintln(text, f.Pointer, f.Message)
		}
	}
	return out
}

type shelfGenerator struct{ *rand.Rand }

var shelfFiles = []string{"s/a.json", "s/b.json", "s/c.json", "t/a.json", "t/s/b.json"}

func (g shelfGenerator) one(from ...string) string { return from[g.IntN(len(from))] }

func (g shelfGenerator) change(tree namedTree) {
	name := g.one(shelfFiles...)
	switch g.IntN(6) {
	case 0:
		delete(tree, name)
	case 1:
		if other := g.one(shelfFiles...); tree[other] != "" {
			tree[name] = tree[other]
			delete(tree, other)
		}
	case 2:
		tree[name] = "->" + g.one(shelfFiles...)
	default:
		tree[name] = g.schema()
	}
}

func (g shelfGenerator) schema() string {
	id := ""
	if g.IntN(2) == 0 {
		id = fmt.Sprintf(`"$id":%q,`, g.one("https://example.com/s/a.json", "https://example.com/s/b.json", "https://example.com/t/a.json", "b.json", "/s/c.json"))
	}
	below := func() string {
		if g.IntN(2) == 0 {
			return fmt.Sprintf(`{"type":%q}`, g.one("integer", "string", "boolean"))
		}
		return fmt.Sprintf(`{"$ref":%q}`, g.one("a.json", "b.json", "c.json", "../s/b.json", "../t/a.json", "s/b.json", "https://example.com/s/b.json", "#/properties/y", "b.json#/properties/x"))
	}
	return fmt.Sprintf(`{%s"properties":{"x":%s,"y":%s}}`, id, below(), below())
}
