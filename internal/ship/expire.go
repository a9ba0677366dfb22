package ship

import (
	"context"
	"fmt"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
)

// previewPrefixes are where the objects of previews lie that are not shared with production.
var previewPrefixes = []string{".branches/", ".commits/", release.ChannelPrefix + "branch/", release.ChannelPrefix + "commit/",
	release.JournalPrefix + "branch/", release.JournalPrefix + "commit/"}

// ExpirePreviews has the store itself remove previews that nobody has used for so long, with two days to spare, so that whoever looks
// after them comes first. It is false where the store cannot, or the operator does not want it to; 0 is for ever.
func (s *Store) ExpirePreviews(ctx context.Context, after time.Duration) (bool, error) {
	e, ok := s.sink.(sink.Expirer)
	if !ok {
		return false, nil
	}
	days := map[string]int32{}
	for _, prefix := range previewPrefixes {
		if after > 0 {
			days[prefix] = int32((after+24*time.Hour-1)/(24*time.Hour)) + 2
		}
	}
	done, err := e.Expire(ctx, days)
	if err != nil {
		return false, fmt.Errorf("have the store remove old previews: %w", err)
	}
	return done, nil
}

// young makes a preview's objects young again, but its channel, which is written anew: the store may remove what gets old.
func (s *Store) young(ctx context.Context, st State) error {
	e, ok := s.sink.(sink.Expirer)
	if !ok {
		return nil
	}
	keys := []string{release.JournalKey(st.Channel.Channel)}
	for _, touched := range st.Journal.Touched {
		for _, key := range touched {
			keys = append(keys, release.PlainPrefix(st.Channel.Channel)+key)
		}
	}
	return e.Renew(ctx, keys)
}
