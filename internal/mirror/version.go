package mirror

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// GitVersion gives the version of git that mirrors would use. The error says what to do where there is none, or an old one.
func GitVersion(ctx context.Context) (string, error) {
	bin, err := findGit("git", os.Environ())
	if err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, bin, "version").Output()
	if err != nil {
		return "", fmt.Errorf("run git version: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
