package ship

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/release"
)

// Broken gives the previews whose release is lost, or a bundle that production does not serve; of those that it serves tells Drift. It lists
// the bundles once, and reads the release of each preview.
func (s *Store) Broken(ctx context.Context, live release.Release) ([]string, error) {
	previews, err := s.Previews(ctx)
	if err != nil || len(previews) == 0 {
		return nil, err
	}
	there := map[string]bool{}
	for o, err := range s.sink.List(ctx, release.BundlePrefix) {
		if err != nil {
			return nil, fmt.Errorf("list the bundles: %w", err)
		}
		there[o.Key] = true
	}
	var broken []string
	for _, c := range previews {
		r, err := s.Release(ctx, c.Release)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		lost := func(unit string) bool {
			d := r.Digest(unit)
			return d != "" && !there[release.BundleKey(d)]
		}
		if err != nil || slices.ContainsFunc(r.Differing(live), lost) {
			broken = append(broken, c.Channel)
		}
	}
	return broken, nil
}
