package queue

import (
	"context"
	"fmt"

	"github.com/riverqueue/river/rivertype"
)

// adopt takes the jobs that wait in queues which this program does not know into those that it has: a newer version has put them there,
// and may be gone for good. That is known of its queues: those of production have names that begin with it. While both versions run, either
// may do the work; the newer one puts what fails back to where it wants it.
func (q *Queue) adopt(ctx context.Context) error {
	res, err := q.store.DB().ExecContext(ctx, `
		UPDATE river_job SET queue = CASE WHEN queue LIKE '`+urgent+`%' THEN '`+urgent+`' ELSE '`+other+`' END
		WHERE state = '`+string(rivertype.JobStateAvailable)+`' AND queue NOT IN ($1, $2, $3, $4)`, known()...)
	if err != nil {
		return fmt.Errorf("adopt jobs of another version: %w", err)
	}
	n, err := res.RowsAffected()
	if n > 0 {
		q.log.WarnContext(ctx, "jobs of another version adopted", "jobs", n)
	}
	return err
}

// known are the names of queues, for a statement.
func known() (names []any) {
	for _, name := range queues {
		names = append(names, name)
	}
	return names
}
