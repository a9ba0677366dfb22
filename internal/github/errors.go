package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/work"
)

// explain turns what go-github gives into what tamer's rooms understand: see the package comment. It is the one place
// that does. The text is safe to show and to log. It gives nil for nil.
func explain(err error) error {
	if err == nil {
		return nil
	}
	f := &failure{text: textOf(err)}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			f.cause = cause
		}
	}
	if wait, ok := work.WaitOf(err); ok {
		return work.After(wait, f)
	}
	if work.IsPermanent(err) {
		return work.Permanent(f)
	}
	var spent *github.RateLimitError // from go-github's own memory: the gate keeps GitHub's refusals from it
	if errors.As(err, &spent) {
		return work.After(time.Until(spent.Rate.Reset.Time)+time.Second, f)
	}
	var answer *github.ErrorResponse
	if !errors.As(err, &answer) {
		return f
	}
	switch answer.Response.StatusCode {
	case http.StatusNotFound, http.StatusGone:
		f.cause = fs.ErrNotExist
	case http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity,
		http.StatusUnavailableForLegalReasons:
		return work.Permanent(f)
	}
	return f
}

// A failure is an error whose text holds no secret. Of its cause it keeps only what callers compare with.
type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

// textOf gives the error's text: for an answer, what GitHub says and what an operator can do about it.
func textOf(err error) string {
	var answer *github.ErrorResponse
	if !errors.As(err, &answer) {
		return clean(err.Error())
	}
	resp, message := answer.Response, answer.Message
	if message == "" { // an answer of another shape, which go-github gives up on
		body, _ := io.ReadAll(resp.Body)
		message = cmp.Or(string(body), "no reason given")
	}
	text := fmt.Sprintf("GitHub answered %d to %s %s: %s", resp.StatusCode, resp.Request.Method, resp.Request.URL.Path, cutTo(message, 300))
	for _, e := range answer.Errors {
		text += fmt.Sprintf(" (%s)", strings.TrimSpace(strings.Join([]string{e.Resource, e.Field, e.Code, e.Message}, " ")))
	}
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		text += "; check the app id, the private key and this machine's clock"
	case http.StatusForbidden:
		text += "; check the permissions of the app and that the installation accepted them"
	}
	return clean(text)
}

// maxText bounds an error's text, most of which may come from GitHub.
const maxText = 1000

// secret is what must never be shown: GitHub's tokens, JSON Web Tokens, PEM blocks, and header values.
// Source of the prefixes: github.blog, "Behind GitHub's new authentication token formats".
var secret = regexp.MustCompile(`\bgh[a-z]_[A-Za-z0-9_.-]+|\bgithub_pat_[A-Za-z0-9_]+|\beyJ[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)*|` +
	`(?s:-----BEGIN.*)|(?i:\b(?:bearer|token|basic)[ =:]+[A-Za-z0-9_.~+/=-]{16,})`)

// clean gives the text as one line of bounded length without secrets.
func clean(text string) string {
	text = secret.ReplaceAllString(text, "[redacted]")
	text = strings.Join(strings.Fields(text), " ")
	if cut := cutTo(text, maxText); cut != text {
		return cut + "…"
	}
	return text
}

// cutTo gives the first n characters of s.
func cutTo(s string, n int) string {
	for at := range s {
		if n == 0 {
			return s[:at]
		}
		n--
	}
	return s
}
