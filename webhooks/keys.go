package webhooks

import (
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// ask asks for the key in the payload's installation; for nothing where the payload does not say which that is, or
// which repository.
func (p payload) ask(k work.Key, anew bool) []work.Wanted {
	k.Installation = p.Installation.ID
	if k.Installation == 0 || k.Repository == 0 && k.Kind != work.Installation {
		return nil
	}
	return []work.Wanted{{Key: k, Anew: anew}}
}

func (p payload) branch(name string, anew bool) []work.Wanted {
	if name == "" || strings.HasPrefix(name, forge.MergeQueuePrefix) {
		return nil
	}
	return p.ask(work.Key{Kind: work.Branch, Repository: p.Repository.ID, Name: name}, anew)
}

// pulls asks for work of these kinds on those of the pull requests that are the repository's own: a check also lists the ones by which its
// commit was offered to another repository.
func (p payload) pulls(pulls []pull, anew bool, kinds ...work.Kind) []work.Wanted {
	var wanted []work.Wanted
	for _, pr := range pulls {
		if base := pr.Base.Repo.ID; pr.Number <= 0 || base != 0 && base != p.Repository.ID {
			continue
		}
		for _, kind := range kinds {
			wanted = append(wanted, p.ask(work.Key{Kind: kind, Repository: p.Repository.ID, Number: pr.Number}, anew)...)
		}
	}
	return wanted
}

// commit asks for the pull requests that a check lists, or where it lists none, for those that will be found by the commit.
func (p payload) commit(h head, anew bool, kinds ...work.Kind) []work.Wanted {
	if wanted := p.pulls(h.PullRequests, anew, kinds...); len(wanted) > 0 || h.HeadSHA == "" {
		return wanted
	}
	return p.ask(work.Key{Kind: work.Commit, Repository: p.Repository.ID, Name: h.HeadSHA}, anew)
}
