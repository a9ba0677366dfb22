package fakegithub

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// act does what a form on the page of a pull request asks for, as the chosen actor and with that one's rights.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("owner") + "/" + r.PathValue("repo")
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	action := r.PathValue("action")
	login, err := s.permit(r, name, map[string]string{"merge": "write", "close": "write", "reopen": "write", "dismiss": "write"}[action])
	if err != nil {
		back(w, r, err)
		return
	}
	switch body := r.FormValue("body"); action {
	case "comment":
		_, err = s.Comment(name, number, login, body)
	case "review":
		_, err = s.Review(name, number, login, r.FormValue("event"), body)
	case "dismiss":
		id, _ := strconv.ParseInt(r.FormValue("review"), 10, 64) // of no number there is no review
		err = s.DismissReview(name, number, id, login)
	case "merge":
		_, err = s.Merge(name, number, r.FormValue("method"), login)
	case "close":
		err = s.ClosePull(name, number, login)
	case "reopen":
		err = s.ReopenPull(name, number, login)
	default:
		http.NotFound(w, r)
		return
	}
	back(w, r, err)
}

// actOnRun presses "Re-run" or a button of a check run.
func (s *Server) actOnRun(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("owner") + "/" + r.PathValue("repo")
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	login, err := s.permit(r, name, "write")
	if err != nil {
		back(w, r, err)
		return
	}
	switch r.PathValue("action") {
	case "rerun":
		err = s.RerequestCheck(name, id, login)
	case "action":
		err = s.RequestAction(name, id, r.FormValue("identifier"), login)
	default:
		http.NotFound(w, r)
		return
	}
	back(w, r, err)
}

// permit gives the actor if that one has the role. Authors may close and reopen what is theirs without it; to keep the
// page simple they need it here too.
func (s *Server) permit(r *http.Request, name, role string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.repo(name)
	if err != nil {
		return "", err
	}
	login := s.actor(r)
	if login == "" {
		return "", errors.New("there is nobody to act as; AddUser adds somebody")
	}
	if role != "" && !found.may(s.user(login), role) {
		return "", fmt.Errorf("%s has no write access to %s; act as somebody who has", login, name)
	}
	return login, nil
}
