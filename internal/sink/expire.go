package sink

import "context"

// An Expirer is a sink whose store can remove old objects by itself.
type Expirer interface {
	Sink
	// Expire has the store remove each object below a prefix so many days, at least 1, after its last Put or Renew, and
	// forget what it was told for other prefixes. It is false, and does nothing, where the operator leaves old objects
	// to tamer. Doing it again changes nothing.
	Expire(ctx context.Context, days map[string]int32) (bool, error)
	// Renew makes objects as young as a Put would. What is not there is no error. Nobody may write to them meanwhile.
	Renew(ctx context.Context, keys []string) error
}
