package app

import (
	"encoding/json"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
)

// An OverrideTeam may let changes of some repositories pass their gates.
type OverrideTeam struct {
	Team         string   // "organization/team"
	Repositories []string // OWNER/NAME or OWNER/*
}

// overrideTeams reads them from a settings file whose form was judged before; doc is nil where there is none.
func overrideTeams(doc *document.Document) ([]OverrideTeam, Mistakes) {
	if doc == nil {
		return nil, nil
	}
	var file struct {
		OverrideTeams []OverrideTeam `json:"override_teams"`
	}
	b, err := json.Marshal(doc.Value)
	if err == nil {
		err = json.Unmarshal(b, &file)
	}
	if err != nil {
		return nil, Mistakes{{Name: "override_teams (settings file)", Read: "cannot be read: " + err.Error(), Want: "compare it with docs/approvals.md"}}
	}
	return file.OverrideTeams, nil
}

// overriding gives the teams that may override the gates of a repository.
func (c Config) overriding(repo forge.Repo) []string {
	var teams []string
	for _, t := range c.OverrideTeams {
		if outside.Allows(t.Repositories, repo) {
			teams = append(teams, t.Team)
		}
	}
	return teams
}
