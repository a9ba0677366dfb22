package store

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/work"
)

// SaveDelivery notes that the delivery was seen at the moment now. It tells whether the delivery is fresh; one seen before
// changes nothing, until Prune forgets it.
func (tx Tx) SaveDelivery(ctx context.Context, d work.Delivery, now time.Time) (fresh bool, err error) {
	res, err := tx.ExecContext(ctx, `
		INSERT INTO deliveries (id, event, received_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
		d.ID, d.Event, now.Unix())
	if err != nil {
		return false, fmt.Errorf("save delivery %s: %w", d.ID, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("save delivery %s: %w", d.ID, err)
	}
	return n > 0, nil
}

// Seen tells whether a delivery of that id was saved.
func (s *Store) Seen(ctx context.Context, id string) (bool, error) {
	var n int
	if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM deliveries WHERE id = $1`, id).Scan(&n); err != nil {
		return false, fmt.Errorf("look for delivery %s: %w", id, err)
	}
	return n > 0, nil
}

// A Progress is how far the work on one key is.
type Progress struct {
	Wanted    int64     // how often the key was asked for
	Done      int64     // the Wanted that the last run which dealt with the key started from
	Anew      int64     // the Wanted of the last asking by a person
	Failures  int       // attempts that failed since the last one that did not
	NotBefore time.Time // no run before this moment, whoever asks; zero for none
	Aside     string    // what the log calls the last attempt of a key that was set aside; else empty
	Killed    int       // processes that died while they worked on it, since the last attempt that came to an end
}

// Raise counts one more asking for the key, and gives the progress after it.
func (tx Tx) Raise(ctx context.Context, w work.Wanted) (Progress, error) {
	k := w.Key
	if !utf8.ValidString(k.Name) || strings.Contains(k.Name, "\x00") {
		return Progress{}, fmt.Errorf("work key %q: the name is not valid UTF-8, or holds a zero byte", k)
	}
	p, err := scan(tx.QueryRowContext(ctx, `
		INSERT INTO keys (key, kind, installation, repository, number, name, wanted, done, anew, failures, not_before, touched_at)
		VALUES ($1, $2, $3, $4, $5, $6, 1, 0, $7, 0, 0, `+tx.clock+` / 1000)
		ON CONFLICT (key) DO UPDATE SET
			wanted = keys.wanted + 1,
			touched_at = excluded.touched_at,
			anew   = CASE WHEN excluded.anew > 0 THEN keys.wanted + 1 ELSE keys.anew END
		RETURNING `+progress,
		k.String(), k.Kind, k.Installation, k.Repository, k.Number, k.Name, oneIf(w.Anew)))
	if err != nil {
		return Progress{}, fmt.Errorf("ask for %s: %w", k, err)
	}
	return p, nil
}

// Progress gives how far the work on the key is.
func (s *Store) Progress(ctx context.Context, k work.Key) (Progress, error) {
	p, err := scan(s.db.QueryRowContext(ctx, `SELECT `+progress+` FROM keys WHERE key = $1`, k.String()))
	if err != nil {
		return Progress{}, fmt.Errorf("read progress of %s: %w", k, err)
	}
	return p, nil
}

// Wanted gives how often the key was asked for. Until the transaction ends, nobody can ask for it again.
func (tx Tx) Wanted(ctx context.Context, k work.Key) (int64, error) {
	var n int64
	err := tx.QueryRowContext(ctx, `UPDATE keys SET wanted = wanted WHERE key = $1 RETURNING wanted`, k.String()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("read askings of %s: %w", k, err)
	}
	return n, nil
}

// Killed counts one more process that died while it worked on the key, and gives the progress after it.
func (tx Tx) Killed(ctx context.Context, k work.Key) (Progress, error) {
	p, err := scan(tx.QueryRowContext(ctx, `UPDATE keys SET killed = killed + 1 WHERE key = $1 RETURNING `+progress, k.String()))
	if err != nil {
		return Progress{}, fmt.Errorf("note the end of who worked on %s: %w", k, err)
	}
	return p, nil
}

// SaveProgress notes the outcome of a run: Done, Failures, NotBefore and Aside of p. A nil state leaves the one that is there.
func (tx Tx) SaveProgress(ctx context.Context, k work.Key, p Progress, state *work.State) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE keys SET done = $2, failures = $3, not_before = $4, state = COALESCE($5, state), aside = $6, killed = 0, touched_at = `+tx.clock+` / 1000
		WHERE key = $1`, k.String(), p.Done, p.Failures, millis(p.NotBefore), (*string)(state), p.Aside)
	if err != nil {
		return fmt.Errorf("save progress of %s: %w", k, err)
	}
	return nil
}

// progress are the columns that scan reads.
const progress = `wanted, done, anew, failures, not_before, aside, killed`

func scan(row interface{ Scan(...any) error }) (Progress, error) {
	var p Progress
	var notBefore int64
	err := row.Scan(&p.Wanted, &p.Done, &p.Anew, &p.Failures, &notBefore, &p.Aside, &p.Killed)
	if notBefore > 0 {
		p.NotBefore = time.UnixMilli(notBefore)
	}
	return p, err
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}
