package github

import (
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
)

// A signature is who somebody says to be in a commit. Anybody may write anything there.
type signature struct{ name, email string }

// coauthors gives those whom a commit's message names with "Co-authored-by: NAME <E-MAIL>". What cannot be read as that has no e-mail.
func coauthors(message string) []signature {
	var all []signature
	for _, value := range trailers(message, "co-authored-by") {
		s := signature{name: value}
		if open := strings.LastIndexByte(value, '<'); open >= 0 && strings.HasSuffix(value, ">") {
			s = signature{strings.TrimSpace(value[:open]), strings.TrimSpace(value[open+1 : len(value)-1])}
		} else if address, err := mail.ParseAddress(value); err == nil {
			s = signature{value, address.Address}
		}
		all = append(all, s)
	}
	return all
}

// trailers gives the values of the key, in lower case, in the trailers of a message: the lines "Key: value" of its last paragraph, and
// of those just before that hold nothing else. Lines that begin with a blank go on with the one before. Source: git help
// interpret-trailers; GitHub puts a blank line between co-authors at times.
func trailers(message, key string) []string {
	paragraphs := strings.Split(strings.TrimSpace(strings.ReplaceAll(message, "\r\n", "\n")), "\n\n")
	var all []string
	for i := len(paragraphs) - 1; i > 0; i-- { // the first one is the subject
		found, pure := trailersOf(paragraphs[i], key)
		if !pure && i < len(paragraphs)-1 {
			break
		}
		all = append(found, all...)
		if !pure {
			break
		}
	}
	return all
}

// trailersOf gives those of one paragraph, and whether that holds nothing but trailers.
func trailersOf(paragraph, key string) (values []string, pure bool) {
	pure = true
	into := false // the line before was one of the key
	for line := range strings.SplitSeq(paragraph, "\n") {
		if line = strings.TrimRight(line, " \t"); line == "" {
			continue
		}
		if strings.ContainsAny(line[:1], " \t") {
			if into {
				values[len(values)-1] += " " + strings.TrimSpace(line)
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimRight(name, " \t")
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			pure, into = false, false
			continue
		}
		if into = strings.EqualFold(name, key); into {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return values, pure
}

// noreplyHost is where the addresses end that GitHub gives to people who hide theirs: users.noreply.github.com, or
// users.noreply.HOST of a server of one's own. Source: docs.github.com, "Setting your commit email address".
func noreplyHost(api *url.URL) string {
	return "users.noreply." + strings.ToLower(strings.TrimPrefix(api.Hostname(), "api."))
}

// noreply reads such an address: with the id where it holds that, as all do that were given since 2017, else with the login
// alone. ok tells whether it is one.
func noreply(email, host string) (who forge.User, ok bool) {
	local, at, found := strings.Cut(email, "@")
	if !found || !strings.EqualFold(at, host) {
		return forge.User{}, false
	}
	if id, login, found := strings.Cut(local, "+"); found {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n <= 0 {
			return forge.User{}, false
		}
		return forge.User{ID: n, Login: login, Bot: strings.HasSuffix(login, "[bot]")}, login != ""
	}
	return forge.User{Login: local}, loginOK(local)
}

// loginOK tells whether a login of a person or organization, or the short name of a team, is safe in an address of the API.
func loginOK(login string) bool {
	return login != "" && !strings.HasPrefix(login, ".") && nameOK.MatchString(login)
}
