package webhooks

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/golden"
)

// injected is the installation that the samples are delivered for; most of them name none.
const injected = 77

// Every sample of GitHub's payloads is answered with 202 and gives the keys in the golden file, or none.
func TestEveryExample(t *testing.T) {
	index := golden.Fetched(t, "TAMER_WEBHOOK_EXAMPLES", "tools/webhooks-examples/fetch")
	var keys strings.Builder
	for _, file := range exampleFiles(t, index) {
		keys.WriteString(deliverAll(t, file))
	}
	golden.Check(t, "testdata/examples.golden", keys.String())
}

// exampleFiles gives the file of samples of github.com, and those of GitHub Enterprise Server beside it.
func exampleFiles(t *testing.T, index string) []string {
	files, err := filepath.Glob(filepath.Join(filepath.Dir(index), "..", "ghes-*", filepath.Base(index)))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples of GitHub Enterprise Server beside %s: %v", index, err)
	}
	return append([]string{index}, files...)
}

// deliverAll delivers every sample of the file and tells which keys came of it: one line a sample that tamer acts on,
// one a kind of event that it does not.
func deliverAll(t *testing.T, file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []struct {
		Name     string
		Examples []map[string]any
	}
	if err := json.Unmarshal(text, &kinds); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var out strings.Builder
	source := filepath.Base(filepath.Dir(file))
	for _, kind := range kinds {
		known := slices.ContainsFunc(events, func(e event) bool { return e.name == kind.Name })
		if !known {
			fmt.Fprintf(&out, "%s/%s: ignored\n", source, kind.Name)
		}
		for i, example := range kind.Examples {
			keys := deliver(t, kind.Name, example)
			if known {
				action, _ := example["action"].(string)
				fmt.Fprintf(&out, "%s/%s/%d %s: %s\n", source, kind.Name, i, cmp.Or(action, "-"), cmp.Or(strings.Join(keys, " "), "none"))
			} else if len(keys) > 0 {
				t.Errorf("%s: %s", kind.Name, keys)
			}
		}
	}
	return out.String()
}

// deliver delivers the sample as it is, and again with an installation, and gives the keys of the second.
func deliver(t *testing.T, event string, example map[string]any) []string {
	t.Helper()
	in := new(inbox)
	send(t, in, event, example)
	if keys := in.keys(); example["installation"] == nil && len(keys) > 0 {
		t.Errorf("%s without an installation asks for %q", event, keys)
	}
	installed := maps.Clone(example)
	installed["installation"] = map[string]any{"id": injected}
	in = new(inbox)
	send(t, in, event, installed)
	return in.keys()
}

func send(t *testing.T, in *inbox, event string, payload map[string]any) {
	t.Helper()
	body, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	resp := answer(door(t, in), request(event, "d-1", string(body)))
	if resp.StatusCode != http.StatusAccepted {
		text, _ := io.ReadAll(resp.Body)
		t.Errorf("%s %v: %d %s", event, payload["action"], resp.StatusCode, text)
	}
}
