package queue

import "context"

// Alive tells whether this replica may work: an error where the others may think that it is dead. It asks nobody.
func (q *Queue) Alive(context.Context) error {
	if q.lease.expired() {
		return errLost
	}
	return nil
}
