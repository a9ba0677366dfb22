package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// freshFor is how long a verdict on gates stands without another look: who is in a team, may write or is a regular editor changes without
// anything to see on the pull request.
const freshFor = 6 * time.Hour

// gateState is what the verdict on the gates of a pull request rests on. Where no gate is touched these are head and base only. Else
// it holds, too, when the pull request was last changed, which moves with every review and so tells of a lost webhook; and the time until
// which it is fresh.
func (f *Flow) gateState(d decision, same []forge.PullRequest) work.State {
	if d.gated.Problem == "" && len(d.facts.Gates) == 0 {
		return mergeState(d.pull.Head, d.tip) + others(d.pull, same)
	}
	return f.gatedState(d.pull, d.tip) + others(d.pull, same)
}

func (f *Flow) gatedState(pr forge.PullRequest, tip forge.Commit) work.State {
	spread := time.Duration(pr.Number%360) * time.Minute // so that they do not all become stale at once
	slot := f.Now().Add(spread).Truncate(freshFor).Unix()
	return work.State(fmt.Sprintf("%s, changed %d, looked at in %d", mergeState(pr.Head, tip), pr.Updated.Unix(), slot))
}

// ungated gives the pull requests whose gates were not looked at as they are now. Where none was touched and only the base has moved,
// that is worked out here, without a request, and noted where it is still so: else every merge would cost requests for each of hundreds.
func (f *Flow) ungated(ctx context.Context, repo forge.Repo, now survey) ([]work.Wanted, error) {
	var wanted []work.Wanted
	var errs []error
	for _, pr := range now.open {
		k, tip := approvalsKey(repo, pr.Number), now.heads.Tips[pr.BaseBranch]
		done, shared := now.dealtWith(k, pr)
		state := mergeState(pr.Head, tip)
		if done == state || done == f.gatedState(pr, tip) {
			continue
		}
		rest, sameHead := strings.CutPrefix(string(done), string(pr.Head)+onto)
		if sameHead && !shared && !strings.Contains(rest, ",") && f.touchesNothing(ctx, repo, pr, tip) {
			errs = append(errs, f.Memory.MoveState(ctx, k, done, state))
			continue
		}
		wanted = append(wanted, work.Wanted{Key: k})
	}
	return wanted, errors.Join(errs...)
}

// touchesNothing tells whether a pull request runs into no gate of its base. Whatever cannot be told is no.
func (f *Flow) touchesNothing(ctx context.Context, repo forge.Repo, pr forge.PullRequest, tip forge.Commit) bool {
	w := f.weigh(repo, subject{pull: pr, tip: tip, head: pr.Head})
	problem, err := w.begin(ctx)
	return err == nil && problem == "" && len(w.touched) == 0
}
