package app

import (
	"runtime"
	"strings"
	"testing"
)

// What a release is built with is told, and without it what Go knows.
func TestAbout(t *testing.T) {
	if told := About(); !strings.Contains(told, runtime.Version()) {
		t.Errorf("a build without a version tells %q", told)
	}
	defer func(v, c, d string) { version, commit, date = v, c, d }(version, commit, date)
	version, commit, date = "v1.2.3", "0123456", "2026-11-23T08:00:00Z"
	want := "v1.2.3, commit 0123456, of 2026-11-23T08:00:00Z, " + runtime.Version()
	if told := About(); !strings.HasPrefix(told, want) || Version() != "v1.2.3" {
		t.Errorf("a release tells %q, want %q", told, want)
	}
}
