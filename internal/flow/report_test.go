package flow

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// Of very many configs the first are compared, and the others counted; what is no config stays whatever there is.
func TestFirstConfigs(t *testing.T) {
	p, _, err := policy.Read(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	var changes []forge.Change
	for i := range maxCompared + 7 {
		changes = append(changes, forge.Change{Path: fmt.Sprintf("customers/c%05d/plan.yaml", i)})
	}
	changes = append(changes, forge.Change{Path: "schemas/plan.schema.json"}, forge.Change{Path: "shared/plan.yaml"})
	kept, left := firstConfigs(changes, p.Layout)
	if len(kept) != maxCompared+1 || left != 8 || kept[maxCompared].Path != "schemas/plan.schema.json" {
		t.Errorf("%d kept, the last %s; %d left", len(kept), kept[len(kept)-1].Path, left)
	}
	if kept, left := firstConfigs(changes[:3], p.Layout); len(kept) != 3 || left != 0 {
		t.Errorf("of 3: %d kept, %d left", len(kept), left)
	}
}
