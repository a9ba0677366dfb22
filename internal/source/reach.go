package source

import (
	"cmp"
	"context"
	"net"
)

// Reach tells which sources do not answer: nil for those that do. Databases are asked to prove it, and of a service only that somebody
// listens. No error holds a secret.
func (s *Sources) Reach(ctx context.Context) map[string]error {
	all := map[string]error{}
	for name, one := range s.open {
		err := one.reach(ctx)
		if err != nil {
			err = one.redacted(err)
		}
		all[name] = err
	}
	return all
}

func (d *database) reach(ctx context.Context) error { return d.PingContext(ctx) }

func (s *service) reach(ctx context.Context) error {
	port := map[string]string{"http": "80", "https": "443"}[s.base.Scheme]
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(s.base.Hostname(), cmp.Or(s.base.Port(), port)))
	if err != nil {
		return err
	}
	return conn.Close()
}
