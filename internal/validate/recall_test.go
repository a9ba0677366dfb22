package validate

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/forge"
)

// A shelf is a cache in memory. A spoiled one gives back every entry with a bit changed.
type shelf struct {
	mu      sync.Mutex
	entries map[Key][]byte
	asked   int // questions, not keys
	spoiled bool
}

func (s *shelf) Get(keys []Key) map[Key][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	found := map[Key][]byte{}
	for _, k := range keys {
		if b, ok := s.entries[k]; ok {
			found[k] = b
			if s.spoiled {
				found[k] = bytes.Clone(b)
				found[k][len(b)/2] ^= 4
			}
		}
	}
	return found
}

func (s *shelf) Put(entries map[Key][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == nil {
		s.entries = map[Key][]byte{}
	}
	maps.Copy(s.entries, entries)
}

// A named is a tree that tells git's names of its contents, and counts the configs that are read.
type named struct {
	fstest.MapFS
	mu   sync.Mutex
	read []string
}

func (n *named) ReadFile(name string) ([]byte, error) {
	if strings.HasPrefix(name, "customers/") || strings.HasPrefix(name, "shared/") {
		n.mu.Lock()
		n.read = append(n.read, name)
		n.mu.Unlock()
	}
	return n.MapFS.ReadFile(name)
}

func (n *named) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := n.MapFS.ReadDir(name)
	for i, e := range list {
		list[i] = namedEntry{e, n.object(name + "/" + e.Name())}
	}
	return list, err
}

func (n *named) Entry(name string) (fs.DirEntry, error) {
	info, err := fs.Lstat(n.MapFS, name)
	if err != nil {
		return nil, err
	}
	return namedEntry{fs.FileInfoToDirEntry(info), n.object(name)}, nil
}

func (n *named) object(name string) string {
	if f := n.MapFS[name]; f != nil {
		return objectName(f.Data, "")
	}
	return ""
}

type namedEntry struct {
	fs.DirEntry
	object string
}

func (e namedEntry) Object() string { return e.object }

// Whatever the cache holds, the verdict is the same as without: nothing, what the same judgement or that of another tree has put
// there, or nonsense. And what was judged before is not read again.
func TestCacheChangesNothing(t *testing.T) {
	cache := &shelf{} // of all cases: their schemas and contents meet
	for seed := range uint64(*cases) / 3 {
		g := generator{rand.New(rand.NewPCG(seed, 7))}
		base := g.repository()
		head, changes := g.change(base)
		for name, opts := range map[string]Options{
			"everything": {},
			"the change": {Base: &named{MapFS: mapFS(base)}, Changes: changes},
		} {
			want := verdictOf(t, &named{MapFS: mapFS(head)}, opts)
			for _, way := range []string{"cold", "warm", "spoiled", "plain"} {
				opts := opts
				opts.Cache, opts.Build, opts.KeepValues = cache, "test", seed%2 == 0
				cache.spoiled = way == "spoiled"
				tree := &named{MapFS: mapFS(head)}
				var got Result
				if way == "plain" { // names are not told
					got = verdictOf(t, tree.MapFS, opts)
				} else {
					got = verdictOf(t, tree, opts)
				}
				if !reflect.DeepEqual(got, want) {
					show(t, base, head)
					t.Fatalf("case %d, %s, %s:\ngot  %+v\nwant %+v", seed, name, way, got, want)
				}
				if way == "warm" && len(tree.read) > 0 && !mayRead(want) {
					t.Fatalf("case %d, %s: read %q again", seed, name, tree.read)
				}
			}
		}
	}
}

// What is known of a content as YAML is not what is known of it as JSON.
func TestNameDecidesWhetherItIsJSON(t *testing.T) {
	policy := "layout: {configs: ['customers/{customer}/{type}.yaml', 'customers/{customer}/{type}.json']}"
	cache := &shelf{}
	for name, want := range map[string]int{"yaml": 0, "json": 1} {
		files := map[string]string{".tamer.yaml": policy, "schemas/plan.schema.yaml": "type: object", "customers/acme/plan." + name: "{a: 1}"}
		for range 2 {
			opts := Options{Cache: cache, Build: "test", KeepValues: true}
			if r := verdictOf(t, &named{MapFS: mapFS(files)}, opts); len(r.Findings) != want {
				t.Errorf("plan.%s: %v, want %d findings", name, r.Findings, want)
			}
		}
	}
}

// mayRead tells whether finding out more about what is wrong takes the text of files: those that have a fault of their own may
// hold what is missing.
func mayRead(r Result) bool {
	for _, f := range r.Findings {
		if f.Rule == "yaml" || f.Rule == "reference-removed" || f.Rule == "reference" || r.Existing.Failures > 0 {
			return true
		}
	}
	return r.Existing.Failures > 0
}

func verdictOf(t *testing.T, tree fs.FS, opts Options) Result {
	t.Helper()
	r, err := Tree(tree, opts)
	if err != nil {
		t.Fatal(err)
	}
	r.policy = nil
	return r
}

