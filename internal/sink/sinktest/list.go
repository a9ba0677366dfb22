package sinktest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/sink"
)

func listing(t *testing.T, s sink.Sink) {
	wantKeys(t, s, "")
	wantKeys(t, s, "acme/")
	all := []string{".tamer/bundles/0123.json", "a-b", "a.b/c", "a/b", "ab/c", "b/c/d/e", "é/ü.yaml"}
	for i, key := range all {
		put(t, s, key, strings.Repeat("x", i))
	}
	wantKeys(t, s, "", all...)
	wantKeys(t, s, "a/", "a/b")
	wantKeys(t, s, "b/c/", "b/c/d/e")
	wantKeys(t, s, "b/c/d/e/")
	wantKeys(t, s, "é/", "é/ü.yaml")
	wantKeys(t, s, ".tamer/", ".tamer/bundles/0123.json")
	for _, prefix := range []string{"a", "/", "//", "../", "a/../", "a//", `a\/`, "a\x00/"} {
		if err := lastError(s.List(t.Context(), prefix)); err == nil {
			t.Errorf("List of the illegal prefix %q gives no error", prefix)
		}
	}
	remove(t, s, "a/b")
	wantKeys(t, s, "a/")
	wantKeys(t, s, "b/", "b/c/d/e")
}

// listingTells holds that a listing says of an object what Get says, and when it was written.
func listingTells(t *testing.T, s sink.Sink) {
	put(t, s, "a/one", "first")
	before := only(t, s, "a/")
	v := put(t, s, "a/one", "second, longer")
	o := only(t, s, "a/")
	if o.Key != "a/one" || o.Version != v || o.Size != int64(len("second, longer")) || o.Version == before.Version {
		t.Errorf("List gave %+v, want the size 14 and the version %q", o, v)
	}
	if age := time.Since(o.ModTime); age < -time.Hour || age > time.Hour || o.ModTime.Before(before.ModTime) {
		t.Errorf("List gave the time %v, after %v; want about now", o.ModTime, before.ModTime)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := lastError(s.List(ctx, "")); !errors.Is(err, context.Canceled) {
		t.Errorf("List with a cancelled context: %v, want %v", err, context.Canceled)
	}
}

// manyObjects holds that a listing of several pages lacks nothing, ends where its reader does, and is not disturbed by writers.
func manyObjects(t *testing.T, s sink.Sink) {
	const n = 1100 // more than a page of S3 holds
	var want []string
	var steps []sink.Step
	for i := range n {
		want = append(want, fmt.Sprintf("many/%04d", i))
		steps = append(steps, sink.Step{Key: want[i], Body: []byte{byte(i)}})
	}
	if err := sink.Apply(t.Context(), s, steps); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, s, "many/", want...)
	for o, err := range s.List(t.Context(), "many/") {
		if err != nil || o.Key != want[0] {
			t.Errorf("the first of List is %+v, %v", o, err)
		}
		break
	}
	together(2, func(w int) {
		for i := range 4 {
			if w == 0 {
				put(t, s, fmt.Sprintf("many/0500-%d", i), "between")
				continue
			}
			keys, err := listed(s.List(t.Context(), "many/"))
			keys = slices.DeleteFunc(keys, func(k string) bool { return strings.Contains(k, "-") })
			if err != nil || !slices.Equal(keys, want) {
				t.Errorf("beside a writer List gave %d keys, %v; want %d", len(keys), err, n)
				return
			}
		}
	})
}

