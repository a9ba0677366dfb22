package status

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// shownDeliveries is how many of the newest attempts are listed: one call of GitHub.
const shownDeliveries = 50

type deliveriesPage struct {
	Sent    []work.Sent
	Problem string
}

// deliveries shows what GitHub has sent lately. That GitHub does not tell is said, and is no failure of the page.
func (s *Status) deliveries(r *http.Request) (content, error) {
	var p deliveriesPage
	var err error
	if p.Sent, err = s.cfg.Ledger.Recent(r.Context(), shownDeliveries); err != nil {
		p.Problem = err.Error()
	}
	return content{template: "deliveries", title: "Deliveries", trail: []link{{"Overview", "/"}}, data: p}, nil
}

// replay works a delivery once more.
func (s *Status) replay(r *http.Request, who person) (string, error) {
	repos, err := s.cfg.Known.Repositories(r.Context())
	if err != nil {
		return "", err
	}
	if err := s.operator(r, who, repos...); err != nil {
		return "", err
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return "", fmt.Errorf("%q is no delivery", r.PathValue("id"))
	}
	return "/deliveries?done=replay", s.cfg.Ledger.Replay(r.Context(), id)
}

// resume ends what holds production.
func (s *Status) resume(r *http.Request, who person) (string, error) {
	repo, err := s.find(r)
	if err != nil {
		return "", err
	}
	if err := s.operator(r, who, repo); err != nil {
		return "", err
	}
	reason := r.PostFormValue("reason")
	if reason == "" {
		return "", refusal("Say why: the reason is written beside the channel.")
	}
	return to(pathOf(repo), "done", "resume"), s.cfg.Operators.Resume(r.Context(), repo, who.Login, reason)
}

// operator is nil where somebody may act for one of the repositories now.
func (s *Status) operator(r *http.Request, who person, repos ...forge.Repo) error {
	for _, repo := range repos {
		may, err := s.cfg.Operators.Operator(r.Context(), repo, forge.User{ID: who.ID, Login: who.Login})
		if err != nil {
			return err
		}
		if may {
			return nil
		}
	}
	return refusal(who.Login + " is in no team that override_teams of the settings file names for this repository.")
}