// manyCustomers is a repository of some customers with a config that refers to another.
func manyCustomers(n int) map[string]string {
	files := map[string]string{
		"schemas/plan.schema.yaml":    "properties: {ids: {items: {type: string}}}",
		"schemas/segment.schema.yaml": "properties: {plan: {x-tamer-ref: {type: plan, path: /ids}}, price: {x-tamer-ref: {type: price, path: /ids, scope: shared}}}",
		"schemas/price.schema.yaml":   "type: object",
		"shared/price.yaml":           "ids: [low, high]",
	}
	for i := range n {
		files[fmt.Sprintf("customers/c%03d/plan.yaml", i)] = fmt.Sprintf("ids: [a, b, p%d]", i)
		files[fmt.Sprintf("customers/c%03d/segment.yaml", i)] = fmt.Sprintf("plan: p%d\nprice: low", i)
	}
	return files
}

// What is read, and how often the cache is asked, when everything is judged again after a change.
func TestReadAgain(t *testing.T) {
	const customers = 60
	for name, c := range map[string]struct {
		change map[string]string
		want   []string // what is read
		others Options  // in what the second judgement differs
	}{
		"nothing":                  {want: nil},
		"a config":                 {change: map[string]string{"customers/c007/plan.yaml": "ids: [p7, q]"}, want: []string{"customers/c007/plan.yaml"}},
		"a reference to elsewhere": {change: map[string]string{"customers/c007/segment.yaml": "plan: none"}, want: []string{"customers/c007/segment.yaml"}},
		"a shared config":          {change: map[string]string{"shared/price.yaml": "ids: [low]"}, want: []string{"shared/price.yaml"}},
		"a content known before":   {change: map[string]string{"customers/c007/plan.yaml": "ids: [a, b, p8]"}, want: nil},
		"the policy":               {change: map[string]string{".tamer.yaml": "checks: {unreferenced: notice}"}, want: nil},
	} {
		t.Run(name, func(t *testing.T) {
			cache := &shelf{}
			opts := Options{Cache: cache, Build: "test"}
			files := manyCustomers(customers)
			first := &named{MapFS: mapFS(files)}
			verdictOf(t, first, opts)
			if len(first.read) != 2*customers+1 {
				t.Fatalf("%d files read at first", len(first.read))
			}
			maps.Copy(files, c.change)
			again := &named{MapFS: mapFS(files)}
			cache.asked = 0
			got := verdictOf(t, again, opts)
			if !slices.Equal(again.read, c.want) {
				t.Errorf("read %q, want %q", again.read, c.want)
			}
			if cache.asked > 20 {
				t.Errorf("the cache was asked %d times", cache.asked)
			}
			if want := verdictOf(t, &named{MapFS: mapFS(files)}, Options{}); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

// What another program has found out, or this one within other limits or by another schema, is not believed.
func TestNotBelieved(t *testing.T) {
	files := manyCustomers(3)
	for name, other := range map[string]func(o *Options, files map[string]string){
		"another program": func(o *Options, _ map[string]string) { o.Build = "other" },
		"other limits":    func(o *Options, _ map[string]string) { o.Limits.Keys = 1 },
		"another schema":  func(_ *Options, files map[string]string) { files["schemas/plan.schema.yaml"] = "required: [x]" },
		"another file": func(_ *Options, files map[string]string) {
			files["schemas/segment.schema.yaml"] = `$ref: plan.schema.yaml`
		},
		"another referral": func(_ *Options, files map[string]string) {
			files[".tamer.yaml"] = "references: [{from: {type: plan, path: /ids}, to: {type: segment, path: /plan}}]"
		},
	} {
		t.Run(name, func(t *testing.T) {
			opts, files := Options{Cache: &shelf{}, Build: "test"}, maps.Clone(files)
			verdictOf(t, &named{MapFS: mapFS(files)}, opts)
			other(&opts, files)
			got := verdictOf(t, &named{MapFS: mapFS(files)}, opts)
			opts.Cache = nil
			if want := verdictOf(t, &named{MapFS: mapFS(files)}, opts); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

// What a change of a shared config breaks elsewhere is found without reading what was judged before.
func TestRemovedTargetReadsNothing(t *testing.T) {
	const customers = 60
	cache := &shelf{}
	opts := Options{Cache: cache, Build: "test"}
	files := manyCustomers(customers)
	base := &named{MapFS: mapFS(files)}
	verdictOf(t, base, opts)
	head := maps.Clone(files)
	head["shared/price.yaml"] = "ids: [high]"
	base.read, cache.asked = nil, 0
	tree := &named{MapFS: mapFS(head)}
	opts.Base, opts.Changes = base, []forge.Change{{Path: "shared/price.yaml", Kind: forge.Modified}}
	got := verdictOf(t, tree, opts)
	if len(got.Findings) < customers {
		t.Errorf("%d findings for %d customers that refer to what is gone", len(got.Findings), customers)
	}
	if len(base.read) > 0 || slices.ContainsFunc(tree.read, func(path string) bool { return path != "shared/price.yaml" }) {
		t.Errorf("read %q before and %q after the change", base.read, tree.read)
	}
	if cache.asked > customers+10 {
		t.Errorf("the cache was asked %d times", cache.asked)
	}
}
