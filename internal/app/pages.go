package app

import (
	"net/http"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/status"
	"github.com/tamerhq/tamer/webhooks"
)

// signInTime bounds one question to GitHub while somebody signs in.
const signInTime = 10 * time.Second

// pages are where links beside deployments lead.
func (c Config) pages() flow.Pages {
	p := flow.Pages{GitHub: c.GitHubURL}
	if c.AdminURL != "" {
		p.Served = func(repo forge.Repo, channel string) string { return status.Page(c.AdminURL, repo, channel) }
	}
	return p
}

// pages makes the operators' pages.
func (s *Server) pages(cfg Config, flows *flow.Flow, missed *webhooks.Missed) (http.Handler, error) {
	return status.New(status.Config{
		Known: s.store, Work: s.queue, Ledger: missed, Operators: flows, Trees: s.mirrors, Sinks: s.sinks,
		GitHub: cfg.GitHubURL, Version: Version(), Now: time.Now, Address: cfg.AdminURL, Limits: cfg.Limits,
		SignIn: status.SignIn{ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, GitHubURL: cfg.GitHubURL, APIURL: cfg.APIURL,
			Client: &http.Client{Timeout: signInTime}},
	})
}
