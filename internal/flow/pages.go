package flow

import (
	"fmt"

	"github.com/tamerhq/tamer/internal/forge"
)

// Pages are the addresses where people look, for the links that GitHub shows beside a deployment.
type Pages struct {
	GitHub string // GitHub's own for people, without a slash at its end
	// Served gives the page that shows what a channel serves. Nil: there is none that browsers reach.
	Served func(repo forge.Repo, channel string) string
}

// log gives the page that tells how the deploy of a commit went: a check run, and all of the commit where run is 0.
func (p Pages) log(repo forge.Repo, at forge.Commit, run int64) string {
	switch {
	case p.GitHub == "":
		return ""
	case run == 0:
		return fmt.Sprintf("%s/%s/commit/%s/checks", p.GitHub, repo, at)
	}
	return fmt.Sprintf("%s/%s/runs/%d", p.GitHub, repo, run)
}

func (p Pages) served(repo forge.Repo, channel string) string {
	if p.Served == nil {
		return ""
	}
	return p.Served(repo, channel)
}
