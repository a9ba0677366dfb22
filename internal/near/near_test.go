package near

import "testing"

func TestSlip(t *testing.T) {
	for _, c := range []struct {
		word, name string
		want       bool
	}{
		{"Customers", "customers", true}, {"customer", "customers", true}, {"cusotmers", "customers", true}, {"shard", "shared", true},
		{"consumers", "customers", false}, {"customers-us", "customers-eu", false}, {"live2", "live1", false}, {"es", "en", false}, {"EN", "en", true},
	} {
		if got := Slip(c.word, c.name); got != c.want {
			t.Errorf("Slip(%q, %q) = %v", c.word, c.name, got)
		}
	}
}

func TestName(t *testing.T) {
	known := []string{"threshold", "owner", "segments", "days", "day", "VIP", "Größe", "cafe\u0301"}
	for word, want := range map[string]string{
		"treshold": "threshold", "thershold": "threshold", "ownr": "owner", "segment": "segments", "dasy": "days", "days": "days",
		"Tresholds": "threshold", "vip": "VIP", "GRÖßE": "Größe", "Café": "cafe\u0301", "colour": "", "x": "", "": "",
	} {
		if got, ok := Name(word, known); got != want || ok != (want != "") {
			t.Errorf("Name(%q) = %q, %v, want %q", word, got, ok, want)
		}
	}
}

func TestAlike(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"caf\u00e9", "cafe\u0301", true}, {"cafe\u0301", "caf\u00e9", true}, {"\u212b", "\u00c5", true},
		{"caf\u00e9", "caf\u00e9", false}, {"cafe", "caf\u00e9", false}, {"\ufb01", "fi", false}, {"", "", false},
	} {
		if got := Alike(c.a, c.b); got != c.want {
			t.Errorf("Alike(%+q, %+q) = %v", c.a, c.b, got)
		}
	}
}
