package app

import (
	"runtime/debug"
	"strings"
)

// What a release is built with: -ldflags "-X github.com/tamerhq/tamer/internal/app.version=v1.2.3" and so on. A build without them
// says what Go has noted in the binary.
var version, commit, date string

// Version is the version of the release, or of the module, or the commit that the binary was built from.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if info.Main.Version != "(devel)" && info.Main.Version != "" {
		return info.Main.Version
	}
	if revision, _ := noted(info); revision != "" {
		return "devel " + revision
	}
	return "devel"
}

// About says all that is known of the binary, as in: v1.2.3, commit 0123456, of 2026-11-23T08:00:00Z, go1.26.8, linux/amd64.
func About() string {
	parts := []string{Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	revision, at := noted(info)
	if commit != "" {
		revision, at = commit, date
	}
	if revision != "" && !strings.Contains(parts[0], revision) {
		parts = append(parts, "commit "+revision)
	}
	if at != "" {
		parts = append(parts, "of "+at)
	}
	if info.GoVersion != "" {
		parts = append(parts, info.GoVersion)
	}
	var system, machine string
	for _, s := range info.Settings {
		switch s.Key {
		case "GOOS":
			system = s.Value
		case "GOARCH":
			machine = s.Value
		}
	}
	if system != "" {
		parts = append(parts, system+"/"+machine)
	}
	return strings.Join(parts, ", ")
}

// noted gives the commit, and when it was made, that Go has noted in the binary; empty where it was built from no checkout.
func noted(info *debug.BuildInfo) (revision, at string) {
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.time":
			at = s.Value
		}
	}
	return revision, at
}
