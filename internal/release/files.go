package release

import (
	"github.com/tamerhq/tamer/internal/policy"
)

// Place gives the key of a file in a store: <customer>/<type>.yaml for a config, .shared/<type>.yaml for a shared config.
// No customer's name begins with a dot, so the two never meet.
func Place(f policy.File) (Placement, bool) {
	switch f.Kind {
	case policy.Config:
		return Placement{Key: f.Customer + "/" + f.Type + ".yaml", Path: f.Path}, true
	case policy.Shared:
		return Placement{Key: ".shared/" + f.Type + ".yaml", Path: f.Path}, true
	}
	return Placement{}, false
}
