package ship_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

func (w *world) preview(t *testing.T, channel string, c ship.Commit) (ship.Outcome, error) {
	t.Helper()
	w.now = w.now.Add(time.Minute)
	return w.open(t, nil).Preview(t.Context(), channel, c)
}

// beside gives the plain files of previews.
func (w *world) beside() map[string]string {
	all := w.Objects()
	maps.DeleteFunc(all, func(key, _ string) bool { return !strings.HasPrefix(key, ".branches/") })
	return all
}

// A branch is served beside production: only what differs as plain files, failing customers as in production; and then it is gone.
func TestPreview(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	before := w.plain()
	branch := release.BranchChannel("Feature/é")
	n := h.commit(map[string]string{plan("acme"): "name: A\n", plan("beta"): "nome: B\n", plan("new"): "name: N\n"})
	out, err := w.preview(t, branch, h.at(n))
	if err != nil || len(out.State.Release.Held()) != 1 || out.State.Channel.Channel != branch {
		t.Fatalf("%+v, %v", out, err)
	}
	const at = ".branches/%46eature%2f%c3%a9/"
	if got, want := w.beside(), map[string]string{at + "acme/plan.yaml": "name: A\n", at + "new/plan.yaml": "name: N\n"}; !maps.Equal(got, want) {
		t.Errorf("the preview holds %q", got)
	}
	diff(t, "previewed", w.plain(), before)
	puts := 0
	w.Fail = func(op, _ string) error {
		if op != sinktest.Get {
			puts++
		}
		return nil
	}
	if _, err := w.preview(t, branch, h.at(n)); err != nil || puts != 0 {
		t.Errorf("previewed again: %d effects, %v", puts, err)
	}
	w.now = w.now.Add(48 * time.Hour)
	if out, err := w.preview(t, branch, h.at(n)); err != nil || puts != 1 || !out.State.Channel.UpdatedAt.Equal(w.now) {
		t.Errorf("previewed again later: %d effects, %v, updated at %s", puts, err, out.State.Channel.UpdatedAt)
	}
	w.must(t, h.at(h.commit(map[string]string{plan("beta"): "name: B\n"}))) // production has it all now
	if _, err := w.preview(t, branch, h.at(n)); err != nil || len(w.beside()) > 0 {
		t.Errorf("previewed beside another production: %q, %v", w.beside(), err)
	}
	all, err := w.open(t, nil).Previews(t.Context())
	if err != nil || len(all) != 1 || all[0].Channel != branch {
		t.Errorf("previews %+v, %v", all, err)
	}
	for range 2 {
		if err := w.open(t, nil).RemovePreview(t.Context(), branch); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := w.open(t, nil).Previews(t.Context()); err != nil || len(all) > 0 || len(w.beside()) > 0 {
		t.Errorf("removed, and there are %+v with %q, %v", all, w.beside(), err)
	}
	if err := w.open(t, nil).RemovePreview(t.Context(), release.Production); !errors.Is(err, ship.ErrNothing) {
		t.Errorf("production was removed: %v", err)
	}
}

// Cut off at any effect, of one preview or its removal, and done again with another commit, or removed: exactly that stands.
func TestPreviewReplayed(t *testing.T) {
	h := newHistory()
	one := h.commit(map[string]string{plan("acme"): "name: A\n", plan("x"): "name: X\n"})
	two := h.commit(map[string]string{plan("acme"): "name: A2\n", plan("x"): "", plan("y"): "name: Y\n"})
	branch := release.BranchChannel("b")
	for _, then := range []int{one, two, 0} {
		for n := 1; ; n++ {
			w := newWorld()
			w.must(t, h.at(1))
			if _, err := w.preview(t, branch, h.at(one)); err != nil {
				t.Fatal(err)
			}
			effects := 0
			w.Lose = func(op, _ string) error {
				if op == sinktest.Put || op == sinktest.Delete {
					if effects++; effects == n {
						return errCut
					}
				}
				return nil
			}
			_, err := w.preview(t, branch, h.at(two))
			if err == nil {
				err = w.open(t, nil).RemovePreview(t.Context(), branch)
			}
			w.Lose = nil
			if err == nil {
				break
			}
			want := map[string]string{}
			switch then {
			case 0:
				err = w.open(t, nil).RemovePreview(t.Context(), branch)
			case one:
				want = map[string]string{".branches/b/acme/plan.yaml": "name: A\n", ".branches/b/x/plan.yaml": "name: X\n"}
			case two:
				want = map[string]string{".branches/b/acme/plan.yaml": "name: A2\n", ".branches/b/y/plan.yaml": "name: Y\n"}
			}
			if then != 0 {
				_, err = w.preview(t, branch, h.at(then))
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := w.beside(); !maps.Equal(got, want) {
				t.Errorf("cut off at effect %d, then %s: %q, want %q", n, fmt.Sprint(then), got, want)
			}
		}
	}
}
