package cachefile_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/cachefile"
)

func key(name string) [32]byte { return sha256.Sum256([]byte(name)) }

var monday = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// A run opens the cache on a day, looks for some entries, adds others, and closes it.
type run struct {
	day       int // after monday
	get, miss []string
	put       []string
}

// do gives each entry its name, over and over, as its value.
func (r run) do(t *testing.T, path string, limit int64) {
	t.Helper()
	f := cachefile.Open(cachefile.Config{Path: path, Limit: limit, Now: func() time.Time { return monday.AddDate(0, 0, r.day) }})
	for _, name := range append(r.get, r.miss...) {
		got, ok := f.Get([][32]byte{key(name)})[key(name)]
		want := len(r.get) > 0 && strings.Contains(strings.Join(r.get, " ")+" ", name+" ")
		if ok != want || ok && string(got) != value(name) {
			t.Errorf("day %d: %s is %.20q, %t; want %t", r.day, name, got, ok, want)
		}
	}
	for _, name := range r.put {
		f.Put(map[[32]byte][]byte{key(name): []byte(value(name))})
		if got := f.Get([][32]byte{key(name)})[key(name)]; limit == 0 && string(got) != value(name) {
			t.Errorf("day %d: %s is %.20q right after it was added", r.day, name, got)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func value(name string) string { return strings.Repeat(name, 100) }

func TestRuns(t *testing.T) {
	for name, c := range map[string]struct {
		limit int64
		runs  []run
	}{
		"what was added is there in later runs": {0, []run{{put: []string{"a", "b"}}, {get: []string{"a", "b"}, miss: []string{"c"}, put: []string{"c"}}, {get: []string{"a", "b", "c"}}}},
		"an empty run changes nothing":          {0, []run{{miss: []string{"a"}}, {put: []string{"a"}}, {}, {get: []string{"a"}}}},
		"what nobody uses for a month goes":     {0, []run{{put: []string{"a", "b"}}, {day: 20, get: []string{"a"}, put: []string{"c"}}, {day: 40, put: []string{"d"}}, {day: 40, get: []string{"a", "c", "d"}, miss: []string{"b"}}}},
		"use alone keeps an entry":              {0, []run{{put: []string{"a"}}, {day: 20, get: []string{"a"}}, {day: 40, put: []string{"b"}}, {day: 40, get: []string{"a", "b"}}}},
		"of too much the oldest goes":           {700, []run{{put: []string{"a"}}, {day: 1, put: []string{"b", "e"}}, {day: 2, get: []string{"a"}, put: []string{"c", "d"}}, {day: 2, get: []string{"a", "c", "d"}, miss: []string{"b", "e"}}}},
		"what is larger than all goes":          {700, []run{{put: []string{strings.Repeat("x", 10)}}, {miss: []string{strings.Repeat("x", 10)}}}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "deep", "cache")
			for _, r := range c.runs {
				r.do(t, path, c.limit)
			}
			left, err := filepath.Glob(path + "?*")
			if err != nil || len(left) > 0 {
				t.Errorf("left beside it: %q, %v", left, err)
			}
		})
	}
}

// Whatever happens to the file, an entry is there as it was written, or not at all.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache")
	run{put: []string{"a", "b", "c"}}.do(t, path, 0)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	missed := 0
	look := func(damaged []byte) {
		t.Helper()
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		f := cachefile.Open(cachefile.Config{Path: path, Now: func() time.Time { return monday }})
		defer f.Close()
		for _, name := range []string{"a", "b", "c"} {
			got, ok := f.Get([][32]byte{key(name)})[key(name)]
			if ok && string(got) != value(name) {
				t.Errorf("%s is %.20q", name, got)
			}
			if !ok {
				missed++
			}
		}
	}
	for i := range whole {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 0x10
		look(flipped)
		look(whole[:i])
	}
	if missed < len(whole) {
		t.Errorf("%d entries missed in %d damaged files", missed, 2*len(whole))
	}
	look(nil)
	run{miss: []string{"a"}, put: []string{"b"}}.do(t, path, 0)
	run{get: []string{"b"}}.do(t, path, 0)
}

// A damaged value is lost at the next writing, and no other.
func TestDamagedValueIsLeftOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache")
	run{put: []string{"a", "b", "c"}}.do(t, path, 0)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.Replace(b, []byte(value("b")), []byte(value("x")), 1)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	run{put: []string{"d"}}.do(t, path, 0)
	run{get: []string{"a", "c", "d"}, miss: []string{"b"}}.do(t, path, 0)
}

// Two that are open at once see what was there before, and the last to close is heard.
func TestTwoAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache")
	run{put: []string{"a"}}.do(t, path, 0)
	open := func() *cachefile.File {
		return cachefile.Open(cachefile.Config{Path: path, Now: func() time.Time { return monday }})
	}
	one, two := open(), open()
	one.Put(map[[32]byte][]byte{key("b"): []byte(value("b"))})
	two.Put(map[[32]byte][]byte{key("c"): []byte(value("c"))})
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if got := two.Get([][32]byte{key("a"), key("b")}); len(got) != 1 || string(got[key("a")]) != value("a") {
		t.Errorf("the second sees %d entries; want the one that was there", len(got))
	}
	if err := two.Close(); err != nil {
		t.Fatal(err)
	}
	run{get: []string{"a", "c"}, miss: []string{"b"}}.do(t, path, 0)
}

// What a killed process has left is cleared away, what one is writing now is not.
func TestLeftovers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache")
	for name, age := range map[string]time.Duration{"old": 2 * time.Hour, "young": time.Minute} {
		file := path + "." + name + ".new"
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, monday.Add(-age), monday.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	run{put: []string{"a"}}.do(t, path, 0)
	if left, err := filepath.Glob(path + "?*"); err != nil || len(left) != 1 || !strings.Contains(left[0], "young") {
		t.Errorf("left: %q, %v", left, err)
	}
}

func TestNoPlaceToWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := cachefile.Open(cachefile.Config{Path: filepath.Join(path, "cache")})
	f.Put(map[[32]byte][]byte{key("a"): nil})
	if got, ok := f.Get([][32]byte{key("a")})[key("a")]; ok {
		t.Errorf("a is %q", got)
	}
	if err := f.Close(); err == nil || !strings.Contains(err.Error(), "write cache") {
		t.Errorf("closed with %v", err)
	}
}

// A warm check of 20,000 files: the cache is opened, and an entry is read for each customer and directory.
func BenchmarkWarm(b *testing.B) {
	path := filepath.Join(b.TempDir(), "cache")
	f := cachefile.Open(cachefile.Config{Path: path})
	for i := range 22_000 {
		f.Put(map[[32]byte][]byte{key(fmt.Sprint(i)): bytes.Repeat([]byte{byte(i)}, 400)})
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f := cachefile.Open(cachefile.Config{Path: path})
		for i := range 2_000 {
			if len(f.Get([][32]byte{key(fmt.Sprint(i))})) != 1 {
				b.Fatal("missed")
			}
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
