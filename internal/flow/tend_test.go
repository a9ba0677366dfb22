package flow_test

import (
	"context"
	"iter"
	"maps"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
	"github.com/tamerhq/tamer/internal/work"
)

// A store is tended: what somebody has changed or lost is as it was, and previews that nobody has any use for are gone.
func TestTend(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	h.all(t, branchKey("main"))
	for _, branch := range []string{"gone", "stays"} {
		h.commit(branch, main, map[string]string{acmePlan: "name: " + branch + "\n"})
		h.all(t, branchKey(branch))
	}
	delete(h.heads.Tips, "gone")
	before := h.served()
	for key := range h.store.Objects() {
		if strings.HasPrefix(key, "acme/") || strings.HasPrefix(key, release.BundlePrefix) {
			if err := h.store.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := h.store.Put(t.Context(), "beta/other.yaml", []byte("x"), sink.Always); err != nil {
		t.Fatal(err)
	}
	h.all(t, work.Key{Kind: work.Tend, Installation: 1, Repository: 2, Name: "store"})
	if got := h.store.Objects()[".branches/stays/acme/plan.yaml"]; got != "name: stays\n" || strings.Contains(h.beside(), "branch/gone") {
		t.Errorf("served beside production:\n%s", h.beside())
	}
	maps.DeleteFunc(before, func(key, _ string) bool { return strings.HasPrefix(key, ".branches/gone/") })
	if got := h.served(); !maps.Equal(got, before) {
		t.Errorf("tended, production holds %q\nwant %q", got, before)
	}
	objects := h.store.Objects()
	for key, text := range objects {
		if strings.HasPrefix(key, release.ReleasePrefix) && strings.Contains(text, `"commit":"`+string(main)+`"`) {
			for _, customer := range []string{"acme", "beta"} {
				_, rest, _ := strings.Cut(text, `"`+customer+`":{"bundle":"`)
				if objects[release.BundleKey(release.Digest(rest[:64]))] == "" {
					t.Errorf("the bundle of %s is lost", customer)
				}
			}
		}
	}
	effects := h.effects
	h.all(t, work.Key{Kind: work.Tend, Installation: 1, Repository: 2, Name: "store"})
	if h.effects != effects {
		t.Errorf("tended again: %d effects", h.effects-effects)
	}
}

// Previews that have lost a bundle or their release are served anew, those of commits too.
func TestBrokenPreviewsAreServedAnew(t *testing.T) {
	for _, prefix := range []string{release.BundlePrefix, release.ReleasePrefix} {
		h := newHub()
		main := h.commit("main", "", plans())
		h.all(t, branchKey("main"))
		kept := h.store.Objects()
		h.commit("try", main, map[string]string{acmePlan: "name: A\n"})
		h.all(t, branchKey("try"))
		whole := h.beside()
		for key := range h.store.Objects() {
			if _, ofMain := kept[key]; !ofMain && strings.HasPrefix(key, prefix) {
				if err := h.store.Delete(t.Context(), key); err != nil {
					t.Fatal(err)
				}
			}
		}
		h.all(t, work.Key{Kind: work.Tend, Installation: 1, Repository: 2, Name: "store"})
		if got := h.beside(); got != whole {
			t.Errorf("served beside production:\n%s\nwant\n%s", got, whole)
		}
		live, err := h.operator(t).Read(t.Context(), release.Production)
		if err != nil {
			t.Fatal(err)
		}
		if broken, err := h.operator(t).Broken(t.Context(), live.Release); err != nil || len(broken) > 0 {
			t.Errorf("%s: still broken: %q, %v", prefix, broken, err)
		}
	}
}

// A busy sink has something happen when it is listed for the first time.
type busy struct {
	sink.Sink
	meanwhile func()
}

func (b *busy) List(ctx context.Context, prefix string) iter.Seq2[sink.Object, error] {
	if do := b.meanwhile; prefix == "" && do != nil {
		b.meanwhile = nil
		do()
	}
	return b.Sink.List(ctx, prefix)
}

// What a deploy writes while a store is looked through was changed by nobody else.
func TestADeployIsNoDrift(t *testing.T) {
	h := newHub()
	second := &busy{Sink: &sinktest.Memory{}}
	h.second = second
	main := h.commit("main", "", plans())
	h.all(t, branchKey("main"))
	var next forge.Commit
	second.meanwhile = func() {
		next = h.commit("main", main, map[string]string{acmePlan: "name: Next\n"})
		h.all(t, branchKey("main"))
	}
	h.all(t, work.Key{Kind: work.Tend, Installation: 1, Repository: 2, Name: "second"})
	if run := h.newest(next, flow.DeployCheck); run.Conclusion != forge.Success || strings.Contains(run.Summary, "by somebody else") {
		t.Errorf("the deploy meanwhile: %s", run.Summary)
	}
}
