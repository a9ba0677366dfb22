package metrics_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the dashboard and the alerts of the chart ask for is there: docs/metrics.md lists all that is, and another test keeps it so.
func TestDashboardAsksForWhatIsThere(t *testing.T) {
	listed, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`\btamer_[a-z_]+\b`)
	there := name.FindAllString(string(listed), -1)
	for _, file := range []string{"dashboard.json", "alerts.yaml"} {
		text, err := os.ReadFile("../../charts/tamer/files/" + file)
		if err != nil {
			t.Fatal(err)
		}
		asked := name.FindAllString(string(text), -1)
		if len(asked) < 9 {
			t.Errorf("%s asks for %d metrics only", file, len(asked))
		}
		for _, metric := range asked {
			if !slices.Contains(there, metric) && !slices.Contains(there, strings.TrimSuffix(metric, "_bucket")) {
				t.Errorf("%s asks for %s, which is not in docs/metrics.md", file, metric)
			}
		}
	}
}