func batches(t *testing.T, s sink.Sink) {
	apply := func(steps ...sink.Step) error { return sink.Apply(t.Context(), s, steps) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(apply())
	must(apply(sink.Step{Key: "a", Body: []byte("1")}, sink.Step{Key: "b/c", Body: []byte("2"), Cond: sink.IfAbsent()}, sink.Step{Key: "none", Delete: true}))
	a, _ := want(t, s, "a", "1"), want(t, s, "b/c", "2")
	must(apply(sink.Step{Key: "a", Body: []byte("3"), Cond: sink.IfVersion(a)}, sink.Step{Key: "b/c", Delete: true}, sink.Step{Key: "empty"}))
	now := want(t, s, "a", "3")
	want(t, s, "empty", "")
	wantKeys(t, s, "", "a", "empty")

	for name, stale := range map[string]sink.Step{
		"version": {Key: "a", Body: []byte("must not be written"), Cond: sink.IfVersion(a)},
		"absent":  {Key: "a", Body: []byte("must not be written"), Cond: sink.IfAbsent()},
		"nothing": {Key: "gone", Body: []byte("must not be written"), Cond: sink.IfVersion(a)},
	} {
		if err := apply(sink.Step{Key: "beside", Body: []byte("may be written")}, stale); !errors.Is(err, sink.ErrConflict) {
			t.Errorf("a batch with the stale condition %q: %v, want %v", name, err, sink.ErrConflict)
		}
	}
	if want(t, s, "a", "3") != now {
		t.Error("a conflict in a batch changed the object")
	}
	wantAbsent(t, s, "gone")
	for name, wrong := range map[string][]sink.Step{
		"illegal key": {{Key: "../a"}}, "key twice": {{Key: "a"}, {Key: "a", Delete: true}},
		"delete under a condition": {{Key: "a", Delete: true, Cond: sink.IfVersion(now)}},
	} {
		if err := apply(append(wrong, sink.Step{Key: "other"})...); err == nil || errors.Is(err, sink.ErrConflict) {
			t.Errorf("a batch with an %s: %v", name, err)
		}
	}
	wantAbsent(t, s, "other")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sink.Apply(ctx, s, []sink.Step{{Key: "a", Body: []byte("4")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("a batch with a cancelled context: %v, want %v", err, context.Canceled)
	}
	want(t, s, "a", "3")
}

// concurrentBatches holds that batches that meet in the same keys, in any order, neither lose an effect nor wait for each
// other for ever, and that of those under one condition one wins.
func concurrentBatches(t *testing.T, s sink.Sink) {
	const workers, keys = 6, 20
	together(workers, func(w int) {
		steps := []sink.Step{{Key: fmt.Sprintf("own/%d", w), Body: []byte("mine")}}
		for k := range keys {
			steps = append(steps, sink.Step{Key: fmt.Sprintf("shared/%02d", k), Body: fmt.Appendf(nil, "by %d", w)})
		}
		rand.New(rand.NewPCG(uint64(w), 0)).Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		for range 3 {
			if err := sink.Apply(t.Context(), s, steps); err != nil {
				t.Error(err)
			}
		}
	})
	for w := range workers {
		want(t, s, fmt.Sprintf("own/%d", w), "mine")
	}
	for k := range keys {
		if body, _, err := s.Get(t.Context(), fmt.Sprintf("shared/%02d", k)); err != nil || !strings.HasPrefix(string(body), "by ") {
			t.Errorf("shared/%02d holds %q, %v", k, body, err)
		}
	}
	won := make([]error, workers)
	together(workers, func(w int) {
		won[w] = sink.Apply(t.Context(), s, []sink.Step{{Key: "claim", Body: fmt.Append(nil, w), Cond: sink.IfAbsent()}})
	})
	winners := 0
	for w, err := range won {
		if err == nil {
			winners++
			want(t, s, "claim", fmt.Sprint(w))
		} else if !errors.Is(err, sink.ErrConflict) {
			t.Error(err)
		}
	}
	if winners != 1 {
		t.Errorf("%d batches were told that they created the object; want 1", winners)
	}
}

func wantKeys(t *testing.T, s sink.Sink, prefix string, want ...string) {
	t.Helper()
	got, err := listed(s.List(t.Context(), prefix))
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("List of %q gave %d keys, %.10q, %v; want %d keys, %.10q", prefix, len(got), got, err, len(want), want)
	}
}

func only(t *testing.T, s sink.Sink, prefix string) sink.Object {
	t.Helper()
	var all []sink.Object
	for o, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	if len(all) != 1 {
		t.Fatalf("List of %q gave %+v, want one object", prefix, all)
	}
	return all[0]
}

func listed(all func(func(sink.Object, error) bool)) (keys []string, err error) {
	for o, err := range all {
		if err != nil {
			return keys, err
		}
		keys = append(keys, o.Key)
	}
	return keys, nil
}

func lastError(all func(func(sink.Object, error) bool)) error {
	_, err := listed(all)
	return err
}
