package app_test

import (
	"testing"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

// No sweep finds a command in a comment: its webhook does, which GitHub could not deliver.
func TestACommandWhoseWebhookWasLostIsAnswered(t *testing.T) {
	w := newWorld(t)
	const repo = "acme/config"
	w.create(repo, plans())
	n := w.change(repo, "change", map[string]string{"customers/acme/plan.yaml": "name: New\n"})
	w.must(w.Hub.SetRole(repo, "anna", "write"))
	w.Hub.SetHookFaults(fakegithub.HookFaults{DropAll: true})
	w.Receive("http://127.0.0.1:1")
	_, err := w.Hub.Comment(repo, n, "anna", "/tamer help")
	w.must(err)
	w.must(w.Hub.Wait(t.Context()))
	w.start(quiet())
	w.until("an answer", func() bool { return len(w.own(repo, n)) == 2 })
	w.settle()
	if own := w.own(repo, n); len(own) != 2 {
		t.Errorf("%d comments, want the report and one answer", len(own))
	}
}
