package fakegithub

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A token opens REST and git: an installation's, for an hour, or a user's, for ever.
type token struct {
	value       string
	install     *installation // nil for a user's
	user        *User         // nil for an installation's
	permissions map[string]string
	repos       []int64 // empty: all of the installation
	narrowed    bool    // made for chosen repositories only
	expires     time.Time
}

// An actor is who sends a request: the app by JWT, an installation, a user, or nobody.
type actor struct {
	app     bool
	install *installation
	token   *token
	user    *User // who acts: also the bot of an installation
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// authenticate finds out who sends the request. Nobody is not an error; wrong credentials are.
func (s *Server) authenticate(r *http.Request) (actor, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return actor{}, nil
	}
	scheme, value, _ := strings.Cut(header, " ")
	if strings.EqualFold(scheme, "basic") {
		_, value, _ = r.BasicAuth()
	}
	if strings.Count(value, ".") == 2 {
		return actor{app: true}, s.verifyJWT(value)
	}
	t := s.tokens[value]
	switch {
	case t == nil:
		return actor{}, badCredentials
	case t.user != nil:
		return actor{token: t, user: t.user}, nil
	case !s.cfg.Now().Before(t.expires) || t.install.deleted:
		return actor{}, badCredentials
	case t.install.suspended:
		return actor{}, refuse(http.StatusForbidden, "This installation has been suspended")
	}
	return actor{token: t, install: t.install, user: s.app.bot}, nil
}

// verifyJWT wants RS256 with the app's key, the app's id as issuer, and times as GitHub's documentation says
// ("Generating a JSON Web Token (JWT) for a GitHub App"): issued in the past, expiring within ten minutes.
func (s *Server) verifyJWT(text string) error {
	undecodable := refuse(http.StatusUnauthorized, "A JSON web token could not be decoded")
	parts := strings.Split(text, ".")
	var head struct{ Alg string }
	var claims struct {
		Iss      any
		Iat, Exp *float64
	}
	if !decodePart(parts[0], &head) || head.Alg != "RS256" || !decodePart(parts[1], &claims) {
		return undecodable
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || rsa.VerifyPKCS1v15(s.cfg.PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return undecodable
	}
	now := float64(s.cfg.Now().UnixNano()) / 1e9
	switch {
	case issuer(claims.Iss) != strconv.FormatInt(s.cfg.AppID, 10):
		return refuse(http.StatusUnauthorized, "Integration not found")
	case claims.Iat == nil || *claims.Iat > now:
		return refuse(http.StatusUnauthorized, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	case claims.Exp == nil || *claims.Exp <= now:
		return refuse(http.StatusUnauthorized, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case *claims.Exp > now+600:
		return refuse(http.StatusUnauthorized, "'Expiration time' claim ('exp') is too far in the future")
	}
	return nil
}

func decodePart(part string, into any) bool {
	b, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(b, into) == nil
}

// issuer is the iss claim as text; GitHub takes a number too.
func issuer(iss any) string {
	switch v := iss.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// sees tells whether the actor may know that the repository exists.
func (s *Server) sees(a actor, r *repo) bool {
	switch {
	case a.install != nil:
		return a.install.has(r) && (!a.token.narrowed || slices.Contains(a.token.repos, r.id))
	case a.user != nil:
		return r.may(a.user, "read")
	}
	return false
}

// holds tells whether the actor has a permission such as "checks:write", or one of several given with "|".
func holds(a actor, r *repo, need string) bool {
	for one := range strings.SplitSeq(need, "|") {
		name, level, _ := strings.Cut(one, ":")
		switch {
		case a.install != nil:
			if got := a.token.permissions[name]; got == level || got == "write" && level == "read" {
				return true
			}
		case a.user != nil && name == "members":
			return true
		case a.user != nil && r != nil:
			if name != "checks" && r.may(a.user, level) || name == "checks" && level == "read" {
				return true
			}
		}
	}
	return false
}

// allow refuses what the actor may not do, as GitHub does: who may not even see a repository is told that there is none.
func (s *Server) allow(c *call, rt route) error {
	if rt.as == byAnyone {
		return nil
	}
	if c.actor == (actor{}) {
		return refuse(http.StatusUnauthorized, "Requires authentication")
	}
	if rt.as == byApp {
		if !c.actor.app {
			return refuse(http.StatusUnauthorized, "A JSON web token could not be decoded")
		}
		return nil
	}
	if c.actor.app {
		return refuse(http.StatusUnauthorized, "Requires authentication")
	}
	if c.repo != nil && !s.sees(c.actor, c.repo) {
		return notFound
	}
	if rt.need == "" || holds(c.actor, c.repo, rt.need) {
		return nil
	}
	if c.actor.install == nil {
		if strings.HasPrefix(rt.need, "checks:") {
			return refuse(http.StatusForbidden, "You must authenticate via a GitHub App.")
		}
		return refuse(http.StatusForbidden, "Must have push access to repository")
	}
	c.reply.Set("X-Accepted-GitHub-Permissions", strings.NewReplacer(":", "=", "|", "; ").Replace(rt.need))
	return refuse(http.StatusForbidden, "Resource not accessible by integration")
}
