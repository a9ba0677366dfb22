package validate

import (
	"sync"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/parallel"
	"github.com/tamerhq/tamer/internal/policy"
)

// Facts tells what each of the files, which are configs or shared ones of the catalog, has to do with others: see is called once for
// each, in no order, and calls do not overlap. Of a content that was judged before, opts.Cache knows it.
func Facts(c *catalog.Catalog, files []policy.File, opts Options, see func(policy.File, catalog.Facts)) error {
	s := newSide(c, opts)
	defer s.save()
	if err := s.expect(files); err != nil {
		return err
	}
	var mu sync.Mutex
	return parallel.Each(files, pathOf, parallel.Options{Workers: opts.Workers, Progress: opts.Progress}, func(_ int, f policy.File) error {
		j, err := s.file(f)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		see(f, j.facts)
		return nil
	})
}
