package source

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/tamerhq/tamer/internal/outside"
)

// An unusable error says that the source has answered, and that asking again would not help.
type unusable struct{ error }

func unusablef(format string, args ...any) error { return unusable{fmt.Errorf(format, args...)} }

func faultOf(err error) outside.Fault {
	if u := (unusable{}); errors.As(err, &u) {
		return outside.Unusable
	}
	return outside.Silent
}

// redacted is the error without what must not stand in a log: the password of the source, in either of its forms, and the header.
// Rows were left out where the error was made.
func (o *opened) redacted(err error) error {
	text := err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		text = "no answer in time (" + text + ")"
	}
	for _, secret := range o.secrets() {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	const most = 500
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return errors.New(text)
}

func (o *opened) secrets() []string {
	_, header, _ := strings.Cut(o.Header, ":")
	secrets := []string{strings.TrimSpace(header)}
	for _, address := range []string{o.Postgres, o.MySQL, o.HTTP} {
		if address == "" {
			continue
		}
		secrets = append(secrets, address)
		if u, err := url.Parse(address); err == nil && u.User != nil {
			password, _ := u.User.Password()
			secrets = append(secrets, password, u.User.String())
		}
	}
	return secrets
}
