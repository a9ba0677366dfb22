package status

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// SignIn says how operators sign in: at GitHub, by the app's own client.
type SignIn struct {
	ClientID     string
	ClientSecret string
	GitHubURL    string // without a slash at its end
	APIURL       string // ends with a slash
	Client       *http.Client
}

func (s SignIn) possible() bool { return s.ClientID != "" && s.ClientSecret != "" }

// A visit is somebody on the way to GitHub and back.
type visit struct {
	State    string `json:"state"`
	Verifier string `json:"verifier"`
	Back     string `json:"back"`
	Until    int64  `json:"until"`
}

// signIn sends the browser to GitHub. Source: docs.github.com, "Generating a user access token for a GitHub App"; PKCE as in RFC 7636.
func (s *Status) signIn(w http.ResponseWriter, r *http.Request) {
	if !s.cfg.SignIn.possible() {
		s.refuse(w, r, http.StatusNotFound, errors.New("nobody can sign in: set TAMER_CLIENT_ID and TAMER_CLIENT_SECRET, from the settings page of the app"))
		return
	}
	v := visit{State: rand.Text(), Verifier: rand.Text() + rand.Text(), Back: "/", Until: s.cfg.Now().Add(flowTime).Unix()}
	if back := r.URL.Query().Get("back"); local(back) {
		v.Back = back
	}
	sealed, err := s.sessions.seal(flowCookie, v)
	if err != nil {
		s.refuse(w, r, http.StatusInternalServerError, err)
		return
	}
	s.sessions.set(w, flowCookie, sealed, flowTime, s.secure(r))
	challenge := sha256.Sum256([]byte(v.Verifier))
	q := url.Values{"client_id": {s.cfg.SignIn.ClientID}, "redirect_uri": {s.callback(r)}, "state": {v.State},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"}}
	http.Redirect(w, r, s.cfg.SignIn.GitHubURL+"/login/oauth/authorize?"+q.Encode(), http.StatusSeeOther)
}

func (s *Status) callback(r *http.Request) string { return s.address(r) + "/signin/callback" }
func (s *Status) secure(r *http.Request) bool     { return strings.HasPrefix(s.address(r), "https://") }

// signedIn takes the browser that comes back, and asks GitHub who that is.
func (s *Status) signedIn(w http.ResponseWriter, r *http.Request) {
	var v visit
	q := r.URL.Query()
	known := s.sessions.open(r, flowCookie, &v) && s.cfg.Now().Unix() < v.Until && subtle.ConstantTimeCompare([]byte(v.State), []byte(q.Get("state"))) == 1
	s.sessions.drop(w, flowCookie, s.secure(r))
	switch {
	case !known:
		s.refuse(w, r, http.StatusForbidden, errors.New("this way of signing in was not begun here, or took too long: begin again"))
		return
	case q.Get("code") == "":
		s.refuse(w, r, http.StatusForbidden, errors.New("GitHub did not let you in"))
		return
	}
	who, err := s.ask(r.Context(), q.Get("code"), v.Verifier, s.callback(r))
	if err == nil {
		who.CSRF, who.Until = rand.Text(), s.cfg.Now().Add(sessionTime).Unix()
		var sealed string
		if sealed, err = s.sessions.seal(sessionCookie, who); err == nil {
			s.sessions.set(w, sessionCookie, sealed, sessionTime, s.secure(r))
			http.Redirect(w, r, v.Back, http.StatusSeeOther)
			return
		}
	}
	s.refuse(w, r, http.StatusBadGateway, err)
}

// ask turns the code into a token, asks with it who its owner is, and forgets it.
func (s *Status) ask(ctx context.Context, code, verifier, redirect string) (person, error) {
	form := url.Values{"client_id": {s.cfg.SignIn.ClientID}, "client_secret": {s.cfg.SignIn.ClientSecret}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.SignIn.GitHubURL+"/login/oauth/access_token", strings.NewReader(form.Encode()))
	if err != nil {
		return person{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var got struct {
		Token string `json:"access_token"`
		Error string `json:"error"`
	}
	if err := s.fetch(req, &got); err != nil {
		return person{}, fmt.Errorf("ask GitHub for a token: %w", err)
	}
	if got.Token == "" {
		return person{}, fmt.Errorf("ask GitHub for a token: it answers %q", got.Error)
	}
	req, err = http.NewRequestWithContext(ctx, http.MethodGet, s.cfg.SignIn.APIURL+"user", nil)
	if err != nil {
		return person{}, err
	}
	req.Header.Set("Authorization", "Bearer "+got.Token)
	var who person
	if err := s.fetch(req, &who); err != nil {
		return person{}, fmt.Errorf("ask GitHub who you are: %w", err)
	}
	if who.ID == 0 {
		return person{}, errors.New("GitHub does not say who you are")
	}
	return person{ID: who.ID, Login: who.Login}, nil
}

// maxAnswer bounds what is read of GitHub's answer, in bytes.
const maxAnswer = 1 << 20

func (s *Status) fetch(req *http.Request, into any) error {
	req.Header.Set("Accept", "application/json")
	client := s.cfg.SignIn.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		var u *url.Error // its text holds the address only, and the secret is in the body
		if errors.As(err, &u) {
			return u.Err
		}
		return err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", resp.Status)
	}
	return json.Unmarshal(body, into)
}

func (s *Status) signOut(w http.ResponseWriter, r *http.Request) {
	if who := s.sessions.person(r); who != nil && sameText(r.PostFormValue("csrf"), who.CSRF) {
		s.sessions.drop(w, sessionCookie, s.secure(r))
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// A refusal is what somebody may not do, or has not said; its text is for them.
type refusal string

func (r refusal) Error() string { return string(r) }

// action does what a form asks for, where somebody has signed in and the form is this page's own. do gives where to go then.
func (s *Status) action(do func(r *http.Request, who person) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who := s.sessions.person(r)
		if who == nil || !sameText(r.PostFormValue("csrf"), who.CSRF) {
			s.refuse(w, r, http.StatusForbidden, errors.New("sign in, and try again from the page"))
			return
		}
		next, err := do(r, *who)
		var no refusal
		switch {
		case errors.As(err, &no):
			s.refuse(w, r, http.StatusForbidden, err)
		case err != nil:
			s.refuse(w, r, http.StatusBadGateway, err)
		default:
			http.Redirect(w, r, next, http.StatusSeeOther)
		}
	}
}

func (s *Status) refuse(w http.ResponseWriter, r *http.Request, code int, err error) {
	s.show(w, r, code, content{template: "problem", title: "This was not done", trail: []link{{"Overview", "/"}}, data: err.Error()})
}
