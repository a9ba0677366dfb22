package schema

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/golden"
)

// suiteDeviations says why cases of the suite are not judged as it does, by file or case.
var suiteDeviations = map[string]string{
	"refRemote.json": "a $ref never leaves the repository",
	"optional/format.json: validation of URIs: a valid protocol-relative URI": "RFC 3986 calls it a reference; later drafts of the suite have it invalid",
}

// The public suite of JSON Schema, draft 4, is judged as it says.
func TestSuite(t *testing.T) {
	data, err := os.ReadFile(golden.Fetched(t, "TAMER_SCHEMA_SUITE", "tools/suites/schemas"))
	if err != nil {
		t.Fatal(err)
	}
	var files map[string]string
	if err := json.Unmarshal(data, &files); err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		var groups []struct {
			Description string
			Schema      map[string]json.RawMessage
			Tests       []struct {
				Description string
				Data        json.RawMessage
				Valid       bool
			}
		}
		if err := json.Unmarshal([]byte(files[name]), &groups); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, g := range groups {
			if g.Schema["$schema"] == nil {
				g.Schema["$schema"] = json.RawMessage(`"http://json-schema.org/draft-04/schema#"`)
			}
			src, err := json.Marshal(g.Schema)
			if err != nil {
				t.Fatal(err)
			}
			s, found := NewSet(fstest.MapFS{"s.json": {Data: src}}).Compile("s.json")
			for _, c := range g.Tests {
				id := name + ": " + g.Description + ": " + c.Description
				if judged++; suiteDeviations[id] != "" || suiteDeviations[name] != "" {
					continue
				}
				if s == nil {
					t.Errorf("%s: %v", id, found)
					continue
				}
				docs, unread := document.Parse(c.Data, document.Limits{})
				if len(docs) != 1 || len(unread) > 0 {
					t.Errorf("%s: %v", id, unread)
					continue
				}
				wrong := finding.CountOf(s.Validate(docs[0])).Failures > 0
				if wrong == c.Valid {
					t.Errorf("%s: valid is %v, want %v", id, !wrong, c.Valid)
				}
			}
		}
	}
	if judged < 250 {
		t.Errorf("the suite has %d cases, want 250 or more", judged)
	}
}
