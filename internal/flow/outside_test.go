package flow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/work"
)

// A company is the operator's own systems: a warehouse that knows some names, and the check "credit".
type company struct {
	names  outside.Values
	down   bool
	answer string // of the check
	fresh  []bool // of each call
	posted []string
}

func (c *company) Ask(_ context.Context, _ forge.Repo, queries []outside.Query, fresh bool) ([]outside.Answer, error) {
	c.fresh = append(c.fresh, fresh)
	answers := make([]outside.Answer, len(queries))
	for i := range answers {
		if answers[i].Values = c.names; c.down {
			answers[i].Fault = outside.Silent
		}
	}
	return answers, nil
}

func (c *company) For(forge.Repo) []outside.Check {
	if c.answer == "" {
		return nil
	}
	return []outside.Check{{Name: "credit", Types: []string{"plan"}}}
}

func (c *company) Post(_ context.Context, check string, body []byte, read func([]byte) error) (outside.Fault, error) {
	var p struct{ Customer, Delivery string }
	if err := json.Unmarshal(body, &p); err != nil || check != "credit" || p.Delivery == "" {
		return "", fmt.Errorf("posted to %s: %s (%w)", check, body, err)
	}
	c.posted = append(c.posted, p.Customer)
	if c.down {
		return outside.Silent, nil
	}
	if err := read([]byte(strings.ReplaceAll(c.answer, "CUSTOMER", p.Customer))); err != nil {
		return outside.Unusable, nil
	}
	return outside.Answered, nil
}

// attempt works on pull request 1.
func (h *hub) attempt(t *testing.T, c *company, task work.Task) error {
	t.Helper()
	cfg := h.config()
	cfg.Live, cfg.External = c, c
	f, err := flow.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	task.Key = pullKey(1)
	_, err = f.Handle(t.Context(), task)
	return err
}

// named is a repository whose schema looks names up, with a pull request that sets those of so many customers.
func named(customers int) (*hub, forge.Commit) {
	h := newHub()
	main := h.commit("main", "", map[string]string{planSchema: `{"properties":{"name":{"x-tamer-live":{"source":"warehouse","query":"names"}}}}`})
	files := map[string]string{}
	for i := range customers {
		files[fmt.Sprintf("customers/c%03d/plan.yaml", i)] = "name: A\n"
	}
	h.commit("change", main, files)
	return h, h.open(1, "change")
}

// Silence is an error for the queue, three times; the fourth attempt makes it the verdict. A person who asks then has it asked anew.
func TestSilence(t *testing.T) {
	h, head := named(2)
	c := &company{down: true, answer: `{"files":[]}`}
	for n := 1; n <= 3; n++ {
		if err := h.attempt(t, c, work.Task{Attempt: n}); err == nil || err.Error() != "warehouse, credit did not answer" || work.IsPermanent(err) {
			t.Fatalf("attempt %d: %v", n, err)
		}
	}
	if run := h.newest(head, flow.ValidateCheck); run.Status != forge.InProgress || len(h.runs) != 1 {
		t.Errorf("meanwhile %s, %d runs", run.Status, len(h.runs))
	}
	if err := h.attempt(t, c, work.Task{Attempt: 4}); err != nil {
		t.Fatal(err)
	}
	run := h.newest(head, flow.ValidateCheck)
	if run.Conclusion != forge.Failed || run.Title != "could not be checked: credit did not answer, warehouse did not answer" || len(run.Annotations) != 0 {
		t.Errorf("%s %q with %d annotations", run.Conclusion, run.Title, len(run.Annotations))
	}
	if !strings.Contains(run.Text, "2 values could not be looked up") || !strings.Contains(run.Text, "2 customers could not be checked by it") {
		t.Errorf("it shows %s", run.Text)
	}
	if len(c.posted) != 4 {
		t.Errorf("a check that was silent was posted to %d times in 4 attempts", len(c.posted))
	}
	*c = company{names: outside.Values{"A": {}}, answer: c.answer}
	if err := h.attempt(t, c, work.Task{Attempt: 1, Anew: true}); err != nil {
		t.Fatal(err)
	}
	if run := h.newest(head, flow.ValidateCheck); run.Conclusion != forge.Success || len(h.runs) != 2 || len(c.fresh) != 1 || !c.fresh[0] {
		t.Errorf("asked anew: %s, %d runs, fresh %v", run.Conclusion, len(h.runs), c.fresh)
	}
}

func TestOutside(t *testing.T) {
	for name, c := range map[string]struct {
		company
		customers  int
		arrange    func(h *hub)
		conclusion forge.Conclusion
		says       string
		posts      int
	}{
		"all is well":         {company{names: outside.Values{"A": {}}, answer: `{"files":[]}`}, 2, nil, forge.Success, "Valid", 2},
		"a value is missing":  {company{}, 2, nil, forge.Failed, `"A" is not in warehouse/names`, 0},
		"nothing is declared": {company{names: outside.Values{"A": {}}}, 1, nil, forge.Success, "Valid", 0},
		"a check fails": {company{names: outside.Values{"A": {}}, answer: `{"files":[{"path":"customers/CUSTOMER/plan.yaml","findings":[{"rule":"r","level":"failure","path":"/name","message":"too much"}]}]}`},
			1, nil, forge.Failed, "too much", 1},
		"a check says nonsense":     {company{names: outside.Values{"A": {}}, answer: `[]`}, 1, nil, forge.Failed, "could not be checked: credit gave no usable answer", 1},
		"more customers than posts": {company{names: outside.Values{"A": {}}, answer: `{"files":[]}`}, 203, nil, forge.Failed, "3 customers could not be checked by it", 200},
		"a fork": {company{names: outside.Values{"A": {}}, answer: `{"files":[]}`}, 1, func(h *hub) {
			pr := h.pulls[1]
			pr.Fork = true
			h.pulls[1] = pr
		}, forge.Failed, "a maintainer who has read the change pushes the branch", 0},
		"a fork whose head a maintainer has pushed": {company{names: outside.Values{"A": {}}, answer: `{"files":[]}`}, 1, func(h *hub) {
			h.open(2, "change")
			pr := h.pulls[1]
			pr.Fork = true
			h.pulls[1] = pr
		}, forge.Success, "Valid", 1},
	} {
		t.Run(name, func(t *testing.T) {
			h, head := named(c.customers)
			if c.arrange != nil {
				c.arrange(h)
			}
			if err := h.attempt(t, &c.company, work.Task{Attempt: 1}); err != nil {
				t.Fatal(err)
			}
			run := h.newest(head, flow.ValidateCheck)
			if shown := run.Title + run.Summary + run.Text; run.Conclusion != c.conclusion || !strings.Contains(shown, c.says) || len(c.posted) != c.posts {
				t.Errorf("%s after %d posts, want %s after %d; it shows %s", run.Conclusion, len(c.posted), c.conclusion, c.posts, shown)
			}
		})
	}
}
