//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package dir

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

var errNoLock = fmt.Errorf("a directory sink cannot be written on %s, which has no flock: %w", runtime.GOOS, errors.ErrUnsupported)

func tryLockFile(*os.File) (bool, error) { return false, errNoLock }

func unlockFile(*os.File) error { return errNoLock }
