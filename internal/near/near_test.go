package near

import "testing"

func TestName(t *testing.T) {
	known := []string{"threshold", "owner", "segments", "days", "day"}
	for word, want := range map[string]string{
		"treshold": "threshold", "thershold": "threshold", "ownr": "owner", "segment": "segments", "dasy": "days", "days": "days",
		"colour": "", "x": "", "": "",
	} {
		if got, ok := Name(word, known); got != want || ok != (want != "") {
			t.Errorf("Name(%q) = %q, %v, want %q", word, got, ok, want)
		}
	}
}
