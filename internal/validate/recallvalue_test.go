package validate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
)

// A change judged with nothing but the values of what was there before gives the same verdict, also where these are nonsense.
func TestValuesChangeNothing(t *testing.T) {
	for seed := range uint64(*cases) / 12 {
		g := generator{rand.New(rand.NewPCG(seed, 11))}
		base := g.repository()
		head, changes := g.change(base)
		opts := Options{Base: &named{MapFS: mapFS(base)}, Changes: changes}
		want := verdictOf(t, &named{MapFS: mapFS(head)}, opts)
		for _, spoiled := range []bool{false, true} {
			cache := &shelf{}
			verdictOf(t, &named{MapFS: mapFS(base)}, Options{Cache: cache, Build: "test", KeepValues: true})
			opts.Cache, opts.Build, opts.KeepValues, cache.spoiled = cache, "test", true, spoiled
			if got := verdictOf(t, &named{MapFS: mapFS(head)}, opts); !reflect.DeepEqual(got, want) {
				show(t, base, head)
				t.Fatalf("case %d, spoiled %t:\ngot  %+v\nwant %+v", seed, spoiled, got, want)
			}
		}
	}
}

// Of the files that a changed schema judges, those are read in which something is wrong, and no others.
func TestChangedSchemaReadsWhatIsWrong(t *testing.T) {
	base := map[string]string{"schemas/plan.schema.yaml": "properties: {limit: {maximum: 100}}"}
	for i := range 40 {
		base[fmt.Sprintf("customers/c%03d/plan.yaml", i)] = fmt.Sprintf("limit: %d\nname: c%d", i, i)
	}
	head := maps.Clone(base)
	head["schemas/plan.schema.yaml"] = "properties: {limit: {maximum: 37}}"
	cache := &shelf{}
	before := &named{MapFS: mapFS(base)}
	verdictOf(t, before, Options{Cache: cache, Build: "test", KeepValues: true})
	before.read = nil
	after := &named{MapFS: mapFS(head)}
	r := verdictOf(t, after, Options{Base: before, Changes: []forge.Change{{Path: "schemas/plan.schema.yaml", Kind: forge.Modified}}, Cache: cache, Build: "test", KeepValues: true})
	if want := []string{"customers/c038/plan.yaml", "customers/c039/plan.yaml"}; !slices.Equal(slices.Sorted(slices.Values(after.read)), want) || len(before.read) > 0 {
		t.Errorf("read %q and %q of the base, want %q", after.read, before.read, want)
	}
	if len(r.Schemas) != 1 || len(r.Schemas[0].Broken) != 2 {
		t.Errorf("%+v", r.Schemas)
	}
}

// The values of a type in which something is secret are kept nowhere.
func TestSecretValuesAreNotKept(t *testing.T) {
	for schema, kept := range map[string]bool{"properties: {token: {type: string}}": true, "properties: {token: {type: string, x-tamer-secret: true}}": false} {
		cache := &shelf{}
		files := mapFS(map[string]string{"schemas/plan.schema.yaml": schema, "customers/acme/plan.yaml": "token: hunter2"})
		verdictOf(t, &named{MapFS: files}, Options{Cache: cache, Build: "test", KeepValues: true})
		found := false
		for _, b := range cache.entries {
			found = found || bytes.Contains(b, []byte("hunter2"))
		}
		if found != kept {
			t.Errorf("%s: the cache holds it: %t, want %t", schema, found, kept)
		}
	}
}

// Values come back as they were, and what is cut off anywhere does not.
func TestPackValues(t *testing.T) {
	value := map[string]any{"": nil, "a": []any{true, false, "", "text", json.Number("-1.50e3"), []any{}, map[string]any{}}, "é": map[string]any{"k": "v"}}
	packed := packValues([]*document.Document{document.Bare(value), document.Bare(nil)})
	docs, ok := unpackValues(packed)
	if !ok || len(docs) != 2 || !reflect.DeepEqual(docs[0].Value, value) || docs[1].Value != nil {
		t.Fatalf("%t %+v", ok, docs)
	}
	for n := range packed {
		if _, ok := unpackValues(packed[:n]); ok {
			t.Errorf("the first %d bytes pass", n)
		}
		body := packed[:min(n, len(packed)-4)]
		if _, ok := unpackValues((&packer{b: slices.Clone(body)}).sealed()); ok && n < len(packed)-4 {
			t.Errorf("the first %d bytes pass, sealed", n)
		}
	}
}
