package status

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// A person has signed in. What they may is asked anew each time.
type person struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	CSRF  string `json:"csrf"` // what forms of theirs must hold
	Until int64  `json:"until"`
}

// sessions are kept by browsers, signed: every replica knows them, and none of them lives in a database.
type sessions struct {
	key []byte // empty: there are none, as anybody could sign
	now func() time.Time
}

const (
	sessionCookie = "tamer_operator"
	flowCookie    = "tamer_signin"
	// sessionTime is how long somebody stays signed in, and flowTime how long signing in may take.
	sessionTime = time.Hour
	flowTime    = 10 * time.Minute
)

// newSessions derives the key from the client secret: who changes that ends all sessions. Without a secret there are none.
func newSessions(secret string, now func() time.Time) sessions {
	if secret == "" {
		return sessions{now: now}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("tamer: sessions of the status page"))
	return sessions{mac.Sum(nil), now}
}

// seal gives v as a cookie's value. The name is signed too, so that one cookie cannot stand for another.
func (s sessions) seal(name string, v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(s.sign(name, text)), nil
}

func (s sessions) open(r *http.Request, name string, into any) bool {
	c, err := r.Cookie(name)
	if err != nil || len(s.key) == 0 {
		return false
	}
	text, signature, _ := strings.Cut(c.Value, ".")
	sum, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(sum, s.sign(name, text)) {
		return false
	}
	body, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && json.Unmarshal(body, into) == nil
}

func (s sessions) sign(name, text string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(name + "=" + text))
	return mac.Sum(nil)
}

// person gives who has signed in; nil for nobody.
func (s sessions) person(r *http.Request) *person {
	var p person
	if !s.open(r, sessionCookie, &p) || s.now().Unix() >= p.Until {
		return nil
	}
	return &p
}

// set keeps a value in the browser; secure where the page is reached by https.
func (s sessions) set(w http.ResponseWriter, name, value string, lasts time.Duration, secure bool) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(lasts / time.Second), HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
}

func (s sessions) drop(w http.ResponseWriter, name string, secure bool) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
}
