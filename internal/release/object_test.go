package release_test

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/schemas"
)

var (
	repo = "acme/configs"
	one  = forge.Commit(strings.Repeat("1", 40))
	two  = forge.Commit(strings.Repeat("2", 40))
	noon = time.Date(2026, 11, 22, 12, 0, 0, 123, time.FixedZone("", 3600))
)

// published judges an object by the schema that tamer publishes.
func published(t *testing.T, name string, v any) []byte {
	t.Helper()
	body, err := release.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	compiled, found := schema.NewSet(schemas.FS).Compile(name + ".schema.json")
	if compiled == nil {
		t.Fatal(found)
	}
	docs, found := document.Parse(body, document.Limits{})
	if found = append(found, compiled.Validate(docs[0])...); len(found) > 0 {
		t.Errorf("%s\n%+v", body, found)
	}
	return body
}

func pack(t *testing.T, unit string, texts map[string]string) (release.Bundle, release.Digest) {
	t.Helper()
	tree := fstest.MapFS{}
	var files []policy.File
	for path, text := range texts {
		tree[path] = &fstest.MapFile{Data: []byte(text)}
		typ, _, _ := strings.Cut(path[strings.LastIndex(path, "/")+1:], ".")
		f := policy.File{Path: path, Kind: policy.Config, Customer: unit, Type: typ}
		if unit == release.Shared {
			f.Kind = policy.Shared
		}
		files = append(files, f)
	}
	b, err := release.Pack(unit, files, func(p string) ([]byte, error) { return fs.ReadFile(tree, p) }, document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return b, release.DigestOf(published(t, "bundle", b))
}

// What is written is what the published schemas say, whatever the files are.
func TestObjects(t *testing.T) {
	acme, d := pack(t, "acme", map[string]string{
		"customers/acme/one.yaml": "a: 1.50\nb: <&>\n", "customers/acme/several.yaml": "--- 1\n--- {x: [2]}\n",
		"customers/acme/plain.json": `{"é": null}`, "customers/acme/wide.yaml": "\xff\xfea\x00:\x00 \x001\x00", "customers/acme/empty.yaml": ""})
	shared, s := pack(t, release.Shared, map[string]string{"shared/markets.yaml": "- fr\n"})
	body, _ := release.Encode(acme.Configs["one"])
	if want := `{"path":"customers/acme/one.yaml","sha256":"` + string(acme.Configs["one"].SHA256) + `","text":"a: 1.50\nb: <&>\n","value":{"a":1.50,"b":"<&>"}}`; string(body) != want {
		t.Errorf("got %s\nwant %s", body, want)
	}
	for typ, want := range map[string]string{"wide": "\xff\xfea\x00:\x00 \x001\x00", "empty": "", "plain": `{"é": null}`} {
		if got := string(acme.Configs[typ].Source()); got != want {
			t.Errorf("%s is %q again, want %q", typ, got, want)
		}
	}
	if keys := append(acme.Plain().Keys(), shared.Plain().Keys()...); len(keys) != 6 || keys[0] != "acme/empty.yaml" || keys[5] != ".shared/markets.yaml" {
		t.Errorf("keys %q", keys)
	}
	n := 12
	first := release.Release{}.Next(release.Provenance{Repository: repo, Commit: one, CommittedAt: noon}, map[string]release.Digest{"acme": d, release.Shared: s}, map[string]string{"beta": "plan does not match its schema"})
	published(t, "release", first)
	second := first.Next(release.Provenance{Repository: repo, Commit: two, Parents: []forge.Commit{one}, CommittedAt: noon, Author: &release.Person{Login: "ana", ID: 1}, PullRequest: &n,
		Approvers: []release.Person{{Login: "ben", ID: 2}}, Override: &release.Override{By: release.Person{Login: "cyd", ID: 3}, Reason: "fire"}},
		map[string]release.Digest{release.Shared: ""}, map[string]string{"acme": "plan is wrong"})
	id := release.DigestOf(published(t, "release", second))
	if held := second.Held(); len(held) != 2 || *second.Customers["acme"].Held.Commit != one || second.Digest("acme") != d || second.Shared != nil {
		t.Errorf("held %q in %+v", held, second)
	}
	c := release.Channel{Channel: release.Production}.Move(first, "", noon).Move(second, id, noon).Held(release.Hold{By: "ana", Reason: "prices", Since: noon.UTC()})
	published(t, "channel", c)
	c.Holds = map[string]release.Hold{"acme": {By: "ana", Reason: "prices", Since: noon.UTC()}}
	c = c.Resume(release.Hold{By: "ben", Reason: "mended", Since: noon.UTC()})
	published(t, "channel", c)
	if c.Generation != 2 || c.Hold != nil || len(c.Holds) > 0 || c.Resumed.By != "ben" || c.Move(second, id, noon).Resumed != nil {
		t.Errorf("resumed: %+v", c)
	}
}

// Going back to a release of the history, the history tells both.
func TestHistory(t *testing.T) {
	var c release.Channel
	var j release.Journal
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	for n := range release.KeptMoves + 10 {
		r := release.Release{Repository: repo, Commit: one}
		for range 2 { // the first is cut off
			j = j.Next(c, r, release.Digest(fmt.Sprint(n)), at(n))
		}
		c = c.Move(r, release.Digest(fmt.Sprint(n)), at(n))
		c = c.Held(release.Hold{}).Resume(release.Hold{})
	}
	h := release.History(c, j)
	if len(h) != release.KeptMoves || h[0].Release != release.Digest(fmt.Sprint(release.KeptMoves+9)) || h[1].Release != release.Digest(fmt.Sprint(release.KeptMoves+8)) || h[1].Generation != h[0].Generation-1 {
		t.Errorf("%d moves, the first %+v", len(h), h[:2])
	}
}

// 10,000 customers: the release stays below 1.2 MB.
func TestReleaseOfManyCustomers(t *testing.T) {
	now := map[string]release.Digest{}
	for n := range 10_000 {
		now[fmt.Sprintf("customer-number-%05d", n)] = release.DigestOf(fmt.Append(nil, n))
	}
	body, err := release.Encode(release.Release{}.Next(release.Provenance{Repository: repo, Commit: one}, now, nil))
	if err != nil || len(body) > 1_200_000 {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}

// 2,000 hostile names: every key is one that a store takes, within its prefix, and no two names share one, in whatever case.
func TestNames(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	seen := map[string]string{}
	parts := []string{"..", ".", "/", "\\", "%2f", "%", "A", "a", "é", "e\u0301", "\x00", "\xff", " ", "con", "main", "~", strings.Repeat("x", 60), ".json", "\u202e", "refs/heads/"}
	for range 2000 {
		var name string
		for range 1 + rnd.IntN(6) {
			name += parts[rnd.IntN(len(parts))]
		}
		for _, key := range []string{release.ChannelKey(release.BranchChannel(name)), release.JournalKey(release.BranchChannel(name)), release.PlainPrefix(release.BranchChannel(name)) + "acme/plan.yaml"} {
			if err := sink.CheckKey(key); err != nil {
				t.Errorf("%q: %v", name, err)
			}
			if strings.Count(key, "/") != 3 || !strings.HasPrefix(key, ".tamer/") && !strings.HasPrefix(key, ".branches/") {
				t.Errorf("%q is at %q", name, key)
			}
			if other, taken := seen[strings.ToLower(key)]; taken && other != name {
				t.Errorf("%q and %q share %q", name, other, key)
			}
			seen[strings.ToLower(key)] = name
		}
	}
	if got := release.ChannelKey(release.BranchChannel("feature/v1.2")); got != ".tamer/channels/branch/feature%2fv1.2.json" {
		t.Error(got)
	}
}

// Whatever stands in a store, and however often deploys were cut off: the steps, done to their end, give exactly what is wanted.
func TestPlan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	some := func() release.Plain {
		p := release.Plain{}
		for range rnd.IntN(6) {
			p[fmt.Sprint("key", rnd.IntN(6))] = release.File{SHA256: release.Digest(fmt.Sprint(rnd.IntN(3)))}
		}
		return p
	}
	do := func(store, will release.Plain, s release.Steps, n int) {
		for i, key := range slices.Concat(s.Remove, s.Write) {
			if i >= n {
				return
			}
			delete(store, key)
			if f, ok := will[key]; ok {
				store[key] = f
			}
		}
	}
	for round := range 3000 {
		was := some()
		store := maps.Clone(was)
		var dirty []string
		for range rnd.IntN(3) {
			cut := some()
			s := release.Plan(was, cut, dirty)
			dirty = s.Touched()
			do(store, cut, s, rnd.IntN(len(dirty)+1))
		}
		will := some()
		s := release.Plan(was, will, dirty)
		do(store, will, s, len(s.Touched()))
		if !maps.EqualFunc(store, will, func(a, b release.File) bool { return a.SHA256 == b.SHA256 }) {
			t.Fatalf("round %d: the store holds %v, want %v\nsteps: %+v", round, store, will, s)
		}
		if again := release.Plan(will, will, nil); len(again.Touched()) > 0 {
			t.Fatalf("round %d: to stay where it is, it would do %+v", round, again)
		}
	}
}

// Which customers' files stand in each other's way.
func TestClashes(t *testing.T) {
	got := release.Clashes(map[string][]string{
		"a": {"a/b/c.yaml"}, "a/b": {"a/b/c.yaml", "a/b/d.yaml"}, "x": {"x/y.yaml"}, "x/y.yaml": {"x/y.yaml/z.yaml"}, "fine": {"fine/a.yaml", "fine/b.yaml"}, "long": {strings.Repeat("l", 256)},
		"x/y.yaml/w": {"x/y.yaml/w/v.yaml"}, ".shared": {".shared/a.yaml"}, ".tamer": {".tamer/b.yaml"}, release.Shared: {".shared/b.yaml"}})
	for _, unit := range []string{"a", "a/b", "x", "x/y.yaml", "long", "x/y.yaml/w", ".shared", ".tamer"} {
		if got[unit] == "" {
			t.Errorf("%q is not told", unit)
		}
	}
	if len(got) != 8 {
		t.Errorf("got %q", got)
	}
}
