package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// The comment is made when there is something to say, and then kept up to date in place.
func TestOneComment(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	h.commit("change", main, map[string]string{"README.md": "Nothing for tamer.\n"})
	h.open(1, "change")
	said := func(when string, want ...string) {
		t.Helper()
		h.finish(t, pullKey(1))
		all := h.said(1)
		if len(want) == 0 && len(all) == 0 {
			return
		}
		if len(all) != 1 {
			t.Fatalf("%s: %d comments: %q", when, len(all), all)
		}
		for _, text := range want {
			if !strings.Contains(all[0], text) {
				t.Errorf("%s: %q is not in\n%s", when, text, all[0])
			}
		}
	}
	push := func(files map[string]string) {
		pr := h.pulls[1]
		pr.Head = h.commit("change", pr.Head, files)
		h.pulls[1] = pr
	}
	said("nothing to say")
	push(map[string]string{acmePlan: "nome: A\n"})
	said("a fault", "1 config of 1 customer changes · 1 failure to mend", "**The author** mends 1 failure", "name: Acme")
	push(map[string]string{acmePlan: "name: A\n"})
	said("mended", "1 config of 1 customer changes", "Nothing is to be mended", "name: Acme → A")
	before := h.effects
	push(map[string]string{"README.md": "Still nothing.\n"})
	said("pushed, and nothing else to say", "name: Acme → A")
	if made := h.effects - before; made != 2 {
		t.Errorf("%d effects, want only the check run's two: the comment says the same", made)
	}
	push(map[string]string{acmePlan: "name: Acme\n"})
	said("taken back", "No configuration changes")
	h.talk = nil
	said("deleted by a person, and nothing new")
	if all := h.said(1); len(all) != 0 {
		t.Errorf("deleted by a person, and nothing new: %q", all)
	}
	push(map[string]string{acmePlan: "name: B\n"})
	said("deleted, and something new", "name: Acme → B")
}

// Two pull requests of one head: each has its own comment, whichever of them is looked at first.
func TestOneHeadTwoComments(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	h.commit("other", main, map[string]string{acmePlan: "name: Other\n"})
	h.commit("change", main, map[string]string{betaPlan: "name: B\n"})
	h.open(1, "change")
	h.open(2, "change")
	pr := h.pulls[2]
	pr.BaseBranch = "other"
	h.pulls[2] = pr
	for range 2 {
		h.finish(t, pullKey(1))
		h.finish(t, pullKey(2))
	}
	if len(h.said(1)) != 1 || len(h.said(2)) != 1 || len(h.runs) != 1 {
		t.Errorf("comments %q and %q, %d check runs", h.said(1), h.said(2), len(h.runs))
	}
}

// A comment that GitHub refuses does not keep the verdict back.
func TestCommentRefused(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	h.commit("change", main, map[string]string{acmePlan: "nome: A\n"})
	head := h.open(1, "change")
	h.mute = true
	if err := h.work(t, pullKey(1)); err == nil || errors.Is(err, errCut) {
		t.Errorf("the refusal is not told: %v", err)
	}
	if run := h.newest(head, "tamer/validate"); run.Conclusion != forge.Failed {
		t.Errorf("check run %+v", run)
	}
}

// Two kinds of work write to the one comment, maybe in two processes: each reads and writes it in one turn.
func TestTheOneCommentIsWrittenInTurns(t *testing.T) {
	h := newGate()
	turn, taken := "", 0
	cfg := h.config()
	cfg.Comments = inTurn{h, t, &turn}
	cfg.Turn = func(_ context.Context, name string) (func(), error) {
		if !strings.Contains(name, "/comment/") {
			return func() {}, nil
		}
		turn = name
		taken++
		return func() { turn = "" }, nil
	}
	f, err := flow.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []work.Key{gateKey(1), pullKey(1)} {
		if _, err := f.Handle(t.Context(), work.Task{Key: k, Attempt: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if taken != 2 || turn != "" || len(h.said(1)) != 1 {
		t.Errorf("%d turns, %q is left, comments %q", taken, turn, h.said(1))
	}
}

// inTurn are comments of pull request 1 that are read and written in its turn only.
type inTurn struct {
	flow.Comments
	t    *testing.T
	turn *string
}

func (c inTurn) check(what string) {
	c.t.Helper()
	if !strings.HasSuffix(*c.turn, "/1") {
		c.t.Errorf("%s in the turn %q", what, *c.turn)
	}
}

func (c inTurn) OwnComment(ctx context.Context, repo forge.Repo, number int, marker string) (*forge.Comment, error) {
	c.check("read")
	return c.Comments.OwnComment(ctx, repo, number, marker)
}

func (c inTurn) CreateComment(ctx context.Context, repo forge.Repo, number int, body string) error {
	c.check("made")
	return c.Comments.CreateComment(ctx, repo, number, body)
}

func (c inTurn) UpdateComment(ctx context.Context, repo forge.Repo, id int64, body string) error {
	c.check("changed")
	return c.Comments.UpdateComment(ctx, repo, id, body)
}
