package store_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/store"
)

func key(name string) [32]byte { return sha256.Sum256([]byte(name)) }

// put adds facts, each with its name as its value.
func put(f *store.Facts, names ...string) {
	entries := map[[32]byte][]byte{}
	for _, name := range names {
		entries[key(name)] = []byte(name)
	}
	f.Put(entries)
}

// known gives those of the names that the facts hold.
func known(t *testing.T, f *store.Facts, names ...string) []string {
	t.Helper()
	var keys [][32]byte
	for _, name := range names {
		keys = append(keys, key(name))
	}
	var out []string
	found := f.Get(keys)
	for _, name := range names {
		if v, ok := found[key(name)]; ok {
			out = append(out, name)
			if string(v) != name {
				t.Errorf("%s is %q", name, v)
			}
		}
	}
	return out
}

// testFacts says what facts are. open gives a new, empty store.
func testFacts(t *testing.T, open func(t *testing.T) *store.Store) {
	t.Run("what was put is there, for its repository only", func(t *testing.T) {
		s := open(t)
		mine := s.Facts(t.Context(), shop)
		put(mine, "a", "b", "")
		if got := known(t, mine, "a", "b", "c", ""); !slices.Equal(got, []string{"a", "b", ""}) {
			t.Errorf("known: %q", got)
		}
		for _, other := range []forge.Repo{{Installation: 1, ID: 3}, {Installation: 9, ID: 2}} {
			if got := known(t, s.Facts(t.Context(), other), "a", "b"); len(got) > 0 {
				t.Errorf("%d/%d knows %q", other.Installation, other.ID, got)
			}
		}
	})

	t.Run("the newer value counts", func(t *testing.T) {
		f := open(t).Facts(t.Context(), shop)
		for _, v := range []string{"old", "new"} {
			f.Put(map[[32]byte][]byte{key("a"): []byte(v)})
		}
		if got := f.Get([][32]byte{key("a")}); string(got[key("a")]) != "new" {
			t.Errorf("it is %q", got[key("a")])
		}
	})

	t.Run("many at once", func(t *testing.T) {
		f := open(t).Facts(t.Context(), shop)
		entries := map[[32]byte][]byte{}
		for i := range 2001 {
			entries[key(fmt.Sprint(i))] = fmt.Append(nil, i)
		}
		f.Put(entries)
		if got := f.Get(slices.Collect(maps.Keys(entries))); len(got) != len(entries) {
			t.Errorf("%d of %d are there", len(got), len(entries))
		}
		if got := f.Get(nil); len(got) != 0 {
			t.Errorf("%d for no key", len(got))
		}
	})

	t.Run("of too many, those not used for the longest time go", func(t *testing.T) {
		s := open(t)
		s.SetMaxFacts(1000) // a row counts 130 bytes
		day := func(n int) *store.Facts {
			return s.FactsAt(t.Context(), shop, time.Unix(1_800_000_000, 0).AddDate(0, 0, n))
		}
		put(day(0), "a0", "a1", "a2")
		put(day(1), "b0", "b1")
		known(t, day(2), "a0") // used again
		put(day(3), "c0", "c1", "c2")
		if got := known(t, day(3), "a0", "a1", "a2", "b0", "b1", "c0", "c1", "c2"); !slices.Equal(got, []string{"a0", "c0", "c1", "c2"}) {
			t.Errorf("kept: %q; want the newest that take three quarters, less those of the day that does not fit", got)
		}
	})

	t.Run("more than all at one moment leaves none", func(t *testing.T) {
		s := open(t)
		s.SetMaxFacts(1000)
		f := s.Facts(t.Context(), shop)
		f.Put(map[[32]byte][]byte{key("a"): []byte(strings.Repeat("a", 2000))})
		if got := f.Get([][32]byte{key("a")}); len(got) != 0 {
			t.Errorf("%d are there", len(got))
		}
	})

	t.Run("a database that does not answer knows nothing", func(t *testing.T) {
		s := open(t)
		ended, end := context.WithCancel(t.Context())
		end()
		put(s.Facts(t.Context(), shop), "a")
		f := s.Facts(ended, shop)
		put(f, "b")
		if got := known(t, f, "a", "b"); len(got) > 0 {
			t.Errorf("known: %q", got)
		}
		if got := known(t, s.Facts(t.Context(), shop), "a", "b"); !slices.Equal(got, []string{"a"}) {
			t.Errorf("known later: %q", got)
		}
	})
}

func TestFactsOnSQLite(t *testing.T) {
	t.Parallel()
	testFacts(t, openNew)
}

func openNew(t *testing.T) *store.Store {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "tamer.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// What a question about one type of 10,000 customers reads and writes.
func BenchmarkFacts(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "tamer.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	f := s.Facts(b.Context(), shop)
	entries := map[[32]byte][]byte{}
	for i := range 10_000 {
		entries[key(fmt.Sprint(i))] = []byte(strings.Repeat("x", 300))
	}
	keys := slices.Collect(maps.Keys(entries))
	b.Run("put", func(b *testing.B) {
		for b.Loop() {
			f.Put(entries)
		}
	})
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			if len(f.Get(keys)) != len(keys) {
				b.Fatal("missed")
			}
		}
	})
}
