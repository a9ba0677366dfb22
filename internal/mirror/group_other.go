//go:build !unix

package mirror

import (
	"os/exec"
	"time"
)

// ownGroup bounds the wait for what the command started, which outlives it here.
func ownGroup(cmd *exec.Cmd) { cmd.WaitDelay = 5 * time.Second }

func endGroup(*exec.Cmd) {}
