package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
)

// requestReviews asks the fewest people to review whose approvals would do, where the policy wants that. Nobody is asked twice: not who
// is asked already, has reviewed, or was asked by tamer before, even if somebody has taken that back. A draft asks nobody.
func (f *Flow) requestReviews(ctx context.Context, repo forge.Repo, d *decision) error {
	if !d.asks || d.pull.Draft || d.gated.State() != governance.Waiting {
		return nil
	}
	name := fmt.Sprintf("asked to review %d", d.pull.Number)
	text, err := f.Notes.Recall(ctx, repo, name)
	if err != nil {
		return err
	}
	var asked []int64
	if json.Unmarshal(text, &asked) != nil {
		asked = nil // the note is lost, which costs a second asking at most
	}
	var logins []string
	for _, p := range governance.Suggest(d.facts, d.gated.Verdict) {
		is := func(u forge.User) bool { return u.ID == p.User.ID }
		if slices.Contains(asked, p.User.ID) || slices.ContainsFunc(d.pull.Requested, is) ||
			slices.ContainsFunc(d.reviews, func(r forge.Review) bool { return is(r.By) }) {
			continue
		}
		asked, logins = append(asked, p.User.ID), append(logins, p.User.Login)
	}
	if len(logins) == 0 {
		return nil
	}
	if err := f.Reviews.RequestReviews(ctx, repo, d.pull.Number, logins); err != nil {
		return err
	}
	f.At(GateAsked)
	if text, err = json.Marshal(asked); err != nil {
		return err
	}
	return f.Notes.Remember(ctx, repo, name, text)
}
