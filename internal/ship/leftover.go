package ship

import (
	"context"
	"fmt"

	"github.com/tamerhq/tamer/internal/release"
)

// RemoveLeftovers removes what the removal of a preview that was cut off has left: a journal without a channel. previews are all channels
// beside production, read before. A journal of the last day may be that of a preview which is about to be served.
func (s *Store) RemoveLeftovers(ctx context.Context, previews []release.Channel) error {
	served := map[string]bool{}
	for _, c := range previews {
		served[release.JournalKey(c.Channel)] = true
	}
	var left []string
	for _, prefix := range []string{release.JournalPrefix + "branch/", release.JournalPrefix + "commit/"} {
		for o, err := range s.sink.List(ctx, prefix) {
			if err != nil {
				return fmt.Errorf("list the journals: %w", err)
			}
			if served[o.Key] {
				continue
			}
			var j release.Journal
			if _, err := s.get(ctx, o.Key, &j); err != nil {
				return err
			}
			if release.JournalKey(j.Channel) == o.Key && s.now().Sub(j.StartedAt) > grace {
				left = append(left, j.Channel)
			}
		}
	}
	for _, channel := range left {
		if err := s.remove(ctx, channel, func(now State) bool { return !now.Channel.Exists() }); err != nil {
			return err
		}
	}
	return nil
}
